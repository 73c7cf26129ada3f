package asterisk

import (
	"errors"

	"golang.org/x/sys/unix"
)

// DiskFull has the kernel take nothing that Asterisk writes to files, as on a disk that is full, or take it again.
func (l *Lab) DiskFull(full bool) error {
	p := l.running()
	if p == nil {
		return errors.New("asterisk does not run")
	}
	var limit unix.Rlimit
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	if full {
		limit.Cur = 0
	}
	return unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil)
}
