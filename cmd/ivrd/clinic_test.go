package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/test/sqlserver"
)

const clinic = "../../examples/clinic/"

// clinicDatabase is a PostgreSQL with the example's tables and rows, and a configuration of the example that names it.
func clinicDatabase(t *testing.T) (pools *database.Pools, config string) {
	t.Helper()
	server, err := sqlserver.PostgreSQL()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.URL + "&timezone=UTC" // the schema means São Paulo's hours wherever the server is
	pools, err = database.Open([]database.Config{{Name: engine.MainDatabase, URL: url}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pools.Close(); err != nil {
			t.Error(err)
		}
	})
	schema, err := os.ReadFile(clinic + "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	comments := regexp.MustCompile(`--.*`)
	for statement := range strings.SplitSeq(comments.ReplaceAllString(string(schema), ""), ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := pools.Exec(t.Context(), engine.MainDatabase, statement, nil, 0); err != nil {
			t.Fatalf("%s\n%v", statement, err)
		}
	}
	config = t.TempDir() + "/ivrd.yaml"
	if err := os.WriteFile(config, []byte("databases: { main: \""+url+"\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return pools, config
}

// The clinic's SQL means to PostgreSQL what its transcripts say: patients are found by number or by date of birth, and
// what they confirm, move, book and cancel is so afterwards.
func TestClinicWithPostgreSQL(t *testing.T) {
	pools, config := clinicDatabase(t)
	for _, call := range []struct{ from, keys, heard, then, want string }{
		{"11987654321", "1\n9\n", "> play confirmed ",
			"select doctor, confirmed from appointments where patient = 1", `{"doctor":"dr-costa","confirmed":true}`},
		{"11987654321", "3\n9\n1\n9\n", "> play booked-for ",
			"select count(*), min(doctor) as doctor from appointments where patient = 1", `{"count":1,"doctor":"dr-silva"}`},
		{"5551234", "2\n11912345678\n01121975\n3\n1\n9\n", "> play booked-for ",
			"select doctor, starts = (select min(starts) from appointments) as first from appointments where patient = 2", `{"doctor":"dr-costa","first":true}`},
		{"11912345678", "2\n1\n9\n", "> play cancelled ",
			"select count(*) from appointments where patient = 2", `{"count":0}`},
		{"1133334444", "1\n30091947\n3\n*\n9\n", "> play no-appointment ",
			"select count(*), min(patient) as patient from appointments where patient is not null", `{"count":1,"patient":1}`},
	} {
		var out bytes.Buffer
		args := []string{"call", "600", "--from", call.from, "--fast", "-c", config, "--flows", clinic + "flows"}
		if code := run(t.Context(), args, strings.NewReader(call.keys), &out, &out); code != exitOK || !strings.Contains(out.String(), call.heard) {
			t.Fatalf("the call from %s ended with %d:\n%s", call.from, code, &out)
		}
		rows, err := pools.Query(t.Context(), engine.MainDatabase, call.then, nil, 0)
		if err != nil || rows != call.want {
			t.Errorf("after the call from %s: got %s, %v\nwant %s\n%s", call.from, rows, err, call.want, &out)
		}
	}
}
