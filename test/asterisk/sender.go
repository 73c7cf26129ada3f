package asterisk

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/pion/rtp"
)

// A sender makes a phone's RTP stream: silence, and the items of its queue. media's lock guards it.
type sender struct {
	to        netip.AddrPort // invalid until Asterisk has told
	eventType uint8
	tone, gap int // of a digit, in frames
	mute      bool
	seq       uint16
	ts, ssrc  uint32
	queue     []*item
	buf       [12 + frameSize]byte
	silence   [frameSize]byte
}

// An item is a digit or a sound. After a digit comes a gap.
type item struct {
	event  byte
	frames int // how long the digit lasts
	gap    int
	sound  []byte // µ-law; nil for a digit
	sent   int    // frames
	done   chan struct{}
	err    error // set before done is closed
}

func newSender(c Call) sender {
	s := sender{
		eventType: eventType, seq: uint16(rand.Uint32()), ts: rand.Uint32(), ssrc: rand.Uint32(),
		tone: frames(c.Tone, 80*time.Millisecond), gap: frames(c.Gap, 60*time.Millisecond), mute: c.Mute,
	}
	for i := range s.silence {
		s.silence[i] = muSilence
	}
	return s
}

func frames(d, unset time.Duration) int {
	if d == 0 {
		d = unset
	}
	return max(1, int(d.Round(frame)/frame))
}

// keys makes an item of each key.
func (s *sender) keys(keys string) ([]*item, error) {
	var items []*item
	for _, k := range strings.ToUpper(keys) {
		event := strings.IndexRune("0123456789*#ABCD", k)
		if event < 0 {
			return nil, fmt.Errorf("no key %q", k)
		}
		items = append(items, &item{event: byte(event), frames: s.tone, gap: s.gap, done: make(chan struct{})})
	}
	return items, nil
}

// frame sends one 20 ms step of the stream.
func (s *sender) frame(send func(*rtp.Packet)) {
	switch {
	case len(s.queue) == 0 && s.mute:
	case len(s.queue) == 0:
		s.packet(send, 0, s.silence[:], false)
	case s.queue[0].sound != nil:
		s.soundFrame(send, s.queue[0])
	default:
		s.digitFrame(send, s.queue[0])
	}
	s.ts += frameSize
}

func (s *sender) soundFrame(send func(*rtp.Packet), it *item) {
	s.packet(send, 0, it.sound[:frameSize], it.sent == 0)
	it.sent++
	if it.sound = it.sound[frameSize:]; len(it.sound) == 0 {
		s.finish(it, nil)
		s.queue = s.queue[1:]
	}
}

// digitFrame follows RFC 4733, 2.5.1: all packets of a digit have the timestamp of its start, the first has the
// marker, the last comes three times.
func (s *sender) digitFrame(send func(*rtp.Packet), it *item) {
	it.sent++
	switch {
	case it.sent < it.frames:
		s.event(send, it, false)
	case it.sent == it.frames:
		for range 3 {
			s.event(send, it, true)
		}
		s.finish(it, nil)
	default:
		s.packet(send, 0, s.silence[:], it.sent == it.frames+1)
	}
	if it.sent >= it.frames+it.gap {
		s.queue = s.queue[1:]
	}
}

func (s *sender) event(send func(*rtp.Packet), it *item, end bool) {
	payload := []byte{it.event, 10, 0, 0} // volume -10 dBm0
	if end {
		payload[1] |= 0x80
	}
	binary.BigEndian.PutUint16(payload[2:], uint16(it.sent*frameSize))
	now := s.ts
	s.ts -= uint32((it.sent - 1) * frameSize)
	s.packet(send, s.eventType, payload, it.sent == 1)
	s.ts = now
}

func (s *sender) packet(send func(*rtp.Packet), kind uint8, payload []byte, marker bool) {
	send(&rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: marker, PayloadType: kind, SequenceNumber: s.seq, Timestamp: s.ts, SSRC: s.ssrc,
		},
		Payload: payload,
	})
	s.seq++
}

func (s *sender) finish(it *item, err error) {
	it.err = err
	close(it.done)
}

// drop gives up all that is not sent yet.
func (s *sender) drop(err error) {
	for _, it := range s.queue {
		select {
		case <-it.done:
		default:
			s.finish(it, err)
		}
	}
	s.queue = nil
}

// withdraw takes back items that have not begun.
func (s *sender) withdraw(items []*item) {
	s.queue = slices.DeleteFunc(s.queue, func(it *item) bool { return it.sent == 0 && slices.Contains(items, it) })
}
