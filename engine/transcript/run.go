package transcript

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A Phone is the caller's side of a call. Nothing in it blocks: it notes what the caller is to do.
type Phone interface {
	// Press presses digits, the first after the time given or when the keys pressed before are up. It
	// returns how long from now that takes.
	Press(after time.Duration, digits string) time.Duration
	// Speak makes the caller speak for d, after the time given.
	Speak(after, d time.Duration)
	// HangUp hangs up after the time given.
	HangUp(after time.Duration)
}

// A Switchboard is a Phone that also speaks for the parties whom the flow dials, by the names of their phones:
// that of PJSIP/alice is alice. As with a Phone, nothing in it blocks.
type Switchboard interface {
	PartyAnswers(name string, after time.Duration)
	// PartyRefuses turns the call down, as busy or as not wanted.
	PartyRefuses(name string, after time.Duration, busy bool)
	PartyPresses(name string, after time.Duration, digits string) time.Duration
	PartyHangsUp(name string, after time.Duration)
}

// An Eventful is a Phone that can make other things happen to the call.
type Eventful interface {
	Happen(after time.Duration, e engine.Event)
}

// A Run follows one call as its transcript says. It is used for one call.
type Run struct {
	Phone Phone // set before the first step
	Live  bool  // a real backend: what it answers is compared with the transcript, not taken from there

	file   string
	call   *Call
	blocks []block     // the steps that must come, in order
	next   int         // index in blocks
	held   []Line      // world lines that wait
	until  engine.Kind // what they wait for
	reply  *Line       // what a live step must result in

	times   []time.Time // what the flow is told when it next asks
	zero    time.Time   // the flow's time when the call arrived; zero means the channel's
	seeds   []int64     // the one given last, and those to come
	secrets map[string]string
	update  *update
	diff    *Diff
	over    engine.End
	took    time.Duration
}

// A block is a step with what stands below it.
type block struct {
	step Line
	tail []Line
}

var _ engine.Observer = (*Run)(nil)

// NewRun prepares to follow a call of a file.
func NewRun(file string, c *Call) *Run {
	return &Run{file: file, call: c, seeds: []int64{1}, secrets: map[string]string{}, blocks: divide(c.Lines[len(c.arrival()):])}
}

func divide(lines []Line) []block {
	n := 0
	for i := range lines {
		if lines[i].Word == Step {
			n++
		}
	}
	blocks := make([]block, 0, n)
	begin := 0
	for i := 1; i <= len(lines); i++ {
		if i == len(lines) || lines[i].Word == Step {
			blocks = append(blocks, block{lines[begin], lines[begin+1 : i]})
			begin = i
		}
	}
	return blocks
}

// Result is what came of the call, once it is over.
func (r *Run) Result() Result {
	return Result{Call: r.call, Diff: r.diff, Took: r.took, Over: r.over}
}

// Begin compares a step with the transcript and lets the world do its part.
func (r *Run) Begin(c *engine.Call, s *engine.Step) *engine.Outcome {
	switch s.Kind {
	case engine.StepRing:
		r.arrive(s)
	case engine.StepClock:
		return r.time(s)
	case engine.StepSeed:
		return r.seed()
	case engine.StepSecret:
		if text, ok := r.secrets[s.Args]; ok {
			return &engine.Outcome{Result: text}
		}
	case r.until:
		if len(r.held) > 0 {
			held := r.held
			r.held, r.until = nil, ""
			r.world(s, held)
		}
	}
	if s.Kind.Source() != engine.Ours {
		return nil
	}
	if r.diff != nil {
		return &engine.Outcome{Err: engine.ErrHangup}
	}
	return r.ours(s)
}

// arrive lets happen what stands above the first step. The first clock there is when the call arrives.
func (r *Run) arrive(s *engine.Step) {
	lines := r.call.above()
	if !r.call.Clock.IsZero() {
		r.zero = r.call.Clock
		clock := slices.IndexFunc(lines, func(l Line) bool { return l.Word == Clock })
		lines = slices.Delete(lines, clock, clock+1)
	}
	r.world(s, lines)
}

// ours takes a step of ivrd's.
func (r *Run) ours(s *engine.Step) *engine.Outcome {
	var b *block
	if r.update != nil {
		b = r.update.match(r, s)
	} else if r.next < len(r.blocks) && matches(r.blocks[r.next].step.Text, s) {
		b = &r.blocks[r.next]
		r.next++
	} else {
		r.part(s)
		return &engine.Outcome{Err: engine.ErrHangup}
	}
	return r.world(s, b.tail)
}

// part ends a call that went another way.
func (r *Run) part(s *engine.Step) {
	r.diff = r.unexpected(s)
	r.Phone.HangUp(0)
}

// matches reports whether a step is the one that is written.
func matches(written string, s *engine.Step) bool {
	want, got := squash(written), squash(stepText(s))
	if want == got {
		return true
	}
	if s.Kind == engine.StepEnd && strings.Count(want, " ") == 1 && strings.HasPrefix(got, want+" ") {
		return true
	}
	beginning, open := strings.CutSuffix(want, "...")
	return open && strings.HasPrefix(got, beginning)
}

// squash makes every run of blanks one.
func squash(s string) string {
	if !strings.ContainsAny(s, "\t\v\f\r\n\u0085\u00a0") && !strings.Contains(s, "  ") {
		return strings.TrimSpace(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

// world lets happen what lines say, and returns the step's outcome if they say that.
func (r *Run) world(s *engine.Step, lines []Line) *engine.Outcome {
	if len(r.held) > 0 { // at the latest now
		lines = append(r.held, lines...)
		r.held, r.until = nil, ""
	}
	var outcome *engine.Outcome
	var at time.Duration // since now
	for i := range lines {
		l := &lines[i]
		switch l.Word {
		case Reply, Row, Fail:
			outcome = r.outcome(outcome, l, s)
			continue
		}
		if len(r.held) > 0 {
			r.held = append(r.held, *l)
			continue
		}
		if l.Then {
			r.hold(engine.StepPress, *l)
			continue
		}
		if l.Timed {
			at = l.At
		}
		if l.Word == Silence && l.For == 0 {
			r.hold(engine.StepSilence, *l)
			continue
		}
		at = r.happen(l, at)
	}
	if outcome == nil {
		return unanswered(s, lines)
	}
	return outcome
}

// hold makes a line and those behind it wait.
func (r *Run) hold(until engine.Kind, l Line) {
	l.Then = false
	if l.Word == Silence {
		l.Word = Comment // it has done its work once the wait is over
	}
	r.held, r.until = append(r.held, l), until
}

// happen lets one thing happen at a time since now, and returns when it is done.
func (r *Run) happen(l *Line, at time.Duration) time.Duration {
	switch l.Word {
	case Press:
		return r.Phone.Press(at, strings.ReplaceAll(l.Text, unknownKey, "0"))
	case Silence:
		return at + l.For
	case Say:
		d := l.spoken()
		r.Phone.Speak(at, d)
		return at + d
	case HangUp:
		r.Phone.HangUp(at)
	case Event:
		if phone, ok := r.Phone.(Eventful); ok {
			phone.Happen(at, parseEvent(l.Text))
		}
	case Answers, IsBusy, Refuses, Presses, HangsUp:
		if board, ok := r.Phone.(Switchboard); ok {
			return l.party(board, at)
		}
	case Clock:
		r.times = append(r.times, l.Time)
	case Seed:
		r.seeds = append(r.seeds, l.Seed)
	case Secret:
		r.secrets[l.Name] = l.Text
	}
	return at
}

// party lets a party do something at a time since now, and returns when it is done.
func (l *Line) party(board Switchboard, at time.Duration) time.Duration {
	switch l.Word {
	case Answers:
		board.PartyAnswers(l.Party, at)
	case IsBusy:
		board.PartyRefuses(l.Party, at, true)
	case Refuses:
		board.PartyRefuses(l.Party, at, false)
	case Presses:
		return board.PartyPresses(l.Party, at, l.Text)
	case HangsUp:
		board.PartyHangsUp(l.Party, at)
	}
	return at
}

// parseEvent reads what an event line says: the kind, a text, and JSON.
func parseEvent(text string) engine.Event {
	kind, rest, _ := strings.Cut(text, " ")
	e := engine.Event{Kind: engine.EventKind(kind), Text: rest}
	if i := strings.Index(rest, "{"); i >= 0 {
		e.Text, e.Data = strings.TrimSpace(rest[:i]), rest[i:]
	}
	return e
}

// spoken is how long it takes to say what a say line says.
func (l *Line) spoken() time.Duration {
	const perLetter = 65 * time.Millisecond
	if l.For > 0 {
		return l.For
	}
	return time.Duration(len(l.Text)) * perLetter
}

// outcome adds a line to what came of a step.
func (r *Run) outcome(o *engine.Outcome, l *Line, s *engine.Step) *engine.Outcome {
	if r.Live && onChannel(s.Kind) {
		r.reply = l
		return nil
	}
	if l.Word == Fail {
		return &engine.Outcome{Err: failure(l.Text, s), After: l.At}
	}
	if o == nil {
		return &engine.Outcome{Result: l.Text, After: l.At}
	}
	return &engine.Outcome{Result: o.Result + "\n" + l.Text, After: max(o.After, l.At)}
}

// unanswered is what came of a request during which the caller hung up: nothing, however long it takes.
func unanswered(s *engine.Step, lines []Line) *engine.Outcome {
	if !s.Kind.Remote() || !slices.ContainsFunc(lines, func(l Line) bool { return l.Word == HangUp }) {
		return nil
	}
	return &engine.Outcome{Err: errors.New("no answer"), After: 24 * time.Hour}
}

// onChannel reports whether a backend itself does the step, not a system beside it.
func onChannel(k engine.Kind) bool {
	switch k {
	case engine.StepAnswer, engine.StepPlay, engine.StepRecord, engine.StepWait, engine.StepGet, engine.StepSet,
		engine.StepLanguage, engine.StepExec, engine.StepAGI:
		return true
	}
	return engine.Optional(k)
}

// failure is the error a fail line stands for.
func failure(text string, s *engine.Step) error {
	if s.Kind != engine.StepPlay {
		return errors.New(text)
	}
	failed := engine.FirstPrompt(s.Args)
	if rest, ok := strings.CutPrefix(text, "play "); ok {
		name, why, ok := strings.Cut(rest, ": ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			name = quoted
			why, ok = strings.CutPrefix(rest[len(quoted):], ": ")
		}
		if ok && name == engine.FirstPrompt(name) {
			failed, text = name, why
		}
	}
	return &engine.PlayError{Prompt: engine.Prompt{Text: failed}, Why: text}
}

// time tells the flow the time.
func (r *Run) time(s *engine.Step) *engine.Outcome {
	if len(r.times) > 0 {
		r.zero = r.times[0].Add(-s.At)
		r.times = r.times[1:]
	}
	if r.zero.IsZero() {
		return nil
	}
	return &engine.Outcome{Result: r.zero.Add(s.At).Format(time.RFC3339Nano)}
}

func (r *Run) seed() *engine.Outcome {
	if len(r.seeds) > 1 {
		r.seeds = r.seeds[1:]
	}
	return &engine.Outcome{Result: strconv.FormatInt(r.seeds[0], 10)}
}

// End compares what a real backend did with the outcome that is written.
func (r *Run) End(_ *engine.Call, s *engine.Step) {
	want := r.reply
	if want == nil || s.Kind.Source() != engine.Ours {
		return
	}
	r.reply = nil
	if r.diff == nil && !(want.Word == Fail && s.Err != nil) && !(want.Word != Fail && s.Err == nil && s.Result == want.Text) {
		r.diff = r.unlike(want, s)
		r.Phone.HangUp(0)
	}
}

// Over looks for steps that never came.
func (r *Run) Over(c *engine.Call) {
	r.over = c.Outcome()
	if steps := c.Journal(); len(steps) > 0 {
		last := steps[len(steps)-1]
		r.took = last.At + last.Took
	}
	if r.diff == nil && r.update == nil && r.next < len(r.blocks) {
		r.diff = r.missing()
	}
}
