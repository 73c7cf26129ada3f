package flow

import (
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const officeHours = "office: { zone: UTC, mon-fri: 09:00-18:00, holidays: holidays/brazil.ics }\n"

const christmas = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261225\nSUMMARY:Natal\nEND:VEVENT\nEND:VCALENDAR\n"

var aChristmas = time.Date(2026, 12, 25, 10, 0, 0, 0, time.UTC)

func TestHours(t *testing.T) {
	now := folder("100.lua", "-- 100", "hours.yaml", officeHours, "holidays/brazil.ics", strings.ReplaceAll(christmas, "\n", "\r\n"))
	s, problems := Load(now, Options{})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	want := func(s *Set, want string) {
		t.Helper()
		if h, err := s.flows["100"].Hours("office", aChristmas, nil); err != nil || h.String() != want {
			t.Errorf("got %s, %v; want %s", h, err, want)
		}
	}
	want(s, "closed holiday until 2026-12-28T09:00:00Z Natal")
	if _, err := s.flows["100"].Hours("offce", aChristmas, nil); err == nil || err.Error() != "there is no schedule offce; did you mean office?" {
		t.Errorf("an unknown schedule: %v", err)
	}

	now["holidays/brazil.ics"] = folder("x", strings.ReplaceAll(strings.ReplaceAll(christmas, "20261225", "20261224"), "\n", "\r\n"))["x"]
	moved := reloaded(s, now)
	want(moved, "open hours until 2026-12-25T18:00:00Z")
	want(s, "closed holiday until 2026-12-28T09:00:00Z Natal") // calls in progress

	now["hours.yaml"] = folder("x", "office: { zone: UTC, mno: open }\n")["x"]
	broken := reloaded(moved, now)
	want(broken, "open hours until 2026-12-25T18:00:00Z")
	if got := messages(broken.Problems()); !strings.Contains(got, "hours.yaml:1:22: there is no key mno; did you mean mon?") {
		t.Errorf("problems: %s", got)
	}
	delete(now, "hours.yaml")
	if _, err := reloaded(broken, now).flows["100"].Hours("office", aChristmas, nil); err == nil || !strings.Contains(err.Error(), "hours.yaml beside the flows is the place for it") {
		t.Errorf("without a file: %v", err)
	}
}

func TestLintHours(t *testing.T) {
	s, _ := Load(folder("100.lua", `if hours.open("offce") then call:answer() end`, "hours.yaml", "office: { zone: UTC }\n"), Options{})
	if got := messages(s.Lint(LintOptions{Certain: true})); !strings.Contains(got, "there is no schedule offce; did you mean office?") {
		t.Errorf("got %s", got)
	}
}

func TestLintOverride(t *testing.T) {
	s, _ := Load(folder("100.lua", `hours.override("offce", "closed") hours.clear("*") if hours.open("*") then call:answer() end`,
		"hours.yaml", "office: { zone: UTC }\n"), Options{})
	got := messages(s.Lint(LintOptions{Certain: true}))
	if strings.Count(got, "there is no schedule") != 2 || !strings.Contains(got, "offce; did you mean office?") || !strings.Contains(got, "there is no schedule *") {
		t.Errorf("got %s", got)
	}
}

// A folder's schedules can be read by themselves, calendars below it included, whatever the flows are like.
func TestReadTimetable(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "100.lua", "call:play(")
	write(t, dir, "hours.yaml", officeHours)
	write(t, dir, "holidays/brazil.ics", strings.ReplaceAll(christmas, "\n", "\r\n"))
	table, err := ReadTimetable(dir)
	if err != nil || len(table.Problems()) > 0 {
		t.Fatal(err, messages(table.Problems()))
	}
	strike := []engine.Override{{Schedule: "office", Open: true, Until: aChristmas.Add(time.Hour), Name: "strike"}}
	h, err := table.Hours("office", aChristmas, strike)
	if want := "open override until 2026-12-25T11:00:00Z strike"; err != nil || h.String() != want {
		t.Errorf("got %s, %v; want %s", h, err, want)
	}
	if h, err := table.Hours("office", aChristmas, nil); err != nil || h.Why != "holiday" {
		t.Errorf("got %s, %v", h, err)
	}
	if names := table.Names(); len(names) != 1 || names[0] != "office" || table.Zone("office") != time.UTC || table.Zone("x") != nil {
		t.Errorf("names %v, zone %v", names, table.Zone("office"))
	}
	if _, err := ReadTimetable(dir + "/nowhere"); err == nil {
		t.Error("a folder that is not there is read")
	}
}
