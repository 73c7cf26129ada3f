package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every example passes its own transcripts, has nothing wrong for the backends it is configured for, and says
// what it teaches, on a machine that has none of its passwords. It may leave it to its readers to record its prompts, if it has the words of each.
func TestExamples(t *testing.T) {
	folders, err := filepath.Glob("../../examples/*")
	if err != nil || len(folders) < 2 {
		t.Fatalf("%d examples, %v", len(folders), err)
	}
	for _, dir := range folders {
		t.Run(filepath.Base(dir), func(t *testing.T) {
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

// The bank's flow, tables and digests fit together, which transcripts cannot tell: they ask no database.
func TestExampleBankWithItsDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/bank")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BANK_PIN_KEY", "change-me-9f2c61d07be84a35")
	call := func(keys ...string) string {
		var out bytes.Buffer
		args := []string{"call", "401", "--fast", "-c", filepath.Join(dir, "ivrd.yaml")}
		if code := run(t.Context(), args, strings.NewReader(strings.Join(keys, "\n")+"\n"), &out, &out); code != exitOK {
			t.Fatalf("the call ended with %d:\n%s", code, &out)
		}
		return out.String()
	}
	expect := func(out string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(out, part) {
				t.Errorf("no %q in\n%s", part, out)
			}
		}
	}
	expect(call("700142", "8352", "1", "2", "9"), "> play your-balance-is ", "> play money:1250.4:BRL\n",
		"> play you-paid ", "> play money:1559.7:BRL\n", "> play date:2026-11-20:short\n", "> play you-received ", "> play money:3100:BRL\n")
	expect(call("700257", "9061", "1", "9"), "> play you-owe-us ", "> play money:32.1:BRL\n")
	expect(call("700361", "5917", "2", "9"), "> play no-transactions")
	expect(call("700361", "1111", "700361", "2222", "*"), "> play account-or-pin-wrong")
	expect(call("700361", "3333"), "> play account-locked")
	expect(call("700361", "5917"), "> play account-locked")
}
