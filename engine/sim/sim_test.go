package sim

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivrd/ivrd/engine"
)

const ms = time.Millisecond

func sounds(names ...string) []engine.Prompt {
	var list []engine.Prompt
	for _, name := range names {
		list = append(list, engine.Prompt{Text: name, Sound: engine.Sound{Duration: time.Second}})
	}
	return list
}

// each runs a test in virtual time, and in real time on a clock of its own. A test must find the same.
func each(t *testing.T, test func(t *testing.T, ch *Channel)) {
	t.Run("virtual", func(t *testing.T) { test(t, New(Call{Start: time.Unix(1e9, 0)})) })
	t.Run("real", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, New(Call{Real: true})) })
	})
}

// took reports what a step took.
func took(ch *Channel, step func()) time.Duration {
	began := ch.Now()
	step()
	return ch.Now().Sub(began)
}

func TestPlay(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name   string
		caller func(p *Phone)
		stop   engine.Digits
		digit  engine.Digit
		err    error
		took   time.Duration
		kept   engine.Digits
		heard  int
	}{
		{"nobody presses", func(*Phone) {}, "12", 0, nil, 2000 * ms, "", 2},
		{"barge-in at key-up", func(p *Phone) { p.Press(500*ms, "1") }, "12", '1', nil, 580 * ms, "", 1},
		{"in the second prompt", func(p *Phone) { p.Press(1500*ms, "1") }, "12", '1', nil, 1580 * ms, "", 2},
		{"no stop digit", func(p *Phone) { p.Press(0, "34") }, "12", 0, nil, 2000 * ms, "34", 2},
		{"stop digit behind another", func(p *Phone) { p.Press(0, "32") }, "12", '2', nil, 220 * ms, "3", 1},
		{"no barge-in", func(p *Phone) { p.Press(0, "1") }, "", 0, nil, 2000 * ms, "1", 2},
		{"hangup", func(p *Phone) { p.HangUp(1200 * ms) }, "12", 0, engine.ErrHangup, 1200 * ms, "", 2},
		{"key after the end", func(p *Phone) { p.Press(1950*ms, "1") }, "1", 0, nil, 2000 * ms, "", 2},
		{"key at the end", func(p *Phone) { p.Press(1920*ms, "1") }, "1", '1', nil, 2000 * ms, "", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, ch *Channel) {
				tt.caller(ch.Phone())
				var d engine.Digit
				var err error
				got := took(ch, func() { d, err = ch.Play(ctx, sounds("a", "b"), tt.stop) })
				if d != tt.digit || !errors.Is(err, tt.err) || got != tt.took {
					t.Errorf("got %q, %v in %v, want %q, %v in %v", d, err, got, tt.digit, tt.err, tt.took)
				}
				if ch.kept != tt.kept {
					t.Errorf("kept %q, want %q", ch.kept, tt.kept)
				}
				if n := len(ch.Phone().Heard()); n != tt.heard {
					t.Errorf("heard %d prompts, want %d", n, tt.heard)
				}
			})
		})
	}
}

func TestKeptDigits(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, ch *Channel) {
		ch.Phone().Press(0, "123")
		if _, err := ch.Play(ctx, sounds("a"), ""); err != nil {
			t.Fatal(err)
		}
		if got := took(ch, func() { ch.Play(ctx, sounds("b"), "2") }); got != 0 {
			t.Errorf("a kept stop digit let %v of the prompt be heard", got)
		}
		for _, want := range []engine.Digit{'1', '3', engine.NoDigit} {
			if d, err := ch.ReadDigit(ctx, 0); d != want || err != nil {
				t.Errorf("ReadDigit = %q, %v, want %q", d, err, want)
			}
		}
		if got := len(ch.Phone().Heard()); got != 1 {
			t.Errorf("heard %d prompts, want 1", got)
		}
	})
}

func TestReadDigit(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, ch *Channel) {
		var d engine.Digit
		if got := took(ch, func() { d, _ = ch.ReadDigit(ctx, time.Second) }); d != engine.NoDigit || got != time.Second {
			t.Errorf("nobody pressed: %q after %v", d, got)
		}
		ch.Phone().Press(100*ms, "#")
		if got := took(ch, func() { d, _ = ch.ReadDigit(ctx, time.Second) }); d != '#' || got != 180*ms {
			t.Errorf("# after 100ms: %q after %v", d, got)
		}
		ch.Phone().HangUp(100 * ms)
		if _, err := ch.ReadDigit(ctx, time.Second); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("hangup: %v", err)
		}
		if _, err := ch.ReadDigit(ctx, 0); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("after the hangup: %v", err)
		}
	})
}

func TestRecord(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name   string
		caller func(p *Phone)
		req    engine.RecordRequest
		want   engine.Recording
		err    error
		took   time.Duration
	}{
		{"stop digit", func(p *Phone) { p.Press(2920*ms, "5#") }, engine.RecordRequest{Stop: "#", Max: time.Minute},
			engine.Recording{Duration: 2940 * ms, Digit: '#', Why: engine.RecordDigit}, nil, 3140 * ms},
		{"max", func(p *Phone) {}, engine.RecordRequest{Max: 3 * time.Second},
			engine.Recording{Duration: 3 * time.Second, Why: engine.RecordTimeout}, nil, 3 * time.Second},
		{"max after the beep", func(p *Phone) {}, engine.RecordRequest{Max: 3 * time.Second, Beep: true},
			engine.Recording{Duration: 3 * time.Second, Why: engine.RecordTimeout}, nil, 3250 * ms},
		{"silence from the start", func(p *Phone) {}, engine.RecordRequest{Max: time.Minute, Silence: 2 * time.Second},
			engine.Recording{Duration: time.Second, Why: engine.RecordTimeout}, nil, 2 * time.Second},
		{"silence behind speech", func(p *Phone) { p.Speak(time.Second, 3*time.Second) }, engine.RecordRequest{Max: time.Minute, Silence: 2 * time.Second},
			engine.Recording{Duration: 5 * time.Second, Why: engine.RecordTimeout}, nil, 6 * time.Second},
		{"speech past max", func(p *Phone) { p.Speak(0, time.Hour) }, engine.RecordRequest{Max: 4 * time.Second, Silence: 2 * time.Second},
			engine.Recording{Duration: 4 * time.Second, Why: engine.RecordTimeout}, nil, 4 * time.Second},
		{"hangup", func(p *Phone) { p.HangUp(1500 * ms) }, engine.RecordRequest{Max: time.Minute},
			engine.Recording{Duration: 1500 * ms, Why: engine.RecordHangup}, engine.ErrHangup, 1500 * ms},
		{"nothing ends it", func(p *Phone) {}, engine.RecordRequest{},
			engine.Recording{Duration: time.Hour, Why: engine.RecordHangup}, engine.ErrHangup, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, ch *Channel) {
				tt.caller(ch.Phone())
				var rec engine.Recording
				var err error
				got := took(ch, func() { rec, err = ch.Record(ctx, tt.req) })
				if diff := cmp.Diff(tt.want, rec); diff != "" || !errors.Is(err, tt.err) || got != tt.took {
					t.Errorf("error %v after %v, want %v after %v; recording: %s", err, got, tt.err, tt.took, diff)
				}
			})
		})
	}
}

func TestMissingSound(t *testing.T) {
	ch := New(Call{Missing: func(p engine.Prompt, _ string) bool { return p.Text == "b" }})
	_, err := ch.Play(context.Background(), sounds("a", "b", "c"), "")
	var missing *engine.PlayError
	if !errors.As(err, &missing) || missing.Prompt.Text != "b" {
		t.Errorf("got %v, want a PlayError for b", err)
	}
	if got := len(ch.Phone().Heard()); got != 1 {
		t.Errorf("heard %d prompts, want a only", got)
	}
}

func TestVariablesOutliveTheCaller(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, ch *Channel) {
		ch.Phone().HangUp(0)
		for name, err := range map[string]error{
			"answer":   ch.Answer(ctx),
			"continue": ch.Continue(ctx, engine.Location{}),
			"hangup":   ch.Hangup(ctx, engine.CauseNormal),
		} {
			if !errors.Is(err, engine.ErrHangup) {
				t.Errorf("%s after the hangup: %v", name, err)
			}
		}
		if err := ch.SetVar(ctx, "IVRD_STATUS", "hangup"); err != nil {
			t.Error(err)
		}
		if got, _ := ch.Var(ctx, "IVRD_STATUS"); got != "hangup" {
			t.Errorf("IVRD_STATUS = %q", got)
		}
		if got := ch.Ending().How; got != HungUp {
			t.Errorf("the channel ended by %q", got)
		}
	})
}

func TestEnding(t *testing.T) {
	ctx := context.Background()
	ch := New(Call{})
	to := engine.Location{Context: "operators", Exten: "s"}
	if err := ch.Continue(ctx, to); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Ending{How: Continued, To: to}, ch.Ending()); diff != "" {
		t.Error(diff)
	}
	if err := ch.Answer(ctx); err == nil {
		t.Error("a channel that continued still took a step")
	}
	ch = New(Call{})
	if err := ch.Hangup(ctx, 17); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Ending{How: Hangup, Cause: 17}, ch.Ending()); diff != "" {
		t.Error(diff)
	}
	if _, err := ch.Play(ctx, sounds("a"), ""); !errors.Is(err, engine.ErrHangup) {
		t.Errorf("play after our hangup: %v", err)
	}
}

func TestExec(t *testing.T) {
	ctx := context.Background()
	if _, err := New(Call{}).Exec(ctx, "Queue", "sales"); err == nil {
		t.Error("an application without an answer ran")
	}
	ch := New(Call{Exec: func(app, args string) (string, error) { return app + "(" + args + ")", nil }})
	if got, err := ch.Exec(ctx, "Queue", "sales"); got != "Queue(sales)" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestVariables(t *testing.T) {
	ctx := context.Background()
	ch := New(Call{Info: engine.Info{CallerID: "55", Language: "de"}, Vars: map[string]string{"VIP": "1"}})
	for name, want := range map[string]string{"VIP": "1", "CALLERID(num)": "55", "CHANNEL(language)": "de", "NONE": ""} {
		if got, err := ch.Var(ctx, name); got != want || err != nil {
			t.Errorf("%s = %q, %v, want %q", name, got, err, want)
		}
	}
	if err := ch.SetVars(ctx, []engine.Variable{{Name: "CHANNEL(language)", Value: "pt_BR"}}); err != nil {
		t.Fatal(err)
	}
	if got, _ := ch.Var(ctx, "CHANNEL(language)"); got != "pt_BR" {
		t.Errorf("language = %q", got)
	}
}

// The terminal phone presses from a goroutine of its own.
func TestKeysFromAnotherGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := New(Call{Real: true})
		pressed := make(chan struct{})
		time.AfterFunc(300*ms, func() {
			ch.Phone().Press(0, "7")
			close(pressed)
		})
		var d engine.Digit
		if got := took(ch, func() { d, _ = ch.Play(context.Background(), sounds("a"), "7") }); d != '7' || got != 380*ms {
			t.Errorf("got %q after %v", d, got)
		}
		<-pressed
	})
}

func TestContextEndsAStep(t *testing.T) {
	why := errors.New("shutting down")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 200*ms, why)
		defer cancel()
		ch := New(Call{Real: true})
		if got := took(ch, func() {
			if _, err := ch.Play(ctx, sounds("a"), ""); !errors.Is(err, why) {
				t.Errorf("got %v, want the context's cause", err)
			}
		}); got != 200*ms {
			t.Errorf("it took %v", got)
		}
	})
}

func TestDuration(t *testing.T) {
	tests := []struct {
		p    engine.Prompt
		want time.Duration
	}{
		{engine.Silence(2 * time.Second), 2 * time.Second},
		{engine.Prompt{Kind: engine.TonePrompt, Text: "ring", For: time.Second}, time.Second},
		{engine.Prompt{Kind: engine.DigitsPrompt, Text: "123"}, 1500 * ms},
		{engine.Prompt{Text: "ab"}, 430 * ms},
		{engine.Prompt{Text: "ab", Sound: engine.Sound{Text: "Good morning"}}, 1080 * ms},
		{engine.Prompt{Text: "ab", Sound: engine.Sound{Text: "Good morning", Duration: time.Minute}}, time.Minute},
	}
	for _, tt := range tests {
		if got := Duration(tt.p); got != tt.want {
			t.Errorf("%s takes %v, want %v", tt.p, got, tt.want)
		}
	}
}

// A caller at a keyboard is asked once the flow waits and nothing is to happen.
func TestIdle(t *testing.T) {
	ctx := context.Background()
	asked := 0
	ch := New(Call{Idle: func(p *Phone, wait time.Duration) {
		if asked++; asked == 1 {
			p.Press(0, "12")
		}
	}})
	for _, want := range []engine.Digit{'1', '2', engine.NoDigit} {
		if d, err := ch.ReadDigit(ctx, time.Second); d != want || err != nil {
			t.Errorf("ReadDigit = %q, %v, want %q", d, err, want)
		}
	}
	if d, err := ch.ReadDigit(ctx, 0); d != engine.NoDigit || err != nil || asked != 2 {
		t.Errorf("ReadDigit without a wait = %q, %v; asked %d times, want 2", d, err, asked)
	}
}
