package flow

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// routed is a folder with that routes.yaml and flows of those names.
func routed(routes string, names ...string) fstest.MapFS {
	files := folder(routesFile, routes)
	for _, name := range names {
		files[name+".lua"] = &fstest.MapFile{Data: []byte("-- " + name)}
	}
	return files
}

// answer is the flow that a call gets, or what went wrong.
func answer(s *Set, info engine.Info) string {
	r, err := s.Route(info)
	if err != nil {
		return err.Error()
	}
	return r.Flow.Name()
}

func TestRoute(t *testing.T) {
	const routes = `
routes:
  100: balance
  "*97": voicemail
  _1XX: ones
  _10X: tens
  _1[0-4]0: some
  _3XX: { flow: sales, args: { queue: gold } }
  _[67]X.: { flow: trunk, context: from-trunk }
  _X.: { flow: inside, context: inside }
  200: [ { flow: vip, context: from-vip }, { flow: two } ]
  _2X!: long
  _20.: longer
  shop: sales
default: reception
`
	s, problems := Load(routed(routes, "balance", "voicemail", "ones", "tens", "some", "sales", "trunk", "inside",
		"vip", "two", "long", "longer", "reception", "900", "lib/x"), Options{})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	tests := []struct {
		context, exten, path string
		want                 string
	}{
		{"", "100", "", "balance"},
		{"elsewhere", "100", "", "balance"},
		{"", "*97", "", "voicemail"},
		{"", "101", "", "tens"},      // 10X before 1XX: fewer characters fit its second place
		{"", "110", "", "some"},      // 1[0-4]0 before 1XX
		{"", "150", "", "ones"},      //
		{"", "315", "", "sales"},     //
		{"", "615", "", "reception"}, // only from the trunk
		{"from-trunk", "615", "", "trunk"},
		{"from-trunk", "6", "", "reception"},
		{"from-trunk", "315", "", "sales"},
		{"inside", "100", "", "inside"}, // the call's own context first, as if the rest were included
		{"inside", "999", "", "inside"},
		{"from-vip", "200", "", "vip"},
		{"from-any", "200", "", "two"},
		{"", "201", "", "longer"}, // 20. before 2X!
		{"", "21", "", "long"},
		{"", "2", "", "reception"},
		{"", "900", "", "reception"}, // there is a routes.yaml, so the flow's name is no extension
		{"", "", "", "reception"},
		{"", "100", "shop", "sales"}, // a name wins over the extension
		{"", "100", "/shop/", "sales"},
		{"", "100", "900", "900"}, // a flow's own name
		{"", "100", "lib/x", "lib/x"},
		{"", "100", "315", "reception"}, // a name is no extension: patterns do not take it
	}
	for _, test := range tests {
		name := fmt.Sprintf("%s@%s %s", test.exten, test.context, test.path)
		t.Run(name, func(t *testing.T) {
			got := answer(s, engine.Info{Context: test.context, Exten: test.exten, Path: test.path})
			if got != test.want {
				t.Errorf("%s leads to %s, want %s", name, got, test.want)
			}
		})
	}
}

func TestRouteWithoutTable(t *testing.T) {
	s, _ := Load(folder("100.lua", "-- x", "lib/m.lua", "-- y"), Options{})
	if got := answer(s, engine.Info{Exten: "100"}); got != "100" {
		t.Errorf("100 leads to %s", got)
	}
	_, err := s.Route(engine.Info{Exten: "101", Context: "inside"})
	if !errors.Is(err, engine.ErrNoFlow) || !strings.Contains(err.Error(), `extension "101" in context inside`) {
		t.Errorf("101: %v", err)
	}
	_, err = s.Route(engine.Info{Exten: "1", Path: "lib/n"})
	if !errors.Is(err, engine.ErrNoFlow) || !strings.Contains(err.Error(), "did you mean lib/m?") {
		t.Errorf("lib/n: %v", err)
	}
	s, _ = Load(folder("100.lua", "-- x", "default.lua", "-- y"), Options{})
	if got := answer(s, engine.Info{Exten: "101"}); got != "default" {
		t.Errorf("101 leads to %s, want default", got)
	}
}

// A first routes.yaml that is broken changes nothing for calls while ivrd runs. Only at the start nobody knows what was meant.
func TestFirstRoutesAreBroken(t *testing.T) {
	before := folder("100.lua", "--")
	now := folder("100.lua", "--", "routes.yaml", "routs: {100: 200}")
	old, next := rebuild(t, before, now)
	next = reloaded(next, now) // whatever is saved besides
	if r, err := next.Route(engine.Info{Exten: "100"}); err != nil || r.Flow == nil || r.Flow.Version() != version(t, old, "100") {
		t.Errorf("extension 100 leads to %v, %v", r.Flow, err)
	}
	if got, want := messages(next.Problems()), "until it is right, extensions lead to the flows of their names"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	started, problems := Load(now, Options{})
	if _, err := started.Route(engine.Info{Exten: "100"}); err == nil || !strings.Contains(err.Error(), "routes.yaml is broken") {
		t.Errorf("at the start extension 100 gets %v", err)
	}
	if got, want := messages(problems), "until it is right, no extension leads to a flow"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	again := reloaded(next, folder("100.lua", "--", "routes.yaml", "routes: {200: \"100\"}"))
	if _, err := again.Route(engine.Info{Exten: "100"}); err == nil {
		t.Error("a routes.yaml that is right does not count")
	}
}

// TestNoRouteToABrokenFlow: whoever reads why a call found nothing learns where the fault is.
func TestNoRouteToABrokenFlow(t *testing.T) {
	s, _ := Load(folder("214.lua", "call:answer(\n"), Options{})
	_, err := s.Route(engine.Info{Exten: "214"})
	if !errors.Is(err, engine.ErrNoFlow) || !strings.Contains(err.Error(), "the flow of that name is broken: 214.lua:") {
		t.Errorf("got %v", err)
	}
}

func TestRouteArgsAndFallback(t *testing.T) {
	s, problems := Load(routed(`
routes:
  1: { flow: a, args: { queue: gold, level: 5, empty: } }
  2: { flow: a, fallback: sorry }
  3: { flow: a, fallback: { continue: "operators,s,1" } }
  4: { flow: gone, fallback: sorry }
fallback: { flow: busy, continue: "100,1" }
`, "a", "sorry", "busy", "fallback"), Options{})
	r, err := s.Route(engine.Info{Exten: "1", Args: map[string]string{"queue": "silver", "x": "y"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"queue": "silver", "level": "5", "empty": "", "x": "y"}
	if !maps.Equal(r.Args, want) {
		t.Errorf("args %v, want %v", r.Args, want)
	}
	for exten, want := range map[string]string{
		"1": "busy 100,1", "2": "sorry ", "3": "- operators,s,1", "4": "sorry ", "none": "busy 100,1",
	} {
		r, _ := s.Route(engine.Info{Exten: exten})
		if got := fallbackText(r.Fallback); got != want {
			t.Errorf("fallback of %s: %s, want %s", exten, got, want)
		}
	}
	if got := fallbackText(s.Fallback()); got != "busy 100,1" {
		t.Errorf("fallback: %s", got)
	}
	if got := messages(problems); !strings.Contains(got, "routes.yaml:6:14: route 4 leads to flow gone, which does not exist") {
		t.Error(got)
	}

	s, _ = Load(folder("1.lua", "--", "fallback.lua", "--"), Options{})
	if got := fallbackText(s.Fallback()); got != "fallback " {
		t.Errorf("fallback without a table: %s", got)
	}
}

func fallbackText(f engine.Fallback) string {
	name := "-"
	if f.Flow != nil {
		name = f.Flow.Name()
	}
	return name + " " + f.To.String()
}

func TestBadRoutes(t *testing.T) {
	tests := []struct{ yaml, want string }{
		{"routs:\n  1: a", "routes.yaml:1:1: routes.yaml has no key routs; did you mean routes?"},
		{"routes:\n  1: { flwo: a }", "routes.yaml:2:8: route 1 has no key flwo; did you mean flow?"},
		{"routes:\n  _1[: a", `routes.yaml:2:3: pattern "1[": [ without ]`},
		{"routes:\n  \"1[23]\": a", "a pattern begins with _, such as _1[23]"},
		{"routes:\n  1: a\n  2: a\n  1: b", "routes.yaml:4:3: 1 is there twice; line 2 has it already"},
		{"routes:\n  _[1-3]X: a\n  _[123]x: b", "route _[123]x takes the same calls as _[1-3]X on line 2"},
		{"routes:\n  1: [ a, { flow: b, context: x }, { flow: c, context: x } ]", "routes.yaml:2:44: route 1 takes the same calls from x as 1 on line 2"},
		{"routes:\n  1:", "the flow of route 1 is missing"},
		{"routes:\n  1: {}", "route 1 has no flow"},
		{"routes:\n  1: []", "route 1 has no flow"},
		{"routes:\n  1: { flow: [a] }", "the flow of route 1 must be one word or text, not a list"},
		{"routes:\n  1: { flow: a, args: gold }", `the args of route 1 must be written as key: value, not as "gold"`},
		{"routes:\n  - a", "routes must be written as key: value, not as a list"},
		{"routes:\n  *97: a", `what begins with * needs quotes`},
		{"routes:\n  1: a\n 2: b", "routes.yaml:2"},
		{"routes: {1: a}\n---\nroutes: {2: a}", "a second document begins here"},
		{"fallback: { flow: a, continue: \"a,b,c,d\" }", "is no place in the dialplan"},
		{"fallback: {}", "fallback needs flow, continue or both"},
		{"default: { flow: a, context: x }", "route default has no key context"},
		{"x: &a [*a]", "routes.yaml:1:1:"},
		{"routes: &r {1: a}", "anchors (&r) have no use here"},
		{"", "this file is empty"},
	}
	for _, test := range tests {
		t.Run(test.yaml, func(t *testing.T) {
			before := routed("routes: { 1: a }", "a")
			_, problems := Load(routed(test.yaml, "a"), Options{})
			if got := messages(problems); !strings.Contains(got, test.want) {
				t.Errorf("at start: %s\nwant %q", got, test.want)
			}
			_, next := rebuild(t, before, routed(test.yaml, "a"))
			got := messages(next.Problems())
			if !strings.Contains(got, test.want) || !strings.Contains(got, "routes.yaml keeps answering with its last good version") {
				t.Errorf("at reload: %s\nwant %q", got, test.want)
			}
			if got := answer(next, engine.Info{Exten: "1"}); got != "a" {
				t.Errorf("the last good routes do not answer: %s", got)
			}
			again := reloaded(next, routed(test.yaml, "a", "b"))
			if got := messages(again.Problems()); !strings.Contains(got, test.want) {
				t.Errorf("at the next reload the problem is forgotten: %s", got)
			}
		})
	}
}

func TestRouteOfMissingFlow(t *testing.T) {
	const routes = "routes: { 1: sales, 2: other, _X: other }"
	old, next := rebuild(t, routed(routes, "sales", "other"), routed(routes, "other", "seles"))
	if got := answer(next, engine.Info{Exten: "1"}); got != "sales" {
		t.Errorf("1 leads to %s, want the last good sales", got)
	}
	if _, ok := next.Flow("sales"); ok {
		t.Error("sales is deleted and still found by name")
	}
	got := messages(next.Problems())
	for _, want := range []string{
		"routes.yaml:1:14: route 1 leads to flow sales, which does not exist; did you mean seles?",
		"sales keeps answering with its last good version " + version(t, old, "sales"),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("problems lack %q:\n%s", want, got)
		}
	}
	third := reloaded(next, routed(routes, "other"))
	if got := answer(third, engine.Info{Exten: "1"}); got != "sales" {
		t.Errorf("one reload later 1 leads to %s", got)
	}

	fresh, _ := Load(routed(routes, "other"), Options{})
	if got := answer(fresh, engine.Info{Exten: "1"}); !strings.Contains(got, "flow sales, which cannot answer") {
		t.Errorf("a route to nowhere leads to %s; a wider one must not take its calls", got)
	}
	if got := answer(fresh, engine.Info{Exten: "2"}); got != "other" {
		t.Errorf("2 leads to %s", got)
	}
}

// The largest file there can be must not hold up a reload.
func TestLongRoutes(t *testing.T) {
	lines := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < maxSource-100; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, text := range []string{
		"routes:\n" + lines(" %d: a\n"), "routes:\n" + lines(" _%dX: a\n"), "routes:\n" + lines(" %[1]d: gone%[1]d\n"),
		"routes:\n" + lines(" %d: []\n"), "routes: {1: [" + lines("a%[1]d,") + "]}", "routes: {" + lines("a%d:,") + "}",
		strings.Repeat("[", maxSource), strings.Repeat("{", maxSource), strings.Repeat("? ", maxSource/2), strings.Repeat("- ", maxSource/2), strings.Repeat("&a ", maxSource/3), "routes: &a [" + strings.Repeat("*a,", maxSource/4),
	} {
		began := time.Now()
		_, problems := Load(routed(text, "a"), Options{})
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%.30q took %s and has %d problems", text, took, len(problems))
		}
	}
}

func FuzzRoutes(f *testing.F) {
	f.Add("routes:\n  100: a\n  _3XX: { flow: b, args: { x: 1 }, fallback: c }\ndefault: a\nfallback: { flow: a, continue: \"x,s,1\" }", "100", "ctx")
	f.Add("routes:\n  1: [ a, { flow: b, context: x } ]\n  _[1-3]X.: a", "123", "x")
	f.Add("a: &a [*a, *a]", "", "")
	f.Add("routes: {? {}: a, <<: {1: 2}, _!: x}", "_!", "\x00")
	f.Fuzz(func(t *testing.T, text, exten, context string) {
		parsed, problems := parseRoutes(&file{path: routesFile, content: []byte(text)})
		for _, p := range problems {
			if p.Text == "" || p.File != routesFile {
				t.Errorf("empty problem %+v", p)
			}
			_ = p.String()
		}
		if len(problems) > 0 {
			return
		}
		if parsed == nil {
			t.Fatal("neither a table nor a problem")
		}
		s, _ := Load(routed(text, "a"), Options{})
		r, err := s.Route(engine.Info{Exten: exten, Context: context})
		if (err == nil) != (r.Flow != nil) {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
