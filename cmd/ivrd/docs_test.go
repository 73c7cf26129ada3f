package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The generated parts of docs/ are what the program says now.
func TestGeneratedDocs(t *testing.T) {
	for file, args := range map[string][]string{
		"../../docs/reference.md": {"api"},
		"../../docs/ivrd.d.lua":   {"api", "--stubs"},
	} {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		var out, errOut bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errOut); code != exitOK {
			t.Errorf("ivrd %v ended with %d: %s", args, code, &errOut)
		} else if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%s is not what ivrd %s writes; make generate", file, strings.Join(args, " "))
		}
	}
}
