package transcript

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
)

// Parse reads a transcript. name is for messages. All errors are *ParseError, joined.
func Parse(name, text string) (*File, error) {
	var lines []Line
	var errs []error
	var p parser
	if text == "" {
		return &File{Name: name}, nil
	}
	text = strings.TrimSuffix(text, "\n")
	for number, raw := range strings.Split(text, "\n") {
		line, err := p.line(raw)
		if err != nil {
			err.File, err.Line = name, number+1
			errs = append(errs, err)
			continue
		}
		line.Number = number + 1
		lines = append(lines, line)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return assemble(name, lines), nil
}

// words is what a line may begin with, as hints name it.
var words = []string{
	"ring", "clock", "seed", "secret", ">", "press", "silence", "say", "hang up", "event", "reply", "row", "fail", "at", "then", "#",
}

// A parser reads line by line.
type parser struct {
	rang bool   // there was a ring
	step string // the kind of the step above, "" above the first
	raw  string
	rest string // of raw, not read yet
}

func (p *parser) line(raw string) (Line, *ParseError) {
	p.raw, p.rest = raw, raw
	p.trim()
	if p.rest == "" {
		return Line{}, nil
	}
	if text, ok := strings.CutPrefix(p.rest, "#"); ok {
		return Line{Word: Comment, Text: strings.TrimSpace(text)}, nil
	}
	if text, ok := strings.CutPrefix(p.rest, ">"); ok {
		p.rest = text
		return p.ours()
	}
	word := p.word()
	switch word {
	case "at":
		return p.at()
	case "then":
		p.trim()
		line, err := p.world(p.word())
		line.Then = true
		return line, err
	case "ring":
		return p.ring()
	case "clock":
		return p.clock()
	case "seed":
		return p.seed()
	case "secret":
		return p.secret()
	case "reply", "row", "fail":
		return p.outcome(Word(word))
	}
	return p.world(word)
}

// fail is an error at the end of what was read, back before the last word.
func (p *parser) fail(back, hint, format string, args ...any) *ParseError {
	read := p.raw[:len(p.raw)-len(p.rest)]
	if back != "" {
		read = strings.TrimSuffix(strings.TrimRightFunc(read, unicode.IsSpace), back)
	}
	return &ParseError{Column: utf8.RuneCountInString(read) + 1, Text: fmt.Sprintf(format, args...), Hint: hint}
}

func (p *parser) trim() { p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace) }

// word reads up to the next blank.
func (p *parser) word() string {
	end := strings.IndexFunc(p.rest, unicode.IsSpace)
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// text reads the rest of the line.
func (p *parser) text() string {
	text := strings.TrimSpace(p.rest)
	p.rest = ""
	return text
}

func (p *parser) ours() (Line, *ParseError) {
	if !p.rang {
		return Line{}, p.fail(">", "", "a call begins with a line such as: ring 100 from 5551234")
	}
	text := strings.TrimSpace(p.rest)
	if text == "" {
		return Line{}, p.fail("", "such as: > play welcome", "what did ivrd do?")
	}
	p.step, _, _ = strings.Cut(text, " ")
	return Line{Word: Step, Text: text}, nil
}

func (p *parser) at() (Line, *ParseError) {
	d, err := p.duration("at")
	if err != nil {
		return Line{}, err
	}
	p.trim()
	word := p.word()
	if outcome := Word(word); engine.Kind(p.step).Remote() && (outcome == Reply || outcome == Row || outcome == Fail) {
		line, err := p.outcome(outcome)
		line.At, line.Timed = d, true
		return line, err
	}
	line, err := p.world(word)
	line.At, line.Timed = d, true
	return line, err
}

// duration reads a word that must be one.
func (p *parser) duration(of string) (time.Duration, *ParseError) {
	p.trim()
	word := p.word()
	d, ok := parseDuration(word)
	if !ok {
		return 0, p.fail(word, "", "%s: %q is no time; write 2.5s, 300ms or 2m", of, word)
	}
	return d, nil
}

func parseDuration(word string) (time.Duration, bool) {
	const longest = 24 * time.Hour
	d, err := time.ParseDuration(word)
	if err != nil {
		seconds, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > longest.Seconds() {
			return 0, false
		}
		d = time.Duration(math.Round(seconds * float64(time.Second)))
	}
	return d, d >= 0 && d <= longest
}

// world reads what the caller did, whose first word is read already.
func (p *parser) world(word string) (Line, *ParseError) {
	if !p.rang && (word == "press" || word == "silence" || word == "say" || word == "hang") {
		return Line{}, p.fail(word, "", "a call begins with a line such as: ring 100 from 5551234")
	}
	switch word {
	case "press":
		return p.press()
	case "silence":
		return p.silence()
	case "say":
		return p.say()
	case "hang":
		if up := p.text(); up != "up" {
			return Line{}, p.fail(up, "write hang up", "hang %s is unknown", up)
		}
		return Line{Word: HangUp}, nil
	case "event":
		return p.event()
	}
	if line, err, ok := p.party(word); ok {
		return line, err
	}
	return Line{}, p.unknown(word)
}

func (p *parser) unknown(word string) *ParseError {
	if word == "hangup" {
		return p.fail(word, "the caller does: hang up; ivrd does: > hangup normal", "%q is unknown", word)
	}
	if kind := engine.Kind(word); kind.Known() && kind.Source() == engine.Ours {
		return p.fail(word, "write > "+strings.TrimSpace(word+p.rest), "%q is what ivrd does", word)
	}
	if slices.Contains(words, word) {
		return p.fail(word, "", "%s cannot stand here; what the caller does can", word)
	}
	return p.fail(word, nearest(word, words, "a line begins with"), "%q is unknown", word)
}

func (p *parser) press() (Line, *ParseError) { return p.keys(Press) }

func (p *parser) keys(word Word) (Line, *ParseError) {
	p.trim()
	start := p.raw[:len(p.raw)-len(p.rest)]
	var keys strings.Builder
	for i, r := range p.rest {
		switch {
		case unicode.IsSpace(r):
		case r == '?' && word == Press || r < utf8.RuneSelf && engine.AnyDigit.Has(engine.Digit(r)):
			keys.WriteRune(r)
		default:
			p.rest = p.raw[len(start)+i:]
			return Line{}, p.fail("", "keys are 0-9, *, # and A-D", "%q is no key", r)
		}
	}
	if keys.Len() == 0 {
		return Line{}, p.fail("", "such as: "+string(word)+" 12#", "which keys?")
	}
	return Line{Word: word, Text: keys.String()}, nil
}

func (p *parser) silence() (Line, *ParseError) {
	line := Line{Word: Silence}
	p.trim()
	if p.rest == "" {
		return line, nil
	}
	d, err := p.duration("silence")
	if err != nil {
		return Line{}, err
	}
	line.For = d
	return line, p.end()
}

// end refuses what is left of a line.
func (p *parser) end() *ParseError {
	p.trim()
	if p.rest != "" {
		return p.fail("", "", "%q is too much here", p.rest)
	}
	return nil
}

func (p *parser) say() (Line, *ParseError) {
	line := Line{Word: Say}
	p.trim()
	before := p.rest
	// Only with a unit: "say 3 apples" is text.
	if d, err := time.ParseDuration(p.word()); err == nil && d >= 0 && d <= 24*time.Hour {
		line.For = d
	} else {
		p.rest = before
	}
	var err *ParseError
	if line.Text, err = p.quotable(); err != nil {
		return Line{}, err
	}
	if line.For == 0 && line.Text == "" {
		return Line{}, p.fail("", "such as: say 3s, or: say two tickets please", "what, or for how long?")
	}
	return line, nil
}

// quotable reads the rest of the line as text that may be quoted.
func (p *parser) quotable() (string, *ParseError) {
	p.trim()
	before := p.rest
	text := p.text()
	if !strings.HasPrefix(text, `"`) {
		return text, nil
	}
	value, err := strconv.Unquote(text)
	if err == nil {
		return value, nil
	}
	if quoted, err := strconv.QuotedPrefix(text); err == nil && quoted != text {
		return text, nil // "this" and more
	}
	p.rest = before
	return "", p.fail("", `end it with " and write \" and \\ inside`, "the quoted text is not right")
}

func (p *parser) outcome(word Word) (Line, *ParseError) {
	if p.step == "" {
		return Line{}, p.fail(string(word), "", "%s is what came of a step, and there is none above it", word)
	}
	if !takes(p.step, word) {
		return Line{}, p.fail(string(word), "", "%s has no %s", p.step, word)
	}
	kind := engine.Kind(p.step)
	if text := strings.TrimSpace(p.rest); word == Reply && isJSON(kind, text) {
		p.rest = ""
		return Line{Word: word, Text: text, JSON: true}, nil
	}
	text, err := p.quotable()
	if written := quoteText(text); word == Reply && isJSON(kind, written) { // as it would be read again
		return Line{Word: word, Text: written, JSON: true}, err
	}
	return Line{Word: word, Text: text}, err
}

// isJSON reports whether a reply to a kind of step is taken as the JSON that it is, in which quotes say that it is a text.
func isJSON(k engine.Kind, reply string) bool { return k.JSON() && json.Valid([]byte(reply)) }

// takes reports whether an outcome makes sense for a kind of step.
func takes(step string, word Word) bool {
	switch yield := engine.Kind(step).Yield(); word {
	case Fail:
		return yield >= engine.YieldsFault
	case Reply:
		return yield >= engine.YieldsReply
	default:
		return yield >= engine.YieldsRows
	}
}

func (p *parser) clock() (Line, *ParseError) {
	p.trim()
	word := p.text()
	t, err := time.Parse(time.RFC3339Nano, word)
	if err != nil || t.Year() < 1 {
		return Line{}, p.fail(word, "", "%q is no time; write 2026-11-22T10:00:00Z or 2026-11-22T10:00:00-03:00", word)
	}
	return Line{Word: Clock, Time: t}, nil
}

func (p *parser) secret() (Line, *ParseError) {
	p.trim()
	name := p.word()
	written := strings.TrimSpace(p.rest)
	text, err := p.quotable()
	switch {
	case err != nil:
	case text == "":
		err = p.fail("", "write secret NAME and what it is", "what is the secret?")
	case len(text) < engine.ShortestSecret:
		err = p.fail(written, "", "a secret has %d bytes at least, too few cannot be told from other texts", engine.ShortestSecret)
	}
	return Line{Word: Secret, Name: name, Text: text}, err
}

func (p *parser) seed() (Line, *ParseError) {
	p.trim()
	word := p.text()
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		return Line{}, p.fail(word, "", "%q is no whole number", word)
	}
	return Line{Word: Seed, Seed: n}, nil
}

// nearest is a hint naming the word that was probably meant.
func nearest(word string, known []string, all string) string {
	if hint := spell.Hint(word, known); hint != "" {
		return hint
	}
	return all + " " + strings.Join(known, ", ")
}
