package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/kvtest"
)

func storeOf(t testing.TB, file string) *Store {
	t.Helper()
	s := NewStore(file)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	dir := t.TempDir()
	kvtest.Run(t, func(_ *testing.T, name string) kvtest.Store { return NewStore(filepath.Join(dir, name+".db")) })
}

func TestClosedStore(t *testing.T) {
	s := NewStore(filepath.Join(t.TempDir(), "kv.db"))
	if err := errors.Join(kvtest.Set(s, "", "a", "1", time.Time{}), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Read(context.Background(), "", "a"); err == nil {
		t.Error("a closed store answers")
	}
}

// Reading makes no file, finds the one that another process makes, and says if there is no place for one.
func TestStoreReadsWithoutFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kv.db")
	s := storeOf(t, file)
	kvtest.Holds(t, s, "sales", "a", "")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
	if err := kvtest.Set(storeOf(t, file), "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	kvtest.Holds(t, s, "sales", "a", "1")
	_, _, err := storeOf(t, filepath.Join(t.TempDir(), "nowhere", "kv.db")).Read(context.Background(), "sales", "a")
	if err == nil || !strings.Contains(err.Error(), "is its folder there") {
		t.Errorf("without a folder: %v", err)
	}
}

func TestStoreIsBounded(t *testing.T) {
	s := storeOf(t, filepath.Join(t.TempDir(), "kv.db"))
	value := strings.Repeat("x", 1<<20)
	var err error
	n := 0
	for ; err == nil && n < 20; n++ {
		err = kvtest.Set(s, "greedy", fmt.Sprint(n), value, time.Time{})
	}
	if err == nil || !strings.Contains(err.Error(), "it is full: one flow keeps 16 MB at most") || n != 16 {
		t.Errorf("value %d: %v", n, err)
	}
	if err := kvtest.Set(s, "modest", "a", "1", time.Time{}); err != nil {
		t.Errorf("another flow suffers: %v", err)
	}
	for _, err := range []error{kvtest.Set(s, "greedy", "0", "", time.Time{}), kvtest.Set(s, "greedy", "1", "1", time.Time{}), kvtest.Set(s, "greedy", "2", value, time.Time{})} {
		if err != nil {
			t.Errorf("there is room again: %v", err)
		}
	}
}

func TestStoreForgetsWhatExpired(t *testing.T) {
	s := storeOf(t, filepath.Join(t.TempDir(), "kv.db"))
	now := time.Now()
	for i := range 500 {
		if err := kvtest.Set(s, "sales", fmt.Sprint("old", i), "1", now.Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(kvtest.Set(s, "sales", "young", "1", now.Add(time.Hour)), kvtest.Set(s, "sales", "ever", `"ü"`, time.Time{})); err != nil {
		t.Fatal(err)
	}
	s.expire(now)
	var rows, bytes int
	if err := s.read.QueryRow("select count(*), (select bytes from kv_sums where scope = 'sales') from kv").Scan(&rows, &bytes); err != nil {
		t.Fatal(err)
	}
	if want := len("young1" + `ever"ü"`); rows != 2 || bytes != want {
		t.Errorf("%d rows with %d bytes are left, want 2 with %d", rows, bytes, want)
	}
}

func TestStoreFullDisk(t *testing.T) {
	s := storeOf(t, filepath.Join(t.TempDir(), "kv.db"))
	if err := kvtest.Set(s, "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec("pragma max_page_count(20)"); err != nil {
		t.Fatal(err)
	}
	err := kvtest.Set(s, "sales", "b", strings.Repeat("x", 100_000), time.Time{})
	if err == nil || !strings.Contains(err.Error(), "kv: database or disk is full") {
		t.Errorf("got %v", err)
	}
	kvtest.Holds(t, s, "sales", "a", "1")
	if err := kvtest.Set(s, "sales", "a", "2", time.Time{}); err != nil {
		t.Error(err)
	}
}

func BenchmarkStore(b *testing.B) {
	s := storeOf(b, filepath.Join(b.TempDir(), "kv.db"))
	b.Run("change", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			if err := kvtest.Set(s, "sales", "key"+strconv.Itoa(n%100), strconv.Itoa(n), time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := s.Read(context.Background(), "sales", "key1"); err != nil {
				b.Fatal(err)
			}
		}
	})
	// What calls wait that all change something at once, again and again.
	b.Run("crowd", func(b *testing.B) {
		const calls = 100
		var took [calls][]time.Duration
		for b.Loop() {
			var all sync.WaitGroup
			for i := range calls {
				all.Go(func() {
					for n := range 10 {
						began := time.Now()
						if err := kvtest.Set(s, "sales", "key"+strconv.Itoa(i), strconv.Itoa(n), time.Time{}); err != nil {
							b.Error(err)
						}
						took[i] = append(took[i], time.Since(began))
					}
				})
			}
			all.Wait()
		}
		flat := slices.Concat(took[:]...)
		slices.Sort(flat)
		b.ReportMetric(float64(flat[len(flat)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(flat[len(flat)*99/100].Microseconds())/1000, "p99-ms")
	})
}

// On a full disk the file stays empty. What nobody could write can be read: it is nothing.
func TestStoreEmptyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kv.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := storeOf(t, file)
	kvtest.Holds(t, s, "sales", "a", "")
	if info, err := os.Stat(file); err != nil || info.Size() > 0 {
		t.Errorf("to read it, it was made: %v, %v", info, err)
	}
	if err := kvtest.Set(s, "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	kvtest.Holds(t, s, "sales", "a", "1")
}
