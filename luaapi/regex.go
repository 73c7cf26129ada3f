package luaapi

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// regexModule is RE2, whose time is bounded by the length of the text.
var regexModule = bind.Module{
	Name: "regex",
	Doc: "Regular expressions in the syntax of RE2, for what Lua's patterns cannot say. They never take long. Write them in [[ ]], " +
		"so that \\ stays as it is.",
	Funcs: []bind.Func{regexMatch, regexFindAll, regexReplace},
}

// compiled keeps expressions, since flows use the same few again and again.
var compiled struct {
	sync.Mutex
	all map[string]*regexp.Regexp
}

// compileRegex makes an expression. Flows may build them at run time, so the memory is emptied when it is full.
func compileRegex(pattern string) (*regexp.Regexp, error) {
	const mostKept, longest = 256, 1000
	if len(pattern) > longest {
		return nil, fmt.Errorf("the expression has %d characters; %d is the most", len(pattern), longest)
	}
	compiled.Lock()
	defer compiled.Unlock()
	if re := compiled.all[pattern]; re != nil {
		return re, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("no regular expression: %w", err)
	}
	if compiled.all == nil || len(compiled.all) >= mostKept {
		compiled.all = map[string]*regexp.Regexp{}
	}
	compiled.all[pattern] = re
	return re, nil
}

type regexArgs struct {
	Pattern string `lua:"pattern" doc:"The expression."`
	Text    string `lua:"text" doc:"The text to look at."`
}

// groups is a match as a table: the whole at [0], then each group, also under its name.
func groups(re *regexp.Regexp, match []string) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	names := re.SubexpNames()
	for i, text := range match {
		t.RawSetInt(i, lua.LString(text))
		if names[i] != "" {
			t.RawSetString(names[i], lua.LString(text))
		}
	}
	return t
}

var regexMatch = bind.Func{
	Name: "match",
	Doc: "The first place that fits, or nil: a table with the whole at [0], the groups at [1] and so on, and those with a name, " +
		"(?P<name>…), under it.",
	Example: `local m = regex.match([[^(?P<area>\d{2})(\d{8,9})$]], "81998765432")
if m then log.info(m.area, m[2]) end`,
	Impl: bind.Pure(func(_ *engine.Call, a regexArgs) (lua.LValue, error) {
		re, err := compileRegex(a.Pattern)
		if err != nil {
			return nil, err
		}
		match := re.FindStringSubmatch(a.Text)
		if match == nil {
			return lua.LNil, nil
		}
		return groups(re, match), nil
	}),
}

var regexFindAll = bind.Func{
	Name:    "find_all",
	Doc:     "All places that fit, up to 1000, each as match has it.",
	Example: `for _, m in ipairs(regex.find_all([[\d+]], "7 of 12")) do log.info(m[0]) end`,
	Impl: bind.Pure(func(_ *engine.Call, a regexArgs) (lua.LValue, error) {
		const most = 1000
		re, err := compileRegex(a.Pattern)
		if err != nil {
			return nil, err
		}
		list := &lua.LTable{Metatable: lua.LNil}
		for _, match := range re.FindAllStringSubmatch(a.Text, most) {
			list.Append(groups(re, match))
		}
		return list, nil
	}),
}

type regexReplaceArgs struct {
	Pattern string `lua:"pattern" doc:"The expression."`
	Text    string `lua:"text" doc:"The text to change."`
	With    string `lua:"with" doc:"What comes in place of each; ${1} or ${name} is a group."`
}

var regexReplace = bind.Func{
	Name:    "replace",
	Doc:     "A text with all places that fit replaced.",
	Example: `local digits = regex.replace([[\D]], "+55 (81) 99876-5432", "")`,
	Impl: bind.Pure(func(c *engine.Call, a regexReplaceArgs) (string, error) {
		re, err := compileRegex(a.Pattern)
		if err != nil {
			return "", err
		}
		return replaceAll(re, a.Text, a.With, c.Limits().StringBytes)
	}),
}

// replaceAll is a text with all matches replaced, in no more than most bytes.
func replaceAll(re *regexp.Regexp, text, with string, most int) (string, error) {
	const mostMatches = 100_000
	matches := re.FindAllStringSubmatchIndex(text, mostMatches)
	if len(matches) == mostMatches {
		return "", fmt.Errorf("the expression fits in %d places or more", mostMatches)
	}
	references := strings.Count(with, "$")
	var out []byte
	last := 0
	for _, m := range matches {
		longest := len(with) + references*(m[1]-m[0]) // what comes in its place
		if len(out)+m[0]-last+longest > most {
			return "", fmt.Errorf("the result may have more than %d bytes", most)
		}
		out = append(out, text[last:m[0]]...)
		out = re.ExpandString(out, with, text, m)
		last = m[1]
	}
	if len(out)+len(text)-last > most {
		return "", fmt.Errorf("the result has more than %d bytes", most)
	}
	return string(append(out, text[last:]...)), nil
}
