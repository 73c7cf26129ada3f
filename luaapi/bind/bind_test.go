package bind

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

type greetArgs struct {
	Name    string       `lua:"name" doc:"Who."`
	Options greetOptions `lua:"options,optional" doc:"How."`
}

type greetOptions struct {
	Times int           `lua:"times" min:"1" max:"5" default:"2" doc:"How often."`
	Pause time.Duration `lua:"pause" default:"1.5" doc:"Seconds between."`
	Mood  string        `lua:"mood,optional" one:"kind gruff" doc:"The tone."`
	Loud  bool          `lua:"loud,optional" doc:"Shout."`
}

type greetResult struct {
	Multi
	Text *string       `lua:"text" doc:"The greeting."`
	Took time.Duration `lua:"took" doc:"How long."`
}

var greetings = Module{
	Name: "hello", Object: true, Doc: "Greetings.",
	Funcs: []Func{{
		Name: "greet", Doc: "Greets.", Example: `hello:greet("you")`,
		Impl: Pure(func(host string, a greetArgs) (greetResult, error) {
			switch a.Name {
			case "nobody":
				return greetResult{}, &Failure{errors.New("nobody is there")}
			case "trouble":
				return greetResult{}, errors.New("it broke")
			}
			text := strings.TrimSpace(strings.Repeat(host+" "+a.Name+a.Options.Mood+" ", a.Options.Times))
			return greetResult{Text: &text, Took: a.Options.Pause}, nil
		}),
	}},
	Fields: []Field{{Name: "host", Doc: "Who greets.", Impl: Value(func(host string) string { return host })}},
}

func newGreeter(t *testing.T) *lua.LState {
	t.Helper()
	L := lua.NewState()
	t.Cleanup(L.Close)
	b := Binder{Host: func(*lua.LState) any { return "dear" }}
	methods := L.NewTable()
	for name, fn := range b.Library(&greetings).Funcs {
		methods.RawSetString(name, L.NewFunction(fn))
	}
	hello := L.NewUserData()
	hello.Metatable = L.NewTable()
	hello.Metatable.(*lua.LTable).RawSetString("__index", methods)
	L.SetGlobal("hello", hello)
	return L
}

func TestCalls(t *testing.T) {
	for code, want := range map[string]string{
		`return (hello:greet("you"))`:                                     "dear you dear you",
		`return (hello:greet("you", { times = 1 }))`:                      "dear you",
		`return (hello:greet(7, { times = 1, mood = "kind" }))`:           "dear 7kind",
		`return select(2, hello:greet("you"))`:                            "1.5",
		`return select(2, hello:greet("you", { pause = 0 }))`:             "0",
		`return select(2, hello:greet("nobody"))`:                         "nobody is there",
		`return tostring(hello:greet("nobody"))`:                          "nil",
		`return select(2, pcall(hello.greet, hello, "trouble"))`:          "hello:greet: it broke",
		`return select(2, pcall(hello.greet, "you"))`:                     "use a colon: hello:greet(…), not hello.greet(…)",
		`return select(2, pcall(hello.greet, hello))`:                     "hello:greet: name is missing: Who.",
		`return select(2, pcall(hello.greet, hello, {}))`:                 "hello:greet: name: want a string, got a table",
		`return select(2, pcall(hello.greet, hello, "a", {}, 3))`:         "hello:greet takes 2 arguments, got 3",
		`return select(2, pcall(hello.greet, hello, "a", 3))`:             "hello:greet: options: want a table of options such as { times = … }, got the number 3",
		`return select(2, pcall(hello.greet, hello, "a", {tims=3}))`:      "hello:greet: no option tims; did you mean times?",
		`return select(2, pcall(hello.greet, hello, "a", {"x"}))`:         "hello:greet: options have names, such as times = …; got a value without one (the string \"x\")",
		`return select(2, pcall(hello.greet, hello, "a", {times=9}))`:     "hello:greet: times: 9 is too large; 5 is the most",
		`return select(2, pcall(hello.greet, hello, "a", {times=1.5}))`:   "hello:greet: times: want a whole number, got 1.5",
		`return select(2, pcall(hello.greet, hello, "a", {pause=-1}))`:    "hello:greet: pause: seconds: -1 is too small; 0 is the least",
		`return select(2, pcall(hello.greet, hello, "a", {pause=0/0}))`:   "hello:greet: pause: seconds: want a number, got one that is not a number (0/0)",
		`return select(2, pcall(hello.greet, hello, "a", {loud="yes"}))`:  "hello:greet: loud: want true or false, got the string \"yes\"",
		`return select(2, pcall(hello.greet, hello, "a", {mood="knid"}))`: "hello:greet: mood: want kind or gruff, got \"knid\"; did you mean kind?",
	} {
		t.Run(code, func(t *testing.T) {
			L := newGreeter(t)
			if err := L.DoString(code); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(L.Get(-1).String(), "<string>:1: "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestErrorNamesTheCallersLine(t *testing.T) {
	L := newGreeter(t)
	err := L.DoString("local x = 1\nhello:greet()")
	if err == nil || !strings.Contains(err.Error(), ":2: hello:greet: name is missing") {
		t.Errorf("got %v", err)
	}
}

func TestWrongDeclarationsAreNoticed(t *testing.T) {
	for name, impl := range map[string]Impl{
		"no lua tag": Pure(func(string, struct{ A int }) (None, error) { return None{}, nil }),
		"no doc": Pure(func(string, struct {
			A int `lua:"a"`
		}) (None, error) {
			return None{}, nil
		}),
		"no such type": Pure(func(string, struct {
			A chan int `lua:"a" doc:"x"`
		}) (None, error) {
			return None{}, nil
		}),
		"bad default": Pure(func(string, struct {
			A int `lua:"a" doc:"x" default:"1.5"`
		}) (None, error) {
			return None{}, nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("declaration was taken")
				}
			}()
			b := Binder{Host: func(*lua.LState) any { return "" }}
			b.Library(&Module{Name: "m", Funcs: []Func{{Name: "f", Impl: impl}}})
		})
	}
}

func TestDescriptions(t *testing.T) {
	api := Types{}.Describe([]*Module{&greetings})
	var stubs, reference strings.Builder
	if err := api.Stubs(&stubs); err != nil {
		t.Fatal(err)
	}
	if err := api.Reference(&reference); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"---@class ivrd.hello",
		"---@field host string Who greets.",
		"---@param name string Who.",
		`---@param options? { times?: integer, pause?: number, mood?: "kind"|"gruff", loud?: boolean } How.`,
		"---@return string? text The greeting.",
		"function hello:greet(name, options) end",
	} {
		if !strings.Contains(stubs.String(), want) {
			t.Errorf("stubs lack %q:\n%s", want, &stubs)
		}
	}
	for _, want := range []string{
		"### hello:greet",
		"`text, took = hello:greet(name, [{ times = …, … }])`",
		"- `times` (integer, default 2): How often.",
	} {
		if !strings.Contains(reference.String(), want) {
			t.Errorf("reference lacks %q:\n%s", want, &reference)
		}
	}
}

func FuzzOptions(f *testing.F) {
	f.Add("times", 3.0, "x")
	f.Add("pause", -1.0, "")
	p, err := Types{}.plan(reflect.TypeFor[greetArgs](), 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key string, n float64, s string) {
		L := lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true})
		defer L.Close()
		for _, v := range []lua.LValue{lua.LNumber(n), lua.LString(s), lua.LTrue, L.NewTable()} {
			options := L.NewTable()
			options.RawSetString(key, v)
			L.SetTop(0)
			L.Push(lua.LString(s))
			L.Push(options)
			var args greetArgs
			if err := p.decode(L, "f", reflect.ValueOf(&args).Elem()); err == nil && (args.Options.Times < 1 || args.Options.Times > 5) {
				t.Errorf("times %d was let through", args.Options.Times)
			}
		}
	})
}
