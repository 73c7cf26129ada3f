package archive

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// put makes a file as Asterisk would, at a time.
func put(t *testing.T, dir, file string, made time.Time) {
	t.Helper()
	at := filepath.Join(dir, file)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, make([]byte, 44+32000), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(at, made, made); err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	old := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	put(t, dir, "calls/1.2.wav", old)
	put(t, dir, "calls/3.wav", old.Add(time.Hour))
	put(t, dir, "calls/3.gsm", old.Add(time.Minute))
	put(t, dir, "greeting.WAV", old)
	put(t, dir, ".hidden.wav", old)
	put(t, dir, "notes.txt", old)
	outside := t.TempDir()
	put(t, outside, "secret.wav", old)
	for link, to := range map[string]string{"calls/link.wav": outside + "/secret.wav", "away": outside} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	f := Folder{dir}
	for _, test := range []struct {
		do   engine.RecordingsAction
		name string
		want string
	}{
		{engine.RecordingsList, "calls/", "calls/3 wav 2s 32044b 2026-01-05T11:00:00Z; calls/3 gsm 19.421s 32044b 2026-01-05T10:01:00Z; calls/1.2 wav 2s 32044b 2026-01-05T10:00:00Z"},
		{engine.RecordingsList, "calls/1", "calls/1.2 wav 2s 32044b 2026-01-05T10:00:00Z"},
		{engine.RecordingsList, "g", "greeting wav49 19.682s 32044b 2026-01-05T10:00:00Z"},
		{engine.RecordingsList, "none/", ""},
		{engine.RecordingsList, "../", ""},
		{engine.RecordingsFind, "calls/1.2", "calls/1.2 wav 2s 32044b 2026-01-05T10:00:00Z"},
		{engine.RecordingsFind, "calls/1", ""},
		{engine.RecordingsFind, "calls/link", ""},
		{engine.RecordingsDelete, "calls/3", "calls/3 wav 2s 32044b 2026-01-05T11:00:00Z; calls/3 gsm 19.421s 32044b 2026-01-05T10:01:00Z"},
		{engine.RecordingsDelete, "calls/3", ""},
		{engine.RecordingsList, "calls", "calls/1.2 wav 2s 32044b 2026-01-05T10:00:00Z"},
	} {
		found, err := f.Recordings(t.Context(), engine.RecordingsRequest{Do: test.do, Name: test.name})
		var got []string
		for _, r := range found {
			got = append(got, r.String())
		}
		if text := strings.Join(got, "; "); text != test.want || err != nil {
			t.Errorf("%s %s: %q, %v; want %q", test.do, test.name, text, err, test.want)
		}
	}
	if _, err := f.Recordings(t.Context(), engine.RecordingsRequest{Do: engine.RecordingsDelete, Name: "away/secret"}); err == nil {
		t.Error("a link leads out of the folder")
	}
	if _, err := os.Stat(outside + "/secret.wav"); err != nil {
		t.Error(err)
	}
}

const day = 24 * time.Hour

// A janitor is an Expiry of 30 days, opened and closed as a daemon would.
func janitor(t *testing.T, ledger string, places ...engine.Librarian) *Expiry {
	t.Helper()
	x, err := OpenExpiry(ledger, 30*day, places, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func names(t *testing.T, f Folder) string {
	t.Helper()
	found, err := f.Recordings(context.Background(), engine.RecordingsRequest{Do: engine.RecordingsList})
	if err != nil {
		t.Error(err)
	}
	var all []string
	for _, r := range found {
		all = append(all, r.Name+"."+extension(r.Format))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// TestExpiry: what calls make goes when its time is over, also over a restart; what is to be kept, what a flow has
// deleted, and all that others made stays.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, ledger := t.TempDir(), filepath.Join(t.TempDir(), "ledger")
		f := Folder{dir}
		x := janitor(t, ledger, f)
		made := func(name string, keep bool) {
			x.Note(f, engine.StoredRecording{Name: name, Format: "wav"}, keep)
			put(t, dir, name+".wav", time.Now())
		}
		made("messages/1", false)
		made("kept", true)
		made("first-so-then-kept", false)
		made("first-so-then-kept", true)
		made("deleted-and-made-by-another", false)
		x.Note(f, engine.StoredRecording{Name: "deleted-and-made-by-another", Format: "wav"}, true)
		put(t, dir, "others.wav", time.Now())
		put(t, dir, "messages/1.gsm", time.Now())
		put(t, dir, "older.wav", time.Now().Add(-day))
		x.Note(f, engine.StoredRecording{Name: "older", Format: "wav"}, false) // came to nothing
		x.Note(f, engine.StoredRecording{Name: "never-made", Format: "wav"}, false)
		x.Note(f, engine.StoredRecording{Name: "odd", Format: "wav\n"}, false)
		synctest.Wait()
		x.Close()

		time.Sleep(29 * day) // virtual: ivrd is down
		x = janitor(t, ledger, f)
		made("messages/2", false)
		synctest.Wait()
		before := names(t, f)
		if !strings.Contains(before, "messages/1.wav messages/2.wav") {
			t.Errorf("before its time is over: %s", before)
		}
		time.Sleep(2 * day) // virtual
		synctest.Wait()
		const others = "deleted-and-made-by-another.wav first-so-then-kept.wav kept.wav messages/1.gsm"
		if got, want := names(t, f), others+" messages/2.wav older.wav others.wav"; got != want {
			t.Errorf("after 31 days there is %s, want %s", got, want)
		}
		put(t, dir, "messages/2.wav", time.Now()) // it goes on
		time.Sleep(29 * day)                      // virtual
		synctest.Wait()
		if got, want := names(t, f), others+" messages/2.wav older.wav others.wav"; got != want {
			t.Errorf("after 60 days there is %s, want %s", got, want)
		}
		x.Close()
		time.Sleep(2 * day) // virtual: ivrd is down
		x = janitor(t, ledger, f)
		synctest.Wait()
		if got, want := names(t, f), others+" older.wav others.wav"; got != want {
			t.Errorf("after 62 days there is %s, want %s", got, want)
		}
		x.Close()
		if text, _ := os.ReadFile(ledger); strings.Contains(string(text), "\tolder\t") || strings.Contains(string(text), "never-made") {
			t.Errorf("the ledger still has\n%s", text)
		}
	})
}

// What cannot be noted now, as on a full disk, is noted as soon as it can be, and the log says so once.
func TestExpiryNotesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := Folder{t.TempDir()}, filepath.Join(t.TempDir(), "disk")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		x, err := OpenExpiry(filepath.Join(dir, "ledger"), 30*day, []engine.Librarian{f}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(dir, dir+".away"); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a", "b", "c"} {
			x.Note(f, engine.StoredRecording{Name: name, Format: "wav"}, false)
		}
		synctest.Wait()
		if n := strings.Count(log.String(), "cannot be noted now"); n != 1 {
			t.Errorf("the log says it %d times:\n%s", n, &log)
		}
		if err := os.Rename(dir+".away", dir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(x.every()) // virtual
		synctest.Wait()
		x.Close()
		known, _, err := x.ledger.read()
		if len(known) != 3 || err != nil {
			t.Errorf("noted are %v, %v", known, err)
		}
	})
}

// away is a place that cannot be reached.
type away struct{}

func (away) Place() string { return "away" }

func (away) Recordings(context.Context, engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	return nil, os.ErrDeadlineExceeded
}

// What cannot be deleted now is not forgotten, and does not keep others from being deleted.
func TestExpiryOfPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, ledger := t.TempDir(), filepath.Join(t.TempDir(), "ledger")
		f := Folder{dir}
		x := janitor(t, ledger, f, away{})
		x.Note(away{}, engine.StoredRecording{Name: "a", Format: "wav"}, false)
		x.Note(f, engine.StoredRecording{Name: "b", Format: "wav"}, false)
		put(t, dir, "b.wav", time.Now())
		time.Sleep(31 * day) // virtual
		synctest.Wait()
		if got := names(t, f); got != "" {
			t.Errorf("there is %s", got)
		}
		x.Close()
		x = janitor(t, ledger, f) // without that place
		time.Sleep(day)           // virtual
		x.Close()
		if text, _ := os.ReadFile(ledger); !strings.Contains(string(text), "\taway\ta\twav\n") {
			t.Errorf("the ledger has\n%s", text)
		}
	})
}

func TestLedgerFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	const good = "2026-01-05T10:00:00Z\tfolder\ta\twav\n"
	other := strings.Replace(good, "a", "b/c", 1)
	for text, want := range map[string]string{
		"": title + "\n",
		title + "\n" + good + "kept\tfolder\ta\twav\n": title + "\n",
		title + "\n" + good + "2026-01-05T10:":         title + "\n" + good, // killed while it wrote
		title + "\n" + good + "2026-" + good + other:   title + "\n" + good + other,
		title + "\n" + good + good:                     title + "\n" + good,
		"root:x:0:0\n" + good:                          "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		_, err := openLedger(path)
		got, _ := os.ReadFile(path)
		switch {
		case want == "" && (err == nil || string(got) != text):
			t.Errorf("another file, %q, became %q, %v", text, got, err)
		case want != "" && (err != nil || string(got) != want):
			t.Errorf("%q became %q, %v, want %q", text, got, err, want)
		}
	}
}

// A ledger of many recordings that come and go does not grow without end.
func TestLedgerShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l, err := openLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	r := recording{"folder", "a", "wav", time.Now()}
	for i := range 2000 {
		if err := l.write(note{r, i%2 == 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.shorten(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); string(text) != title+"\n" || err != nil {
		t.Errorf("the ledger has %d bytes, %v", len(text), err)
	}
}

// While one ivrd takes over from another both have the ledger.
func TestTwoLedgers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, ledger := t.TempDir(), filepath.Join(t.TempDir(), "ledger")
		f := Folder{dir}
		old := janitor(t, ledger, f)
		fresh := janitor(t, ledger, f)
		for name, x := range map[string]*Expiry{"a": old, "b": fresh} {
			x.Note(f, engine.StoredRecording{Name: name, Format: "wav"}, false)
			put(t, dir, name+".wav", time.Now())
		}
		synctest.Wait()
		old.Close()
		time.Sleep(31 * day) // virtual
		synctest.Wait()
		if got := names(t, f); got != "" {
			t.Errorf("there is %s", got)
		}
		fresh.Close()
	})
}
