package transcript

import (
	"strings"
	"unicode"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
)

// party reads what a party does whom the flow dialed, whose name is read already. ok is false if the line is not
// about a party.
func (p *parser) party(name string) (line Line, err *ParseError, ok bool) {
	before := p.rest
	p.trim()
	verb := p.word()
	if strings.ContainsFunc(name, notInName) {
		p.rest = before
		return Line{}, nil, false
	}
	switch verb {
	case "answers", "refuses":
		line, err = Line{Word: Word(verb)}, p.end()
	case "presses":
		line, err = p.keys(Presses)
	case "is", "hangs":
		line, err = p.twoWords(verb)
	default:
		p.rest = before
		return Line{}, nil, false
	}
	line.Party = name
	if err == nil && p.step == "" {
		p.rest = before
		err = p.fail(name, "", "a party comes into play when the flow dials it; this belongs below > dial …")
	}
	return line, err, true
}

// twoWords reads the rest of "is busy" and "hangs up".
func (p *parser) twoWords(first string) (Line, *ParseError) {
	second := map[string]string{"is": "busy", "hangs": "up"}[first]
	p.trim()
	if word := p.text(); word != second {
		return Line{}, p.fail(word, "write "+first+" "+second, "%s %s is unknown", first, word)
	}
	return Line{Word: Word(first + " " + second)}, nil
}

func notInName(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
}

// event reads what else happens to a call.
func (p *parser) event() (Line, *ParseError) {
	p.trim()
	kind := p.word()
	names := make([]string, 0, len(engine.EventKinds))
	for _, k := range engine.EventKinds {
		if k != engine.EventDigit { // that is: press
			names = append(names, string(k))
		}
		if string(k) == kind && k != engine.EventDigit {
			text := p.text()
			return Line{Word: Event, Text: strings.TrimSpace(kind + " " + text)}, nil
		}
	}
	hint := spell.Hint(kind, names)
	if hint == "" {
		hint = "there is " + strings.Join(names, ", ")
	}
	return Line{}, p.fail(kind, hint, "there is no event %q", kind)
}
