package asterisk

import (
	"context"
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// WaitRing waits until Asterisk calls one of Options.Phones, and returns the ringing phone: to Answer or to Refuse.
// Calls wait in line, ringing.
func (l *Lab) WaitRing(ctx context.Context, name string) (*Phone, error) {
	line, ok := l.agent.lines[name]
	if !ok {
		return nil, fmt.Errorf("no phone %q: name it in Options.Phones", name)
	}
	select {
	case p := <-line:
		return p, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for %s to ring: %w", name, context.Cause(ctx))
	}
}

// onInvite takes a call from Asterisk, or a re-INVITE within one.
func (a *agent) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if p := a.find(req); p != nil {
		p.onReinvite(req, tx)
		return
	}
	line, ok := a.lines[req.Recipient.User]
	if !ok {
		tx.Respond(sip.NewResponseFromRequest(req, 404, "Not Found", nil))
		return
	}
	p, err := a.newPhone(req.CallID().Value(), Call{})
	if err != nil {
		tx.Respond(sip.NewResponseFromRequest(req, 500, err.Error(), nil))
		return
	}
	p.ring(req, tx)
	select {
	case line <- p:
	default:
		p.Refuse(486)
	}
	select { // the transaction lives as long as this handler
	case <-p.answered:
	case <-p.ended:
	}
}

func (p *Phone) ring(req *sip.Request, tx sip.ServerTransaction) {
	p.invite, p.tx = req.Clone(), tx
	p.invite.To().Params.Add("tag", randomID())
	p.dialog = dialog{
		from:   &sip.FromHeader{Address: p.invite.To().Address, Params: p.invite.To().Params},
		to:     &sip.ToHeader{Address: p.invite.From().Address, Params: p.invite.From().Params},
		target: target(p.invite.Contact(), p.invite.From().Address),
	}
	p.hearFrom(req.Body())
	tx.OnCancel(func(*sip.Request) { p.end(Cause{By: Asterisk, SIP: 487, Text: "canceled"}) })
	p.respond(180, "Ringing", nil)
}

func (p *Phone) respond(code int, reason string, sdp []byte) error {
	res := sip.NewResponseFromRequest(p.invite, code, reason, sdp)
	res.AppendHeader(p.agent.contact(p.invite.Recipient.User))
	if sdp != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	return p.tx.Respond(res)
}

// Answer takes a call that rings.
func (p *Phone) Answer() error {
	if p.tx == nil {
		return errors.New("answer: it is the phone that called")
	}
	select {
	case <-p.ended:
		return fmt.Errorf("answer: %w", errEnded)
	default:
	}
	if err := p.respond(200, "OK", p.sdp); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	p.once.answer.Do(func() { close(p.answered) })
	return nil
}

// Refuse turns down a call that rings, with a SIP status such as 486 for busy.
func (p *Phone) Refuse(status int) error {
	if p.tx == nil {
		return errors.New("refuse: it is the phone that called")
	}
	err := p.respond(status, "Refused", nil)
	p.end(Cause{By: Caller, SIP: status})
	return err
}

// FromName is the caller's name, as Asterisk or this phone tells it.
func (p *Phone) FromName() string { return p.invite.From().DisplayName }

// From is the caller's number, as Asterisk or this phone tells it.
func (p *Phone) From() string { return p.invite.From().Address.User }
