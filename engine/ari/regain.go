package ari

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// quiet are the events that no flow hears of and that come in numbers: Asterisk is asked not to send them.
// RESTResponse passes the same filter, so it is one of what is not wanted, never of what is.
var quiet = []string{
	"ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId", "BridgeVideoSourceChanged",
	"PeerStatusChange", "ContactStatusChange", "EndpointStateChange",
}

// regain asks Asterisk which calls it has and tells each of before whether it is one of them.
func (s *Server) regain(l *link, before []*channel) error {
	app := s.appNow()
	s.filter(l, app)
	if app != s.App {
		return s.regainElsewhere(l, app, before)
	}
	there, err := s.applicationChannels(l, app)
	if err != nil {
		return err
	}
	s.remind(l, there)
	for _, c := range before {
		if there[c.now()] || s.stillThere(l, c) {
			c.deliver(&event{Type: eventRegained})
		} else {
			c.deliver(&event{Type: eventGone})
		}
	}
	return nil
}

// stillThere is for calls that run a dialplan application for their flow, outside of ours.
func (s *Server) stillThere(l *link, c *channel) bool {
	if !c.away.Load() {
		return false
	}
	_, err := l.do(s.life, get(c.path()))
	return !isStatus(err, 404)
}

// filter has Asterisk leave out what is not wanted. Versions that cannot (before 13.26 and 16.3) send it.
func (s *Server) filter(l *link, app string) {
	type kind struct {
		Type string `json:"type"`
	}
	var unwanted []kind
	for _, t := range quiet {
		unwanted = append(unwanted, kind{t})
	}
	q := &request{method: "PUT", path: pathOf("applications", app, "eventFilter"), body: map[string]any{"disallowed": unwanted}}
	_, _ = l.do(s.life, q)
}

// application is a Stasis application as Asterisk describes it.
type application struct {
	Name     string   `json:"name"`
	Channels []string `json:"channel_ids"`
	Bridges  []string `json:"bridge_ids"`
}

// applicationChannels is the channels that an application has.
func (s *Server) applicationChannels(l *link, app string) (map[string]bool, error) {
	q := get(pathOf("applications", app))
	r, err := l.do(s.life, q)
	if err != nil {
		return nil, err
	}
	var a application
	if err := r.decode(q, &a); err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, id := range a.Channels {
		there[id] = true
	}
	return there, nil
}

// remind repeats to channels what they were told when the connection broke, and forgets those that went.
func (s *Server) remind(l *link, there map[string]bool) {
	var left []*leaver
	s.mu.Lock()
	for id, to := range s.owners {
		if one, ok := to.(*leaver); ok {
			if there[id] {
				left = append(left, one)
			} else {
				delete(s.owners, id)
			}
		}
	}
	s.mu.Unlock()
	for _, one := range left {
		_, _ = l.do(s.life, one.again)
	}
}

const (
	orphansFirst = time.Second
	orphansEvery = 10 * time.Second
)

// watchOrphans looks for channels in our application that no call of ours has, as long as the connection lasts:
// those of an ivrd that was killed, and calls that were given up. One that is unknown twice in a row is
// released; a call that just arrives is unknown for an instant.
func (s *Server) watchOrphans(l *link) {
	wait := orphansFirst
	for look := 0; ; look++ {
		select {
		case <-l.socket.cut:
			return
		case <-s.life.Done():
			return
		case <-time.After(wait):
		}
		if s.appNow() != s.App {
			return // they are another's now
		}
		s.releaseOrphans(l)
		if look > 0 {
			wait = orphansEvery
		}
	}
}

func (s *Server) releaseOrphans(l *link) {
	q := get("applications")
	r, err := l.do(s.life, q)
	var all []application
	if err != nil || r.decode(q, &all) != nil {
		return
	}
	for id := range s.twiceUnknown(orphansOf(all, s.App)) {
		if s.release(l, id) {
			s.logger().Warn("a call that ivrd had lost is back in the dialplan", "app", s.App, "call", id)
		}
	}
}

// orphansOf is the channels of an application and its bridges that no ivrd which is about to end still serves:
// such a one has them under a name of its own.
func orphansOf(all []application, app string) []string {
	var ours, others []string
	for _, a := range all {
		switch {
		case a.Name == app:
			ours = append(ours, a.Channels...)
		case strings.HasPrefix(a.Name, app+handedSign):
			others = append(others, a.Channels...)
		}
	}
	return slices.DeleteFunc(ours, func(id string) bool { return slices.Contains(others, id) })
}

// twiceUnknown is those of ids that nobody owns now and nobody owned at the last look.
func (s *Server) twiceUnknown(ids []string) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	unknown, twice := map[string]bool{}, map[string]bool{}
	for _, id := range ids {
		if s.owners[id] != nil {
			continue
		}
		unknown[id] = true
		if s.unknown[id] {
			twice[id] = true
		}
	}
	s.unknown = unknown
	return twice
}

// release gives a channel that has no flow back to the dialplan, and hangs up one that ivrd called itself.
// Parties that talk to each other are left to talk. It reports whether the channel has been released.
func (s *Server) release(l *link, id string) bool {
	if s.talking(l, id) {
		return false
	}
	if isOurs(id) {
		_, err := l.do(s.life, remove(pathOf("channels", id)))
		return err == nil
	}
	ctx, stop := context.WithTimeout(s.life, answerTime)
	defer stop()
	return s.giveBack(ctx, id) == nil
}

// talking reports whether a channel is in a bridge with another one.
func (s *Server) talking(l *link, id string) bool {
	q := get("bridges")
	r, err := l.do(s.life, q)
	var bridges []bridgeInfo
	if err != nil || json.Unmarshal(r.body, &bridges) != nil {
		return false
	}
	for _, b := range bridges {
		if slices.Contains(b.Channels, id) && len(b.Channels) > 1 {
			return true
		}
	}
	return false
}
