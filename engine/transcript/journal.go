package transcript

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// keyTime is how long a key is down before a backend hears of it.
const keyTime = 80 * time.Millisecond

// Write is a call that is over, as a transcript of it that passes when it is run.
func Write(c *engine.Call) *Call { return FromJournal(c.Info(), c.Began(), c.Journal()) }

// FromJournal is Write for a call of which only the record is left.
func FromJournal(info engine.Info, began time.Time, steps []engine.Step) *Call {
	w := writer{}
	for i := range steps {
		w.rest = steps[i+1:]
		w.step(&steps[i])
	}
	var head []Line
	if w.asked {
		head = append(head, Line{Word: Clock, Time: began})
	}
	return newCall(append(head, Line{Word: RingUp, Ring: ringOf(info)}), w.lines)
}

// ringOf is what rang, as far as the engine knows.
func ringOf(info engine.Info) *Ring {
	r := &Ring{Exten: info.Exten, From: info.CallerID, Name: info.CallerName, Context: info.Context, Language: info.Language, Path: info.Path}
	if r.Context == "default" {
		r.Context = ""
	}
	if r.Language == "en" {
		r.Language = ""
	}
	if len(info.Args) > 0 {
		r.Path += "?" + query(info.Args)
	}
	return r
}

// A writer turns steps into lines.
type writer struct {
	lines []Line
	asked bool          // for the time
	above *engine.Step  // the last step of ours
	first bool          // the caller has done nothing since
	rest  []engine.Step // behind the step that is written now
	entry bool          // but pressed something, after the last silence
}

func (w *writer) add(l Line) { w.lines = append(w.lines, l) }

func (w *writer) step(s *engine.Step) {
	switch s.Kind {
	case engine.StepPress:
		w.press(s)
	case engine.StepSilence:
		w.add(Line{Word: Silence})
		w.first, w.entry = false, false
	case engine.StepHungUp:
		w.hangUp()
	case engine.StepEvent:
		w.add(Line{Word: Event, Text: s.Args})
	case engine.StepClock:
		if t, err := time.Parse(time.RFC3339Nano, s.Result); err == nil {
			w.asked = true
			w.add(Line{Word: Clock, Time: t})
		}
	case engine.StepSeed:
		w.seed(s)
	default:
		if s.Kind.Source() == engine.Ours {
			w.ours(s)
		}
	}
}

// press writes an entry. What was pressed before it was an entry of its own.
func (w *writer) press(s *engine.Step) {
	l := Line{Word: Press, Text: s.Args, Then: w.entry}
	switch {
	case w.below(engine.StepRecord) && w.ended(engine.RecordDigit):
		l.At, l.Timed = w.above.Took-keyTime, w.above.Took > keyTime
	case w.below(engine.StepRecord), w.below(engine.StepWait) && w.waited(s):
		l.At, l.Timed = w.above.Took, true
	}
	w.add(l)
	w.first, w.entry = false, true
}

func (w *writer) hangUp() {
	l := Line{Word: HangUp, Then: w.entry}
	if w.below(engine.StepRecord) {
		l.At, l.Timed = w.above.Took, true
		if !w.ended(engine.RecordHangup) {
			l.At += keyTime
		}
	}
	w.add(l)
}

// ended reports whether that is how the recording above ended. Its length matters, so what ended it has to
// happen when it did.
func (w *writer) ended(why engine.RecordEnd) bool {
	return strings.Contains(w.above.Result+" ", " "+string(why)+" ")
}

// waited reports whether an entry came after the wait above it, where earlier keys may have been flushed.
func (w *writer) waited(entry *engine.Step) bool {
	return entry.At-w.above.At-w.above.Took >= time.Duration(len(entry.Args))*keyTime
}

// below reports whether the caller does something for the first time since a step of a kind.
func (w *writer) below(k engine.Kind) bool {
	return w.above != nil && w.above.Kind == k && w.first
}

func (w *writer) ours(s *engine.Step) {
	w.above, w.first, w.entry = s, true, false
	w.add(Line{Word: Step, Text: stepText(s)})
	switch {
	case ofTheCall(s.Err):
		if s.Kind.Remote() && w.during(s) {
			w.add(Line{Word: Fail, Text: "no answer", At: time.Hour, Timed: true})
		}
	case s.Err != nil && takes(string(s.Kind), Fail):
		w.add(w.taking(Line{Word: Fail, Text: failText(s)}, s))
	case s.Kind == engine.StepDB:
		w.rows(s)
	case s.Kind == engine.StepHours && s.Result == "":
	case s.Kind == engine.StepKV && s.Result == "" && !strings.HasPrefix(strings.TrimPrefix(s.Args, "shared "), "get "):
	case s.Kind == engine.StepMetrics && s.Result == "":
	case s.Kind != engine.StepRecord && takes(string(s.Kind), Reply):
		w.add(w.taking(replyLine(s), s))
	}
}

// replyLine is what a step gave.
func replyLine(s *engine.Step) Line {
	return Line{Word: Reply, Text: s.Result, JSON: isJSON(s.Kind, s.Result)}
}

// taking is an outcome with how long it took, where something else happened meanwhile. The time is rounded up, so
// that what began before the outcome does so again.
func (w *writer) taking(l Line, s *engine.Step) Line {
	const grain = 10 * time.Millisecond
	if s.Kind.Remote() && w.during(s) {
		l.At, l.Timed = (s.Took + grain).Truncate(grain), true
	}
	return l
}

// during reports whether another step began while s was under way.
func (w *writer) during(s *engine.Step) bool {
	return slices.ContainsFunc(w.rest, func(o engine.Step) bool {
		return o.Kind.Source() == engine.Ours && o.At < s.At+s.Took
	})
}

// rows writes what a database gave: a line for each row.
func (w *writer) rows(s *engine.Step) {
	words := strings.Fields(s.Args)
	switch last := words[len(words)-1]; {
	case len(words) <= 2 && (last == "begin" || last == "commit" || last == "rollback"):
	case !strings.HasPrefix(s.Result, "{"):
		w.add(Line{Word: Reply, Text: s.Result})
	default:
		for row := range strings.SplitSeq(s.Result, "\n") {
			w.add(Line{Word: Row, Text: row})
		}
	}
}

// ofTheCall reports whether an error says that the call is over, which happens by itself.
func ofTheCall(err error) bool {
	var limit *engine.LimitError
	return errors.Is(err, engine.ErrHangup) || errors.Is(err, engine.ErrDrain) || errors.Is(err, engine.ErrOver) || errors.As(err, &limit)
}

// failText is the error as failure reads it.
func failText(s *engine.Step) string {
	var play *engine.PlayError
	if errors.As(s.Err, &play) && strings.HasPrefix(s.Args+" ", play.Prompt.String()+" ") {
		return play.Why
	}
	return s.Err.Error()
}

func (w *writer) seed(s *engine.Step) {
	if n, err := strconv.ParseInt(s.Result, 10, 64); err == nil {
		w.add(Line{Word: Seed, Seed: n})
	}
}

// query is arguments as a URL carries them.
func query(args map[string]string) string {
	values := make(url.Values, len(args))
	for name, value := range args {
		values.Set(name, value)
	}
	return values.Encode()
}
