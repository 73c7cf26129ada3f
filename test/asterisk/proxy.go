package asterisk

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// A Proxy passes TCP connections on, and can be made to fail as networks do.
type Proxy struct {
	listener net.Listener
	work     sync.WaitGroup

	mu     sync.Mutex
	to     string
	pairs  map[*passage]bool
	mode   mode
	delay  time.Duration
	closed bool
}

type mode int

const (
	passing mode = iota
	refusing
	stalling
)

// A passage is one connection with its other half.
type passage struct {
	client, server *net.TCPConn
	stalled        chan struct{} // closed when it passes nothing on any more, for good
	once           sync.Once
}

// NewProxy stands in front of the TCP server at an address until the test is over.
func NewProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, to: to, pairs: map[*passage]bool{}}
	p.work.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr is where to connect to, as host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Point has new connections go to another address.
func (p *Proxy) Point(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = to
}

// Cut resets all connections and refuses new ones until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = refusing
	for one := range p.pairs {
		one.reset()
	}
}

// Stall leaves all connections open and passes nothing on, as a router does that has forgotten them; they never
// recover. New ones go the same way until Mend.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = stalling
	for one := range p.pairs {
		one.stall()
	}
}

// Delay has everything take longer from now on, in each direction.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Mend lets new connections pass.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = passing
}

// Connections is how many are open now, those that are stalled not counted.
func (p *Proxy) Connections() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for one := range p.pairs {
		select {
		case <-one.stalled:
		default:
			n++
		}
	}
	return n
}

func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for one := range p.pairs {
		one.reset()
	}
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.serve(c.(*net.TCPConn)) })
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	p.mu.Lock()
	to := p.to
	p.mu.Unlock()
	server, err := net.Dial("tcp4", to)
	if err != nil {
		reset(client)
		return
	}
	one := &passage{client: client, server: server.(*net.TCPConn), stalled: make(chan struct{})}
	if !p.add(one) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(one, one.client, one.server) })
	both.Go(func() { p.pass(one, one.server, one.client) })
	both.Wait()
	p.mu.Lock()
	delete(p.pairs, one)
	p.mu.Unlock()
	client.Close()
	server.Close()
}

// add takes a connection in as the mode has it.
func (p *Proxy) add(one *passage) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == refusing || p.closed {
		one.reset()
		return false
	}
	if p.mode == stalling {
		one.stall()
	}
	p.pairs[one] = true
	return true
}

// pass copies one direction.
func (p *Proxy) pass(one *passage, to, from *net.TCPConn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		delay := p.delay
		p.mu.Unlock()
		if delay > 0 && n > 0 {
			select {
			case <-time.After(delay):
			case <-one.stalled:
			}
		}
		select {
		case <-one.stalled: // reads on, so that the sender sees no full buffer
			if err != nil {
				return
			}
			continue
		default:
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				from.CloseRead()
				return
			}
		}
		if err == io.EOF {
			to.CloseWrite()
			return
		}
		if err != nil {
			reset(to)
			return
		}
	}
}

func (one *passage) stall() { one.once.Do(func() { close(one.stalled) }) }

func (one *passage) reset() {
	reset(one.client)
	reset(one.server)
}

// reset closes a connection with RST.
func reset(c *net.TCPConn) {
	c.SetLinger(0)
	c.Close()
}
