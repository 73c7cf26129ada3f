package flow

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A sick file system fails at one path.
type sick struct {
	fstest.MapFS
	at string
}

func (s sick) Open(name string) (fs.File, error) {
	if name == s.at {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EIO}
	}
	return s.MapFS.Open(name)
}

func (s sick) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == s.at {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EACCES}
	}
	return s.MapFS.ReadDir(name)
}

func TestUnreadable(t *testing.T) {
	files := folder("sales.lua", "-- sales", "sub/x.lua", "-- x", "routes.yaml", "default: sales", "prompts/en/a.wav", string(pcm(8000, 80)))
	o := Options{}.filled()
	healthy := scan(files, nil, Options{})
	before := build(nil, healthy, o)
	for at, want := range map[string]string{
		"sales.lua":        "sales.lua: this file cannot be read: input/output error",
		"routes.yaml":      "routes.yaml: this file cannot be read: input/output error",
		"prompts/en/a.wav": "prompts/en/a.wav: this file cannot be read: input/output error",
		"sub":              "sub: this folder cannot be read: permission denied; what was read from it before stays in force",
		".":                "flows folder: it cannot be read: permission denied",
	} {
		t.Run(at, func(t *testing.T) {
			next := build(before, scan(sick{files, at}, healthy, Options{}), o)
			if got := messages(next.Problems()); !strings.HasPrefix(got, want) {
				t.Errorf("problems: %s, want %s", got, want)
			}
			if r := compare(before, next); r.Activated() {
				t.Errorf("report: %s", r)
			}
			again := build(next, scan(files, nil, Options{}), o)
			if r := compare(next, again); r.Activated() || len(r.Problems) > 0 || r.Fixed != 1 {
				t.Errorf("afterwards: %s, %s", r, messages(r.Problems))
			}
		})
	}
}

// A file's time and size are believed only when it is older than file systems count.
func TestUntouched(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- 1\n")
	first := scanDir(dir, nil, Options{}).files["sales.lua"]
	if first.untouched(first.info) {
		t.Error("a file saved just now is not read again")
	}
	first.read = first.info.ModTime().Add(time.Hour)
	if !first.untouched(first.info) {
		t.Error("an old file is read again")
	}
}

func TestNotifierConcerns(t *testing.T) {
	n := newNotifier("/srv/flows", true)
	tests := []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"/srv/flows/a.lua", fsnotify.Write, true},
		{"/srv/flows/a.lua", fsnotify.Chmod, false},
		{"/srv/flows/a.lua~", fsnotify.Create, false},
		{"/srv/flows/.a.lua.swp", fsnotify.Write, false},
		{"/srv/flows/4913", fsnotify.Create, false},
		{"/srv/flows/..data", fsnotify.Create, true},
		{"/srv/flows/sub", fsnotify.Create, true},
		{"/srv/flows/calls.log", fsnotify.Write, false},
		{"/srv/flows/prompts/en/a.wav", fsnotify.Write, true},
		{"/srv/flows", fsnotify.Remove, true},
		{"/srv", fsnotify.Rename, true},
		{"/srv/other", fsnotify.Create, false},
		{"/srv/flows.old", fsnotify.Create, false},
	}
	for _, test := range tests {
		if got := n.concerns(fsnotify.Event{Name: filepath.FromSlash(test.name), Op: test.op}); got != test.want {
			t.Errorf("%s %s: %v, want %v", test.name, test.op, got, test.want)
		}
	}
}

func TestTooManyWatches(t *testing.T) {
	n := newNotifier("/srv/flows", true)
	n.err = syscall.ENOSPC
	p := n.problem(2 * time.Second)
	if p == nil || !p.Warning || !strings.Contains(p.Error(), "changes may take 2s to be noticed") || !strings.Contains(p.Hint, "max_user_watches") {
		t.Errorf("got %v", p)
	}
	if n.err = errors.New("other"); n.problem(time.Second).Hint != "" {
		t.Error("a hint that does not fit")
	}
}

func TestReportWords(t *testing.T) {
	r := Report{Took: 41 * time.Millisecond}
	if got, want := r.String(), "nothing changed for callers in 41ms"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.Flows = []Change{{"a", "1", "2"}, {"b", "", "3"}, {"c", "4", ""}, {"d", "5", "6"}}
	r.Routes, r.Prompts = true, []string{"x", "y"}
	want := "a changed (1 → 2), b is new (3), c is gone (4), 1 more flows changed, routes changed, 2 prompt files changed in 41ms"
	if got := r.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
