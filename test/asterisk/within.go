package asterisk

import (
	"context"
	"fmt"
	"slices"

	"github.com/emiago/sipgo/sip"
)

// inbox is what Asterisk has asked of a phone within its call.
type inbox struct {
	texts    []string // of MESSAGEs; media's lock guards it
	referred string   // where to, by REFER; likewise
	stays    bool     // it would not go; likewise
	statuses []int    // before the answer; likewise
}

// told notes a status that came before the answer.
func (p *Phone) told(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.statuses = append(p.statuses, status)
}

// WaitStatus waits for a status before the answer: 180 is ringing, 183 progress.
func (p *Phone) WaitStatus(ctx context.Context, status int) error {
	return poll(ctx, func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if slices.Contains(p.statuses, status) {
			return nil
		}
		return fmt.Errorf("no status %d came, but %v", status, p.statuses)
	})
}

// Hold puts the call on hold, as a phone's hold key does, or takes it back: a re-INVITE with sendonly, then with
// sendrecv (RFC 3264, 8.4).
func (p *Phone) Hold(on bool) error {
	select {
	case <-p.answered: // the phone may not know yet what the dialplan does
	case <-p.ended:
		return fmt.Errorf("hold: %w", errEnded)
	}
	direction := "sendrecv"
	if on {
		direction = "sendonly"
	}
	p.mu.Lock()
	p.cseq++
	seq := p.cseq
	p.mu.Unlock()
	invite := p.request(sip.INVITE, seq)
	invite.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	invite.SetBody(offer(p.port(), int(seq), direction))
	if err := p.agent.do(invite); err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	return p.agent.client.WriteRequest(p.request(sip.ACK, seq), addVia)
}

// onMessage takes a text.
func (p *Phone) onMessage(req *sip.Request, tx sip.ServerTransaction) {
	respondOK(req, tx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.texts = append(p.texts, string(req.Body()))
	p.wake()
}

// Texts are the texts that Asterisk has sent (SendText).
func (p *Phone) Texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.texts)
}

// StayWhenReferred has the phone refuse to be handed on.
func (p *Phone) StayWhenReferred() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stays = true
}

// onRefer goes where Asterisk wants the phone to: it says that it has got there (RFC 3515), and hangs up.
func (p *Phone) onRefer(req *sip.Request, tx sip.ServerTransaction) {
	p.mu.Lock()
	stays := p.stays
	if to := req.GetHeader("Refer-To"); to != nil && !stays {
		p.referred = to.Value()
	}
	p.mu.Unlock()
	if stays {
		tx.Respond(sip.NewResponseFromRequest(req, 603, "Decline", nil))
		return
	}
	tx.Respond(sip.NewResponseFromRequest(req, 202, "Accepted", nil))
	p.work.Go(func() {
		p.agent.do(p.arrived())
		p.bye()
	})
}

// arrived tells Asterisk that the call it asked for was answered.
func (p *Phone) arrived() *sip.Request {
	p.mu.Lock()
	p.cseq++
	notify := p.request(sip.NOTIFY, p.cseq)
	p.mu.Unlock()
	notify.AppendHeader(sip.NewHeader("Event", "refer"))
	notify.AppendHeader(sip.NewHeader("Subscription-State", "terminated;reason=noresource"))
	notify.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	notify.SetBody([]byte("SIP/2.0 200 OK"))
	return notify
}

// Referred is where Asterisk has handed the phone on to (Transfer); "" if nowhere.
func (p *Phone) Referred() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.referred
}

// WaitText waits for a text.
func (p *Phone) WaitText(ctx context.Context, text string) error {
	return poll(ctx, func() error {
		for _, t := range p.Texts() {
			if t == text {
				return nil
			}
		}
		return fmt.Errorf("the text %q has not come; there are %q", text, p.Texts())
	})
}
