package say

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var firstOfAll = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

var update = flag.Bool("update", false, "rewrite testdata/missing.txt")

// TestEverySoundHasWords keeps Text readable, and names within what engine plays.
func TestEverySoundHasWords(t *testing.T) {
	for _, code := range builtins(t) {
		l := language(t, code)
		if none := l.Wordless(); len(none) > 0 {
			t.Errorf("%s.yaml has no words for %s", code, strings.Join(none, ", "))
		}
		for _, name := range l.Sounds() {
			if _, err := engine.NewSound(name); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

// TestNoWordsForNothing finds words of sounds that nothing says, which are misspelt or left behind.
func TestNoWordsForNothing(t *testing.T) {
	for _, code := range builtins(t) {
		l := language(t, code)
		said := NewSet(l.Sounds()...)
		if parent, _, child := strings.Cut(code, "_"); child { // it has the words of what it says otherwise, too
			said = NewSet(append(l.Sounds(), language(t, parent).Sounds()...)...)
		}
		for name := range l.words {
			if !said.Has(name) {
				t.Errorf("%s.yaml has words for %s, which nothing says", code, name)
			}
		}
	}
}

// TestMissingSounds compares what the packaged sets lack with testdata/missing.txt, so that a new name in a
// language file is seen by somebody.
func TestMissingSounds(t *testing.T) {
	var b strings.Builder
	for _, code := range builtins(t) {
		l := language(t, code)
		set, ok := Packaged(code)
		if !ok {
			fmt.Fprintf(&b, "%s: no set is packaged; all %d sounds have to be recorded\n", code, len(l.Sounds()))
			continue
		}
		missing := Missing(l.Sounds(), set.Has)
		fmt.Fprintf(&b, "%s: %d of %d sounds\n  %s\n", code, len(missing), len(l.Sounds()), strings.Join(missing, "\n  "))
	}
	file := filepath.Join("testdata", "missing.txt")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("what the sets lack has changed; look at the difference after go test ./engine/say -run MissingSounds -update")
	}
}

// TestEverythingCanBeSaid says every number, time and date of some span in every language.
func TestEverythingCanBeSaid(t *testing.T) {
	for _, code := range builtins(t) {
		l := language(t, code)
		for n := int64(1); n > 0 && n < 1e18; n = n*7 + n%11 {
			for _, g := range []Gender{"", Masculine, Feminine, Neuter} {
				if _, err := l.Number(Int(n), g); err != nil {
					t.Error(err)
				}
				if _, err := l.Ordinal(n, g); err != nil {
					t.Error(err)
				}
			}
		}
		for name := range l.dates {
			for day := range 800 {
				if _, err := l.Date(firstOfAll.AddDate(0, 0, day*997), name); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestOwnData(t *testing.T) {
	if got := len(currencyDigits()); got < 160 {
		t.Errorf("got %d currencies, want those of ISO 4217", got)
	}
	for line := range strings.Lines(phoneFile) {
		head, looks, ok := strings.Cut(line, ":")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !ok || len(strings.Fields(head)) < 2 {
			t.Errorf("phones.txt: %q", line)
		}
		for look := range strings.SplitSeq(looks, "|") {
			if _, err := parseGrouping(look); err != nil {
				t.Errorf("phones.txt: %v", err)
			}
		}
	}
}
