package transcript_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivrd/ivrd/engine/transcript"
)

func TestParseErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"ring 1\npres 1\n", `x.call:2:1: "pres" is unknown; did you mean press?`},
		{"ring 1\n  slience\n", `x.call:2:3: "slience" is unknown; did you mean silence?`},
		{"ring 1\nplay menu\n", `x.call:2:1: "play" is what ivrd does; write > play menu`},
		{"ring 1\nhangup\n", `x.call:2:1: "hangup" is unknown; the caller does: hang up; ivrd does: > hangup normal`},
		{"ring 1\nhang on\n", `x.call:2:6: hang on is unknown; write hang up`},
		{"ring 1\npress 12x\n", `x.call:2:9: 'x' is no key; keys are 0-9, *, # and A-D`},
		{"ring 1\npress ä\n", `x.call:2:7: 'ä' is no key; keys are 0-9, *, # and A-D`},
		{"ring 1\npress\n", `x.call:2:6: which keys?; such as: press 12#`},
		{"ring 1\nat noon press 1\n", `x.call:2:4: at: "noon" is no time; write 2.5s, 300ms or 2m`},
		{"ring 1\nat 2s reply 1\n", `x.call:2:7: reply cannot stand here; what the caller does can`},
		{"ring 1\nsilence -2s\n", `x.call:2:9: silence: "-2s" is no time; write 2.5s, 300ms or 2m`},
		{"ring 1\nsilence 2s 3s\n", `x.call:2:12: "3s" is too much here`},
		{"ring 1\nsay\n", `x.call:2:4: what, or for how long?; such as: say 3s, or: say two tickets please`},
		{"ring 1\n>\n", `x.call:2:2: what did ivrd do?; such as: > play welcome`},
		{"> answer\n", `x.call:1:1: a call begins with a line such as: ring 100 from 5551234`},
		{"press 1\n", `x.call:1:1: a call begins with a line such as: ring 100 from 5551234`},
		{"ring\n", `x.call:1:5: ring: something is missing; such as: ring 100 from 5551234`},
		{"ring 1 form 2\n", `x.call:1:8: ring has no "form"; did you mean from?`},
		{"ring 1 color red\n", `x.call:1:8: ring has no "color"; it has from, name, in, language, path, with`},
		{"ring 1 from\n", `x.call:1:12: from: something is missing`},
		{"ring 1 from 2 from 3\n", `x.call:1:15: from stands twice`},
		{"ring 1 name \"Ana\n", `x.call:1:13: name: the quoted text is not right; end it with " and write \" and \\ inside`},
		{"ring 1 with VIP\n", `x.call:1:13: with: write VARIABLE=VALUE, such as: with VIP=1 CITY="São Paulo"`},
		{"ring 1 path x?%zz\n", `x.call:1:18: path: invalid URL escape "%zz"; write path "sales?x=1&y=2"`},
		{"ring 1\nreply 1\n", `x.call:2:1: reply is what came of a step, and there is none above it`},
		{"ring 1\n> play a\nreply 1\n", `x.call:3:1: play has no reply`},
		{"ring 1\nmetrics count visits 1\n", `x.call:2:1: "metrics" is what ivrd does; write > metrics count visits 1`},
		{"ring 1\n> hangup normal\nfail 1\n", `x.call:3:1: hangup has no fail`},
		{"ring 1\n> get X\nreply \"1\n", `x.call:3:7: the quoted text is not right; end it with " and write \" and \\ inside`},
		{"clock noon\n", `x.call:1:7: "noon" is no time; write 2026-11-22T10:00:00Z or 2026-11-22T10:00:00-03:00`},
		{"ring 1\nalice answers\n", `x.call:2:1: a party comes into play when the flow dials it`},
		{"ring 1\n> dial PJSIP/alice\nalice presses x\n", `x.call:3:15: 'x' is no key`},
		{"ring 1\n> dial PJSIP/alice\nalice is away\n", `x.call:3:10: is away is unknown; write is busy`},
		{"ring 1\n> dial PJSIP/alice\nalice hangs\n", `x.call:3:12: hangs  is unknown; write hangs up`},
		{"ring 1\n> dial PJSIP/alice\nalice answers now\n", `x.call:3:15: "now" is too much here`},
		{"ring 1\n> answer\nevent holt\n", `x.call:3:7: there is no event "holt"; did you mean hold?`},
		{"ring 1\n> answer\nevent digit 1\n", `x.call:3:7: there is no event "digit"; there is hold, unhold, talking, quiet, text, user_event`},
		{"secret pin\n", `x.call:1:11: what is the secret?; write secret NAME and what it is`},
		{"secret pin 123\n", `x.call:1:12: a secret has 4 bytes at least, too few cannot be told from other texts`},
		{"seed x\n", `x.call:1:6: "x" is no whole number`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			_, err := transcript.Parse("x.call", tt.text)
			var bad *transcript.ParseError
			if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseNamesEveryError(t *testing.T) {
	_, err := transcript.Parse("x.call", "ring 1\npres 1\n> answer\nslience\n")
	if err == nil || strings.Count(err.Error(), "x.call:") != 2 {
		t.Errorf("got %v, want two errors", err)
	}
}

func TestFormat(t *testing.T) {
	text := `# A file
# about two calls.

clock 2026-11-22T10:00:00-03:00
seed 42
secret pin 4711
secret crm-key "a b\n"
# One.
ring 100 from 555 name "Ana Maria" in sales language pt_BR path menu?x=1 with VIP=1 CITY="São Paulo"
> play a  b
press 1*#?
at 2.5s press 1
then press 2
silence
silence 0.3s
say 3s
say two tickets
say 2s "5m of rope"
hang up
> dial PJSIP/alice PJSIP/b-2
alice answers
at 2s alice presses 12#
then b-2 is busy
b-2 refuses
at 30s alice hangs up
event user_event Order {"id": "7"}
at 1s event hold
> db select
reply " 1"
row "a\nb"
row
> redis GET x
reply "5"
> redis MGET x "a b"
at 2s reply ["a\n", null]
> redis GET y
reply plain text
> redis GET z
reply "\xff"

# Two.
ring ""
# The end.
`
	f := parse(t, text)
	if diff := cmp.Diff(text, f.String()); diff != "" {
		t.Error(diff)
	}
	var titles []string
	for _, c := range f.Calls {
		titles = append(titles, c.Title)
	}
	if diff := cmp.Diff([]string{"One.", "Two."}, titles); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(balanceCall)
	f.Add("clock 2026-11-22T10:00:00.5-03:00\nseed -1\nring \"a b\" name \"x\\ny\" with A= B=\"\" language pt\nsay \"3s\"\n> get X\nreply \"\\xff\\\"\"\nfail x\nrow \"a\" b\n")
	f.Add("ring 1\n> dial PJSIP/a\na answers\nat 2s a presses 1\nthen a hangs up\na is busy\na refuses\nevent hold\nat 1s event user_event X {}\n")
	f.Add("ring 1\n> redis GET x\nreply \"5\"\n> redis\nreply \"\\x41\"\n> redis\nreply 0\t0\n> redis GET y\nat 1s reply  [1,\t{\"a\": null}]\n> redis\nreply\n")
	f.Add("ring 1\r\n> x\r\nat 1e1 press 1 2 3\nthen hang  up\nsilence 1h\n\n# x\n\nring 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := transcript.Parse("x.call", text)
		if err != nil {
			return
		}
		written := first.String()
		second, err := transcript.Parse("x.call", written)
		if err != nil {
			t.Fatalf("%q was written, which is not understood: %v", written, err)
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(transcript.File{})); diff != "" {
			t.Fatalf("read back from %q: %s", written, diff)
		}
		if again := second.String(); again != written {
			t.Fatalf("written %q, then %q", written, again)
		}
	})
}
