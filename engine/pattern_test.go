package engine

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPatternFit(t *testing.T) {
	for _, c := range []struct {
		pattern, entry string
		want           Fit
	}{
		{"100", "", Partial}, {"100", "1", Partial}, {"100", "100", Full}, {"100", "1000", NoFit}, {"100", "2", NoFit},
		{"X", "0", Full}, {"Z", "0", NoFit}, {"Z", "1", Full}, {"N", "1", NoFit}, {"N", "2", Full}, {"x", "0", Full},
		{"3XX", "31", Partial}, {"3XX", "312", Full},
		{"[13-5]", "4", Full}, {"[13-5]", "2", NoFit}, {"[a-c]1", "b", Partial},
		{"9.", "9", Partial}, {"9.", "91", Open}, {"9.", "912", Open},
		{"9!", "9", Open}, {"9!", "912", Open}, {"9!", "8", NoFit},
		{"555-1XXX", "5551000", Full}, {"*8", "*8", Full}, {"#", "#", Full},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Fit(c.entry); got != c.want {
			t.Errorf("%s fits %q: got %d, want %d", c.pattern, c.entry, got, c.want)
		}
	}
}

func TestPatternErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"":       "cannot be empty",
		"-":      "cannot be empty",
		"1.2":    "must be its last character",
		"[12":    "[ without ]",
		"[]1":    "[] is empty",
		"[5-2]":  "write [2-5]",
		"1 2\"":  "cannot be part of an extension",
		"sales,": "cannot be part of an extension",
	} {
		if _, err := ParsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", pattern, err, want)
		}
	}
}

// The order is what Asterisk 22 prints for such a context with "dialplan show".
func TestPatternOrder(t *testing.T) {
	want := []string{"100", "10[0-2]", "10X", "1[05]0", "1XX", "[12]XX", "NXX", "ZXX", "XXX", "X.", "X!", ".", "!"}
	var patterns []Pattern
	for _, text := range want {
		p, err := ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, p)
	}
	rand.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
	slices.SortFunc(patterns, Pattern.Compare)
	for i, p := range patterns {
		if p.String() != want[i] {
			t.Fatalf("got %v, want %v", patterns, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"3XX", "_9.", "[1-37]Z!", "100"} {
		f.Add(s, "312", "NXX")
	}
	f.Fuzz(func(t *testing.T, text, entry, other string) {
		p, err := ParsePattern(text)
		if err != nil {
			return
		}
		fit := p.Fit(entry)
		for i := range entry {
			if before := p.Fit(entry[:i]); fit != NoFit && (before == NoFit || before == Full) {
				t.Errorf("%s: %q fits (%d), its beginning %q does not (%d)", text, entry, fit, entry[:i], before)
			}
		}
		if q, err := ParsePattern(other); err == nil && sign(p.Compare(q)) != -sign(q.Compare(p)) {
			t.Errorf("%s and %s have no order", text, other)
		}
	})
}

func sign(n int) int { return max(-1, min(1, n)) }

func TestLocation(t *testing.T) {
	for text, want := range map[string]Location{
		"operators,s,1": {"operators", "s", "1"},
		"100,again":     {"", "100", "again"},
		"3":             {"", "", "3"},
		"":              {},
	} {
		got, err := ParseLocation(text)
		if err != nil || got != want {
			t.Errorf("%q: got %v %v, want %v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%q is written %q", text, got)
		}
	}
	for _, text := range []string{"a,b,c,d", "a b,s,1", "a,s\x00,1"} {
		if _, err := ParseLocation(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestCause(t *testing.T) {
	for text, want := range map[string]int{"busy": 17, "normal": 16, "17": 17, "127": 127} {
		c, err := ParseCause(text)
		if err != nil || c.Code() != want {
			t.Errorf("%q: got %d %v, want %d", text, c.Code(), err, want)
		}
	}
	for _, text := range []string{"", "bussy", "0", "128", "-1"} {
		if _, err := ParseCause(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestSoundNames(t *testing.T) {
	for _, name := range []string{"welcome", "digits/1", "menus/main-menu_2", "grüße", "1.5"} {
		if _, err := NewSound(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a b", "a&b", "../etc/passwd", "a\nb", `a"b`, "http://x/y", "a|b", strings.Repeat("a", 300)} {
		if p, err := NewSound(name); err == nil {
			t.Errorf("%q was taken as %v", name, p)
		}
	}
}

// FuzzNewSound: no name that is taken means more to Asterisk than one file below a sounds folder, and what is
// written of a list can be told apart again.
func FuzzNewSound(f *testing.F) {
	for _, s := range []string{"welcome", "digits/1", "a&b", "../x", "/tmp/x", "a b", "${X}", "a,b", "é"} {
		f.Add(s, "next")
	}
	f.Fuzz(func(t *testing.T, name, other string) {
		p, err := NewSound(name)
		if err != nil {
			return
		}
		if strings.ContainsAny(name, "&|,:;$()\"'\\[]{} \t\r\n") || strings.Contains(name, "..") || name == "" {
			t.Errorf("%q was taken", name)
		}
		if q, err := NewSound(other); err == nil {
			if words := strings.Split(Prompts{p, q}.String(), " "); !slices.Equal(words, []string{name, other}) {
				t.Errorf("%q and %q are written %q", name, other, words)
			}
		}
	})
}
