package ari

import "sync"

// maxUnasked bounds the events that a mailbox holds though its call asked for none of them: a flow may think
// for long while its caller presses keys. Those that answer something the call did are bounded by what it did.
const maxUnasked = 256

// A mailbox holds a call's events, in order, until the call looks.
type mailbox struct {
	news chan struct{} // has an element when there may be something new

	mu      sync.Mutex
	queue   []*event
	unasked int // events of queue that may be dropped
	dropped int // how many were
}

func newMailbox() mailbox { return mailbox{news: make(chan struct{}, 1)} }

func (m *mailbox) put(e *event) {
	m.mu.Lock()
	if e.droppable() {
		if m.unasked >= maxUnasked {
			m.dropped++
			m.mu.Unlock()
			return
		}
		m.unasked++
	}
	m.queue = append(m.queue, e)
	m.mu.Unlock()
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// take is the first event, nil if there is none.
func (m *mailbox) take() *event {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		return nil
	}
	e := m.queue[0]
	m.queue[0] = nil
	if m.queue = m.queue[1:]; len(m.queue) == 0 {
		m.queue = nil
	}
	if e.droppable() {
		m.unasked--
	}
	return e
}

// droppable reports whether an event is none that a call waits for.
func (e *event) droppable() bool {
	switch e.Type {
	case eventRegained, eventGone, eventLost, "StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelHangupRequest",
		"ChannelStateChange", "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished", "RecordingStarted",
		"RecordingFinished", "RecordingFailed", "Dial", "ChannelEnteredBridge", "ChannelLeftBridge", "BridgeDestroyed":
		return false
	}
	return true
}
