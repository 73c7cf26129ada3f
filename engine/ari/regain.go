package ari

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
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
	here, err := s.applicationChannels(l, app)
	if err != nil {
		return err
	}
	if app == s.App {
		s.twiceUnknown(slices.Collect(maps.Keys(here)))
	}
	var there map[string]bool // channels under our other name
	var bridges []bridgeInfo
	if s.wasReplaced() {
		if there, err = s.elsewhere(l, app); err != nil {
			return err
		}
		bridges = s.bridges(l)
	}
	s.remind(l, here, there)
	for _, c := range before {
		if err := s.regainCall(l, c, here, there, bridges); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere is the channels that we have under the other one of our two names.
func (s *Server) elsewhere(l *link, app string) (map[string]bool, error) {
	other := s.App
	if app == s.App {
		other = s.ownName()
	}
	there, err := s.applicationChannels(l, other)
	if isStatus(err, 404) {
		return nil, nil
	}
	return there, err
}

// regainCall tells a call whether Asterisk has it, and has its events come.
func (s *Server) regainCall(l *link, c *channel, here, there map[string]bool, bridges []bridgeInfo) (err error) {
	id, gone := c.now(), false
	switch {
	case !here[id] && !there[id] && !s.stillThere(l, c):
		gone = true
	case s.wasReplaced():
		gone, err = s.resubscribe(l, c, s.has(c), here, bridges)
	case !here[id]:
		gone, err = s.resubscribe(l, c, []string{id}, here, nil)
	}
	switch {
	case err != nil:
		return err
	case gone:
		c.deliver(&event{Type: eventGone})
	default:
		c.deliver(&event{Type: eventRegained})
	}
	return nil
}

// resubscribe has the events of what a call has come to the name that we have now. It reports whether the call
// itself is gone.
func (s *Server) resubscribe(l *link, c *channel, ids []string, here map[string]bool, bridges []bridgeInfo) (gone bool, err error) {
	for _, id := range ids {
		if here[id] {
			continue
		}
		_, err := l.do(s.life, s.subscription("POST", sourceOf(id, bridges)))
		if errors.Is(err, errCut) {
			return false, err
		}
		if id == c.now() {
			gone = err != nil
		}
	}
	return gone, nil
}

// has is the ids of all whose events come to a call.
func (s *Server) has(c *channel) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, id := range c.owned {
		if s.owners[id] == sink(c) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// sourceOf is an id as a source of events: that of a channel, a bridge, or an endpoint such as PJSIP/alice.
func sourceOf(id string, bridges []bridgeInfo) string {
	switch {
	case strings.Contains(id, "/"):
		return "endpoint:" + id
	case slices.ContainsFunc(bridges, func(b bridgeInfo) bool { return b.ID == id }):
		return "bridge:" + id
	}
	return "channel:" + id
}

// subscription has events of more sources come than those in our application, or ends that (DELETE).
func (s *Server) subscription(method string, sources ...string) *request {
	path := pathOf("applications", s.appNow(), "subscription")
	return &request{method: method, path: path, body: map[string]any{"eventSource": sources}}
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

// applications is all of Asterisk's.
func (s *Server) applications(l *link) ([]application, error) {
	q := get("applications")
	r, err := l.do(s.life, q)
	if err != nil {
		return nil, err
	}
	var all []application
	return all, r.decode(q, &all)
}

// remind repeats to channels what they were told when the connection broke, and forgets those that went.
func (s *Server) remind(l *link, here, there map[string]bool) {
	var left []*leaver
	s.mu.Lock()
	for id, to := range s.owners {
		switch one, ok := to.(*leaver); {
		case !ok || one.again == nil:
		case here[id] || there[id]:
			left = append(left, one)
		default:
			delete(s.owners, id)
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
	orphansAgain = 2 * time.Second // while there are some
)

// watchOrphans looks for channels in our application that no call of ours has, as long as the connection lasts:
// those of an ivrd that was killed. One that is unknown twice in a row is released; a call that just arrives is
// unknown for an instant.
func (s *Server) watchOrphans(l *link) {
	for wait := orphansFirst; ; {
		select {
		case <-l.life.Done():
			return
		case <-l.socket.followed:
			return // they are another's now
		case <-time.After(wait):
		}
		if wait = orphansEvery; s.releaseOrphans(l) {
			wait = orphansAgain
		}
	}
}

// releaseOrphans reports whether there may be more.
func (s *Server) releaseOrphans(l *link) (more bool) {
	all, err := s.applications(l)
	if err != nil {
		return false
	}
	bridges := s.bridges(l)
	orphans, more := s.twiceUnknown(append(s.orphansOf(l, all), s.emptyBridges(bridges)...))
	if len(orphans) == 0 || !s.catchUp(l) {
		return more
	}
	busy := talkers(bridges)
	const atOnce = 10 // requests of a channel may wait for it
	free := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	for id := range orphans {
		if busy[id] || s.owner(id) != nil {
			continue
		}
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			s.release(l, id)
		})
	}
	work.Wait()
	return more
}

// orphansOf is the channels of our application without those that another ivrd which is about to end still
// serves: such a one has them under a name of its own, and answers. Those of one that does not are ours.
func (s *Server) orphansOf(l *link, all []application) []string {
	ours := map[string]bool{}
	for _, a := range all {
		if a.Name == s.App {
			for _, id := range a.Channels {
				ours[id] = true
			}
		}
	}
	for _, a := range all {
		if !strings.HasPrefix(a.Name, s.App+handedSign) || a.Name == s.ownName() || len(a.Channels) == 0 {
			continue
		}
		served := s.answers(l, a.Name)
		for _, id := range a.Channels {
			if ours[id] = !served; served {
				delete(ours, id)
			}
		}
	}
	return slices.Collect(maps.Keys(ours))
}

// twiceUnknown is those of ids that nobody owns now and nobody owned at the last look, and whether there are any
// that nobody owns now.
func (s *Server) twiceUnknown(ids []string) (twice map[string]bool, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unknown := map[string]bool{}
	twice = map[string]bool{}
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
	return twice, len(unknown) > 0
}

// release gives a channel that has no flow back to the dialplan. What ivrd made itself it takes away: channels
// that it called, and bridges.
func (s *Server) release(l *link, id string) {
	var err error
	if isOurs(id) {
		_, err = l.do(s.life, remove(pathOf("channels", id)))
		if isStatus(err, 404) {
			_, _ = l.do(s.life, remove(pathOf("bridges", id)))
			return
		}
	} else {
		err = giveBack(s.life, l, id, engine.Lost)
	}
	if err == nil {
		s.logger().Warn("a call that ivrd had lost is back in the dialplan", "app", s.App, "call", id)
	}
}

// giveBack has a channel that no flow serves go on in the dialplan. What it is doing it would do to the end
// first, so that is ended.
func giveBack(ctx context.Context, l *link, id string, why engine.Why) error {
	for _, name := range playNames(id) {
		_, _ = l.do(ctx, remove(pathOf("playbacks", name))) // as a rule there is none
	}
	_, _ = l.do(ctx, remove(pathOf("channels", id, "moh")))
	stopRecording(ctx, l, id)
	status := setting(engine.Variable{Name: "IVRD_STATUS", Value: string(why)})
	q := &request{method: "GET", path: pathOf("channels", id, "variable"), body: map[string]string{"variable": status}}
	if _, err := l.do(ctx, q); err != nil {
		return err
	}
	_, err := l.do(ctx, post(pathOf("channels", id, "continue"), nil))
	return err
}

// stopRecording ends the recording that a flow made of a channel last, if it still runs.
func stopRecording(ctx context.Context, l *link, id string) {
	q := get(pathOf("channels", id, "variable") + "?variable=" + recordingVar)
	r, err := l.do(ctx, q)
	var v struct {
		Value string `json:"value"`
	}
	if err != nil || r.decode(q, &v) != nil || v.Value == "" {
		return
	}
	path := pathOf("recordings", "live", v.Value)
	r, err = l.do(ctx, get(path))
	var live recordingInfo
	if err == nil && json.Unmarshal(r.body, &live) == nil && live.Target == "channel:"+id {
		_, _ = l.do(ctx, post(path+"/stop", nil)) // one that is over is what we want
	}
}

// bridges is all of Asterisk's.
func (s *Server) bridges(l *link) (all []bridgeInfo) {
	q := get("bridges")
	if r, err := l.do(s.life, q); err == nil {
		_ = json.Unmarshal(r.body, &all) // what cannot be read is asked for again
	}
	return all
}

// emptyBridges are those that an ivrd made for our application and nobody is in.
func (s *Server) emptyBridges(bridges []bridgeInfo) (ids []string) {
	for _, b := range bridges {
		if isOurs(b.ID) && b.Name == s.App && len(b.Channels) == 0 {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

// talkers are the channels that are in a bridge with another one: parties that talk to each other are left to
// talk.
func talkers(bridges []bridgeInfo) map[string]bool {
	talk := map[string]bool{}
	for _, b := range bridges {
		for _, id := range b.Channels {
			talk[id] = len(b.Channels) > 1
		}
	}
	return talk
}
