package sim

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

func TestDial(t *testing.T) {
	alice := engine.DialRequest{Targets: []string{"PJSIP/alice"}, Timeout: 20 * time.Second, Wait: 5 * time.Second, End: "*9"}
	confirm := alice
	confirm.Announce, confirm.Confirm = sounds("call-for-you"), "1"
	limit := alice
	limit.Most = 30 * time.Second
	transfer := alice
	transfer.Transfer = engine.TransferKeys{Blind: "##", Context: "sales", Called: true}
	both := alice
	both.Targets = []string{"PJSIP/alice@trunk", "PJSIP/bob/sip:bob@10.0.0.1", "Local/200@x"}
	tests := []struct {
		name    string
		request engine.DialRequest
		caller  func(p *Phone)
		want    string
		err     error
		took    time.Duration
	}{
		{"nobody answers", alice, func(*Phone) {}, "no_answer", nil, 20 * time.Second},
		{"hangs up", alice, func(p *Phone) { p.PartyAnswers("alice", 2*time.Second); p.PartyHangsUp("alice", 12*time.Second) },
			"answered PJSIP/alice 10s called", nil, 12 * time.Second},
		{"busy", alice, func(p *Phone) { p.PartyRefuses("alice", time.Second, true) }, "busy", nil, time.Second},
		{"refuses", alice, func(p *Phone) { p.PartyRefuses("alice", time.Second, false) }, "refused", nil, time.Second},
		{"another party answers", alice, func(p *Phone) { p.PartyAnswers("bob", 0) }, "no_answer", nil, 20 * time.Second},
		{"the caller gives up", alice, func(p *Phone) { p.Press(time.Second, "8*9") }, "cancelled", nil, 1360 * ms},
		{"the caller has talked enough", alice, func(p *Phone) { p.PartyAnswers("alice", 0); p.Press(5*time.Second, "*9") },
			"answered PJSIP/alice 5.22s key", nil, 5220 * ms},
		{"the caller hangs up", alice, func(p *Phone) { p.HangUp(time.Second) }, "", engine.ErrHangup, time.Second},
		{"confirms", confirm, func(p *Phone) {
			p.PartyAnswers("alice", 0)
			p.PartyPresses("alice", 3*time.Second, "21")
			p.PartyHangsUp("alice", 9*time.Second)
		}, "answered PJSIP/alice 5.78s called", nil, 9 * time.Second},
		{"confirms too early, which counts", confirm, func(p *Phone) {
			p.PartyAnswers("alice", 0)
			p.PartyPresses("alice", 500*ms, "1")
			p.PartyHangsUp("alice", 9*time.Second)
		}, "answered PJSIP/alice 8.42s called", nil, 9 * time.Second},
		{"does not confirm", confirm, func(p *Phone) { p.PartyAnswers("alice", 0) }, "refused", nil, 6 * time.Second},
		{"limit", limit, func(p *Phone) { p.PartyAnswers("alice", 0) }, "answered PJSIP/alice 30s limit", nil, 30 * time.Second},
		{"hands the caller on", transfer, func(p *Phone) {
			p.PartyAnswers("alice", 0)
			p.PartyPresses("alice", 4*time.Second, "##20")
		}, "answered PJSIP/alice 4.22s transfer sales,20,1", nil, 7500 * ms},
		{"several, by the names of their phones", both, func(p *Phone) {
			p.PartyRefuses("alice", 0, true)
			p.PartyAnswers("bob", time.Second)
			p.PartyAnswers("200", 2*time.Second)
			p.PartyHangsUp("bob", 3*time.Second)
		}, "answered PJSIP/bob/sip:bob@10.0.0.1 2s called", nil, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, ch *Channel) {
				tt.caller(ch.Phone())
				var talk engine.Talk
				var err error
				d := took(ch, func() { talk, err = ch.Dial(context.Background(), tt.request) })
				if got := talk.String(); got != tt.want || !errors.Is(err, tt.err) {
					t.Errorf("got %q, %v, want %q, %v", got, err, tt.want, tt.err)
				}
				if d != tt.took {
					t.Errorf("took %v, want %v", d, tt.took)
				}
			})
		})
	}
}
