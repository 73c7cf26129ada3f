package luaapi

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// A token is a word of a Lua file, with the position of the scanner behind it.
type token struct {
	ast.Token
	end ast.Position
	err error // what the scanner could not read
}

func tokensOf(text []byte) []token {
	s := parse.NewScanner(bytes.NewReader(text), "")
	lx := &parse.Lexer{}
	var all []token
	for {
		t, err := s.Scan(lx)
		all = append(all, token{t, s.Pos, err})
		if err != nil || t.Type == parse.EOF {
			return all
		}
	}
}

// shown is how a message names t.
func (t token) shown() string {
	switch {
	case t.Type == parse.EOF:
		return "the end of the file"
	case t.Type == parse.TString:
		return "a text"
	}
	return "'" + t.Str + "'"
}

// An opener is a token that something must close.
type opener struct {
	token
	awaits string // then or do, before its block begins
}

func (o opener) closer() string {
	switch o.Str {
	case "(":
		return ")"
	case "{":
		return "}"
	case "[":
		return "]"
	case "repeat":
		return "until"
	}
	return "end"
}

func (o opener) bracket() bool { return strings.Contains("({[", o.Str) }

// A reading goes through the tokens up to the one that the parser stopped at.
type reading struct {
	text   []byte
	all    []token
	at     int      // of the token in fault
	open   []opener // innermost last
	astray *opener  // the first that was closed by an end of another indentation
	over   *token   // a return that no end has followed
}

// explain makes of a parse error a text that says what is missing, where that can be known.
func explain(text []byte, e *parse.Error) *CompileError {
	r := &reading{text: text, all: tokensOf(text)}
	r.at = len(r.all) - 1
	for i, t := range r.all {
		if t.end == withoutSource(e.Pos) || t.Pos == withoutSource(e.Pos) && strings.HasPrefix(e.Message, "ambiguous") {
			r.at = i
			break
		}
	}
	for _, t := range r.all[:r.at] {
		r.read(t)
	}
	found := r.all[r.at]
	fault := &CompileError{Line: found.Pos.Line, Column: found.Pos.Column, Text: r.say(found, e)}
	if fault.Line < 1 { // at the end of the file
		fault.Line, fault.Column = r.lastLine(), 0
	}
	return fault
}

func withoutSource(p ast.Position) ast.Position {
	p.Source = ""
	return p
}

func (r *reading) lastLine() int {
	if r.at == 0 {
		return 1
	}
	return r.all[r.at-1].Pos.Line
}

func (r *reading) top() *opener {
	if len(r.open) == 0 {
		return nil
	}
	return &r.open[len(r.open)-1]
}

// read follows what opens and closes.
func (r *reading) read(t token) {
	if t.Type == parse.TString {
		return
	}
	top := r.top()
	switch t.Str {
	case "if":
		r.push(t, "then")
	case "while", "for":
		r.push(t, "do")
	case "function", "repeat", "(", "{", "[":
		r.push(t, "")
	case "do":
		if top != nil && top.awaits == "do" {
			top.awaits = ""
		} else {
			r.push(t, "")
		}
	case "then":
		if top != nil && top.awaits == "then" {
			top.awaits = ""
		}
	case "elseif":
		if top != nil {
			top.awaits = "then"
		}
	case "end", "until", ")", "}", "]":
		r.pop(t)
	}
	switch t.Str {
	case "return":
		r.over = &t
	case "end", "until", "else", "elseif", "function":
		r.over = nil
	}
}

func (r *reading) push(t token, awaits string) { r.open = append(r.open, opener{t, awaits}) }

func (r *reading) pop(t token) {
	top := r.top()
	if top == nil {
		return
	}
	if r.astray == nil && !top.bracket() && t.Pos.Line > top.Pos.Line && r.indent(t) < r.indent(top.token) {
		r.astray = &opener{top.token, ""}
	}
	r.open = r.open[:len(r.open)-1]
}

// indent is how far the line of t is indented.
func (r *reading) indent(t token) int {
	line := lineAt(r.text, t.Pos.Line)
	return len(line) - len(strings.TrimLeft(line, " \t"))
}

func lineAt(text []byte, n int) string {
	for ; n > 1; n-- {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return string(line)
}

var (
	operators = []string{"+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", ">", "<=", ">=", "=", "and", "or", "not", "#", ","}
	keywords  = []string{
		"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
		"not", "or", "repeat", "return", "then", "true", "until", "while",
	}
)

// say is the message for the token that the parser stopped at.
func (r *reading) say(found token, e *parse.Error) string {
	if found.err != nil {
		return r.unreadable(found)
	}
	if strings.HasPrefix(e.Message, "ambiguous") {
		return "'(' at the beginning of a line would call what is before it; put a ';' in front, or join the lines"
	}
	before := token{}
	if r.at > 0 {
		before = r.all[r.at-1]
	}
	for _, rule := range []func(found, before token) string{
		r.foreign, r.keywordAsName, r.missingValue, r.atEnd, r.notClosed, r.afterReturn, r.awaited, r.inBrackets, r.noStatement,
	} {
		if text := rule(found, before); text != "" {
			return text
		}
	}
	if before.Str != "" {
		return fmt.Sprintf("%s is not expected after %s", found.shown(), before.shown())
	}
	return found.shown() + " is not expected here"
}

// unreadable tells of characters that Lua does not know.
func (r *reading) unreadable(t token) string {
	message := ""
	if e, ok := errors.AsType[*parse.Error](t.err); ok {
		message = e.Message
	}
	line := lineAt(r.text, t.Pos.Line)
	rest := line[min(max(t.Pos.Column-1, 0), len(line)):]
	switch {
	case message == "unterminated string":
		return "the text that begins here has no closing quote on its line"
	case strings.Contains(message, "multiline comment"):
		return "the comment that begins with --[[ is not closed by ]]"
	case strings.Contains(message, "multiline string"):
		return "the text that begins with [[ is not closed by ]]"
	case strings.Contains(message, "hexadecimal"):
		return "0x needs digits behind it"
	}
	for sign, hint := range map[string]string{
		"!=": "'!=' is not Lua: unequal is '~='", "!": "'!' is not Lua: write 'not'", "&&": "'&&' is not Lua: write 'and'",
		"||": "'||' is not Lua: write 'or'", "\xff\xfe": "the file is UTF-16; save it as UTF-8", "\xfe\xff": "the file is UTF-16; save it as UTF-8",
		"“": "this is a typographic quote; a text begins with \"", "”": "this is a typographic quote; a text ends with \"",
		"‘": "this is a typographic quote; a text begins with '", "’": "this is a typographic quote; a text ends with '",
		"\u00a0": "this is a no-break space; use a plain one", "~": "'~' is not Lua; unequal is '~=', not is 'not'",
		"$": "'$' is not Lua; variables have plain names", "?": "'?' is not Lua: write x and a or b", "\\": "'\\' belongs in a text",
		"@": "'@' belongs in a text", "`": "'`' is not Lua; a text is in \"quotes\"",
	} {
		if strings.HasPrefix(rest, sign) && !(sign == "!" && strings.HasPrefix(rest, "!=")) {
			return hint
		}
	}
	return fmt.Sprintf("the character %q does not belong here", firstRune(rest))
}

func firstRune(s string) string {
	for _, c := range s {
		return string(c)
	}
	return ""
}

// foreign knows what other languages have.
func (r *reading) foreign(found, before token) string {
	after := token{}
	if r.at+1 < len(r.all) {
		after = r.all[r.at+1]
	}
	adjacent := after.Pos.Line == found.Pos.Line && after.Pos.Column == found.Pos.Column+len(found.Str)
	switch {
	case strings.Contains("+-*/..", found.Str) && found.Str != "" && found.Type != parse.TString && after.Str == "=" && adjacent && before.Type == parse.TIdent:
		return fmt.Sprintf("'%s=' is not Lua: write %s = %s %s …", found.Str, before.Str, before.Str, found.Str)
	case found.Str == "+" && after.Str == "+" || found.Str == "+" && before.Str == "+":
		return "'++' is not Lua: write x = x + 1"
	case found.Str == "/" && (after.Str == "/" || before.Str == "/"):
		return "a comment begins with --"
	case found.Str == "=" && (before.Str == "=" || before.Str == "=="):
		return "equal is '=='"
	}
	return ""
}

func (r *reading) keywordAsName(found, before token) string {
	if before.Str == "" || !slices.Contains(keywords, found.Str) || found.Type == parse.TString {
		return ""
	}
	next := token{}
	if r.at+1 < len(r.all) {
		next = r.all[r.at+1]
	}
	if slices.Contains([]string{".", ":", "local", "goto"}, before.Str) || before.Str == "function" && found.Str != "(" ||
		next.Str == "=" && r.top() != nil && r.top().Str == "{" {
		return fmt.Sprintf("'%s' is a word of Lua and cannot be a name", found.Str)
	}
	return ""
}

func (r *reading) missingValue(found, before token) string {
	if !slices.Contains(operators, before.Str) || before.Type == parse.TString || before.Str == "," && found.Str == "}" {
		return ""
	}
	if before.Str == "=" && found.Str == "=" {
		return ""
	}
	return fmt.Sprintf("a value is expected after %s, found %s", before.shown(), found.shown())
}

func (r *reading) atEnd(found, _ token) string {
	top := r.top()
	if found.Type != parse.EOF || top == nil {
		return ""
	}
	if top.awaits != "" {
		return r.awaited(found, token{})
	}
	if top.bracket() {
		return fmt.Sprintf("unclosed '%s' at line %d: '%s' expected before the end of the file", top.Str, top.Pos.Line, top.closer())
	}
	if r.astray != nil {
		top = r.astray
	}
	text := fmt.Sprintf("unclosed '%s' at line %d: '%s' expected before the end of the file", top.Str, top.Pos.Line, top.closer())
	if line := r.elseIf(); line > 0 {
		text += fmt.Sprintf("; 'else if' at line %d opens a second if that needs its own 'end', 'elseif' does not", line)
	}
	return text
}

// elseIf is the line of an else with an if behind it.
func (r *reading) elseIf() int {
	for i := 1; i < r.at; i++ {
		if r.all[i].Type == parse.TIf && r.all[i-1].Type == parse.TElse && r.all[i].Pos.Line == r.all[i-1].Pos.Line {
			return r.all[i].Pos.Line
		}
	}
	return 0
}

// notClosed is about a closing word that closes something else than what is open.
func (r *reading) notClosed(found, _ token) string {
	if !slices.Contains([]string{"end", "until", "else", "elseif", ")", "}", "]"}, found.Str) || found.Type == parse.TString {
		return ""
	}
	top := r.top()
	switch {
	case top == nil && found.Str == "end":
		return "'end' closes nothing: there is one too many, here or above"
	case top == nil:
		return fmt.Sprintf("%s closes nothing that is open", found.shown())
	case top.awaits != "":
		return ""
	case top.bracket() && top.closer() != found.Str:
		return fmt.Sprintf("'%s' expected to close '%s' at line %d, found %s", top.closer(), top.Str, top.Pos.Line, found.shown())
	case !top.bracket() && strings.Contains(")}]", found.Str):
		return fmt.Sprintf("%s has no opening bracket in the '%s' at line %d", found.shown(), top.Str, top.Pos.Line)
	case top.Str != "if" && strings.HasPrefix(found.Str, "else"):
		return fmt.Sprintf("%s belongs to an 'if'; the innermost open block is the '%s' at line %d, which has no 'end' yet", found.shown(), top.Str, top.Pos.Line)
	case top.closer() != found.Str && !strings.HasPrefix(found.Str, "else"):
		return fmt.Sprintf("'%s' expected to close '%s' at line %d, found %s", top.closer(), top.Str, top.Pos.Line, found.shown())
	}
	return ""
}

func (r *reading) afterReturn(found, _ token) string {
	if r.over == nil || found.Pos.Line == r.over.Pos.Line {
		return ""
	}
	return fmt.Sprintf("'return' at line %d must be the last statement of its block; found %s behind it", r.over.Pos.Line, found.shown())
}

func (r *reading) awaited(found, _ token) string {
	top := r.top()
	if top == nil || top.awaits == "" {
		return ""
	}
	text := fmt.Sprintf("'%s' expected after the %s of '%s' at line %d, found %s", top.awaits, clause(top.Str), top.Str, top.Pos.Line, found.shown())
	if found.Str == "=" && top.Str != "for" {
		text += "; equal is '=='"
	}
	return text
}

func clause(word string) string {
	if word == "for" {
		return "range"
	}
	return "condition"
}

func (r *reading) inBrackets(found, before token) string {
	top := r.top()
	if top == nil || !top.bracket() {
		return ""
	}
	switch {
	case top.Str == "{" && found.Str == "=" && before.Type == parse.TString:
		return fmt.Sprintf("a key that is a text stands in brackets: [%s] = …", strconv.Quote(before.Str))
	case top.Str == "(" && found.Str == "=":
		return "'=' cannot stand in brackets; equal is '==', and options are passed in a table: f { name = value }"
	case top.Str == "{":
		return fmt.Sprintf("',' or '}' expected in the table that begins at line %d, found %s", top.Pos.Line, found.shown())
	case top.Str == "(":
		return fmt.Sprintf("',' or ')' expected after '(' at line %d, found %s", top.Pos.Line, found.shown())
	}
	return fmt.Sprintf("']' expected to close '[' at line %d, found %s", top.Pos.Line, found.shown())
}

// noStatement is about a name or value that stands alone.
func (r *reading) noStatement(found, before token) string {
	if before.Type == parse.TIdent {
		if near := spell.Nearest(before.Str, keywords); near != "" && before.Str != near && len(before.Str) > 2 {
			return fmt.Sprintf("'%s' is no statement; did you mean %s?", before.Str, near)
		}
		if found.Str == "==" {
			return fmt.Sprintf("'==' compares; to set %s write '='", before.Str)
		}
		return fmt.Sprintf("'%s' alone is no statement: %s(…) calls it, %s = … sets it; found %s", before.Str, before.Str, before.Str, found.shown())
	}
	if found.Str == "=" && before.Str == ")" {
		return "the result of a call cannot be set with '='"
	}
	return ""
}

var (
	gotoMissing = regexp.MustCompile(`^no visible label '(.*)' for <goto> at line (\d+)`)
	gotoScope   = regexp.MustCompile(`^<goto (.*)> at line (\d+) jumps into the scope of local '(.*)'`)
)

// improveFault words what gopher-lua's compiler finds in a file that parses.
func improveFault(fault *CompileError) {
	switch m := gotoMissing.FindStringSubmatch(fault.Text); {
	case fault.Text == "no loop to break":
		fault.Text = "'break' outside of a loop"
	case m != nil:
		fault.Text = fmt.Sprintf("there is no label ::%s:: here that 'goto %s' could reach", m[1], m[1])
		fault.Line, _ = strconv.Atoi(m[2])
	case strings.Contains(fault.Text, "'...' outside"):
		fault.Text = "'...' is only known in a function that takes it: function(...)"
	case strings.Contains(fault.Text, "local variables") || strings.Contains(fault.Text, "register overflow"):
		fault.Text = "too many local variables or too long an expression: a function has room for 200; put parts into functions or tables"
	}
	if m := gotoScope.FindStringSubmatch(fault.Text); m != nil {
		fault.Text = fmt.Sprintf("'goto %s' jumps over 'local %s'; put that local before the goto, or the rest into do … end", m[1], m[3])
		fault.Line, _ = strconv.Atoi(m[2])
	}
}
