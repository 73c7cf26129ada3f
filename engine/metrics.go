package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Metrics is where what flows count and time goes. Its methods neither fail nor block: no call depends on whether
// somebody reads its metrics. Names have passed their checks; values of labels are valid UTF-8, short, never empty,
// and without secret entries.
type Metrics interface {
	Count(flow string, m Metric, by float64)
	Time(flow string, m Metric, seconds float64)
}

// A Metric is something that a flow counts or times, such as payments by method.
type Metric struct {
	Name   string  // to which CheckMetricName does not object
	Labels []Label // in the order of their names, to which CheckLabel does not object
}

// A Label tells what one metric counts apart, such as method=card. An empty value is no label.
type Label struct{ Name, Value string }

const (
	longestMetricName = 60  // bytes, of labels too
	longestLabelValue = 100 // characters; longer ones are cut
)

// CheckMetricName says what is wrong with the name of a metric.
func CheckMetricName(name string) error {
	for _, ending := range []string{"_total", "_seconds"} {
		if short, ok := strings.CutSuffix(name, ending); ok && short != "" {
			return fmt.Errorf("write %q without %s, with which it is exported anyway", short, ending)
		}
	}
	return checkMetricWord(name)
}

// CheckLabel says what is wrong with the name of a label.
func CheckLabel(name string) error {
	switch name {
	case "flow":
		return errors.New("flow is a label of every metric already: the flow that counts")
	case "le":
		return errors.New("le is a label of every timer already; choose another name")
	}
	return checkMetricWord(name)
}

func checkMetricWord(name string) error {
	const rule = "a name has small letters, digits and _, and begins with a letter"
	valid := strings.TrimLeft(strings.Map(metricLetter, name), "0123456789_")
	switch {
	case name == "":
		return errors.New("a name cannot be empty")
	case len(name) > longestMetricName:
		return fmt.Errorf("a name has %d characters at most, this one has %d", longestMetricName, len(name))
	case valid == "":
		return fmt.Errorf("%q cannot be a name: %s", name, rule)
	case valid != name:
		return fmt.Errorf("%q cannot be a name: %s, such as %q", name, rule, valid)
	}
	return nil
}

// metricLetter is r as it can stand in a name.
func metricLetter(r rune) rune {
	r = unicode.ToLower(r)
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}

// step is what the journal says of m.
func (m Metric) step(words ...string) string {
	for _, l := range m.Labels {
		words = append(words, l.Name+"="+quoteLabel(l.Value))
	}
	return strings.Join(words, " ")
}

func quoteLabel(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' }) {
		return strconv.Quote(value)
	}
	return value
}

// outgoing is m as it may leave the call.
func (c *Call) outgoing(m Metric) Metric {
	out := Metric{Name: m.Name}
	for _, l := range m.Labels {
		value, _ := c.Short(strings.ToValidUTF8(l.Value, "\uFFFD"), longestLabelValue)
		if value != "" {
			out.Labels = append(out.Labels, Label{l.Name, value})
		}
	}
	return out
}

// CountMetric counts: m grows by a number that is not negative.
func (c *Call) CountMetric(m Metric, by float64) error {
	m = c.outgoing(m)
	args := m.step("count", m.Name, strconv.FormatFloat(by, 'f', -1, 64))
	_, err := c.Do(StepMetrics, args, func(context.Context) (string, error) {
		if c.metrics != nil {
			c.metrics.Count(c.flow.Name(), m, by)
		}
		return "", nil
	})
	return err
}

// TimeMetric records that m took so many seconds, and returns them. They are the step's result, not part of it: transcripts do
// not depend on how long something took, and can say how long it did.
func (c *Call) TimeMetric(m Metric, seconds float64) (float64, error) {
	m = c.outgoing(m)
	text, err := c.Do(StepMetrics, m.step("time", m.Name), func(context.Context) (string, error) {
		if c.metrics != nil {
			c.metrics.Time(c.flow.Name(), m, seconds)
		}
		return strconv.FormatFloat(seconds, 'f', -1, 64) + "s", nil
	})
	if err != nil {
		return 0, err
	}
	given, err := strconv.ParseFloat(strings.TrimSuffix(text, "s"), 64)
	if err != nil || !(given >= 0) || math.IsInf(given, 0) {
		return 0, fmt.Errorf("%q is no time that something took; write reply 0.35s", text)
	}
	return given, nil
}

// A Stopwatch times something in a call. Until it is stopped nobody knows of it.
type Stopwatch struct {
	metric  Metric
	began   time.Duration // since the call began
	stopped bool
}

// StartWatch begins to time m.
func (c *Call) StartWatch(m Metric) *Stopwatch { return &Stopwatch{metric: m, began: c.since()} }

// StopWatch records how long something took, in seconds.
func (c *Call) StopWatch(w *Stopwatch) (float64, error) {
	if w.stopped {
		return 0, fmt.Errorf("%s was stopped before; start another timer", w.metric.Name)
	}
	w.stopped = true
	return c.TimeMetric(w.metric, (c.since() - w.began).Round(time.Microsecond).Seconds())
}
