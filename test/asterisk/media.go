package asterisk

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
)

const (
	frame     = 20 * time.Millisecond
	frameSize = sampleRate / 50
)

// A Chunk is the audio of one packet that arrived.
type Chunk struct {
	At  time.Duration // when it arrived, since the call was dialed
	PCM []int16
}

// media is a phone's audio, both ways.
type media struct {
	conn  *net.UDPConn
	began time.Time
	tones *Tones

	mu     sync.Mutex
	out    sender
	in     []packet
	digits []rune        // that Asterisk pressed
	event  uint32        // timestamp of the last of them
	news   chan struct{} // closed at the next packet; nil while nobody waits
	fed    int           // packets the ear has had
	ear    ear
	cursor time.Duration // where the sound of the last WaitHeard started
	known  chan struct{} // closed when it is known where to send
	over   bool          // nothing is sent any more
	deaf   bool          // nothing arrives any more
}

// packet is audio at its place in time, in samples since the call was dialed.
type packet struct {
	at   time.Duration
	pos  int
	seq  uint16
	ts   uint32
	ssrc uint32
	mu   []byte // µ-law
}

func (m *media) open(c Call, tones *Tones) (err error) {
	m.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	m.began, m.tones = time.Now(), tones
	m.cursor = -1
	m.known = make(chan struct{})
	m.out = newSender(c)
	return err
}

func (m *media) port() int { return m.conn.LocalAddr().(*net.UDPAddr).Port }

func (m *media) setRemote(to netip.AddrPort, event uint8) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.out.to.IsValid() {
		close(m.known)
	}
	m.out.to, m.out.eventType = to, event
}

// stop ends sending at once, and reading when what has arrived already is read.
func (m *media) stop() {
	m.mu.Lock()
	m.over = true
	m.out.drop(errEnded)
	m.mu.Unlock()
	m.conn.SetReadDeadline(time.Now().Add(frame))
}

var errEnded = errors.New("the call is over")

// readMedia stores what arrives, until the call is over.
func (m *media) readMedia() {
	defer m.conn.Close()
	defer m.endReading()
	buf := make([]byte, 1500)
	for {
		n, err := m.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) || isTimeout(err) {
			return
		}
		var p rtp.Packet
		if err != nil || p.Unmarshal(buf[:n]) != nil {
			continue // an ICMP error, or no RTP
		}
		m.receive(&p)
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func (m *media) receive(p *rtp.Packet) {
	m.mu.Lock()
	switch {
	case p.PayloadType == 0:
		m.store(p)
	case p.PayloadType == m.out.eventType && len(p.Payload) >= 4:
		m.pressed(p)
	}
	m.wake()
	m.mu.Unlock()
}

func (m *media) endReading() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deaf = true
	m.wake()
}

// store places a packet in time: after the one before if it belongs to the same stream, else where it arrived.
func (m *media) store(p *rtp.Packet) {
	now := time.Since(m.began)
	in := packet{at: now, pos: sampleCount(now), seq: p.SequenceNumber, ts: p.Timestamp, ssrc: p.SSRC, mu: slices.Clone(p.Payload)}
	if n := len(m.in); n > 0 {
		last := m.in[n-1]
		end := last.pos + len(last.mu)
		next := last.pos + int(int32(in.ts-last.ts))
		late := in.pos - next
		if in.ssrc == last.ssrc && next >= end && late > -sampleRate/5 && late < sampleRate/5 {
			in.pos = next // the sender's clock knows better than this machine's load
		}
		in.pos = max(in.pos, end)
	}
	m.in = append(m.in, in)
}

// pressed notes a digit that Asterisk sent, once for all its packets.
func (m *media) pressed(p *rtp.Packet) {
	const keys = "0123456789*#ABCD"
	if e := int(p.Payload[0]); e < len(keys) && (len(m.digits) == 0 || p.Timestamp != m.event) {
		m.digits = append(m.digits, rune(keys[e]))
		m.event = p.Timestamp
	}
}

func (m *media) wake() {
	if m.news != nil {
		close(m.news)
		m.news = nil
	}
}

func (m *media) heard() []Segment {
	for _, p := range m.in[m.fed:] {
		m.ear.feed(p.pos, muDecodeAll(p.mu))
	}
	m.fed = len(m.in)
	return m.ear.segments(m.tones)
}

// send is what the clock does for a phone each 20 ms.
func (m *media) send() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over || !m.out.to.IsValid() {
		return
	}
	m.out.frame(func(p *rtp.Packet) {
		if b, err := p.MarshalTo(m.out.buf[:]); err == nil {
			m.conn.WriteToUDPAddrPort(m.out.buf[:b], m.out.to)
		}
	})
}
