package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every example passes its own transcripts, has nothing wrong for the backends it is configured for, and says
// what it teaches. It may leave it to its readers to record its prompts, if it has the words of each.
func TestExamples(t *testing.T) {
	folders, err := filepath.Glob("../../examples/*")
	if err != nil || len(folders) < 2 {
		t.Fatalf("%d examples, %v", len(folders), err)
	}
	for _, dir := range folders {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Setenv("ARI_PASSWORD", "secret")
			readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
			if err != nil || !strings.Contains(string(readme), "What this example teaches:") {
				t.Errorf("the README does not say what the example teaches (%v)", err)
			}
			for _, command := range []string{"check", "test"} {
				var out bytes.Buffer
				args := []string{command, "-c", filepath.Join(dir, "ivrd.yaml")}
				code := run(t.Context(), args, strings.NewReader(""), &out, &out)
				unrecorded := strings.Count(out.String(), " has a text and no recording yet")
				if code != exitOK || strings.Count(out.String(), "warning:") != unrecorded {
					t.Errorf("ivrd %s ended with %d:\n%s", command, code, &out)
				}
			}
		})
	}
}
