package ari

import "sync"

// These bound what a mailbox holds though its call asked for none of it: a flow may think for long while its
// caller presses keys and other programs send events. What answers something the call did is bounded by what it
// did.
const (
	maxUnasked      = 256
	maxUnaskedBytes = 256 << 10
)

// A mailbox holds a call's events, in order, until the call looks.
type mailbox struct {
	news chan struct{} // has an element when there may be something new

	mu      sync.Mutex
	queue   []*event
	unasked [unaskedKinds]struct{ events, bytes int } // of queue
	dropped int                                       // events
	then    func(*event)                              // takes what comes when the call does not look any more
}

func newMailbox() mailbox { return mailbox{news: make(chan struct{}, 1)} }

func (m *mailbox) put(e *event) {
	if !m.add(e) {
		return
	}
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// add reports whether the call is to look.
func (m *mailbox) add(e *event) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.then != nil {
		m.then(e)
		return false
	}
	if kind := e.unasked(); kind >= 0 {
		has := &m.unasked[kind]
		if has.events >= maxUnasked || has.bytes+e.size > maxUnaskedBytes {
			m.dropped++
			return false
		}
		has.events++
		has.bytes += e.size
	}
	m.queue = append(m.queue, e)
	return true
}

// close has all events that nobody took, and those still to come, go elsewhere.
func (m *mailbox) close(then func(*event)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.queue {
		then(e)
	}
	m.queue, m.then = nil, then
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
	if kind := e.unasked(); kind >= 0 {
		m.unasked[kind].events--
		m.unasked[kind].bytes -= e.size
	}
	return e
}

// The kinds of events that no call waits for. They are counted apart, so that no keys are lost because of what
// other programs send.
const (
	unaskedKey = iota
	unaskedOther
	unaskedKinds
)

// unasked is the kind of an event that no call waits for; -1 if one does.
func (e *event) unasked() int {
	switch e.Type {
	case eventRegained, eventGone, eventLost, eventTold, "StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelHangupRequest",
		"ChannelStateChange", "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished", "RecordingStarted",
		"RecordingFinished", "RecordingFailed", "Dial", "ChannelEnteredBridge", "ChannelLeftBridge", "BridgeDestroyed":
		return -1
	case "ChannelDtmfReceived":
		return unaskedKey
	}
	return unaskedOther
}
