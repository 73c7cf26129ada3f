package agi

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// asked is a command that reads several values, and answered its reply.
func asked(names ...string) string {
	return `< GET FULL VARIABLE "${` + strings.Join(names, "}{word}/${") + `}{word}"` + "\n"
}

func answered(values ...string) string {
	return "> 200 result=1 (" + strings.Join(values, "{word}/") + "{word})\n"
}

var (
	askLook = asked("DIALPLAN_EXISTS(ivrd,left,1)", "CHANNEL(name)", "CALLERID(num)", "CALLERID(name)", "CALLERID(pres)", "CHANNEL(language)",
		"FEATUREMAP(disconnect)", "FEATUREMAP(blindxfer)", "FEATUREMAP(atxfer)", "FEATURE(inherit)", "TRANSFER_CONTEXT")
	askResult  = asked("DIALSTATUS", "HANGUPCAUSE", "IVRD_REFUSED", "IVRD_SINCE")
	askTalk    = asked("STRFTIME(,,%s.%3q)", "DIALEDPEERNAME", "DIALEDPEERNUMBER", "ANSWEREDTIME_MS", "BLINDTRANSFER", "ATTENDEDTRANSFER", "BRIDGEPEER")
	alive      = "< CHANNEL STATUS\n> 200 result=6\n"
	dead       = "< CHANNEL STATUS\n> HANGUP\n> 511 Command Not Permitted on a dead channel\n"
	plainVars  = `< SET VARIABLE "ARRAY(IVRD_SINCE,IVRD_LEFT,IVRD_REFUSED)" ",,"` + "\n> 200 result=1\n"
	helpedVars = `< SET VARIABLE "ARRAY(IVRD_SINCE,IVRD_LEFT,IVRD_REFUSED,__IVRD_CALLER)" ",,,PJSIP/a-1"` + "\n> 200 result=1\n"
)

func look(helped string) string {
	return askLook + answered(helped, "PJSIP/a-1", "5551234", `A(d)a" <x>`, "prohib", "en", "*", "#", "", "no", "")
}

// TestDialResult: what Dial leaves in variables, and what the network may say.
func TestDialResult(t *testing.T) {
	for _, test := range []struct {
		status, cause, refused, since string
		want                          engine.Talk
	}{
		{"BUSY", "17", "", "", engine.Talk{Status: engine.Busy, Cause: 17}},
		{"BUSY", "20", "", "", engine.Talk{Status: engine.Busy}}, // of another target
		{"NOANSWER", "16", "", "", engine.Talk{Status: engine.NoAnswer}},
		{"NOANSWER", "0", "", "", engine.Talk{Status: engine.NoAnswer}},
		{"NOANSWER", "", "", "", engine.Talk{Status: engine.NoAnswer}},
		{"CONGESTION", "34", "", "", engine.Talk{Status: engine.Congestion, Cause: 34}},
		{"CHANUNAVAIL", "21", "", "", engine.Talk{Status: engine.Refused, Cause: 21}},
		{"CHANUNAVAIL", "38", "", "", engine.Talk{Status: engine.Congestion, Cause: 38}},
		{"CHANUNAVAIL", "1", "", "", engine.Talk{Status: engine.Unavailable, Cause: 1}},
		{"CHANUNAVAIL", "0", "", "", engine.Talk{Status: engine.Unavailable}},
		{"CANCEL", "16", "", "", engine.Talk{Status: engine.Cancelled}},
		{"ANSWER", "16", "", "", engine.Talk{Status: engine.Refused}},
		{"BUSY", "17", "1", "", engine.Talk{Status: engine.Refused}},
	} {
		script := look("1") + helpedVars + `< EXEC "Dial" "PJSIP/b,1,grU(ivrd)"` + "\n> 200 result=0\n" +
			askResult + answered(test.status, test.cause, test.refused, test.since) + alive
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			talk, err := ch.Dial(ctx, engine.DialRequest{Targets: []string{"PJSIP/b"}, Timeout: time.Second})
			if talk != test.want || err != nil {
				t.Errorf("%s %s: talk %+v, %v, want %+v", test.status, test.cause, talk, err, test.want)
			}
		})
	}
}

// TestDialTalk: who answered, how long it was and what ended it.
func TestDialTalk(t *testing.T) {
	for _, test := range []struct {
		name    string
		targets string
		talk    []string
		want    engine.Talk
	}{
		{"called", "PJSIP/b", []string{"1000.500", "PJSIP/b-2", "b", "9000", "", "", "PJSIP/b-2"}, engine.Talk{Target: "PJSIP/b", Ended: engine.EndedCalled}},
		{"one of two", "PJSIP/1@t PJSIP/2@t", []string{"1000.500", "PJSIP/t-2", "2@t", "", "", "", "PJSIP/t-2"}, engine.Talk{Target: "PJSIP/2@t", Ended: engine.EndedCalled}},
		{"forwarded", "PJSIP/b", []string{"1000.500", "Local/c@x-1;1", "c@x", "", "", "", "PJSIP/c-9"}, engine.Talk{Target: "PJSIP/b", Ended: engine.EndedCalled}},
		{"one of two, forwarded", "PJSIP/b PJSIP/c", []string{"1000.500", "PJSIP/d-1", "d", "", "", "", "PJSIP/d-1"}, engine.Talk{Target: "PJSIP/d-1", Ended: engine.EndedCalled}},
		{"the caller hands the other on", "PJSIP/b", []string{"1000.500", "PJSIP/b-2", "b", "", "PJSIP/b-2", "", "PJSIP/b-2"}, engine.Talk{Target: "PJSIP/b", Ended: engine.EndedTransfer}},
	} {
		targets := strings.Fields(test.targets)
		script := look("1") + helpedVars + `< EXEC "Dial" "` + strings.Join(targets, "&") + `,1,grU(ivrd)"` + "\n> 200 result=0\n" +
			askResult + answered("ANSWER", "16", "", "998.000") + askTalk + answered(test.talk...) + alive
		test.want.Status, test.want.Lasted = engine.Answered, 2500*time.Millisecond
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			talk, err := ch.Dial(ctx, engine.DialRequest{Targets: targets, Timeout: time.Second})
			if talk != test.want || err != nil {
				t.Errorf("%s: talk %+v, %v, want %+v", test.name, talk, err, test.want)
			}
		})
	}
}

// TestDialHandedOn: who is handed on is dead to us, and goes on where Asterisk has put it.
func TestDialHandedOn(t *testing.T) {
	script := look("1") + helpedVars + `< EXEC "Dial" "PJSIP/b,1,grU(ivrd)"` + "\n> 200 result=0\n> HANGUP\n" +
		askResult + answered("ANSWER", "16", "", "998") + askTalk + answered("999", "PJSIP/b-2", "b", "", "PJSIP/b-2", "", "PJSIP/b-2") +
		asked("CONTEXT", "EXTEN") + answered("others", "71") + `< SET VARIABLE "IVRD_STATUS" "continued"` + "\n> 200 result=1\n"
	converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
		talk, err := ch.Dial(ctx, engine.DialRequest{Targets: []string{"PJSIP/b"}, Timeout: time.Second})
		want := engine.Talk{
			Status: engine.Answered, Target: "PJSIP/b", Lasted: time.Second, Ended: engine.EndedTransfer,
			To: engine.Location{Context: "others", Exten: "71", Priority: "1"},
		}
		if talk != want || err != nil {
			t.Errorf("talk %+v, %v", talk, err)
		}
		noErr(t, "set", ch.SetVar(ctx, "IVRD_STATUS", "continued"))
		noErr(t, "continue", ch.Continue(ctx, talk.To))
	})
}

// TestDialHangup: neither a caller who hangs up while it rings nor one who does while talking has a talk.
func TestDialHangup(t *testing.T) {
	begin := look("1") + helpedVars + `< EXEC "Dial" "PJSIP/b,1,grU(ivrd)"` + "\n> 200 result=-1\n"
	for _, script := range []string{
		begin + askResult + answered("CANCEL", "16", "", "") + dead,
		begin + askResult + answered("ANSWER", "16", "", "998") + askTalk + answered("999", "PJSIP/b-2", "b", "", "", "", "PJSIP/b-2") + dead,
	} {
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			talk, err := ch.Dial(ctx, engine.DialRequest{Targets: []string{"PJSIP/b"}, Timeout: time.Second})
			wantHangup(t, talk, err)
		})
	}
}

// TestDialEnd: who ended a conversation is known when the other party's channel is gone, or has said that it was
// left.
func TestDialEnd(t *testing.T) {
	vars := helpedVars + `< SET VARIABLE "FEATUREMAP(disconnect)" "#"` + "\n> 200 result=1\n"
	begin := look("1") + vars + `< EXEC "Dial" "PJSIP/b,1,grHF(ivrd^left^1)U(ivrd)"` + "\n> 200 result=0\n" +
		askResult + answered("ANSWER", "16", "", "998") + askTalk + answered("999", "PJSIP/b-2", "b", "", "", "", "PJSIP/b-2") + alive
	channels := `< GET FULL VARIABLE "${CHANNELS(^PJSIP/b-2)}{word}"` + "\n"
	left := `< GET FULL VARIABLE "${IVRD_LEFT}{word}"` + "\n"
	other := channels + "> 200 result=1 ({word})\n" + left + "> 200 result=1 (PJSIP/c-1{word})\n" // of an earlier talk
	still := channels + "> 200 result=1 (PJSIP/b-2{word})\n" + left + "> 200 result=1 ({word})\n< WAIT FOR DIGIT \"5\"\npause 5ms\n> 200 result=0\n"
	restore := `< SET VARIABLE "FEATUREMAP(disconnect)" "*"` + "\n> 200 result=1\n"
	for script, want := range map[string]engine.TalkEnd{
		begin + still + channels + "> 200 result=1 ({word})\n" + left + "> 200 result=1 ({word})\n" + restore:                   engine.EndedCalled,
		begin + still + channels + "> 200 result=1 (PJSIP/b-2{word})\n" + left + "> 200 result=1 (PJSIP/b-2{word})\n" + restore: engine.EndedKey,
		begin + other + restore: engine.EndedCalled,
		begin + channels + "> 200 result=1 ({word})\n" + left + "> 200 result=1 (PJSIP/b-2{word})\n" + restore: engine.EndedKey,
	} {
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			talk, err := ch.Dial(ctx, engine.DialRequest{Targets: []string{"PJSIP/b"}, Timeout: time.Second, End: "#"})
			if talk.Ended != want || err != nil {
				t.Errorf("talk %+v, %v, want %s", talk, err, want)
			}
		})
	}
}

// TestDialOptions: every request as Dial takes it.
func TestDialOptions(t *testing.T) {
	own := caller{number: "55(5)", name: `A(d)a" <x>`, presentation: "prohib"}
	for _, test := range []struct {
		want string
		r    engine.DialRequest
	}{
		{"PJSIP/b,30,grU(ivrd)", engine.DialRequest{}},
		{"PJSIP/b,0.5,gRU(ivrd)", engine.DialRequest{Early: true, Music: "m", Timeout: 500 * time.Millisecond}},
		{"PJSIP/b&PJSIP/c,30,gm(m)U(ivrd)", engine.DialRequest{Early: true, Music: "m", Targets: []string{"PJSIP/b", "PJSIP/c"}}},
		{"PJSIP/b,30,grf(Ada x <1>)U(ivrd)", engine.DialRequest{Number: "1"}},
		{"PJSIP/b,30,grf(B, c <555>)u(prohib)U(ivrd)", engine.DialRequest{Name: "B, c"}},
		{"Local/0@ivrd-ask/n,,grU(ivrd)", engine.DialRequest{Announce: sound("a")}},
		{"Local/0@ivrd-ask/n&Local/1@ivrd-ask/n,,grU(ivrd)", engine.DialRequest{Confirm: "1", Targets: []string{"PJSIP/b", "PJSIP/c"}}},
		{"PJSIP/b,30,grHF(ivrd^left^1)U(ivrd)", engine.DialRequest{End: "*"}},
		{"PJSIP/b,30,grL(1500)U(ivrd)", engine.DialRequest{Most: 1500 * time.Millisecond, Warn: 1500 * time.Millisecond}},
		{"PJSIP/b,30,grL(60000:9000:0)U(ivrd)", engine.DialRequest{Most: time.Minute, Warn: 9 * time.Second}},
		{"PJSIP/b,30,grTtU(ivrd)", engine.DialRequest{Transfer: engine.TransferKeys{Blind: "#", Caller: true, Called: true}}},
		{"PJSIP/b,30,grtU(ivrd)", engine.DialRequest{Transfer: engine.TransferKeys{Attended: "#", Called: true}}},
		{"PJSIP/b,30,grU(ivrd)", engine.DialRequest{Transfer: engine.TransferKeys{Caller: true, Called: true}}},
	} {
		if test.r.Targets == nil {
			test.r.Targets = []string{"PJSIP/b"}
		}
		if test.r.Timeout == 0 {
			test.r.Timeout = 30 * time.Second
		}
		d := &dialing{call: &channel{}, request: test.r, helped: true, own: own}
		noErr(t, "check", d.check(t.Context()))
		if got := d.arguments(); got != test.want {
			t.Errorf("Dial(%s), want %s", got, test.want)
		}
	}
}

// TestDialRefuses: nothing that is asked for may become more arguments, options or targets.
func TestDialRefuses(t *testing.T) {
	for name, r := range map[string]engine.DialRequest{
		"nobody":         {},
		"no technology":  {Targets: []string{"alice"}},
		"two targets":    {Targets: []string{"PJSIP/a&PJSIP/b"}},
		"an option":      {Targets: []string{"PJSIP/a,,M(x)"}},
		"an expression":  {Targets: []string{"PJSIP/${X}"}},
		"a line break":   {Targets: []string{"PJSIP/a\nb"}},
		"music":          {Targets: []string{"PJSIP/a"}, Music: "x)G(y"},
		"number":         {Targets: []string{"PJSIP/a"}, Number: "1>)G(y"},
		"name":           {Targets: []string{"PJSIP/a"}, Name: "x\ny"},
		"context":        {Targets: []string{"PJSIP/a"}, Transfer: engine.TransferKeys{Context: "a,b"}},
		"keys":           {Targets: []string{"PJSIP/a"}, End: "x"},
		"confirm":        {Targets: []string{"PJSIP/a"}, Confirm: `1" = "1`},
		"blind":          {Targets: []string{"PJSIP/a"}, Transfer: engine.TransferKeys{Blind: "?"}},
		"announcement":   {Targets: []string{"PJSIP/a"}, Announce: engine.Prompts{{Text: "a,b"}}},
		"spoken":         {Targets: []string{"PJSIP/a"}, Announce: engine.Prompts{{Kind: engine.DigitsPrompt, Text: "1"}}},
		"two warnings":   {Targets: []string{"PJSIP/a"}, Warning: engine.Prompts{{Text: "a"}, {Text: "b"}}},
		"a recording's":  {Targets: []string{"PJSIP/a"}, Warning: engine.Prompts{{Text: "a", Sound: engine.Sound{Media: "http://h/a?b&c"}}}},
		"attended":       {Targets: []string{"PJSIP/a"}, Transfer: engine.TransferKeys{Attended: ")"}},
		"no resource":    {Targets: []string{"PJSIP/"}},
		"no technology/": {Targets: []string{"/a"}},
	} {
		converse(t, &Server{TypeAhead: -1}, "", func(ctx context.Context, ch *channel) {
			if _, err := ch.Dial(ctx, r); err == nil || !strings.HasPrefix(err.Error(), "dial: ") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// TestDialNotUnderstood: an error names what Asterisk did not take.
func TestDialNotUnderstood(t *testing.T) {
	for script, want := range map[string]string{
		look("1") + helpedVars + `< EXEC "Dial" "PJSIP/b,1,grU(ivrd)"` + "\n> 200 result=-1\n" + askResult + answered("INVALIDARGS", "0", "", "") + alive: "did not understand",
		look("1") + helpedVars + `< EXEC "Dial" "PJSIP/b,1,grU(ivrd)"` + "\n> 200 result=-2\n":                                                            "no application Dial",
		look("0") + plainVars + `< EXEC "Dial" "PJSIP/b,1,gr"` + "\n> 200 result=-2\n":                                                                    "no application Dial",
	} {
		converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
			_, err := ch.Dial(ctx, engine.DialRequest{Targets: []string{"PJSIP/b"}, Timeout: time.Second})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		})
	}
}
