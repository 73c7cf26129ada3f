package luaapi

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSyntaxErrors(t *testing.T) {
	tests := []struct{ source, want string }{
		{"if x then\n  y()\n", "2: unclosed 'if' at line 1: 'end' expected before the end of the file"},
		{"function f()\n  if x then\n    y()\nend\n", "4: unclosed 'if' at line 2: 'end' expected before the end of the file"},
		{"if a then\n  x()\nelse if b then\n  y()\nend\n", "5: unclosed 'if' at line 1: 'end' expected before the end of the file; 'else if' at line 3 opens a second if that needs its own 'end', 'elseif' does not"},
		{"if x\n  y()\nend", "2:3: 'then' expected after the condition of 'if' at line 1, found 'y'"},
		{"if x y() end", "1:6: 'then' expected after the condition of 'if' at line 1, found 'y'"},
		{"if x = 1 then end", "1:6: 'then' expected after the condition of 'if' at line 1, found '='; equal is '=='"},
		{"while x y() end", "1:9: 'do' expected after the condition of 'while' at line 1, found 'y'"},
		{"for i = 1, 10\n  y()\nend", "2:3: 'do' expected after the range of 'for' at line 1, found 'y'"},
		{"call:play {\n  \"a\",\n  \"b\"\n\ncall:hangup()", "5:1: ',' or '}' expected in the table that begins at line 1, found 'call'"},
		{"f(1, 2", "1: unclosed '(' at line 1: ')' expected before the end of the file"},
		{"f(1 2)", "1:5: ',' or ')' expected after '(' at line 1, found '2'"},
		{"x = ", "1: a value is expected after '=', found the end of the file"},
		{"x = 1 +\nend", "2:1: a value is expected after '+', found 'end'"},
		{"y()\nend", "2:1: 'end' closes nothing: there is one too many, here or above"},
		{"x = 1)", "1:6: ')' closes nothing that is open"},
		{"t = { a = 1\nend", "2:1: '}' expected to close '{' at line 1, found 'end'"},
		{"repeat x() end", "1:12: 'until' expected to close 'repeat' at line 1, found 'end'"},
		{"local s = \"abc\nx()", "1:11: the text that begins here has no closing quote on its line"},
		{"s = [[abc", "1:5: the text that begins with [[ is not closed by ]]"},
		{"if a != b then end", "1:6: '!=' is not Lua: unequal is '~='"},
		{"if a && b then end", "1:6: '&&' is not Lua: write 'and'"},
		{"x += 1", "1:3: '+=' is not Lua: write x = x + …"},
		{"x++", "1:2: '++' is not Lua: write x = x + 1"},
		{"// a comment", "1:1: a comment begins with --"},
		{"call:play(“hello”)", "1:11: this is a typographic quote; a text begins with \""},
		{"x == 1", "1:3: '==' compares; to set x write '='"},
		{"retrun 1", "1:8: 'retrun' is no statement; did you mean return?"},
		{"hello world", "1:7: 'hello' alone is no statement: hello(…) calls it, hello = … sets it; found 'world'"},
		{"local end = 1", "1:7: 'end' is a word of Lua and cannot be a name"},
		{"t = { end = 1 }", "1:7: 'end' is a word of Lua and cannot be a name"},
		{"t = { \"a\" = 1 }", "1:11: a key that is a text stands in brackets: [\"a\"] = …"},
		{"f() = 1", "1:5: the result of a call cannot be set with '='"},
		{"return 1\nx()", "2:1: 'return' at line 1 must be the last statement of its block; found 'x' behind it"},
		{"break", "1: 'break' outside of a loop"},
		{"\n\ngoto done", "3: there is no label ::done:: here that 'goto done' could reach"},
		{"for i = 1, 2 do\n  goto continue\n  local x = 1\n  ::continue::\n  y()\nend", "2: 'goto continue' jumps over 'local x'; put that local before the goto, or the rest into do … end"},
		{"function f() return ... end", "1: '...' is only known in a function that takes it: function(...)"},
		{"\r\n\r\nx = = 1", "3:5: equal is '=='"},
		{"\xef\xbb\xbfx = = 1", "1:5: equal is '=='"},
		{"#!/usr/bin/lua\nx = = 1", "2:5: equal is '=='"},
		{"local name = x\nrequire(name)", `2: require needs a name in quotes, such as require "lib.menu": ivrd loads a flow with all its modules at once`},
		{"local r = require", `1: require needs a name in quotes, such as require "lib.menu": ivrd loads a flow with all its modules at once`},
		{`require "../secret"`, `1: require "../secret" leads outside the flows folder; modules are named from there, such as require "lib.menu"`},
		{`require "/etc/passwd"`, `1: require "/etc/passwd" leads outside the flows folder; modules are named from there, such as require "lib.menu"`},
		{`require ""`, `1: require "" names no module; write it as require "lib.menu"`},
	}
	for _, test := range tests {
		_, err := Compile("flow.lua", []byte(test.source))
		fault, ok := errors.AsType[*CompileError](err)
		if want := "flow.lua:" + test.want; !ok || fault.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", test.source, err, want)
		}
	}
}

func TestCompileErrorShowsLine(t *testing.T) {
	_, err := Compile("flow.lua", []byte("x()\r\n  local y = = 1\r\n"))
	fault, ok := errors.AsType[*CompileError](err)
	if !ok || fault.Source != "local y = = 1" || fault.Line != 2 || fault.Column != 13 {
		t.Errorf("got %+v", fault)
	}
}

func TestRequires(t *testing.T) {
	c, err := Compile("flow.lua", []byte(`
local menu = require "lib.menu"
local function later() return require("lib/late.lua") end
local ok, extra = pcall(require, "extra")
local function mine(require) return require(extra) end
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Require{{"lib/menu", 2}, {"lib/late", 3}, {"extra", 4}}
	if len(c.Requires) != 3 || c.Requires[0] != want[0] || c.Requires[1] != want[1] || c.Requires[2] != want[2] {
		t.Errorf("got %v, want %v", c.Requires, want)
	}
}

// Texts that stand in a file as they are can be spoken before a call needs them.
func TestTexts(t *testing.T) {
	c, err := Compile("flow.lua", []byte(`
call:play(tts "Hello.")
call:play { tts("Two " .. "parts  on\none line."), tts("Olá.", { language = "pt_BR" }) }
call:ask { prompt = { { tts [[Long.]], hold = true } } }
call:play(tts("Balance: " .. balance))
call:play(tts("Unsure.", options))
call:play(tts(" "))
local function mine(tts) tts("no text") end
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Text{{"Hello.", "", 2}, {"Two parts on one line.", "", 3}, {"Olá.", "pt_BR", 3}, {"Long.", "", 4}}
	if !slices.Equal(c.Texts, want) {
		t.Errorf("got %v, want %v", c.Texts, want)
	}
}

// TestLargeSources must be refused or compiled in little time: the compiler cannot be interrupted.
func TestLargeSources(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, (maxSource-200)/len(s)) }
	distinct := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < maxSource-100; i++ {
			b.WriteString(strings.ReplaceAll(format, "N", strconv.Itoa(1000000+i)))
		}
		return b.String()
	}
	for name, source := range map[string]string{
		"concat chain":       "x = a" + fill("..a"),
		"concat of calls":    "x = f()" + fill("..f()"),
		"sum":                "x = a" + fill("+1"),
		"sum of constants":   "x = 1" + fill("+1"),
		"power":              "x = a" + fill("^a"),
		"minus":              "x = a " + fill("- -") + "1",
		"not":                "x = " + fill("not ") + "a",
		"or chain":           "x = a" + fill(" or a"),
		"and chain":          "if a" + fill(" and a") + " then end",
		"parentheses":        "x = " + strings.Repeat("(", maxSource/2-10) + "1" + strings.Repeat(")", maxSource/2-10),
		"do nest":            strings.Repeat("do ", 30000) + strings.Repeat("end ", 30000),
		"function nest":      strings.Repeat("f(function() ", 10000) + strings.Repeat("end)", 10000),
		"table nest":         "x = " + strings.Repeat("{", 100000) + strings.Repeat("}", 100000),
		"elseif chain":       "if a then b() " + fill("elseif a then b() ") + "end",
		"list literal":       "x = {" + fill("1,") + "}",
		"list of tables":     "x = {" + fill("{},") + "}",
		"distinct constants": "x = {" + distinct("N,") + "}",
		"distinct names":     distinct("aN=1 "),
		"distinct texts":     "x = {" + distinct("'N',") + "}",
		"calls chain":        "x" + fill("()"),
		"index chain":        "x = a" + fill(".a"),
		"method chain":       "x" + fill(":a()"),
		"labels":             distinct("::aN:: "),
		"gotos":              fill("goto a ") + " ::a::",
		"locals in blocks":   fill("do local a end "),
		"one function each":  fill("function f() end "),
		"statements":         fill("f() "),
		"comment":            "--[[" + fill("x") + "]]",
		"keys":               "x = {" + distinct("[aN]=1,") + "}",
		"if nest":            strings.Repeat("if a then ", 20000) + strings.Repeat("end ", 20000),
		"deep locals":        strings.Repeat("do local a, b, c, d, e, f, g, h ", 190) + fill("x ")[:100000] + strings.Repeat("end ", 190),
	} {
		began := cpuTime(t)
		_, err := Compile("flow.lua", []byte(source))
		if took := cpuTime(t) - began; took > slower*2*time.Second {
			t.Errorf("%s took %v (%v)", name, took, err)
		} else {
			t.Logf("%s: %v, %v", name, took.Round(time.Millisecond), err)
		}
	}
	if _, err := Compile("flow.lua", make([]byte, maxSource+1)); err == nil {
		t.Error("a file that is too large compiles")
	}
}

// FuzzCompile wants a *CompileError or code, in bounded time.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"x = 1", "local t = { 1, 2, [f()] = 3, ... }", "a.b[c], d = e, f(g)", "for i = 1, 10 do goto c ::c:: end", "return a .. b .. c",
		"local function f(x, ...) x = (f(x)) return ... end", "if a then elseif b then else end", "#!x\n\xef\xbb\xbf", "x = [==[\n]==] -- c", "require 'a.b'",
		"x = = 1", "f(", "if", "'", "--[[", "\x00", "x += 1", "else if", "local end", "0x", "1e", "a=-- ",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		began := cpuTime(t)
		c, err := Compile("flow.lua", source)
		if took := cpuTime(t) - began; took > slower*5*time.Second {
			t.Fatalf("took %v", took)
		}
		if _, ok := errors.AsType[*CompileError](err); err != nil && !ok {
			t.Fatalf("not a CompileError: %v", err)
		}
		if err == nil && (c.Proto == nil || len(c.sites) == 0) {
			t.Fatal("no code")
		}
	})
}
