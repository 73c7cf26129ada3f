package asterisk

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Call says how a phone calls. The zero value is a caller without a number.
type Call struct {
	From string        // the caller's number
	Name string        // the caller's name
	Tone time.Duration // how long a digit lasts; 0 means 80 ms
	Gap  time.Duration // between two digits; 0 means 60 ms
	Mute bool          // it sends no silence, only digits and sounds, as phones do that save bandwidth
}

// patience is how long an answer to a request may take on one machine.
const patience = 3 * time.Second

// A Side is a party of a call.
type Side string

// The sides that can end a call.
const (
	Caller   Side = "caller" // the phone itself, also when it was called
	Asterisk Side = "asterisk"
	Nobody   Side = "nobody" // the call was lost
)

// A Cause is why a call ended.
type Cause struct {
	By   Side
	SIP  int    // the status the call was refused with; 0 when it was answered
	Q850 int    // the cause Asterisk gave, such as 16 for normal clearing; 0 for none
	Text string // what came with it
}

// A Phone is one party of a call, from dialing or ringing to the end.
type Phone struct {
	agent *agent
	id    string // Call-ID
	sdp   []byte
	media

	answered chan struct{}
	ended    chan struct{}
	giveUp   chan struct{} // closed to cancel a call that is not answered
	once     struct{ answer, end, giveUp sync.Once }
	cause    Cause // set before ended is closed
	work     sync.WaitGroup

	invite *sip.Request
	tx     sip.ServerTransaction // of the INVITE, when the phone was called
	dialog dialog                // set before answered is closed
	cseq   uint32
	inbox
}

// dialog is what requests within a call are addressed with (RFC 3261, 12).
type dialog struct {
	from, to sip.Header
	target   sip.Uri
}

// newPhone makes a phone that sends and hears as soon as it knows where.
func (a *agent) newPhone(id string, c Call) (*Phone, error) {
	p := &Phone{
		agent: a, id: id, cseq: 1,
		answered: make(chan struct{}), ended: make(chan struct{}), giveUp: make(chan struct{}),
	}
	if err := p.media.open(c, a.tones); err != nil {
		return nil, err
	}
	p.sdp = offer(p.port(), 1, "sendrecv")
	p.work.Go(p.readMedia)
	a.add(p)
	a.clock.add(p)
	return p, nil
}

// Dial calls an extension and returns as soon as the call is on its way. A call that is not answered when ctx ends
// is canceled; an answered one is not touched by ctx.
func (l *Lab) Dial(ctx context.Context, exten string, c Call) (*Phone, error) {
	p, err := l.agent.newPhone(randomID(), c)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", exten, err)
	}
	p.invite = p.makeInvite(exten, c)
	tx, err := l.agent.client.TransactionRequest(context.Background(), p.invite)
	if err != nil {
		p.end(Cause{By: Nobody, Text: err.Error()})
		p.work.Wait()
		return nil, fmt.Errorf("dial %s: %w", exten, err)
	}
	p.work.Go(func() { p.call(ctx, tx) })
	return p, nil
}

func (p *Phone) makeInvite(exten string, c Call) *sip.Request {
	to := sip.Uri{Scheme: "sip", User: strings.ReplaceAll(exten, "#", "%23"), Host: "127.0.0.1", Port: p.agent.asterisk}
	from := p.agent.contact(c.From)
	req := sip.NewRequest(sip.INVITE, to)
	callID := sip.CallIDHeader(p.id)
	tag := sip.NewParams()
	tag.Add("tag", randomID())
	req.AppendHeader(&sip.FromHeader{DisplayName: c.Name, Address: from.Address, Params: tag})
	req.AppendHeader(&sip.ToHeader{Address: to, Params: sip.NewParams()})
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.INVITE})
	req.AppendHeader(from)
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY"))
	req.SetBody(p.sdp)
	return req
}

// call follows the INVITE to its final answer.
func (p *Phone) call(ctx context.Context, tx sip.ClientTransaction) {
	defer tx.Terminate()
	giveUp, canceled, ringing := false, false, false
	done, given := ctx.Done(), p.giveUp
	var lost <-chan time.Time
	for {
		if giveUp && ringing && !canceled { // a CANCEL may only follow a provisional answer
			canceled = true
			p.work.Go(func() { p.agent.do(p.cancelRequest()) })
		}
		select {
		case <-done:
			giveUp, done, lost = true, nil, time.After(patience)
		case <-given:
			giveUp, given, lost = true, nil, time.After(patience)
		case <-lost:
			p.end(Cause{By: Nobody, Text: "no answer to CANCEL, or to the INVITE at all"})
			return
		case <-p.ended:
			return
		case <-tx.Done():
			p.end(Cause{By: Nobody, Text: fmt.Sprint("INVITE: ", tx.Err())})
			return
		case res := <-tx.Responses():
			switch {
			case res.IsProvisional():
				ringing = true
				p.told(res.StatusCode)
				p.hearFrom(res.Body())
			case res.IsSuccess():
				p.onAnswer(tx, res)
				if giveUp {
					p.bye()
				}
				<-p.ended // the transaction repeats the ACK when a 200 comes again
				return
			default:
				p.end(refusal(res, giveUp))
				return
			}
		}
	}
}

func refusal(res *sip.Response, gaveUp bool) Cause {
	c := Cause{By: Asterisk, SIP: res.StatusCode, Q850: q850(res.GetHeader("Reason")), Text: res.Reason}
	if gaveUp {
		c.By = Caller
	}
	return c
}

func (p *Phone) onAnswer(tx sip.ClientTransaction, res *sip.Response) {
	p.hearFrom(res.Body())
	p.dialog = dialog{from: p.invite.From(), to: res.To(), target: target(res.Contact(), p.invite.Recipient)}
	ack := p.request(sip.ACK, 1)
	tx.OnRetransmission(func(*sip.Response) { p.agent.client.WriteRequest(ack.Clone(), addVia) })
	p.agent.client.WriteRequest(ack.Clone(), addVia)
	p.once.answer.Do(func() { close(p.answered) })
}

// hearFrom takes the address to send media to from Asterisk's SDP.
func (p *Phone) hearFrom(sdp []byte) {
	if addr, event, ok := parseSDP(sdp); ok {
		p.setRemote(addr, event)
	}
}

func (p *Phone) onBye(req *sip.Request, tx sip.ServerTransaction) {
	respondOK(req, tx)
	c := Cause{By: Asterisk, Q850: q850(req.GetHeader("Reason"))}
	if h := req.GetHeader("Reason"); h != nil {
		c.Text = h.Value()
	}
	p.end(c)
}

// onReinvite agrees to whatever Asterisk wants of the media.
func (p *Phone) onReinvite(req *sip.Request, tx sip.ServerTransaction) {
	if len(req.Body()) == 0 && req.Method == sip.UPDATE {
		respondOK(req, tx)
		return
	}
	p.hearFrom(req.Body())
	res := sip.NewResponseFromRequest(req, 200, "OK", p.sdp)
	res.AppendHeader(p.agent.contact(""))
	res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	tx.Respond(res)
}

// Answered is closed when Asterisk has answered.
func (p *Phone) Answered() <-chan struct{} { return p.answered }

// Ended is closed when the call is over.
func (p *Phone) Ended() <-chan struct{} { return p.ended }

// Cause is why the call ended. It waits for the end.
func (p *Phone) Cause() Cause {
	<-p.ended
	return p.cause
}

// WaitAnswered waits for the answer. A call that ends without one is an error.
func (p *Phone) WaitAnswered(ctx context.Context) error {
	select {
	case <-p.answered:
		return nil
	case <-p.ended:
		return fmt.Errorf("the call ended unanswered: %+v", p.cause)
	case <-ctx.Done():
		return fmt.Errorf("wait for the answer: %w", context.Cause(ctx))
	}
}

// WaitEnded waits for the end of the call and tells why it ended.
func (p *Phone) WaitEnded(ctx context.Context) (Cause, error) {
	select {
	case <-p.ended:
		return p.cause, nil
	case <-ctx.Done():
		return Cause{}, fmt.Errorf("wait for the end of the call: %w; heard %s", context.Cause(ctx), describe(p.Heard()))
	}
}

// HangUp ends the call: with BYE, or when it is not answered yet with CANCEL, or with 486 if it is the phone that
// rings. It returns when the call is over.
func (p *Phone) HangUp() error {
	select {
	case <-p.ended:
		return nil
	case <-p.answered:
		return p.bye()
	default:
	}
	if p.tx != nil {
		return p.Refuse(486)
	}
	p.once.giveUp.Do(func() { close(p.giveUp) })
	<-p.ended
	if p.cause.By == Nobody {
		return fmt.Errorf("hang up: %s", p.cause.Text)
	}
	return nil
}

func (p *Phone) bye() error {
	p.mu.Lock()
	p.cseq++
	bye := p.request(sip.BYE, p.cseq)
	p.mu.Unlock()
	err := p.agent.do(bye)
	select {
	case <-p.ended: // Asterisk hung up at the same moment: its BYE counts
		err = nil
	default:
	}
	p.end(Cause{By: Caller, Q850: 16})
	return err
}

// Close hangs up if the call is still up, and waits until nothing of the phone is left.
func (p *Phone) Close() {
	p.HangUp()
	p.work.Wait()
}

func (p *Phone) end(c Cause) {
	p.once.end.Do(func() {
		p.cause = c
		close(p.ended)
		p.agent.forget(p)
		p.media.stop()
	})
}

// request makes a request within the answered call.
func (p *Phone) request(method sip.RequestMethod, cseq uint32) *sip.Request {
	req := sip.NewRequest(method, *p.dialog.target.Clone())
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.AppendHeader(sip.HeaderClone(p.dialog.from))
	req.AppendHeader(sip.HeaderClone(p.dialog.to))
	req.AppendHeader(sip.HeaderClone(p.invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: method})
	req.AppendHeader(p.agent.contact(""))
	req.SetBody(nil)
	req.SetTransport("UDP")
	return req
}

// target is where the other side wants requests to go.
func target(contact *sip.ContactHeader, otherwise sip.Uri) sip.Uri {
	if contact == nil {
		return otherwise
	}
	return contact.Address
}

// cancelRequest has the INVITE's own Via and CSeq (RFC 3261, 9.1).
func (p *Phone) cancelRequest() *sip.Request {
	req := sip.NewRequest(sip.CANCEL, p.invite.Recipient)
	req.AppendHeader(sip.HeaderClone(p.invite.Via()))
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.AppendHeader(sip.HeaderClone(p.invite.From()))
	req.AppendHeader(sip.HeaderClone(p.invite.To()))
	req.AppendHeader(sip.HeaderClone(p.invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.CANCEL})
	req.SetBody(nil)
	req.SetTransport("UDP")
	return req
}
