package asterisk

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// An agent is the SIP side of all phones of a lab: one socket, and requests handed to the phone they are for.
type agent struct {
	asterisk int // its SIP port
	tones    *Tones
	clock    *clock
	lines    map[string]chan *Phone // of the phones that Asterisk can call, by name
	slot     *os.File
	conn     *net.UDPConn
	ua       *sipgo.UserAgent
	client   *sipgo.Client
	served   chan struct{} // closed when the socket is read no more

	mu     sync.Mutex
	phones map[string]*Phone // by Call-ID
}

func newAgent(asterisk int, slot *os.File, tones *Tones, names []string) (*agent, error) {
	a := &agent{
		asterisk: asterisk, slot: slot, tones: tones, served: make(chan struct{}),
		phones: map[string]*Phone{}, lines: map[string]chan *Phone{},
	}
	for _, name := range names {
		a.lines[name] = make(chan *Phone, 100)
	}
	var err error
	if a.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		return nil, err
	}
	silent := slog.New(slog.DiscardHandler) // what sipgo calls errors are late answers of calls that are over
	a.ua, err = sipgo.NewUA(
		sipgo.WithUserAgent("phone"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(silent)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(silent), sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})),
	)
	if err != nil {
		return nil, err
	}
	a.client, err = sipgo.NewClient(a.ua, sipgo.WithClientAddr(a.addr()), sipgo.WithClientConnectionAddr(a.addr()), sipgo.WithClientLogger(silent))
	if err != nil {
		return nil, err
	}
	if err := a.serve(silent); err != nil {
		return nil, err
	}
	a.clock = newClock()
	return a, nil
}

func (a *agent) serve(log *slog.Logger) error {
	server, err := sipgo.NewServer(a.ua, sipgo.WithServerLogger(log))
	if err != nil {
		return err
	}
	server.OnBye(a.forPhone((*Phone).onBye))
	server.OnInvite(a.onInvite)
	server.OnUpdate(a.forPhone((*Phone).onReinvite))
	server.OnMessage(a.forPhone((*Phone).onMessage))
	server.OnRefer(a.forPhone((*Phone).onRefer))
	server.OnAck(func(*sip.Request, sip.ServerTransaction) {})
	server.OnOptions(respondOK)
	server.OnInfo(respondOK)
	server.OnNotify(respondOK)
	go func() {
		defer close(a.served)
		server.ServeUDP(a.conn)
	}()
	return a.waitServed()
}

// waitServed waits until sipgo knows the socket; a request before that would make it open one more.
func (a *agent) waitServed() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return poll(ctx, func() error {
		_, err := a.ua.TransportLayer().GetConnection("udp", a.addr())
		return err
	})
}

func (a *agent) addr() string { return a.conn.LocalAddr().String() }

func (a *agent) contact(user string) *sip.ContactHeader {
	addr := a.conn.LocalAddr().(*net.UDPAddr)
	return &sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: user, Host: addr.IP.String(), Port: addr.Port}}
}

// forPhone finds the phone that a request within a call is for.
func (a *agent) forPhone(handle func(*Phone, *sip.Request, sip.ServerTransaction)) sipgo.RequestHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		p := a.find(req)
		if p == nil {
			tx.Respond(sip.NewResponseFromRequest(req, 481, "Call Does Not Exist", nil))
			return
		}
		handle(p, req, tx)
	}
}

// find is the phone whose call a request belongs to, or nil.
func (a *agent) find(req *sip.Request) *Phone {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.phones[req.CallID().Value()]
}

func respondOK(req *sip.Request, tx sip.ServerTransaction) {
	tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))
}

func (a *agent) add(p *Phone) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.phones[p.id] = p
}

// forget takes out a phone whose call is over.
func (a *agent) forget(p *Phone) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.phones, p.id)
}

func (a *agent) all() []*Phone {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*Phone
	for _, p := range a.phones {
		all = append(all, p)
	}
	return all
}

// closePhones hangs up what is still up, all at once.
func (a *agent) closePhones() {
	var wg sync.WaitGroup
	for _, p := range a.all() {
		wg.Go(p.Close)
	}
	wg.Wait()
}

func (a *agent) losePhones() {
	for _, p := range a.all() {
		p.end(Cause{By: Nobody, Text: "Asterisk is gone"})
		p.work.Wait()
	}
}

func (a *agent) close() {
	a.losePhones() // one may have rung while Asterisk went down
	a.clock.close()
	a.ua.Close()
	a.conn.Close()
	<-a.served
	a.slot.Close()
}

// do sends a request within a call and waits for its answer.
func (a *agent) do(req *sip.Request) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := a.client.Do(ctx, req, addVia)
	if err != nil {
		return fmt.Errorf("send %s: %w", req.Method, err)
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("send %s: %d %s", req.Method, res.StatusCode, res.Reason)
	}
	return nil
}

// addVia adds a Via header where there is none; a CANCEL has its INVITE's.
func addVia(c *sipgo.Client, req *sip.Request) error {
	if req.Via() != nil {
		return nil
	}
	return sipgo.ClientRequestAddVia(c, req)
}
