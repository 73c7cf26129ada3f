package main

import (
	"log/slog"
	"net/http"

	"github.com/ivrd/ivrd/engine"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A meter is what Prometheus is told: how many calls there are and were, what flows count and time, and how the
// process is.
type meter struct {
	http.Handler
	flows *flowMetrics
	over  *prometheus.CounterVec // by flow and why
}

// newMeter measures the calls of e.
func newMeter(e *engine.Engine, logger *slog.Logger) *meter {
	m := &meter{
		flows: newFlowMetrics(logger),
		over: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivrd_calls_over_total", Help: "Calls that are over, by the flow they were for and why they ended.",
		}, []string{"flow", "why"}),
	}
	e.Metrics = m.flows
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		m.flows, m.flows.dropped, m.over,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ivrd_calls_in_progress", Help: "Calls in progress."},
			func() float64 { return float64(e.Calls()) }),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.Handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelError), ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true,
	})
	return m
}

// count counts a call that is over.
func (m *meter) count(c *engine.Call) {
	name := ""
	if flow := c.Routed(); flow != nil {
		name = flow.Name()
	}
	m.over.WithLabelValues(labelValue(name), string(c.Outcome().Why)).Inc()
}
