package main

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

func TestConfigOverDefaults(t *testing.T) {
	c := defaults()
	err := c.parse("ivrd.yaml", []byte("drain: 2m\nagi: { allow: [10.0.0.0/8, 10.1.0.5/32] }\nlimits: { calls: 500, run_time: 1s }\nlog: { level: debug }\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Drain, want.Limits.Calls, want.Limits.RunTime = 2*time.Minute, 500, time.Second
	if c.Drain != want.Drain || c.Limits != want.Limits || len(c.AGI.Allow) != 2 || c.AGI.Listen != want.AGI.Listen || c.Log.Level.String() != "DEBUG" {
		t.Errorf("got %+v", c)
	}
}

// FuzzConfig: nothing panics, every fault has a place, and what is accepted is accepted again.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"", "flows: ./flows\nagi: { listen: \"127.0.0.1:4573\", allow: [\"127.0.0.0/8\"] }\n",
		"http: { listen: \":8573\", url: \"http://10.0.0.5:8573\" }\nlog: { level: warn, format: json }\n",
		"limits: { calls: 1, flow_time: 1s, steps: 2, instructions: 3, run_time: 4s, string_bytes: 5, end_time: 6s }\ndrain: 0s\n",
		"a: &a [*a]\n", "flows: &x y\nlog: { format: *x }\n", "<<: { drain: 1s }\n", "flows: ${HOME}${}\n", "- x\n---\n- y\n", "flows: !!binary aGk=\n",
		"drain: 1_0\nlimits: {calls: 0x10, steps: 1e3}\n", "flows: |\n  a\n  b\n", "flows: |\n\n 00", "? [a]\n: b\n", "\xff", "agi: { listen: \"[::]:0\" }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := defaults()
		if err := c.parse("ivrd.yaml", []byte(text)); err != nil {
			if !strings.HasPrefix(err.Error(), "ivrd.yaml:") {
				t.Errorf("a fault without a place: %v", err)
			}
			return
		}
		written, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(written), "${") {
			return // it would be replaced once more
		}
		again := defaults()
		if err := again.parse("again.yaml", written); err != nil {
			t.Fatalf("accepted, but not again: %v\n%s", err, written)
		}
		if !reflect.DeepEqual(c, again) {
			t.Errorf("read back as\n%+v, was\n%+v", again, c)
		}
	})
}

// docs/ivrd.yaml names every key, with the value it has without a file. Of a key without one it is a
// comment that names it.
func TestDocumentedConfig(t *testing.T) {
	text, err := os.ReadFile("../../docs/ivrd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, want := defaults(), defaults()
	want.Flows = usualFolder
	if err := got.parse("docs/ivrd.yaml", text); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("docs/ivrd.yaml says\n%+v, the defaults are\n%+v", got, want)
	}
	uncommented := regexp.MustCompile(`(?m)^(\s*)# (\w+:)`).ReplaceAllString(string(text), "$1$2")
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(uncommented), &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range configKeys(reflect.TypeFor[config]()) {
		if at(doc.Content[0], path...) == nil {
			t.Errorf("docs/ivrd.yaml has no %s", strings.Join(path, "."))
		}
	}
}

// configKeys are the paths of all keys of a section.
func configKeys(section reflect.Type) [][]string {
	var all [][]string
	for f := range section.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.Type.Kind() != reflect.Struct {
			all = append(all, []string{name})
			continue
		}
		for _, path := range configKeys(f.Type) {
			all = append(all, append([]string{name}, path...))
		}
	}
	return all
}
