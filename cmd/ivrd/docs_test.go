package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/flows"
	"github.com/ivrd/ivrd/internal/web"
)

// The generated parts of docs/ are what the program says now.
func TestGeneratedDocs(t *testing.T) {
	for file, args := range map[string][]string{
		"../../docs/reference.md": {"api"},
		"../../docs/ivrd.d.lua":   {"api", "--stubs"},
		"../../docs/backends.md":  {"api", "--backends"},
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

// The guide's table of limits has the defaults that the engine has.
func TestDocumentedLimits(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	l := engine.Limits{}.Filled()
	for key, value := range map[string]string{
		"flow_time":    fmt.Sprintf("%.0fh", l.FlowTime.Hours()),
		"steps":        fmt.Sprint(l.Steps),
		"instructions": fmt.Sprintf("%d million", l.Instructions/1_000_000),
		"run_time":     l.RunTime.String(),
		"string_bytes": fmt.Sprintf("%d MiB", l.StringBytes>>20),
		"end_time":     l.EndTime.String(),
	} {
		if row := fmt.Sprintf("| `%s` | %s |", key, value); !strings.Contains(string(guide), row) {
			t.Errorf("docs/operating.md has no row %s", row)
		}
	}
}

// The guide's pieces of ivrd.yaml are accepted as they stand there.
func TestDocumentedPieces(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ARI_PASSWORD", "GOOGLE_KEY", "CORE_TOKEN", "CRM_PASSWORD", "SHOP_PASSWORD"} {
		t.Setenv(name, "secret")
	}
	pieces := strings.Split(string(guide), "```yaml\n")[1:]
	if len(pieces) < 5 {
		t.Fatalf("only %d pieces", len(pieces))
	}
	for _, piece := range pieces {
		piece, _, _ = strings.Cut(piece, "```")
		c := defaults()
		if err := c.parse("piece", []byte(piece)); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// The guide's table of reasons has all that an operator can do something about.
func TestDocumentedReasons(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range web.Reasons {
		documented := strings.Contains(string(guide), fmt.Sprintf("\n| `%s` | ", r))
		if wanted := r != web.Cancelled && r != web.Failed; documented != wanted {
			t.Errorf("docs/operating.md has a row for %s: %v, want %v", r, documented, wanted)
		}
	}
}

// The guide says how much room there is for metrics, and has all words for why a call ended.
func TestDocumentedMetrics(t *testing.T) {
	metrics := strings.Join(strings.Fields(section(t, guide(t, "../../docs/operating.md"), "Metrics")), " ")
	want := []string{
		fmt.Sprintf("%d names (`%s`)", mostMetrics, droppedMetrics),
		fmt.Sprintf("%d combinations of each (`%s`)", mostSeries, droppedSeries),
		fmt.Sprintf("%d,000 altogether (`%s`)", mostSeriesOfAll/1000, droppedAllSeries),
	}
	for _, why := range []engine.Why{engine.Completed, engine.Continued, engine.HungUp, engine.Failed, engine.Limited, engine.Drained, engine.Lost} {
		want = append(want, fmt.Sprintf("`%s`", why))
	}
	for _, words := range want {
		if !strings.Contains(metrics, words) {
			t.Errorf("docs/operating.md, Metrics, does not say %s", words)
		}
	}
}

// The README shows the first call of the flow it speaks of as it is tested.
func TestReadmeTranscript(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	calls, err := flows.FS.ReadFile("100.call")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(calls), "\n\n")
	if !strings.Contains(string(readme), "```\n"+first+"\n```") {
		t.Errorf("README.md does not show\n%s", first)
	}
}
