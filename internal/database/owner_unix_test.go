//go:build unix

package database

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/kvtest"
)

// What root makes belongs to the user whose folder it is in, so that a daemon of that user can go on with it.
func TestStoreBelongsToItsFolder(t *testing.T) {
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		const nobody = 65534
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	s := storeOf(t, filepath.Join(dir, "kv.db"))
	if err := kvtest.Set(s, "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	kvtest.Holds(t, s, "sales", "a", "1")
	owner := func(name string) uint32 {
		t.Helper()
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	for _, name := range []string{"kv.db", "kv.db-wal", "kv.db-shm"} {
		if got, want := owner(filepath.Join(dir, name)), owner(dir); got != want {
			t.Errorf("%s belongs to %d, its folder to %d", name, got, want)
		}
	}
}
