package transcript_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/transcript"
)

func TestTheExampleInTheDesign(t *testing.T) {
	f := parse(t, balanceCall)
	if diff := cmp.Diff(balanceCall, f.String()); diff != "" {
		t.Errorf("not written as it was read: %s", diff)
	}
	if got, want := f.Calls[0].Title, "A wrong key, then the balance."; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	if diff := run(t, balance, balanceCall); diff != "" {
		t.Error(diff)
	}
}

func TestSeveralCalls(t *testing.T) {
	text := strings.Join([]string{balanceCall, `
# Nobody presses a key.
ring 100
> answer
> play main-menu
silence
> play main-menu
> play main-menu
silence
> continue operators,s,1
`, `ring 100
> answer
> play main-menu
hang up
`, `ring 100 from 1
> answer
> play main-menu
at 1s press 1
> http ...
fail no route to host
> continue broken,1
`}, "")
	if diff := run(t, balance, text); diff != "" {
		t.Error(diff)
	}
	f := parse(t, text)
	if len(f.Calls) != 4 || f.Calls[1].Title != "Nobody presses a key." || f.Calls[2].Title != "" {
		t.Errorf("%d calls, titles %q, %q", len(f.Calls), f.Calls[1].Title, f.Calls[2].Title)
	}
}

func TestDiff(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"another step", `# Wrong.
ring 100
> answer
> play main-menu
press 9
> play wrong-key
> play main-menu
`, `test.call:6: ivrd did something else (Wrong.)
  > answer
  > play main-menu
  press 9
- > play wrong-key
+ > play invalid
  > play main-menu
`},
		{"keys that no record has", `ring 100
> answer
> play main-menu
press ?
> play wrong-key
press ?
`, `test.call:5: ivrd did something else
  > answer
  > play main-menu
  press ?
- > play wrong-key
+ > play invalid
  press ?
  keys that were secret stand here as ?, and were pressed as 0; write digits in their place
`},
		{"the flow went on", `ring 100
> answer
`, `test.call:2: the flow went on
  ring 100
  > answer
+ > play main-menu
`},
		{"the call ended", `ring 100
> answer
> play main-menu
hang up
> play main-menu
press 1
> hangup normal
`, `test.call:5: the call ended (hangup) but this never happened
  > answer
  > play main-menu
  hang up
- > play main-menu
- > hangup normal
`},
		{"no step at all", "ring 100\n", `test.call:1: the flow went on
  ring 100
+ > answer
`},
		{"an error", `ring 100 from 1
> answer
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 500
`, `test.call:6: the flow went on
  press 1
  > http GET https://core.example/accounts/1
  reply 500
+ > end error input does not match format
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, run(t, balance, tt.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Each flow does one thing whose transcript follows.
func TestRun(t *testing.T) {
	tests := []struct {
		name string
		flow flow
		text string
	}{
		{"blanks do not count", func(c *engine.Call) error {
			return c.SetVar("NAME", "a  b\nc")
		}, "ring 1\n  >  set   NAME a b\\nc\n>continue\n"},
		{"dots match any rest", func(c *engine.Call) error {
			return c.SetVar("NAME", strings.Repeat("x", 2000))
		}, "ring 1\n> set NAME xxx...\n> continue\n"},
		{"end error without a text", func(c *engine.Call) error {
			return errors.New("it broke\nbadly")
		}, "ring 1\n> end error\n> continue\n"},
		{"end error with a text", func(c *engine.Call) error {
			return errors.New("it broke\nbadly")
		}, "ring 1\n> end error it broke\\nbadly\n> continue\n"},
		{"replies", func(c *engine.Call) error {
			reply, err := c.Exec("Queue", "sales")
			if err != nil || reply != "a\n b" {
				return fmt.Errorf("got %q, %v", reply, err)
			}
			rows, err := c.Do("db", "select 1", nil)
			if err != nil || rows != "2 rows\nr1\nr2" {
				return fmt.Errorf("got %q, %v", rows, err)
			}
			if value, err := c.Var("X"); err != nil || value != `say "hi"` {
				return fmt.Errorf("got %q, %v", value, err)
			}
			return nil
		}, "ring 1\n> exec Queue sales\nreply \"a\\n b\"\n> db select 1\nreply 2 rows\nrow r1\nrow r2\n> get X\nreply say \"hi\"\n> continue\n"},
		{"failures", func(c *engine.Call) error {
			_, err := c.Play(sounds("a", "b"), "")
			var missing *engine.PlayError
			if !errors.As(err, &missing) || missing.Error() != "play b: no such file" {
				return fmt.Errorf("got %v", err)
			}
			_, err = c.Play(sounds("a"), "")
			if !errors.As(err, &missing) || missing.Error() != "play a: gone" {
				return fmt.Errorf("got %v", err)
			}
			return nil
		}, "ring 1\n> play a b\nfail play b: no such file\n> play a\nfail gone\n> continue\n"},
		{"silence waits for ivrd, then for the caller", func(c *engine.Call) error {
			ask := engine.AskRequest{Asking: engine.Asking{Wait: 1e9, Between: 3e9, Tries: 3}, Min: 2, Max: 2}
			first, _ := c.Ask(ask)
			second, err := c.Ask(ask)
			return errors.Join(c.SetVar("GOT", first.Digits+" "+second.Digits), err)
		}, "ring 1\nsilence\npress 1\nsilence 2s\npress 2\nthen press 34\n> set GOT 12 34\n> continue\n"},
		{"at counts from the step", func(c *engine.Call) error {
			if err := c.Wait(time.Second); err != nil {
				return err
			}
			d, err := c.Play(engine.Prompts{engine.Silence(4 * time.Second)}, "1")
			return errors.Join(c.SetVar("GOT", fmt.Sprintf("%s %s", d, c.Now().Sub(c.Began()))), err)
		}, "ring 1\n> wait 1s\n> play silence:4s\nat 2.5s press 1\n> set GOT 1 3.58s\n> continue\n"},
		{"the clock", func(c *engine.Call) error {
			first := c.Now()
			if err := c.Wait(time.Second); err != nil {
				return err
			}
			second, third, fourth := c.Now(), c.Now(), c.Now()
			return c.SetVar("T", fmt.Sprint(first.Format(time.RFC3339), " ", second.Sub(first), third, fourth.Sub(third)))
		}, "clock 2026-11-22T10:00:00-03:00\nring 1\n> wait 1s\nclock 2026-11-22T11:00:00Z\nclock 2026-11-22T12:00:00Z\n" +
			"> set T 2026-11-22T10:00:00-03:00 -2h0m0s 2026-11-22 12:00:00 +0000 UTC 0s\n> continue\n"},
		{"seeds", func(c *engine.Call) error {
			return c.SetVar("S", fmt.Sprint(c.Seed(), c.Seed(), c.Seed()))
		}, "ring 1\n> set S 1 1 1\n> continue\n\n# Given.\nseed 41\nring 1\nseed 42\n> set S 41 42 42\n> continue\n"},
		{"secrets", func(c *engine.Call) error {
			pin, err := c.Secret("pin")
			key, other := c.Secret("key")
			return errors.Join(err, other, c.SetVar("S", fmt.Sprintf("%d %s %d %s 147112", len(pin), pin, len(key), key)))
		}, "secret pin 4711\nring 1\nsecret key \"a bc\"\n> set S 4 pin 4 key 147112\n> continue\n\n# Without a word.\nring 1\n> set S 3 pin 3 key 147112\n> continue\n"},
		{"ring", func(c *engine.Call) error {
			i := c.Info()
			vip, _ := c.Var("VIP")
			city, err := c.Var("CITY")
			return errors.Join(err, c.SetVar("I", strings.Join([]string{i.Exten, i.CallerID, i.CallerName, i.Context, i.Language, i.Path, i.Args["x"], vip, city}, "|")))
		}, `ring 100 from 555 name "Ana Maria" in sales language pt_BR path "menu?x=a%20b" with VIP=1 CITY="São Paulo"
> get VIP
> get CITY
> set I 100|555|Ana Maria|sales|pt_BR|menu|a b|1|São Paulo
> continue
`},
		{"a caller who hangs up at once", func(c *engine.Call) error { return c.Answer() }, "ring 1\nhang up\n> answer\n"},
		{"a recording", func(c *engine.Call) error {
			r, err := c.Record(engine.RecordRequest{Name: "msg", Silence: 2 * time.Second, Max: time.Minute})
			return errors.Join(c.SetVar("R", r.Duration.String()), err)
		}, "ring 1\n> record msg\nsay 3s\nsilence 1s\nsay \"and this\"\n> set R 5.52s\n> continue\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := run(t, tt.flow, tt.text); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// On a real backend the outcome of a step on the channel is compared, not taken.
func TestLive(t *testing.T) {
	flow := flow(func(c *engine.Call) error {
		if _, err := c.Var("VIP"); err != nil {
			return err
		}
		_, err := c.Do("http", "GET /", nil)
		return err
	})
	tests := []struct{ name, text, want string }{
		{"the same", "ring 1 with VIP=1\n> get VIP\nreply 1\n> http GET /\nreply 200\n> continue\n", ""},
		{"another", "ring 1 with VIP=2\n> get VIP\nreply 1\n> http GET /\nreply 200\n> continue\n",
			"test.call:3: the step had another result\n  ring 1 with VIP=2\n  > get VIP\n- reply 1\n+ reply 2\n  > http GET /\n  reply 200\n  > continue\n"},
		{"no failure", "ring 1 with VIP=2\n> get VIP\nfail gone\n> http GET /\nreply 200\n> continue\n",
			"test.call:3: the step had another result\n  ring 1 with VIP=2\n  > get VIP\n- fail gone\n+ reply 2\n  > http GET /\n  reply 200\n  > continue\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := parse(t, tt.text).Calls[0]
			follow := transcript.NewRun("test.call", c)
			s := stage(flow)
			ch, phone := s.Dial(c)
			follow.Phone, follow.Live = phone, true
			e := s.Engine()
			e.Observe = func(engine.Info) engine.Observer { return follow }
			e.Handle(context.Background(), ch)
			if diff := cmp.Diff(tt.want, follow.Result().Diff.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResult(t *testing.T) {
	r := stage(balance).Run(context.Background(), parse(t, balanceCall))[0]
	if r.Over.Why != engine.Completed || r.Took < 3*time.Second || r.Took > time.Minute {
		t.Errorf("ended by %s after %v", r.Over.Why, r.Took)
	}
}

func BenchmarkTranscript(b *testing.B) {
	f := parse(b, balanceCall)
	s := stage(balance)
	b.ReportAllocs()
	for b.Loop() {
		if r := s.Run(context.Background(), f); r[0].Diff != nil {
			b.Fatal(r[0].Diff)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "transcripts/s")
}
