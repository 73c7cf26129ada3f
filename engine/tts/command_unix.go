//go:build unix

package tts

import (
	"os/exec"
	"syscall"
)

// endWhole has the end of a command be that of what it started too.
func endWhole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
