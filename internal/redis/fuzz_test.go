package redis

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzReply: whatever bytes a server has, as values and as keys, its answer is JSON on one line, and they can be had
// from it again.
func FuzzReply(f *testing.F) {
	f.Add("name", "Ann", int64(33), 1.5)
	f.Add("base64", "\xff\x00", int64(1)<<53+1, 1e300)
	f.Add("base64:AA==", "<&>\u2028\n", int64(-1)<<63, -0.0)
	f.Add("", "", int64(0), 0.1)
	f.Fuzz(func(t *testing.T, key, value string, n int64, x float64) {
		text, err := replyText(map[any]any{key: []any{value, nil, n, x, true, map[any]any{}}})
		if err != nil || strings.Contains(text, "\n") {
			t.Fatalf("%q, %v", text, err)
		}
		var got map[string][]any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&got); err != nil || len(got) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		for k, list := range got {
			if encoded, ok := strings.CutPrefix(k, base64Key+":"); ok {
				k = decoded(t, encoded)
			}
			if k != key || len(list) != 6 || list[1] != nil {
				t.Errorf("%q became %q in %s", key, k, text)
			}
			v, ok := list[0].(string)
			if m, isBytes := list[0].(map[string]any); isBytes && len(m) == 1 {
				encoded, isText := m[base64Key].(string)
				v, ok = decoded(t, encoded), isText
			}
			if !ok || v != value {
				t.Errorf("%q became %q in %s", value, v, text)
			}
		}
	})
}

func decoded(t *testing.T, text string) string {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return string(b)
}

// FuzzCommand: what CheckCommand lets pass is one word, and its case makes no difference.
func FuzzCommand(f *testing.F) {
	for _, name := range []string{"GET", "select", " AUTH", "XREAD", "CONFIG GET", "ſave", "\x00", "multı"} {
		f.Add(name, "BLOCK")
	}
	f.Fuzz(func(t *testing.T, name, arg string) {
		err := CheckCommand([]string{name, arg})
		if again := CheckCommand([]string{strings.ToLower(name), arg}); (err == nil) != (again == nil) && strings.ToUpper(strings.ToLower(name)) == strings.ToUpper(name) {
			t.Errorf("%q: %v, in small letters %v", name, err, again)
		}
		if err == nil && (name == "" || len(strings.Fields(name)) != 1) {
			t.Errorf("%q passed", name)
		}
	})
}
