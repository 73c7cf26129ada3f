package yamldoc

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		source string
		line   int
		text   string // "" is no error
	}{
		{"a: 1\n", 0, ""},
		{"a: 1\n---\nb: 2\n", 2, "a second document begins here"},
		{"a: 1\n b: 2\n", 2, "mapping values are not allowed"},
		{"a: [1\n", 1, "did not find expected ',' or ']'"},
		{"a: *no\n", 0, "unknown anchor 'no' referenced"},
	} {
		_, err := Decode([]byte(test.source))
		if test.text == "" {
			if err != nil {
				t.Errorf("%q: %v", test.source, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q: no error", test.source)
			continue
		}
		if line, text := Syntax(err); line != test.line || !strings.Contains(text, test.text) {
			t.Errorf("%q: line %d: %s; want line %d: %s", test.source, line, text, test.line, test.text)
		}
	}
	if _, err := Decode([]byte("# nothing\n")); !errors.Is(err, io.EOF) {
		t.Errorf("an empty file: %v", err)
	}
}

func TestKind(t *testing.T) {
	doc, err := Decode([]byte("[~, {a: 1}, [1], " + strings.Repeat("ä", 50) + ", 7]"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"nothing", "key: value", "a list", `"` + strings.Repeat("ä", 40) + `…"`, `"7"`} {
		if got := Kind(doc.Content[0].Content[i]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
