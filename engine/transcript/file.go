package transcript

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// Extension is how the names of transcripts end.
const Extension = ".call"

// A File is a text with any number of calls.
type File struct {
	Name  string
	Calls []*Call
	rest  []Line // a file without calls still has its comments
}

// A Call is one call of a file.
type Call struct {
	Title string // the comment above its ring
	Ring  Ring
	Clock time.Time // when it arrives; zero if that is not said
	Head  []Line    // down to its ring
	Lines []Line    // below its ring
}

// A Ring tells who calls whom.
type Ring struct {
	Exten    string
	From     string
	Name     string
	Context  string
	Language string
	Path     string // flow?x=1
	With     []engine.Variable
}

// A Line is one line of a transcript. Which fields count depends on its Word.
type Line struct {
	Number int // in its file; 0 if it was not read from one
	Word   Word
	Text   string        // the step, the digits, the reply …
	Name   string        // of a secret, which Text is
	At     time.Duration // when, for a Timed line
	Timed  bool          // "at"
	Then   bool          // "then"
	For    time.Duration // of silence and say
	JSON   bool          // the reply stands there as it is
	Party  string        // who does it, if that is not the caller
	Ring   *Ring
	Time   time.Time
	Seed   int64
}

// Unknown reports whether the call has keys that no record has, since they were secret.
func (c *Call) Unknown() bool { return slices.ContainsFunc(c.Lines, Line.pressesUnknown) }

// pressesUnknown reports whether the caller presses keys that no record has, since they were secret.
func (l Line) pressesUnknown() bool {
	return l.Word == Press && strings.Contains(l.Text, unknownKey)
}

// unknownKey stands for each of them.
const unknownKey = "?"

// A Word begins a line and says what it is.
type Word string

const (
	Blank   Word = ""
	Comment Word = "#"
	RingUp  Word = "ring"
	Clock   Word = "clock"
	Seed    Word = "seed"
	Secret  Word = "secret"
	Step    Word = ">"
	Press   Word = "press"
	Silence Word = "silence"
	Say     Word = "say"
	HangUp  Word = "hang up"
	Event   Word = "event"
	Reply   Word = "reply"
	Row     Word = "row"
	Fail    Word = "fail"

	// What a party does whom the flow dialed.
	Answers Word = "answers"
	IsBusy  Word = "is busy"
	Refuses Word = "refuses"
	Presses Word = "presses"
	HangsUp Word = "hangs up"
)

// Info is what the engine learns of the call when it arrives.
func (c *Call) Info() engine.Info {
	r := &c.Ring
	info := engine.Info{
		ID: "call-" + r.Exten, Channel: "Sim/" + r.Exten, CallerID: r.From, CallerName: r.Name, Dialed: r.Exten,
		Context: r.Context, Exten: r.Exten, Priority: 1, Language: r.Language,
	}
	if info.Context == "" {
		info.Context = "default"
	}
	if info.Language == "" {
		info.Language = "en"
	}
	path, query, _ := strings.Cut(r.Path, "?")
	info.Path = path
	if values, err := url.ParseQuery(query); err == nil && query != "" {
		info.Args = make(map[string]string, len(values))
		for name := range values {
			info.Args[name] = values.Get(name)
		}
	}
	return info
}

// Vars are the channel variables the call arrives with.
func (c *Call) Vars() map[string]string {
	if len(c.Ring.With) == 0 {
		return nil
	}
	vars := make(map[string]string, len(c.Ring.With))
	for _, v := range c.Ring.With {
		vars[v.Name] = v.Value
	}
	return vars
}

// assemble divides lines into calls.
func assemble(name string, lines []Line) *File {
	f := &File{Name: name}
	var heads, rings []int // where each call begins, and its ring
	for i := range lines {
		if lines[i].Word == RingUp {
			heads, rings = append(heads, headOf(lines[:i])), append(rings, i)
		}
	}
	if len(rings) == 0 {
		f.rest = lines
		return f
	}
	heads[0] = 0
	heads = append(heads, len(lines))
	for i, ring := range rings {
		f.Calls = append(f.Calls, newCall(lines[heads[i]:ring+1], lines[ring+1:heads[i+1]]))
	}
	return f
}

// headOf is where the head of a call begins whose ring follows before: paragraphs of nothing but comments,
// clock, seed and secret, or at least the comments right above it.
func headOf(before []Line) int {
	head, paragraph := len(before), len(before)
	for i := len(before) - 1; i >= 0; i-- {
		switch before[i].Word {
		case Comment:
			if head == i+1 {
				head = i
			}
			paragraph = i
		case Clock, Seed, Secret:
			paragraph = i
		case Blank:
			head = paragraph
		default:
			return head
		}
	}
	return 0
}

func newCall(head, lines []Line) *Call {
	c := &Call{Head: head, Lines: lines, Ring: *head[len(head)-1].Ring}
	var title []string
	for _, l := range head {
		switch l.Word {
		case Comment:
			title = append(title, l.Text)
		case Blank:
			title = nil
		}
	}
	c.Title = strings.Join(title, " ")
	for _, l := range c.above() {
		if l.Word == Clock {
			c.Clock = l.Time
			break
		}
	}
	return c
}

// above is what stands above the first step.
func (c *Call) above() []Line {
	return slices.Concat(c.Head, c.arrival())
}

// arrival is what stands between the ring and the first step.
func (c *Call) arrival() []Line {
	for i, l := range c.Lines {
		if l.Word == Step {
			return c.Lines[:i]
		}
	}
	return c.Lines
}
