package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// complete lets a call go on to its end.
func (a *asterisk) complete() {
	a.t.Helper()
	a.until(`SET VARIABLE "ARRAY(IVRD_FLOW,`)
	a.reply()
	if rest, err := io.ReadAll(a.from); err != nil {
		a.t.Fatalf("after the call: %q, %v", rest, err)
	}
}

// scrape asks for metrics as Prometheus does.
func scrape(t *testing.T, server string) map[string]*dto.MetricFamily {
	t.Helper()
	text, _ := scrapeAs(t, server, "")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return families
}

// scrapeAs asks for metrics in a format, and returns them with their type.
func scrapeAs(t *testing.T, server, accept string) (text, format string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, server+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET /metrics: %s, %v, %s", res.Status, err, body)
	}
	return string(body), res.Header.Get("Content-Type")
}

// series are those of a family, with their values: {flow="100",method="card"} 2. A timer has how often, and how long.
func series(family *dto.MetricFamily) map[string]string {
	out := map[string]string{}
	for _, m := range family.GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
		value := fmt.Sprint(m.GetCounter().GetValue() + m.GetGauge().GetValue())
		if h := m.GetHistogram(); h != nil {
			value = fmt.Sprintf("%d in %gs", h.GetSampleCount(), h.GetSampleSum())
		}
		out["{"+strings.Join(labels, ",")+"}"] = value
	}
	return out
}

func wantSeries(t *testing.T, families map[string]*dto.MetricFamily, name string, want map[string]string) {
	t.Helper()
	if got := series(families[name]); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s\ngot  %v\nwant %v", name, got, want)
	}
}

func TestServeMetrics(t *testing.T) {
	d, server, asked := serveFolder(t, map[string]string{
		"100.lua": `call:answer()
metrics.count("payments", 2.5, { method = 'a "card"', where = "São\nPaulo \\" })
metrics.count("payments")
metrics.count("payments", 1, { method = "" })
metrics.time("payments", 0.3)
metrics.time("lookup", 700, { system = "core" })
call:play("hello-world")
call:run("inner")
`,
		"inner.lua": `metrics.timer("inner"):stop()`,
	})
	first := dial(t, server)
	first.until("STREAM FILE")
	families := scrape(t, asked)
	wantSeries(t, families, "ivrd_calls_in_progress", map[string]string{"{}": "1"})
	wantSeries(t, families, "ivrd_calls_over_total", map[string]string{})
	first.reply()
	first.complete()

	// A save that changes labels, and what a name is for, breaks nothing.
	changed := "call:answer()\nmetrics.count('payments', 1, { method = 'cash', branch = 7 })\nmetrics.time('inner', 1, { a = 1 })\n" +
		"metrics.count('lookup')\nerror('on purpose')\n"
	if err := os.WriteFile(filepath.Join(d.cmd.Dir, "flows/100.lua"), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.await("new calls get: 100 changed"); !ok {
		t.Fatalf("no reload:\n%s", d.seen.String())
	}
	dial(t, server).complete()

	families = scrape(t, asked)
	wantSeries(t, families, "flow_payments_total", map[string]string{
		`{flow="100"}`: "2", `{flow="100",method="a \"card\"",where="São\nPaulo \\"}`: "2.5", `{branch="7",flow="100",method="cash"}`: "1",
	})
	wantSeries(t, families, "flow_payments_seconds", map[string]string{`{flow="100"}`: "1 in 0.3s"})
	wantSeries(t, families, "flow_lookup_seconds", map[string]string{`{flow="100",system="core"}`: "1 in 700s"})
	wantSeries(t, families, "flow_lookup_total", map[string]string{`{flow="100"}`: "1"})
	if inner := series(families["flow_inner_seconds"]); len(inner) != 2 || inner[`{a="1",flow="100"}`] != "1 in 1s" || !strings.HasPrefix(inner[`{flow="inner"}`], "1 in ") {
		t.Errorf("what the other flow timed: %v", inner)
	}
	wantSeries(t, families, "ivrd_calls_in_progress", map[string]string{"{}": "0"})
	wantSeries(t, families, "ivrd_calls_over_total", map[string]string{`{flow="100",why="completed"}`: "1", `{flow="100",why="error"}`: "1"})
	wantSeries(t, families, "ivrd_metrics_dropped_total", map[string]string{`{bound="metrics"}`: "0", `{bound="series"}`: "0", `{bound="all_series"}`: "0"})
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes"} {
		if families[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}

	text, format := scrapeAs(t, asked, "application/openmetrics-text; version=1.0.0")
	if !strings.HasPrefix(format, "application/openmetrics-text") || !strings.HasSuffix(text, "\n# EOF\n") {
		t.Errorf("asked for OpenMetrics, got %s, ending with %q", format, text[len(text)-20:])
	}
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		if family, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name := strings.Fields(family)[0]
			if seen[name] && !strings.HasPrefix(name, "go_") { // client_golang's own Go collector has such a pair

				t.Errorf("OpenMetrics has two families %s", name)
			}
			seen[name] = true
		}
	}
	if want := "flow_payments_total{branch=\"7\",flow=\"100\",method=\"cash\"} 1.0\n"; !seen["flow_payments"] || !strings.Contains(text, want) {
		t.Errorf("OpenMetrics lacks the counter %q:\n%s", want, text)
	}
	if r, err := http.Post(asked+"/metrics", "", nil); err != nil || r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v, %v", r, err)
	}
	if code, err := d.stop(); code != exitOK || err != nil {
		t.Errorf("ended with %d, %v:\n%s", code, err, d.seen.String())
	}
}

// gathered is what a collector gives a registry.
func gathered(t *testing.T, c prometheus.Collector) map[string]*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	list, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*dto.MetricFamily{}
	for _, f := range list {
		out[f.GetName()] = f
	}
	return out
}

func labelled(name, label, value string) engine.Metric {
	return engine.Metric{Name: name, Labels: []engine.Label{{Name: label, Value: value}}}
}

// Whatever flows count, there is an end to what is kept of it; what is there goes on counting.
func TestMetricsBounds(t *testing.T) {
	var log bytes.Buffer
	m := newFlowMetrics(slog.New(slog.NewTextHandler(&log, nil)))
	for range 2 {
		for i := range mostSeries + 50 {
			m.Count("100", labelled("callers", "number", fmt.Sprint(i)), 1)
		}
	}
	families := gathered(t, m)
	got := series(families["flow_callers_total"])
	if len(got) != mostSeries || got[`{flow="100",number="7"}`] != "2" || got[fmt.Sprintf(`{flow="100",number="%d"}`, mostSeries)] != "" {
		t.Errorf("%d series", len(got))
	}
	for i := range mostMetrics + 50 {
		m.Time("100", engine.Metric{Name: fmt.Sprintf("name_%d", i)}, 1)
	}
	if n := len(gathered(t, m)); n != mostMetrics {
		t.Errorf("%d metrics, want %d", n, mostMetrics)
	}
	for i := range 30 {
		for j := range mostSeries {
			m.Count("100", labelled(fmt.Sprintf("counter_%d", i), "number", fmt.Sprint(j)), 1) // no room for a name any more
			m.Time("100", labelled(fmt.Sprintf("name_%d", i), "number", fmt.Sprint(j)), 1)
		}
	}
	if n := len(m.all()); n != mostSeriesOfAll {
		t.Errorf("%d series, want %d", n, mostSeriesOfAll)
	}
	m.Count("200", engine.Metric{Name: "callers"}, 1)
	const (
		left   = mostSeriesOfAll - mostSeries - (mostMetrics - 1) // when the timers get labels
		filled = left / (mostSeries - 1)                          // timers with all the series they may have
	)
	wantSeries(t, gathered(t, m.dropped), "ivrd_metrics_dropped_total", map[string]string{
		`{bound="metrics"}`: fmt.Sprint(51 + 30*mostSeries), `{bound="series"}`: fmt.Sprint(2*50 + filled + 1),
		`{bound="all_series"}`: fmt.Sprint(30*mostSeries - left - filled),
	})
	for _, want := range []string{
		"metric=flow_callers_total flow=100 bound=series", "metric=flow_name_199_seconds flow=100 bound=metrics",
	} {
		if n := strings.Count(log.String(), want); n != 1 {
			t.Errorf("the log says %d times %s:\n%s", n, want, log.String())
		}
	}
}

// Calls count and Prometheus asks at the same time.
func TestMetricsAtOnce(t *testing.T) {
	const calls, each = 8, 500
	m := newFlowMetrics(slog.New(slog.DiscardHandler))
	registry := prometheus.NewRegistry()
	registry.MustRegister(m, m.dropped)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			for i := range each {
				m.Count("100", labelled("steps", "n", fmt.Sprint(i%40)), 1)
				m.Time(fmt.Sprint("flow", i%3), engine.Metric{Name: "steps"}, 0.5)
			}
		})
		all.Go(func() {
			for range 20 {
				if _, err := registry.Gather(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	families := gathered(t, m)
	counted, timed := 0.0, uint64(0)
	for _, s := range families["flow_steps_total"].GetMetric() {
		counted += s.GetCounter().GetValue()
	}
	for _, s := range families["flow_steps_seconds"].GetMetric() {
		timed += s.GetHistogram().GetSampleCount()
	}
	if counted != calls*each || timed != calls*each {
		t.Errorf("counted %v and timed %v, want %d", counted, timed, calls*each)
	}
}
