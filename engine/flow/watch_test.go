package flow

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is for what must happen at all; nothing waits for it to pass.
const deadline = 20 * time.Second

// A watched is a folder that is watched by a test.
type watched struct {
	*Flows
	t       testing.TB
	reports chan Report
}

func watch(t testing.TB, dir string, o Options) *watched {
	t.Helper()
	w := &watched{t: t, reports: make(chan Report, 1000)}
	o.OnReload = func(r Report) { w.reports <- r }
	if o.Poll == 0 {
		o.Poll = time.Hour // so that notifications must do
	}
	var err error
	if w.Flows, err = Watch(dir, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// next waits for a reload.
func (w *watched) next() Report {
	w.t.Helper()
	select {
	case r := <-w.reports:
		return r
	case <-time.After(deadline):
		w.t.Fatal("no reload came")
		return Report{}
	}
}

// settled fails unless what is current is all there is, and was reported.
func (w *watched) settled() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	r, err := w.Reload(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Activated() {
		w.t.Errorf("what was activated was not the final content: %s", r)
	}
	for len(w.reports) > 0 {
		r := <-w.reports
		w.t.Errorf("one reload too many: %s\n%s", r, messages(r.Problems))
	}
}

// once fails unless exactly one reload comes, and makes flow's source that.
func (w *watched) once(flow, source string) Report {
	w.t.Helper()
	r := w.next()
	if got := messages(r.Problems); got != "" {
		w.t.Errorf("problems: %s", got)
	}
	if got := w.source(flow); got != source {
		w.t.Errorf("%s is %q, want %q", flow, got, source)
	}
	w.settled()
	return r
}

// source is what a flow that answers was compiled from.
func (w *watched) source(flow string) string {
	p, ok := w.Current().Program(flow)
	if !ok {
		return ""
	}
	return string(p.Main.Source)
}

// looked waits until the folder was looked at n more times.
func (w *watched) looked(n int64) {
	w.t.Helper()
	until := w.looks.Load() + n
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	over := time.After(deadline)
	for w.looks.Load() < until {
		select {
		case <-tick.C:
		case <-over:
			w.t.Fatal("the folder is not looked at")
		}
	}
}

// write writes files as most editors do: in place.
func write(t testing.TB, dir string, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		at := filepath.Join(dir, files[i])
		must(t, os.MkdirAll(filepath.Dir(at), 0o755))
		must(t, os.WriteFile(at, []byte(files[i+1]), 0o644))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSaves(t *testing.T) {
	const before, after = "-- before\n", "-- after\n"
	tests := []struct {
		name string
		save func(t *testing.T, at string)
	}{
		{"in place", func(t *testing.T, at string) { must(t, os.WriteFile(at, []byte(after), 0o644)) }},
		{"in place, in pieces", func(t *testing.T, at string) {
			f, err := os.Create(at)
			must(t, err)
			for _, c := range after {
				_, err := f.WriteString(string(c))
				must(t, err)
			}
			must(t, f.Close())
		}},
		{"vim's rename dance", func(t *testing.T, at string) {
			try := filepath.Join(filepath.Dir(at), "4913")
			must(t, os.WriteFile(try, nil, 0o644))
			must(t, os.Remove(try))
			must(t, os.Rename(at, at+"~"))
			f, err := os.Create(at)
			must(t, err)
			_, err = f.WriteString(after)
			must(t, err)
			must(t, f.Sync())
			must(t, f.Close())
			must(t, os.Chmod(at, 0o644))
			must(t, os.Remove(at+"~"))
		}},
		{"atomic rename", func(t *testing.T, at string) {
			must(t, os.WriteFile(at+".tmp", []byte(after), 0o644))
			must(t, os.Rename(at+".tmp", at))
		}},
		{"atomic rename from outside", func(t *testing.T, at string) {
			other := filepath.Join(t.TempDir(), "new")
			must(t, os.WriteFile(other, []byte(after), 0o644))
			must(t, os.Rename(other, at))
		}},
		{"delete and recreate", func(t *testing.T, at string) {
			must(t, os.Remove(at))
			must(t, os.WriteFile(at, []byte(after), 0o644))
		}},
		{"emacs: lock, backup, new", func(t *testing.T, at string) {
			lock := filepath.Join(filepath.Dir(at), ".#sales.lua")
			must(t, os.Symlink("user@host.1:1", lock))
			must(t, os.Rename(at, at+"~"))
			must(t, os.WriteFile(at, []byte(after), 0o644))
			must(t, os.Remove(lock))
		}},
		{"link to another file", func(t *testing.T, at string) {
			must(t, os.WriteFile(at+".v2", []byte(after), 0o644))
			must(t, os.Symlink("sales.lua.v2", at+".new"))
			must(t, os.Rename(at+".new", at))
		}},
	}
	for _, test := range tests {
		for _, o := range []Options{{}, {NoNotify: true, Poll: 20 * time.Millisecond}} {
			name := test.name
			if o.NoNotify {
				name += ", not notified"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				write(t, dir, "sales.lua", before, "other.lua", "-- other\n", "caller.lua", "local s = require \"sales\"\n")
				w := watch(t, dir, o)
				test.save(t, filepath.Join(dir, "sales.lua"))
				r := w.once("sales", after)
				var changed []string
				for _, c := range r.Flows {
					changed = append(changed, c.Flow)
				}
				if got := fmt.Sprint(changed); got != "[caller sales]" {
					t.Errorf("changed: %s, want [caller sales]", got)
				}
			})
		}
	}
}

func TestSlowDeleteAndRecreate(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- before\n", "other.lua", "-- other\n")
	w := watch(t, dir, Options{doubt: deadline}) // however long this test is kept from writing
	must(t, os.Remove(filepath.Join(dir, "sales.lua")))
	w.looked(2)
	write(t, dir, "sales.lua", "-- after\n")
	w.once("sales", "-- after\n")
}

func TestDeletedForGood(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- before\n", "other.lua", "-- other\n")
	w := watch(t, dir, Options{})
	must(t, os.Remove(filepath.Join(dir, "sales.lua")))
	r := w.once("sales", "")
	if len(r.Flows) != 1 || r.Flows[0].To != "" {
		t.Errorf("report %s", r)
	}
}

// kubernetes writes files as a ConfigMap's volume has them, and swaps them in.
func kubernetes(t *testing.T, dir, version string, files ...string) {
	t.Helper()
	at := filepath.Join(dir, "..v"+version)
	write(t, at, files...)
	must(t, os.Symlink("..v"+version, filepath.Join(dir, "..data_tmp")))
	old, _ := os.Readlink(filepath.Join(dir, "..data"))
	must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	for i := 0; i < len(files); i += 2 {
		top, _, _ := strings.Cut(files[i], "/")
		_ = os.Symlink(filepath.Join("..data", top), filepath.Join(dir, top))
	}
	if old != "" {
		must(t, os.RemoveAll(filepath.Join(dir, old)))
	}
}

func TestKubernetes(t *testing.T) {
	dir := t.TempDir()
	kubernetes(t, dir, "1", "sales.lua", "-- 1\n", "lib/menu.lua", "return 1\n", "routes.yaml", "default: sales\n")
	w := watch(t, dir, Options{})
	if got := fmt.Sprint(w.Current().Names()); got != "[lib/menu sales]" {
		t.Errorf("flows %s; %s", got, messages(w.Current().Problems()))
	}
	for i := 2; i < 5; i++ {
		source := fmt.Sprintf("-- %d\n", i)
		kubernetes(t, dir, fmt.Sprint(i), "sales.lua", source, "lib/menu.lua", "return "+source, "routes.yaml", "default: sales\n")
		w.once("sales", source)
		if got := w.source("lib/menu"); got != "return "+source {
			t.Errorf("menu is %q", got)
		}
	}
	write(t, dir, "..v4/lib/menu.lua", "return 5\n") // the linked folder is watched as well
	w.once("lib/menu", "return 5\n")
}

func TestReleaseLink(t *testing.T) {
	top := t.TempDir()
	write(t, top, "1/sales.lua", "-- 1\n", "2/sales.lua", "-- 2\n")
	dir := filepath.Join(top, "current")
	must(t, os.Symlink("1", dir))
	w := watch(t, dir, Options{})
	must(t, os.Symlink("2", filepath.Join(top, "next")))
	must(t, os.Rename(filepath.Join(top, "next"), dir))
	w.once("sales", "-- 2\n")
	write(t, top, "2/sales.lua", "-- 3\n")
	w.once("sales", "-- 3\n")
}

func TestGitCheckout(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	for _, v := range []string{"one", "two"} {
		for i := range 200 {
			write(t, dir, fmt.Sprintf("flows/part%d/flow%d.lua", i%7, i), fmt.Sprintf("-- %s\nlocal m = require \"lib/%s\"\n", v, v))
		}
		must(t, os.RemoveAll(filepath.Join(dir, "flows/lib")))
		write(t, dir, "flows/lib/"+v+".lua", "return {}\n")
		git("add", "-A")
		git("commit", "-q", "-m", v)
		git("tag", v)
	}
	w := watch(t, filepath.Join(dir, "flows"), Options{})
	for _, v := range []string{"one", "two", "one"} {
		git("checkout", "-q", v)
		r := w.once("part3/flow3", fmt.Sprintf("-- %s\nlocal m = require \"lib/%s\"\n", v, v))
		if len(r.Flows) != 202 { // one module came, one went
			t.Errorf("%d flows changed, want 202", len(r.Flows))
		}
	}
}

func TestGitHoldsBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, ".git/HEAD", "x", "flows/sales.lua", "-- 1\n", "linked/.git", "gitdir: ../.git/worktrees/linked\n", ".git/worktrees/linked/HEAD", "x")
	for _, test := range []struct{ flows, lock string }{
		{"flows", ".git/index.lock"},
		{"linked/flows", ".git/worktrees/linked/index.lock"},
	} {
		if gitBusy(filepath.Join(dir, test.flows)) {
			t.Errorf("%s: busy without a lock", test.flows)
		}
		write(t, dir, test.lock, "")
		if !gitBusy(filepath.Join(dir, test.flows)) {
			t.Errorf("%s: not busy in spite of %s", test.flows, test.lock)
		}
		must(t, os.Remove(filepath.Join(dir, test.lock)))
	}
	lock := filepath.Join(dir, ".git/index.lock")
	w := watch(t, filepath.Join(dir, "flows"), Options{})
	write(t, dir, ".git/index.lock", "", "flows/sales.lua", "-- 2\n")
	w.looked(4)
	write(t, dir, "flows/sales.lua", "-- 3\n")
	must(t, os.Remove(lock))
	w.once("sales", "-- 3\n")
}

func TestNewSubFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- sales\n")
	w := watch(t, dir, Options{})
	write(t, dir, "a/b/c/deep.lua", "-- deep\n")
	w.once("a/b/c/deep", "-- deep\n")
	write(t, dir, "a/b/c/deep.lua", "-- deeper\n")
	w.once("a/b/c/deep", "-- deeper\n")
	must(t, os.Mkdir(filepath.Join(dir, "later"), 0o755))
	w.looked(2)
	write(t, dir, "later/x.lua", "-- x\n")
	w.once("later/x", "-- x\n")
	must(t, os.Rename(filepath.Join(dir, "later"), filepath.Join(dir, "renamed")))
	w.once("renamed/x", "-- x\n")
	write(t, dir, "renamed/x.lua", "-- y\n")
	w.once("renamed/x", "-- y\n")
}

func TestFolderMissingAtStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "flows")
	w := watch(t, dir, Options{})
	if got := messages(w.Current().Problems()); got != "flows folder: it does not exist" {
		t.Errorf("problems: %s", got)
	}
	write(t, dir, "sales.lua", "-- sales\n")
	w.once("sales", "-- sales\n")
	write(t, dir, "sales.lua", "-- more\n")
	w.once("sales", "-- more\n")
}

func TestFolderRemovedAndRecreated(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flows")
	write(t, dir, "sales.lua", "-- 1\n", "lib/x.lua", "return 1\n")
	w := watch(t, dir, Options{})
	must(t, os.RemoveAll(dir))
	write(t, dir, "sales.lua", "-- 2\n", "lib/x.lua", "return 2\n")
	w.once("sales", "-- 2\n")

	must(t, os.RemoveAll(dir))
	r := w.next()
	if got := messages(r.Problems); !strings.Contains(got, "flows folder: it does not exist\n") || r.Activated() {
		t.Errorf("report %s: %s", r, got)
	}
	if got := w.source("sales"); got != "-- 2\n" {
		t.Errorf("sales is %q, want the last good one", got)
	}
	write(t, dir, "sales.lua", "-- 3\n")
	if r := w.once("sales", "-- 3\n"); r.Fixed != 1 {
		t.Errorf("%d problems fixed, want 1", r.Fixed)
	}
	write(t, dir, "sales.lua", "-- 4\n")
	w.once("sales", "-- 4\n")
}

func TestBrokenSave(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- good\n", "other.lua", "-- other\n")
	w := watch(t, dir, Options{})
	good := version(t, w.Current(), "sales")
	write(t, dir, "sales.lua", "local x = = 1\n")
	r := w.next()
	got := messages(r.Problems)
	if r.Activated() || !strings.Contains(got, "sales.lua:1:") || !strings.Contains(got, "last good version "+good) {
		t.Errorf("report %s: %s", r, got)
	}
	if got := version(t, w.Current(), "sales"); got != good {
		t.Errorf("version %s answers, want %s", got, good)
	}
	write(t, dir, "other.lua", "-- other, new\n")
	if r := w.next(); len(r.Flows) != 1 || len(r.Problems) != 1 || r.Fixed != 0 {
		t.Errorf("report %s: %s", r, messages(r.Problems))
	}
	write(t, dir, "sales.lua", "-- good\n")
	if r := w.once("sales", "-- good\n"); r.Activated() || r.Fixed != 1 {
		t.Errorf("report %s", r)
	}
}

func TestHalfWritten(t *testing.T) {
	for _, half := range []string{"", "local menu = {\n", "-- after, cut of", "\n"} {
		t.Run(half, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "sales.lua", "-- before\n")
			w := watch(t, dir, Options{})
			f, err := os.Create(filepath.Join(dir, "sales.lua"))
			must(t, err)
			_, err = f.WriteString(half)
			must(t, err)
			w.looked(2)
			_, err = f.WriteAt([]byte("-- after, and as it was meant\n"), 0)
			must(t, err)
			must(t, f.Close())
			w.once("sales", "-- after, and as it was meant\n")
		})
	}
}

func TestSaveWithoutChange(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- sales\n", "other.lua", "-- other\n")
	w := watch(t, dir, Options{})
	before := w.Current()
	write(t, dir, "sales.lua", "-- sales\n", "sales.lua~", "-- backup", ".sales.lua.swp", "b0VIM", "notes.txt", "x")
	w.settled()
	if w.Current().flows["sales"] != before.flows["sales"] {
		t.Error("sales was made anew")
	}
	write(t, dir, "other.lua", "-- other, new\n")
	if r := w.once("other", "-- other, new\n"); len(r.Flows) != 1 {
		t.Errorf("report %s", r)
	}
}

// A tool that keeps times and sizes fools everything but a look at the content.
func TestReloadOnDemand(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-time.Hour)
	at := filepath.Join(dir, "sales.lua")
	save := func(source string) {
		f, err := os.OpenFile(at, os.O_CREATE|os.O_RDWR, 0o644)
		must(t, err)
		_, err = f.WriteString(source)
		must(t, err)
		must(t, f.Close())
		must(t, os.Chtimes(at, old, old))
	}
	save("-- 1\n")
	w := watch(t, dir, Options{NoNotify: true, Poll: time.Hour})
	save("-- 2\n")
	r, err := w.Reload(context.Background())
	if err != nil || len(r.Flows) != 1 || w.source("sales") != "-- 2\n" {
		t.Errorf("report %s, %v, source %q", r, err, w.source("sales"))
	}
	if got := w.next(); len(got.Flows) != 1 {
		t.Errorf("report %s", got)
	}
	if r, err := w.Reload(context.Background()); err != nil || r.Activated() || len(w.reports) > 0 {
		t.Errorf("second reload: %s, %v", r, err)
	}
	must(t, w.Close())
	if _, err := w.Reload(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestRoutesAndPromptsReload(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.lua", "-- a\n", "b.lua", "play \"welcome\"\n", "routes.yaml", "default: a\n",
		"prompts/en/welcome.wav", string(pcm(8000, 100)))
	w := watch(t, dir, Options{})
	write(t, dir, "routes.yaml", "default: b\n")
	if r := w.once("a", "-- a\n"); !r.Routes || len(r.Flows) > 0 {
		t.Errorf("report %s", r)
	}
	write(t, dir, "routes.yaml", "defualt: a\n")
	if r := w.next(); r.Routes || !strings.Contains(messages(r.Problems), "routes.yaml:1:1: routes.yaml has no key defualt; did you mean default?") {
		t.Errorf("report %s: %s", r, messages(r.Problems))
	}
	write(t, dir, "routes.yaml", "default: b\n")
	if r := w.next(); r.Fixed != 1 {
		t.Errorf("report %s", r)
	}
	write(t, dir, "prompts/en/welcome.wav", string(pcm(8000, 200)))
	if r := w.once("a", "-- a\n"); len(r.Prompts) != 1 || len(r.Flows) != 1 || r.Flows[0].Flow != "b" {
		t.Errorf("report %s", r)
	}
	write(t, dir, textsFile, "welcome: Hello\n")
	if r := w.once("a", "-- a\n"); len(r.Prompts) != 1 || len(r.Flows) != 1 {
		t.Errorf("report %s", r)
	}
}

func TestNothingFromOutside(t *testing.T) {
	top := t.TempDir()
	write(t, top, "secret.lua", "return 1\n", "outside/x.lua", "return 2\n",
		"flows/sales.lua", "local s = require \"stolen\"\n", "flows/lib/menu.lua", "return {}\n")
	dir := filepath.Join(top, "flows")
	for at, to := range map[string]string{
		"stolen.lua": "../secret.lua", "absolute.lua": filepath.Join(top, "secret.lua"), "out": "../outside",
		"loop": ".", "lib/up": "..", "self.lua": "self.lua", "nothing.lua": "nowhere.lua", "inside.lua": "lib/menu.lua",
	} {
		must(t, os.Symlink(to, filepath.Join(dir, at)))
	}
	s, problems := LoadDir(dir, Options{})
	if got := fmt.Sprint(s.Names()); got != "[inside lib/menu]" {
		t.Errorf("flows %s, want [inside lib/menu]", got)
	}
	got := messages(problems)
	for _, want := range []string{
		`sales.lua:1: there is no module stolen`, "stolen.lua: the link cannot be followed",
		"absolute.lua: the link cannot be followed", "out: the link cannot be followed", "self.lua: the link", "nothing.lua: the link leads to nothing",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("problems lack %q:\n%s", want, got)
		}
	}
}

// Whatever is saved while callers come, they get whole good versions.
func TestReloadsUnderCalls(t *testing.T) {
	dir := t.TempDir()
	save := func(n int) {
		write(t, dir, "lib/v.lua", fmt.Sprintf("return %d\n", n), "sales.lua", fmt.Sprintf("local v = require \"lib.v\"\n-- %d\n", n))
	}
	save(0)
	w := watch(t, dir, Options{})
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			p, ok := w.Current().Program("sales")
			if !ok || strings.Contains(string(p.Main.Source), "broken") || p.Modules["lib/v"] == nil {
				done <- fmt.Errorf("a caller got %+v", p)
				return
			}
		}
	}()
	for i := range 10 {
		save(2*i + 1)
		w.next()
		write(t, dir, "sales.lua", fmt.Sprintf("broken(%d\n", i)) // each time another, or there may be nothing new in it
		w.next()
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What others do in the folder all the time must not keep a save from callers.
func TestRestlessFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sales.lua", "-- before\n")
	w := watch(t, dir, Options{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				_ = os.Mkdir(filepath.Join(dir, "busy"), 0o755)
				_ = os.Remove(filepath.Join(dir, "busy"))
			}
		}
	}()
	write(t, dir, "sales.lua", "-- after\n")
	w.next()
	close(stop)
	<-stopped
	if got := w.source("sales"); got != "-- after\n" {
		t.Errorf("sales is %q", got)
	}
	w.settled()
}

func TestChangingForever(t *testing.T) {
	before := &snapshot{files: map[string]*file{"a.lua": {hash: hash{1}}, "new.wav": {hash: hash{1}}, "same.lua": {hash: hash{1}}}}
	now := &snapshot{files: map[string]*file{"a.lua": {hash: hash{2}}, "new.wav": {hash: hash{2}}, "same.lua": {hash: hash{1}}}}
	seen := &snapshot{files: map[string]*file{"a.lua": {hash: hash{9}}, "same.lua": {hash: hash{8}}}}
	part := steadyPart(before, now, seen)
	if len(part.files) != 2 || part.files["a.lua"].hash != (hash{9}) || part.files["same.lua"].hash != (hash{1}) {
		t.Errorf("got %v", part.files)
	}
}
