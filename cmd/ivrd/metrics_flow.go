package main

import (
	"log/slog"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/engine"
	"github.com/prometheus/client_golang/prometheus"
)

// What flows may fill memory with. A counter takes about 1 KB, a timer 2.
const (
	mostMetrics      = 200
	mostSeries       = 1000 // of one metric
	mostSeriesOfAll  = 20_000
	droppedMetrics   = "metrics"
	droppedSeries    = "series"
	droppedAllSeries = "all_series"
)

// timerBuckets suit both the answers of other systems and conversations, in seconds.
var timerBuckets = []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}

// flowMetrics are the metrics of the designers' own. Those of one name may differ in their labels, since flows change
// while ivrd runs; so none of them is described to Prometheus' registry beforehand.
type flowMetrics struct {
	logger  *slog.Logger
	dropped *prometheus.CounterVec // what did not find room, by which bound was reached

	mu       sync.RWMutex
	families map[string]*family // by the name they are exported under
	series   int                // of all families
	told     bool               // the log says that there are too many families
}

// A family is all series of one name.
type family struct {
	series map[string]prometheus.Metric // by flow and labels
	told   bool                         // the log says that there are too many
}

var (
	_ engine.Metrics       = (*flowMetrics)(nil)
	_ prometheus.Collector = (*flowMetrics)(nil)
)

func newFlowMetrics(logger *slog.Logger) *flowMetrics {
	m := &flowMetrics{
		logger: logger, families: map[string]*family{},
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivrd_metrics_dropped_total", Help: "What flows counted or timed that found no room, by the bound that was reached.",
		}, []string{"bound"}),
	}
	for _, bound := range []string{droppedMetrics, droppedSeries, droppedAllSeries} {
		m.dropped.WithLabelValues(bound)
	}
	return m
}

// Count adds to a counter.
func (m *flowMetrics) Count(flow string, metric engine.Metric, by float64) {
	name := "flow_" + metric.Name + "_total"
	if s := m.find(name, flow, metric.Labels, newFlowCounter); s != nil {
		s.(prometheus.Counter).Add(by)
	}
}

// Time adds to a histogram.
func (m *flowMetrics) Time(flow string, metric engine.Metric, seconds float64) {
	name := "flow_" + metric.Name + "_seconds"
	if s := m.find(name, flow, metric.Labels, newFlowTimer); s != nil {
		s.(prometheus.Histogram).Observe(seconds)
	}
}

func newFlowCounter(name string, labels prometheus.Labels) prometheus.Metric {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: "Counted by flows.", ConstLabels: labels})
}

func newFlowTimer(name string, labels prometheus.Labels) prometheus.Metric {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: name, Help: "Timed by flows, in seconds.", ConstLabels: labels, Buckets: timerBuckets,
	})
}

// find is the series of a name, a flow and labels, created if it is new; nil if there is no room for it.
func (m *flowMetrics) find(name, flow string, labels []engine.Label, create func(string, prometheus.Labels) prometheus.Metric) prometheus.Metric {
	key := seriesKey(flow, labels)
	m.mu.RLock()
	if f := m.families[name]; f != nil {
		if s := f.series[key]; s != nil {
			m.mu.RUnlock()
			return s
		}
	}
	m.mu.RUnlock()
	s, bound, tell := m.add(name, key, func() prometheus.Metric { return create(name, constLabels(flow, labels)) })
	if s == nil {
		m.dropped.WithLabelValues(bound).Inc()
	}
	if tell {
		m.logger.Warn("metrics dropped: too many", "metric", name, "flow", flow, "bound", bound,
			"hint", "labels and names should have few values; a caller's number belongs in a database")
	}
	return s
}

// add is the series of a key, made if nobody else was faster. Without room it says which bound was reached, and whether
// that is news.
func (m *flowMetrics) add(name, key string, create func() prometheus.Metric) (s prometheus.Metric, bound string, tell bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.families[name]
	if f == nil {
		if len(m.families) >= mostMetrics {
			tell, m.told = !m.told, true
			return nil, droppedMetrics, tell
		}
		f = &family{series: map[string]prometheus.Metric{}}
		m.families[name] = f
	}
	if s := f.series[key]; s != nil {
		return s, "", false
	}
	switch {
	case len(f.series) >= mostSeries:
		bound = droppedSeries
	case m.series >= mostSeriesOfAll:
		bound = droppedAllSeries
	default:
		s = create()
		f.series[key] = s
		m.series++
		return s, "", false
	}
	tell, f.told = !f.told, true
	return nil, bound, tell
}

// seriesKey tells series of one name apart. No text has the byte between its parts.
func seriesKey(flow string, labels []engine.Label) string {
	var key strings.Builder
	key.WriteString(flow)
	for _, l := range labels {
		key.WriteString("\xff")
		key.WriteString(l.Name)
		key.WriteString("\xff")
		key.WriteString(l.Value)
	}
	return key.String()
}

func constLabels(flow string, labels []engine.Label) prometheus.Labels {
	out := prometheus.Labels{"flow": labelValue(flow)}
	for _, l := range labels {
		out[l.Name] = l.Value
	}
	return out
}

// labelValue is the name of a flow, which is that of a file, as a label can hold it.
func labelValue(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

// Describe describes nothing: what there is to collect is known when it is there.
func (m *flowMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect hands over every series. Flows go on counting meanwhile.
func (m *flowMetrics) Collect(out chan<- prometheus.Metric) {
	for _, s := range m.all() {
		out <- s
	}
}

func (m *flowMetrics) all() []prometheus.Metric {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]prometheus.Metric, 0, m.series)
	for _, f := range m.families {
		for _, s := range f.series {
			all = append(all, s)
		}
	}
	return all
}
