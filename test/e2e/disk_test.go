package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk is a file system of a test's own, small enough to be filled.
type disk struct{ dir string }

// newDisk makes one, of some megabytes. Where nothing can be mounted, as in containers, their own shared memory is
// one, if it is small.
func newDisk(t *testing.T) disk {
	t.Helper()
	d := disk{t.TempDir()}
	err := syscall.Mount("ivrd-test", d.dir, "tmpfs", 0, "size=24m,mode=0755")
	if err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		return d
	}
	const shared, most = "/dev/shm", 256 << 20
	var shm syscall.Statfs_t
	if e := syscall.Statfs(shared, &shm); e != nil || int64(shm.Blocks)*shm.Bsize > most {
		t.Fatalf("no disk that can be filled: %v, and no small %s; run this as root, in a container with CAP_SYS_ADMIN", err, shared)
	}
	if d.dir, err = os.MkdirTemp(shared, "ivrd-test-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(d.dir); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d disk) path(name string) string { return filepath.Join(d.dir, name) }

func (d disk) ballast() string { return d.path("ballast") }

// fill leaves no room, however small.
func (d disk) fill(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); ; {
		_, err := f.Write(block)
		switch {
		case err == nil:
		case !errors.Is(err, syscall.ENOSPC):
			t.Fatal(err)
		case len(block) == 1:
			return
		default:
			block = block[:len(block)/2]
		}
	}
}

// free makes room again.
func (d disk) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		t.Fatal(err)
	}
}
