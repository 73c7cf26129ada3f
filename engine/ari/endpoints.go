package ari

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/internal/spell"
)

//go:embed endpoints.tsv
var endpointsTable string

// An endpoint is one operation of Asterisk's REST interface, as its documentation declares it.
type endpoint struct {
	method string
	path   []string // its segments; one in braces takes any text
	params []param
	since  string // the releases that were the first to have it
}

type param struct {
	name     string
	kind     string // string, int, bool, object or array
	required bool
	several  bool
	oneOf    []string
	positive bool // 0 or more
}

// endpoints is the table, read once.
var endpoints = sync.OnceValue(func() []endpoint {
	var all []endpoint
	for line := range strings.Lines(endpointsTable) {
		if line = strings.TrimRight(line, "\n"); line == "" || line[0] == '#' {
			continue
		}
		all = append(all, parseEndpoint(line))
	}
	return all
})

func parseEndpoint(line string) endpoint {
	columns := strings.Split(line, "\t")
	e := endpoint{method: columns[0], path: segments(columns[1]), since: columns[3]}
	for _, text := range strings.Fields(columns[2]) {
		e.params = append(e.params, parseParam(text))
	}
	return e
}

func parseParam(text string) param {
	name, kind, _ := strings.Cut(text, ":")
	var p param
	p.name, p.required = strings.CutSuffix(name, "*")
	if p.kind, text, _ = strings.Cut(kind, "("); text != "" {
		p.oneOf = strings.Split(strings.TrimSuffix(text, ")"), "|")
	}
	p.kind, p.positive = strings.CutSuffix(p.kind, "{0..}")
	p.kind, p.several = strings.CutSuffix(p.kind, "[]")
	return p
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// checkRequest refuses what Asterisk does not declare: an unknown path, parameters that are missing, unknown
// or of the wrong type. Asterisk 22 itself checks little of that, and crashes on some of it. Parameters are
// those of the query and of a JSON body together.
func checkRequest(method, path string, params map[string]any) error {
	e, err := findEndpoint(method, path)
	if err != nil {
		return err
	}
	where := fmt.Sprintf("%s %s", method, path)
	for name, value := range params {
		p := e.param(name)
		if p == nil {
			return fmt.Errorf("%s has no parameter %s%s", where, name, spell.Suffix(name, e.names()))
		}
		if err := p.check(value); err != nil {
			return fmt.Errorf("%s: %s: %w", where, name, err)
		}
	}
	for _, p := range e.params {
		if _, given := params[p.name]; p.required && !given {
			return fmt.Errorf("%s needs the parameter %s", where, p.name)
		}
	}
	if method == "GET" && path == "/events" {
		return errors.New("GET /events opens a websocket, which ivrd has open already; call:on hears of events")
	}
	return nil
}

// findEndpoint is the declared endpoint of a path such as "/channels/123.4/play".
func findEndpoint(method, path string) (*endpoint, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("a path begins with a slash, such as /channels; got %q", path)
	}
	if err := checkPath(path); err != nil {
		return nil, err
	}
	parts := segments(path)
	var methods []string
	var found *endpoint
	for i := range endpoints() {
		e := &endpoints()[i]
		if !e.fits(parts) {
			continue
		}
		methods = append(methods, e.method)
		if e.method == method && (found == nil || e.literals() > found.literals()) {
			found = e
		}
	}
	switch {
	case found != nil:
		return found, nil
	case len(methods) > 0:
		return nil, fmt.Errorf("%s takes %s, not %s", path, strings.Join(methods, " or "), method)
	}
	return nil, fmt.Errorf("ARI has no %s; the first part is one of %s", path, strings.Join(resources(), ", "))
}

// checkPath refuses what is more than a path, and what a path cannot hold.
func checkPath(path string) error {
	_, err := url.PathUnescape(path)
	switch {
	case strings.ContainsAny(path, "?#"):
		return fmt.Errorf("%s: parameters go into the table, not into the path", path)
	case err != nil || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%q is no path: blanks, signs and other letters are written as %%20 and the like", path)
	}
	return nil
}

func resources() []string {
	var all []string
	for _, e := range endpoints() {
		if !slices.Contains(all, e.path[0]) {
			all = append(all, e.path[0])
		}
	}
	return all
}

func (e *endpoint) fits(parts []string) bool {
	if len(parts) != len(e.path) {
		return false
	}
	for i, part := range parts {
		if want := e.path[i]; part == "" || want[0] != '{' && want != part {
			return false
		}
	}
	return true
}

// literals is how many segments are written out; /channels/create is no channel of the name create.
func (e *endpoint) literals() (n int) {
	for _, part := range e.path {
		if part[0] != '{' {
			n++
		}
	}
	return n
}

func (e *endpoint) param(name string) *param {
	for i := range e.params {
		if e.params[i].name == name {
			return &e.params[i]
		}
	}
	return nil
}

func (e *endpoint) names() []string {
	names := make([]string, len(e.params))
	for i, p := range e.params {
		names[i] = p.name
	}
	return names
}

// check judges a value as JSON gives it.
func (p *param) check(value any) error {
	list, isList := value.([]any)
	if isList && p.kind != "array" {
		if !p.several {
			return errors.New("takes one value, not a list")
		}
		if p.required && len(list) == 0 {
			return errors.New("cannot be empty")
		}
		for _, v := range list {
			if err := p.one(v); err != nil {
				return err
			}
		}
		return nil
	}
	return p.one(value)
}

func (p *param) one(value any) error {
	switch p.kind {
	case "array":
		if _, ok := value.([]any); !ok {
			return fmt.Errorf("want a list, got %v", value)
		}
	case "object":
		if _, ok := value.(map[string]any); !ok {
			return fmt.Errorf("want names with values, got %v", value)
		}
	case "bool":
		if text := fmt.Sprint(value); text != "true" && text != "false" {
			return fmt.Errorf("want true or false, got %v", value)
		}
	case "int":
		return p.whole(value)
	default:
		return p.text(value)
	}
	return nil
}

func (p *param) whole(value any) error {
	n, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	switch {
	case err != nil || n != math.Trunc(n) || math.Abs(n) > math.MaxInt32:
		return fmt.Errorf("want a whole number, got %v", value)
	case p.positive && n < 0:
		return fmt.Errorf("%v is too small; 0 is the least", value)
	}
	return nil
}

func (p *param) text(value any) error {
	text, ok := plain(value)
	if !ok {
		return fmt.Errorf("want a text, got %v", value)
	}
	if len(p.oneOf) > 0 && !slices.Contains(p.oneOf, text) {
		return fmt.Errorf("want %s, got %q", strings.Join(p.oneOf, " or "), text)
	}
	if p.required && text == "" {
		return errors.New("cannot be empty")
	}
	return nil
}

// plain is a text, or a number as a text.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// pathOf joins segments to a path, each escaped.
func pathOf(parts ...string) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(url.PathEscape(part))
	}
	return b.String()
}
