package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
)

// The survey's migrations make the tables that its flow fills: callers count once a day, and the view has the sums that
// the results flow says.
func TestSurveyWithSQLite(t *testing.T) {
	survey, err := filepath.Abs("../../examples/survey")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "ivrd.yaml")
	text := "flows: " + survey + "/flows\nmigrations: " + survey + "/migrations\nkv: kv.db\ndatabases: { main: sqlite:survey.db }\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, call := range []struct{ exten, from, keys, heard string }{
		{"700", "1", "1\n5\n*\n2\n2\n", "> play thank-you "},
		{"700", "1", "1\n", "> play answered-today "},
		{"700", "2", "2\n4\n*\n1\n2\n", "> play thank-you "},
		{"701", "10", "", "> play number:4.5"},
		{"701", "10", "", "> play not-rated "},
		{"701", "10", "", "> play number:1.5"},
	} {
		var out bytes.Buffer
		args := []string{"call", call.exten, "--from", call.from, "--fast", "-c", config}
		if code := run(t.Context(), args, strings.NewReader(call.keys), &out, &out); code != exitOK || !strings.Contains(out.String(), call.heard) {
			t.Fatalf("the call from %s to %s ended with %d:\n%s", call.from, call.exten, code, &out)
		}
	}
	pools, err := database.Open([]database.Config{{Name: engine.MainDatabase, URL: "sqlite:" + filepath.Join(dir, "survey.db")}})
	if err != nil {
		t.Fatal(err)
	}
	defer pools.Close()
	rows, err := pools.Query(t.Context(), engine.MainDatabase,
		"select question, ratings, average, skipped, unhappy from results order by question", nil, 0)
	want := `{"question":"service","ratings":2,"average":4.5,"skipped":0,"unhappy":0}
{"question":"solution","ratings":2,"average":1.5,"skipped":0,"unhappy":2}
{"question":"waiting","ratings":0,"average":null,"skipped":2,"unhappy":0}`
	if err != nil || rows != want {
		t.Errorf("got %s, %v\nwant %s", rows, err, want)
	}
}
