package ari

import (
	"fmt"
	"strings"
	"testing"
)

// TestMailbox fills one with what nobody asked for: it stays small, and keys and answers get through.
func TestMailbox(t *testing.T) {
	for _, size := range []int{100, 40 << 10} {
		m := newMailbox()
		for i := range 10_000 {
			m.put(&event{Type: "ChannelUserevent", size: size})
			if i%1000 == 0 {
				m.put(&event{Type: "ChannelDtmfReceived", Digit: fmt.Sprint(i / 1000), size: 700})
			}
		}
		m.put(&event{Type: "PlaybackFinished"})
		if n := len(m.queue) - 11; n > maxUnasked || n*size > maxUnaskedBytes {
			t.Errorf("of events of %d bytes it holds %d", size, n)
		}
		keys, finished := "", false
		for e := m.take(); e != nil; e = m.take() {
			keys += e.Digit
			finished = finished || e.Type == "PlaybackFinished"
		}
		if keys != "0123456789" || !finished {
			t.Errorf("got the keys %s, finished %v", keys, finished)
		}
		if m.unasked != (newMailbox().unasked) {
			t.Errorf("empty, it counts %v", m.unasked)
		}
		if m.put(&event{Type: "ChannelUserevent"}); len(m.queue) != 1 {
			t.Error("it takes nothing any more")
		}
	}
}

// TestMailboxOfKeys fills one with keys.
func TestMailboxOfKeys(t *testing.T) {
	m := newMailbox()
	for range 10 * maxUnasked {
		m.put(&event{Type: "ChannelDtmfReceived", Digit: "1"})
	}
	if len(m.queue) != maxUnasked || m.dropped != 9*maxUnasked {
		t.Errorf("it holds %d and dropped %d", len(m.queue), m.dropped)
	}
}

// TestMailboxClosed has events come when nobody looks any more: all go elsewhere, in their order.
func TestMailboxClosed(t *testing.T) {
	m := newMailbox()
	m.put(&event{Type: "A"})
	m.put(&event{Type: "B"})
	var got []string
	m.close(func(e *event) { got = append(got, e.Type) })
	m.put(&event{Type: "C"})
	if text := strings.Join(got, ""); text != "ABC" || m.take() != nil {
		t.Errorf("got %s", text)
	}
}
