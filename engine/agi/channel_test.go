package agi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// TestHangupLine has HANGUP in every position: it is never a reply (facts: section 3, trap 3).
func TestHangupLine(t *testing.T) {
	const play = `< STREAM FILE "a" "0123456789*#ABCD"` + "\n"
	for _, test := range []struct {
		name, script string
		play, again  error
	}{
		{"before the reply", play + "> HANGUP\n> 511 Command Not Permitted on a dead channel or intercept routine", engine.ErrHangup, engine.ErrHangup},
		{"after the reply", play + "> 200 result=-1 endpos=800\n> HANGUP\n< CHANNEL STATUS\n> 511 Command Not Permitted", engine.ErrHangup, engine.ErrHangup},
		{"after the reply of something that played to its end", play + "> 200 result=0 endpos=800\n> HANGUP\n" + play + "> 511 x", nil, engine.ErrHangup},
		{"twice, before the reply", play + "> HANGUP\n> HANGUP\n> 511 x", engine.ErrHangup, engine.ErrHangup},
		{"twice, then the end", play + "> 200 result=-1 endpos=800\n> HANGUP\n> HANGUP\n< CHANNEL STATUS\nclose", engine.ErrHangup, engine.ErrHangup},
		{"while idle, crossing with a command", "> HANGUP\n" + play + "> 511 x", engine.ErrHangup, engine.ErrHangup},
		{"never (AGISIGHUP=no)", play + "> 200 result=-1 endpos=800\n< CHANNEL STATUS\n> 511 x", engine.ErrHangup, engine.ErrHangup},
		{"in pieces", ">. HAN\n" + play + ">. GUP\\n51\n>. 1 x\\n", engine.ErrHangup, engine.ErrHangup},
	} {
		t.Run(test.name, func(t *testing.T) {
			converse(t, &Server{TypeAhead: -1}, test.script, func(ctx context.Context, ch *channel) {
				_, err := ch.Play(ctx, sound("a"), "")
				wantErr(t, "play", err, test.play)
				_, err = ch.Play(ctx, sound("a"), "")
				wantErr(t, "play again", err, test.again)
			})
		})
	}
}

// TestHangupAfterOurClose: the last HANGUP, which comes at every end, is nobody's.
func TestHangupAfterOurClose(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, "< ANSWER\n> 200 result=0\n> HANGUP", func(ctx context.Context, ch *channel) {
		noErr(t, "answer", ch.Answer(ctx))
		noErr(t, "continue", ch.Continue(ctx, engine.Location{}))
		wantErr(t, "after continue", ch.Answer(ctx), engine.ErrOver)
	})
}

// TestDeadChannel: SET VARIABLE and GET FULL VARIABLE still work, the handler hears of the hangup once.
func TestDeadChannel(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< SET VARIABLE "A" "1"
		> HANGUP
		> 200 result=1
		< SET VARIABLE "B" "2"
		> 200 result=1
		< GET FULL VARIABLE "${B}{word}"
		> 200 result=1 (2{word})`, func(ctx context.Context, ch *channel) {
		wantErr(t, "the step that notices", ch.SetVar(ctx, "A", "1"), engine.ErrHangup)
		noErr(t, "the next", ch.SetVar(ctx, "B", "2"))
		if v, err := ch.Var(ctx, "B"); v != "2" || err != nil {
			t.Errorf("var: %q, %v", v, err)
		}
		_, err := ch.ReadDigit(ctx, time.Second)
		wantErr(t, "read digit", err, engine.ErrHangup)
		_, err = ch.ReadDigit(ctx, 0)
		wantErr(t, "read digit at once", err, engine.ErrHangup)
		_, err = ch.Record(ctx, engine.RecordRequest{Name: "x"})
		wantErr(t, "record", err, engine.ErrHangup)
		wantErr(t, "answer", ch.Answer(ctx), engine.ErrHangup)
		wantErr(t, "hangup", ch.Hangup(ctx, 0), engine.ErrHangup)
		wantErr(t, "continue", ch.Continue(ctx, engine.Location{Context: "x"}), engine.ErrHangup)
		noErr(t, "continue at the next priority", ch.Continue(ctx, engine.Location{}))
	})
}

// TestMinusOne tells a missing file from a hangup (trap 8).
func TestMinusOne(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< STREAM FILE "no-such" "0123456789*#ABCD"
		> 200 result=-1 endpos=0
		< CHANNEL STATUS
		> 200 result=6
		`+spool+inFolder("no-such", "")+`
		< SAY ALPHA "x" ""
		> 200 result=-1
		< CHANNEL STATUS
		> 200 result=6
		< ANSWER
		> 200 result=-1
		< CHANNEL STATUS
		> 200 result=4
		< EXEC "Dial" "x"
		> 200 result=-1
		< CHANNEL STATUS
		> HANGUP
		> 511 x`, func(ctx context.Context, ch *channel) {
		_, err := ch.Play(ctx, append(sound("no-such"), sound("b")...), "")
		var missing *engine.PlayError
		if !errors.As(err, &missing) || missing.Prompt.Text != "no-such" {
			t.Errorf("play: %v", err)
		}
		_, err = ch.Play(ctx, []engine.Prompt{{Kind: engine.CharactersPrompt, Text: "x"}}, "")
		if !errors.As(err, &missing) {
			t.Errorf("say: %v", err)
		}
		if err := ch.Answer(ctx); err == nil || errors.Is(err, engine.ErrHangup) {
			t.Errorf("answer: %v", err)
		}
		_, err = ch.Exec(ctx, "Dial", "x")
		wantErr(t, "exec", err, engine.ErrHangup)
	})
}

// TestRefusals: 510, 520 on one line and on many, and 100 before the reply (trap 5).
func TestRefusals(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< SET PRIORITY "nowhere"
		> 520-Invalid command syntax.  Proper usage follows:
		> <literal>priority</literal>
		> 
		> 200 result=0 is not the reply
		> 520 End of proper usage.
		< SEND TEXT "a"
		> 520 Invalid command syntax.  Proper usage not available.
		< DANCE
		> 510 Invalid or unknown command
		< GOSUB "a" "b" "1"
		> 100 result=0 Trying...
		> 200 result=0 Gosub complete
		< NOOP
		> 200 result=0`, func(ctx context.Context, ch *channel) {
		for _, test := range []struct {
			words []string
			code  int
		}{{[]string{"SET", "PRIORITY", "nowhere"}, 520}, {[]string{"send text", "a"}, 520}} {
			_, _, err := ch.Command(ctx, test.words...)
			var refused *CommandError
			if !errors.As(err, &refused) || refused.Code != test.code {
				t.Errorf("%q: %v", test.words, err)
			}
		}
		_, _, err := ch.Command(ctx, "dance")
		var refused *CommandError
		if !errors.As(err, &refused) || refused.Code != 510 {
			t.Errorf("dance: %v", err)
		}
		result, text, err := ch.Command(ctx, "GOSUB", "a", "b", "1")
		if result != "0" || text != "Gosub complete" || err != nil {
			t.Errorf("gosub: %q %q %v", result, text, err)
		}
		_, _, err = ch.Command(ctx, "NOOP")
		noErr(t, "noop", err)
	})
}

// TestUsageAfterReply: an application that returns 1 has a 520 follow its 200 (trap 5).
func TestUsageAfterReply(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< EXEC "Odd" "a,b"
		> 200 result=1
		> 520-Invalid command syntax.  Proper usage follows:
		> 200 result=7
		> 520 End of proper usage.
		< GET FULL VARIABLE "{sync}"
		> 200 result=1 ({sync})
		< EXEC "NoSuch" ""
		> 200 result=-2
		< EXEC "Fine" ""
		> 200 result=0`, func(ctx context.Context, ch *channel) {
		if r, err := ch.Exec(ctx, "Odd", "a,b"); r != "1" || err != nil {
			t.Errorf("odd: %q, %v", r, err)
		}
		if _, err := ch.Exec(ctx, "NoSuch", ""); err == nil || !strings.Contains(err.Error(), "NoSuch") {
			t.Errorf("no such: %v", err)
		}
		if r, err := ch.Exec(ctx, "Fine", ""); r != "0" || err != nil {
			t.Errorf("fine: %q, %v", r, err)
		}
	})
}

// TestVar: values with line breaks, parentheses, quotes, and those that look like replies (trap 7).
func TestVar(t *testing.T) {
	long := strings.Repeat("x", 40000)
	for _, value := range []string{"", "plain", "a) b (c", "two\nlines", "\n", "200 result=1 (x)\nHANGUP\n520-x", `"q"`, "tail)", long, "a\r\nb"} {
		script := "< GET FULL VARIABLE \"${X}{word}\"\n> 200 result=1 (" + strings.ReplaceAll(value, "\n", `\n`) + "{word})\n" +
			"< SET VARIABLE \"Y\" \"\"\n> 200 result=1"
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			if got, err := ch.Var(ctx, "X"); got != value || err != nil {
				t.Errorf("got %.50q, %v, want %.50q", got, err, value)
			}
			noErr(t, "the next command", ch.SetVar(ctx, "Y", ""))
			if len(ch.buf) > 4*smallRead {
				t.Errorf("a buffer of %d bytes is left", len(ch.buf))
			}
		})
	}
}

// TestSetLines: no AGI command carries a value of several lines, the dialplan's own functions do.
func TestSetLines(t *testing.T) {
	for _, c := range []struct {
		value, sent, taken string
		ok                 bool
	}{
		{"two\nlines", "two%0Alines", "two\nlines", true},
		{"a, \"b\"\r\n${X})", "a%2C%20%22b%22%0D%0A$%7BX%7D%29", "a, \"b\"\r\n${X})", true},
		{"cut\nshort", "cut%0Ashort", "cut\n", false},
	} {
		script := "< GET FULL VARIABLE \"${SET(A=${URIDECODE(" + c.sent + ")})}{word}\"\n> 200 result=1 (" +
			strings.ReplaceAll(c.taken, "\n", `\n`) + "{word})"
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			if err := ch.SetVar(ctx, "A", c.value); (err == nil) != c.ok {
				t.Errorf("set %q: %v", c.value, err)
			}
		})
	}
}

func TestVarNames(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< GET FULL VARIABLE "${CUT(X,\"-\",${N})}{word}"
		> 200 result=1 (7{word})`, func(ctx context.Context, ch *channel) {
		for _, name := range []string{"", "X}", "X}${SHELL(x)", "{X"} {
			if _, err := ch.Var(ctx, name); err == nil {
				t.Errorf("var %q: no error", name)
			}
		}
		if v, err := ch.Var(ctx, `CUT(X,"-",${N})`); v != "7" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		if _, err := ch.Var(ctx, "X\nHANGUP"); err == nil {
			t.Error("a line break got through")
		}
	})
}

// TestRawValues: commands whose replies have no visible end, sent as such.
func TestRawValues(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< GET VARIABLE "X"
		> 200 result=1 (a)
		> 200 result=1 (b)
		< GET FULL VARIABLE "{sync}"
		> HANGUP
		> 200 result=1 ({sync})
		< DATABASE GET "f" "k"
		> 200 result=0
		< GET FULL VARIABLE "{sync}"
		> 200 result=1 ({sync})`, func(ctx context.Context, ch *channel) {
		result, text, err := ch.Command(ctx, "GET", "VARIABLE", "X")
		if result != "1" || text != "a)\n200 result=1 (b" || !errors.Is(err, engine.ErrHangup) {
			t.Errorf("%q %q %v", result, text, err)
		}
		result, text, err = ch.Command(ctx, "DATABASE GET", "f", "k")
		if result != "0" || text != "" || err != nil {
			t.Errorf("%q %q %v", result, text, err)
		}
	})
}

func TestSetVars(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< SET VARIABLE "ARRAY(A,_B)" "1,x\\,\\\"y\\\" \\(z\\) \\\\"
		> 200 result=1
		< SET VARIABLE "A" "1"
		> 200 result=1
		< SET VARIABLE "CHANNEL(language)" "en"
		> 200 result=1`, func(ctx context.Context, ch *channel) {
		noErr(t, "plain", ch.SetVars(ctx, []engine.Variable{{Name: "A", Value: "1"}, {Name: "_B", Value: `x,"y" (z) \`}}))
		noErr(t, "function", ch.SetVars(ctx, []engine.Variable{{Name: "A", Value: "1"}, {Name: "CHANNEL(language)", Value: "en"}}))
		noErr(t, "none", ch.SetVars(ctx, nil))
	})
}

func TestContinue(t *testing.T) {
	exists := func(place, there string) string {
		return "< GET FULL VARIABLE \"${DIALPLAN_EXISTS(" + place + ")}{word}\"\n> 200 result=1 (" + there + "{word})\n"
	}
	for _, test := range []struct {
		to     engine.Location
		script string
		fails  bool
	}{
		{engine.Location{}, "", false},
		{engine.Location{Context: "ops"}, exists("ops,s,1", "1") + "< SET CONTEXT \"ops\"\n> 200 result=0\n< SET EXTENSION \"s\"\n> 200 result=0\n< SET PRIORITY \"1\"\n> 200 result=0", false},
		{engine.Location{Exten: "200", Priority: "in"}, exists("${CONTEXT},200,in", "1") + "< SET EXTENSION \"200\"\n> 200 result=0\n< SET PRIORITY \"in\"\n> 200 result=0", false},
		{engine.Location{Priority: "7"}, exists("${CONTEXT},${EXTEN},7", "1") + "< SET PRIORITY \"7\"\n> 200 result=0", false},
		{engine.Location{Context: "nowhere", Exten: "1"}, exists("nowhere,1,1", "0"), true},
		{engine.Location{Context: "${SHELL(x)}"}, "", true},
	} {
		t.Run(test.to.String(), func(t *testing.T) {
			converse(t, &Server{TypeAhead: -1}, test.script, func(ctx context.Context, ch *channel) {
				if err := ch.Continue(ctx, test.to); (err != nil) != test.fails {
					t.Errorf("continue: %v", err)
				}
			})
		})
	}
}

func TestHangup(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< EXEC "Hangup" "17"
		> 200 result=-1
		> HANGUP
		< SET VARIABLE "A" "1"
		> 200 result=1`, func(ctx context.Context, ch *channel) {
		noErr(t, "hangup", ch.Hangup(ctx, 17))
		_, err := ch.Play(ctx, sound("a"), "")
		wantErr(t, "play", err, engine.ErrHangup)
		noErr(t, "set var", ch.SetVar(ctx, "A", "1"))
	})
	converse(t, &Server{TypeAhead: -1}, "< EXEC \"Hangup\" \"16\"\n> 200 result=-1\n> HANGUP", func(ctx context.Context, ch *channel) {
		noErr(t, "hangup", ch.Hangup(ctx, 0))
	})
}

// TestRefusedBeforeSending: nothing of a bad command reaches Asterisk (traps 1 and 2).
func TestRefusedBeforeSending(t *testing.T) {
	many := make([]string, 101)
	converse(t, &Server{TypeAhead: -1, MaxLine: 2046}, "< NOOP\n> 200 result=0", func(ctx context.Context, ch *channel) {
		for name, do := range map[string]func() error{
			"line break in a value":    func() error { return ch.SetVar(ctx, "CDR(a)", "x\nHANGUP") },
			"carriage return":          func() error { return ch.SetVar(ctx, "CDR(a)", "x\r") },
			"NUL":                      func() error { return ch.SetVar(ctx, "A", "x\x00") },
			"line break in a name":     func() error { _, err := ch.Play(ctx, sound("a\nb"), ""); return err },
			"too long for the version": func() error { return ch.SetVar(ctx, "A", strings.Repeat("x", 2040)) },
			"too many words":           func() error { _, _, err := ch.Command(ctx, append([]string{"NOOP"}, many...)...); return err },
			"line break in a word":     func() error { _, _, err := ch.Command(ctx, "NOOP", "x\nHANGUP"); return err },
			"quote as command":         func() error { _, _, err := ch.Command(ctx, `"`); return err },
			"no command":               func() error { _, _, err := ch.Command(ctx); return err },
			"failure":                  func() error { _, _, err := ch.Command(ctx, "failures"); return err },
			"asyncagi":                 func() error { _, _, err := ch.Command(ctx, "ASYNCAGI BREAK"); return err },
			"exec in words":            func() error { _, _, err := ch.Command(ctx, "EXEC", "Dial", "a", "b"); return err },
			"get option, no timeout":   func() error { _, _, err := ch.Command(ctx, "GET", "OPTION", "a", "1"); return err },
			"get data, 1024 digits":    func() error { _, _, err := ch.Command(ctx, "GET", "DATA", "a", "1", "1024"); return err },
			"empty name":               func() error { return ch.SetVar(ctx, "", "1") },
			"exec nothing":             func() error { _, err := ch.Exec(ctx, "", ""); return err },
		} {
			if err := do(); err == nil || errors.Is(err, engine.ErrHangup) || errors.Is(err, engine.ErrLost) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, _, err := ch.Command(ctx, "NOOP")
		noErr(t, "noop", err)
	})
}

func TestCommandFillsIn(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< GET DATA "a" "0" "1023"
		> 200 result=12 (timeout)
		< EXEC "Ringing" ""
		> 200 result=0
		< STREAM FILE "a" ""
		> 200 result=0 endpos=160`, func(ctx context.Context, ch *channel) {
		for _, test := range []struct{ command, result, text string }{
			{"GET DATA|a", "12", "timeout"}, {"exec|Ringing", "0", ""}, {"Stream|File|a|", "0", "endpos=160"},
		} {
			result, text, err := ch.Command(ctx, strings.Split(test.command, "|")...)
			if result != test.result || text != test.text || err != nil {
				t.Errorf("%s: %q %q %v", test.command, result, text, err)
			}
		}
	})
}
