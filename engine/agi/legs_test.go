package agi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// got is a command that reads one value, and its reply.
func got(name, value string) string {
	return `< GET FULL VARIABLE "${` + name + `}{word}"` + "\n> 200 result=1 (" + value + "{word})\n"
}

// ran is an application that comes back.
func ran(app, args string) string {
	return `< EXEC "` + app + `" "` + args + `"` + "\n> 200 result=0\n"
}

func wantText(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, want %s", what, err, text)
	}
}

func TestTransfer(t *testing.T) {
	status := asked("TRANSFERSTATUS", "TRANSFERSTATUSPROTOCOL")
	for script, want := range map[string]string{
		status + answered("UNSUPPORTED", "0"):            "no means",
		status + answered("FAILURE", "0") + alive:        "technology",
		status + answered("FAILURE", "603") + alive:      "did not agree (603)",
		status + answered("FAILURE", "") + dead:          "hung up",
		status + "> HANGUP\n" + answered("SUCCESS", "0"): "", // what was wanted
	} {
		converse(t, &Server{TypeAhead: -1}, ran("Transfer", "sip:b@c")+script, func(ctx context.Context, ch *channel) {
			if err := ch.Transfer(ctx, "sip:b@c"); want != "" {
				wantText(t, "transfer", err, want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBridge(t *testing.T) {
	for result, want := range map[string]string{
		"NONEXISTENT": "no channel PJSIP/b-1", "LOOP": "itself", "FAILURE": "could not connect", "INCOMPATIBLE": "could not connect",
	} {
		converse(t, &Server{TypeAhead: -1}, ran("Bridge", "PJSIP/b-1,")+got("BRIDGERESULT", result)+alive, func(ctx context.Context, ch *channel) {
			wantText(t, "bridge", ch.Bridge(ctx, "PJSIP/b-1"), want)
		})
	}
}

// TestPickup: whoever has the lock has the caller; one who goes just then leaves the next.
func TestPickup(t *testing.T) {
	first, second := "Local/park-7@ivrd-00000001;2", "Local/park-7@ivrd-00000002;2"
	find := `< GET FULL VARIABLE "${CHANNELS(^Local/park-7@ivrd-)}{word}"` + "\n> 200 result=1 (" + second + " " + second[:len(second)-1] + "1 LOCAL/PARK-7@IVRD-3;2 " + first + "{word})\n"
	script := find +
		got("TRYLOCK("+first+")", "0") + // somebody else was faster
		got("TRYLOCK("+second+")", "1") + asked("IMPORT("+second+",IVRD_CALLER)", "STRFTIME(,,%s.%3q)") + answered("PJSIP/b-1", "10.5") +
		`< SET VARIABLE "EXPORT(PJSIP/b-1,IVRD_PICKED)" "10.5 PJSIP/alice-00000001"` + "\n> 200 result=1\n" +
		ran("Bridge", second+",x") + got("BRIDGERESULT", "NONEXISTENT") + alive +
		`< SET VARIABLE "EXPORT(PJSIP/b-1,IVRD_PICKED)" ""` + "\n> 200 result=1\n" + got("UNLOCK("+second+")", "1")
	converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
		talk, err := ch.Pickup(ctx, "7")
		wantStatus(engine.Talk{Status: engine.Unavailable})(t, talk, err)
	})
}

func TestPatterns(t *testing.T) {
	for s, want := range map[string]string{
		"PJSIP/a-1": "PJSIP/a-1", "SIP/1.2.3.4-5": "SIP/1.2.3.4-5", "X/a+b(c)[d]{e}$f|g,h": "X/a.b.c..d..e..f.g.h", "ü": ".",
	} {
		if got := pattern(s); got != want {
			t.Errorf("%s: %s", s, got)
		}
	}
}

func TestConferenceResult(t *testing.T) {
	info := asked("CONFBRIDGE_INFO(locked,r)", "CONFBRIDGE_INFO(parties,r)")
	r := engine.ConferenceRequest{Room: "r", Most: 3, Quiet: true, Record: "x", Music: "m", Join: "j", Leave: "l", Keys: engine.ConferenceKeys{Leave: "*", Lock: "1"}}
	var set string
	recorded := r
	recorded.Record = "/s/recording/x"
	for _, v := range profiles(recorded) {
		set += `< SET VARIABLE "` + v.Name + `" "` + v.Value + `"` + "\n> 200 result=1\n"
	}
	for _, want := range []string{
		`(bridge,max_members)" "3"`, `(bridge,record_file)" "/s/recording/x.wav"`, `(user,quiet)" "yes"`, `(user,announce_only_user)" "no"`, `(menu,*)" "leave_conference"`,
	} {
		if !strings.Contains(set, want) {
			t.Errorf("%s is not in\n%s", want, set)
		}
	}
	if strings.Contains(set, "admin_") {
		t.Error("who is no moderator may lock")
	}
	enter := info + answered("0", "2") + spool + set + ran("ConfBridge", "r") + got("CONFBRIDGE_RESULT", "{result}")
	for result, want := range map[string]engine.StayEnd{"DTMF": engine.StayKey, "ENDMARKED": engine.StayEnded, "KICKED": engine.StayKicked} {
		converse(t, &Server{TypeAhead: -1}, strings.Replace(enter, "{result}", result, 1)+alive, func(ctx context.Context, ch *channel) {
			if stay, err := ch.Conference(ctx, r); stay.Why != want || err != nil {
				t.Errorf("%s: %+v, %v", result, stay, err)
			}
		})
	}
	failed := strings.Replace(enter, "{result}", "FAILED", 1) + alive
	for script, want := range map[string]engine.StayEnd{
		info + answered("1", "2"):            engine.StayLocked,
		info + answered("0", "3"):            engine.StayFull,
		failed + info + answered("1", "2"):   engine.StayLocked, // meanwhile
		failed + info + answered("0", "3"):   engine.StayFull,
		failed + info + answered("0", "2"):   "",
		info + answered("", ""):              "",
		info + "> HANGUP\n> 200 result=1 ()": "",
	} {
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			if stay, err := ch.Conference(ctx, r); stay != (engine.Stay{Why: want}) || (err == nil) != (want != "") {
				t.Errorf("%+v, %v, want %s", stay, err, want)
			}
		})
	}
}

func TestSpyOptions(t *testing.T) {
	for _, test := range []struct {
		r    engine.SpyRequest
		want string
	}{
		{engine.SpyRequest{}, "qE"},
		{engine.SpyRequest{Mode: engine.SpyWhisper, End: "5"}, "qEwc(5)x(5)"},
		{engine.SpyRequest{Mode: engine.SpyBarge, End: "*#"}, "qEBc(*)x(#)"},
		{engine.SpyRequest{End: "123"}, ""},
		{engine.SpyRequest{End: ")"}, ""},
		{engine.SpyRequest{End: "A"}, ""},
	} {
		if got, err := spyOptions(test.r); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%+v: %s, %v", test.r, got, err)
		}
	}
}

func TestSendText(t *testing.T) {
	escaped := `a,b \"c\" \\\\ \\r` // on the wire, where AGI takes quotes and backslashes once more
	for status, want := range map[string]string{"SUCCESS": "", "UNSUPPORTED": "does not take text", "FAILURE": "does not take text"} {
		script := ran("SendText", escaped) + got("SENDTEXTSTATUS", status)
		if want != "" {
			script += alive
		}
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			if err := ch.SendText(ctx, "a,b \"c\" \\ \r"); want == "" {
				noErr(t, "send", err)
			} else {
				wantText(t, "send", err, want)
			}
		})
	}
}

// TestControlCancelled: a recording that is steered stops with its context, wherever it is.
func TestControlCancelled(t *testing.T) {
	keys := engine.ControlKeys{Pause: '5', Skip: time.Second}
	script := `
		< STREAM FILE "a" ` + all + `
		> 200 result=53 endpos=4000
		< WAIT FOR DIGIT "3600000"
		pause 1s
		> 200 result=49
		< WAIT FOR DIGIT "3600000"
		pause 1s
		> 200 result=53
		< STREAM FILE "a" ` + all + ` "4000"
		cancel
		< GET FULL VARIABLE "{sync}"
		> 200 result=0 endpos=8000
		> 200 result=1 ({sync})`
	converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
		d, at, err := ch.PlayControlled(ctx, engine.Prompt{Text: "a"}, keys, "#")
		if d != engine.NoDigit || at != time.Second || !errors.Is(err, errTest) {
			t.Errorf("%v at %v, %v", d, at, err)
		}
		if kept := keptDigits(t, ch); kept != "1" {
			t.Errorf("kept %q", kept)
		}
	})
}

// TestNotifyKept: of digits that were pressed while the flow thought it hears when the next step waits, and may
// end that.
func TestNotifyKept(t *testing.T) {
	script := `
		< WAIT FOR DIGIT "3600000"
		> 200 result=49
		< WAIT FOR DIGIT "3600000"
		> 200 result=50
		< WAIT FOR DIGIT "3600000"
		< GET FULL VARIABLE "{sync}"
		> 200 result=1
		> 200 result=1 ({sync})
		< WAIT FOR DIGIT "3600000"
		< GET FULL VARIABLE "{sync}"
		> 200 result=1
		> 200 result=1 ({sync})`
	converse(t, &Server{TypeAhead: 10 * time.Millisecond}, script, func(ctx context.Context, ch *channel) {
		var told string
		noErr(t, "notify", ch.Notify(ctx, []engine.EventKind{engine.EventDigit}, func(e engine.Event) bool {
			told += e.Text
			return e.Text == "2"
		}))
		ch.end()
		time.Sleep(time.Second) // the flow thinks, in virtual time
		d, err := ch.Play(ctx, sound("never heard"), "1")
		if d != engine.NoDigit || err != nil || told != "12" {
			t.Errorf("play: %v, %v, told of %q", d, err, told)
		}
		time.Sleep(time.Second)
		noErr(t, "notify", ch.Notify(ctx, nil, nil))
		if kept := keptDigits(t, ch); kept != "12" {
			t.Errorf("kept %q", kept)
		}
		ch.begin(ctx)
	})
}
