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

// set puts value under key.
func set(s *Store, scope, key, value string, expires time.Time) error {
	return s.Change(context.Background(), scope, key, func(string, time.Time) (string, time.Time, error) { return value, expires, nil })
}

func holds(t *testing.T, s *Store, scope, key, want string) {
	t.Helper()
	if got, _, err := s.Read(context.Background(), scope, key); got != want || err != nil {
		t.Errorf("%s %s holds %q, %v; want %q", scope, key, got, err, want)
	}
}

func TestStoreSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kv.db")
	until := time.UnixMilli(1790000000123)
	s := NewStore(file)
	for _, err := range []error{
		set(s, "", "a", `"shared"`, time.Time{}), set(s, "sales", "a", `{"n":1}`, until), set(s, "sales", "b", "1", time.Time{}),
		set(s, "sales", "b", "", time.Time{}), s.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Read(context.Background(), "", "a"); err == nil {
		t.Error("a closed store answers")
	}
	s = storeOf(t, file)
	holds(t, s, "", "a", `"shared"`)
	holds(t, s, "sales", "b", "")
	holds(t, s, "other", "a", "")
	if got, expires, err := s.Read(context.Background(), "sales", "a"); got != `{"n":1}` || !expires.Equal(until) || err != nil {
		t.Errorf("got %s until %s, %v", got, expires, err)
	}
}

// Reading makes no file, finds the one that another process makes, and says if there is no place for one.
func TestStoreReadsWithoutFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kv.db")
	s := storeOf(t, file)
	holds(t, s, "sales", "a", "")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
	if err := set(storeOf(t, file), "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	holds(t, s, "sales", "a", "1")
	_, _, err := storeOf(t, filepath.Join(t.TempDir(), "nowhere", "kv.db")).Read(context.Background(), "sales", "a")
	if err == nil || !strings.Contains(err.Error(), "is its folder there") {
		t.Errorf("without a folder: %v", err)
	}
}

// Two processes that count get every number once: here two stores of one file, with many calls each.
func TestStoreCounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kv.db")
	a, b := storeOf(t, file), storeOf(t, file)
	var all sync.WaitGroup
	const each, times = 10, 20
	for _, s := range []*Store{a, b} {
		for range each {
			all.Go(func() {
				for range times {
					err := s.Change(context.Background(), "sales", "n", func(old string, _ time.Time) (string, time.Time, error) {
						n, _ := strconv.Atoi(old)
						return strconv.Itoa(n + 1), time.Time{}, nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	holds(t, a, "sales", "n", strconv.Itoa(2*each*times))
}

func TestStoreIsBounded(t *testing.T) {
	s := storeOf(t, filepath.Join(t.TempDir(), "kv.db"))
	value := strings.Repeat("x", 1<<20)
	var err error
	n := 0
	for ; err == nil && n < 20; n++ {
		err = set(s, "greedy", fmt.Sprint(n), value, time.Time{})
	}
	if err == nil || !strings.Contains(err.Error(), "it is full: one flow keeps 16 MB at most") || n != 16 {
		t.Errorf("value %d: %v", n, err)
	}
	if err := set(s, "modest", "a", "1", time.Time{}); err != nil {
		t.Errorf("another flow suffers: %v", err)
	}
	for _, err := range []error{set(s, "greedy", "0", "", time.Time{}), set(s, "greedy", "1", "1", time.Time{}), set(s, "greedy", "2", value, time.Time{})} {
		if err != nil {
			t.Errorf("there is room again: %v", err)
		}
	}
}

func TestStoreForgetsWhatExpired(t *testing.T) {
	s := storeOf(t, filepath.Join(t.TempDir(), "kv.db"))
	now := time.Now()
	for i := range 500 {
		if err := set(s, "sales", fmt.Sprint("old", i), "1", now.Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(set(s, "sales", "young", "1", now.Add(time.Hour)), set(s, "sales", "ever", `"ü"`, time.Time{})); err != nil {
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
	if err := set(s, "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec("pragma max_page_count(20)"); err != nil {
		t.Fatal(err)
	}
	err := set(s, "sales", "b", strings.Repeat("x", 100_000), time.Time{})
	if err == nil || !strings.Contains(err.Error(), "kv: database or disk is full") {
		t.Errorf("got %v", err)
	}
	holds(t, s, "sales", "a", "1")
	if err := set(s, "sales", "a", "2", time.Time{}); err != nil {
		t.Error(err)
	}
}

func BenchmarkStore(b *testing.B) {
	s := storeOf(b, filepath.Join(b.TempDir(), "kv.db"))
	b.Run("change", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			if err := set(s, "sales", "key"+strconv.Itoa(n%100), strconv.Itoa(n), time.Time{}); err != nil {
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
						if err := set(s, "sales", "key"+strconv.Itoa(i), strconv.Itoa(n), time.Time{}); err != nil {
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
