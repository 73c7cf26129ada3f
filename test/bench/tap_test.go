package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A tap stands between a client and Asterisk's ARI. It passes on everything, websockets message by message, and
// takes note of what the client asks for and how soon.
type tap struct {
	to     string // Asterisk, as host:port
	server *httptest.Server

	mu        sync.Mutex
	reacts    sync.Cond // to mu; for reactions
	requests  []ask
	playing   map[string]string   // which channel a playback is on
	pressed   map[string]*pressed // by channel: digits that nothing has been played after
	reactions []reaction
}

// An ask is a request about a call.
type ask struct {
	method, path string // the path below ari/, unescaped
	query        url.Values
	body         []byte
}

// A pressed digit is one that Asterisk has told the client of.
type pressed struct {
	at      time.Time
	waiting time.Duration // for Asterisk's answers, since
}

// A reaction is how soon after a digit the client asked for the next sound: in all, and without the time that it
// waited for Asterisk's answers in between.
type reaction struct{ total, own time.Duration }

// newTap stands in front of Asterisk until the test is over.
func newTap(t testing.TB, to string) *tap {
	p := &tap{to: to, playing: map[string]string{}, pressed: map[string]*pressed{}}
	p.reacts.L = &p.mu
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ari/events" {
			p.websocket(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		p.note(askOf(r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/ari/"), body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

// address is where clients connect to, as host:port.
func (p *tap) address() string { return p.server.Listener.Addr().String() }

// websocket passes messages on until either side ends.
func (p *tap) websocket(w http.ResponseWriter, r *http.Request) {
	client, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer client.CloseNow()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server, _, err := websocket.Dial(ctx, "ws://"+p.to+r.URL.RequestURI(), &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": r.Header["Authorization"]},
	})
	if err != nil {
		return
	}
	defer server.CloseNow()
	s := &tapped{tap: p, under: map[string]underWay{}}
	go func() {
		defer stop()
		copyMessages(ctx, client, server, s.answer)
	}()
	copyMessages(ctx, server, client, s.ask)
}

// copyMessages passes messages on, each after look has seen it.
func copyMessages(ctx context.Context, to, from *websocket.Conn, look func([]byte)) {
	from.SetReadLimit(-1)
	for {
		kind, b, err := from.Read(ctx)
		if err != nil {
			return
		}
		look(b)
		if to.Write(ctx, kind, b) != nil {
			return
		}
	}
}

// tapped is what is known of one websocket.
type tapped struct {
	*tap
	under map[string]underWay // requests, by id
}

// underWay is a request that has not been answered.
type underWay struct {
	channel string
	since   time.Time
}

// ask sees what the client sends.
func (s *tapped) ask(b []byte) {
	now := time.Now()
	var m ariRequest
	if json.Unmarshal(b, &m) != nil {
		return
	}
	a := askOf(m.Method, m.URI, []byte(m.Body))
	s.note(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	channel, playback, plays := a.channel()
	if plays {
		s.playing[playback] = channel
	} else if playback != "" {
		channel = s.playing[playback]
	}
	s.under[m.RequestID] = underWay{channel, now}
	if d := s.pressed[channel]; plays && d != nil {
		total := now.Sub(d.at)
		s.reactions = append(s.reactions, reaction{total, total - d.waiting})
		delete(s.pressed, channel)
		s.reacts.Broadcast()
	}
}

// answer sees what Asterisk sends.
func (s *tapped) answer(b []byte) {
	var e ariEvent
	if json.Unmarshal(b, &e) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Type {
	case "ChannelDtmfReceived":
		s.pressed[e.Channel.ID] = &pressed{at: time.Now()}
	case "RESTResponse":
		r := s.under[e.RequestID]
		delete(s.under, e.RequestID)
		if d := s.pressed[r.channel]; d != nil && r.since.After(d.at) {
			d.waiting += time.Since(r.since)
		}
	}
}

func askOf(method, uri string, body []byte) ask {
	path, query, _ := strings.Cut(uri, "?")
	if p, err := url.PathUnescape(path); err == nil {
		path = p
	}
	values, _ := url.ParseQuery(query)
	return ask{method, path, values, body}
}

// channel is what channel or playback a request is about, and whether it begins the playback.
func (a *ask) channel() (channel, playback string, plays bool) {
	parts := strings.Split(a.path, "/")
	switch {
	case len(parts) == 4 && parts[0] == "channels" && parts[2] == "play":
		return parts[1], parts[3], true
	case len(parts) > 1 && parts[0] == "channels":
		return parts[1], "", false
	case len(parts) == 2 && parts[0] == "playbacks":
		return "", parts[1], false
	}
	return "", "", false
}

// variables is what a request reads, by name, and what it sets, as NAME=VALUE. ivrd sets by reading the function SET.
func (a *ask) variables() (reads, sets []string) {
	body := struct {
		Variable, Value string
		Variables       []string
	}{Variable: a.query.Get("variable")}
	_ = json.Unmarshal(a.body, &body) // what has none, has none
	if body.Variable != "" {
		body.Variables = append(body.Variables, body.Variable)
	}
	for _, v := range body.Variables {
		set, isSet := strings.CutPrefix(v, "SET(")
		switch {
		case a.method == "POST":
			sets = append(sets, v+"="+body.Value)
		case isSet:
			sets = append(sets, strings.TrimSuffix(set, ")"))
		default:
			reads = append(reads, v)
		}
	}
	return reads, sets
}

// kind is what a request does, for a list.
func (a *ask) kind() string {
	reads, sets := a.variables()
	switch {
	case reads != nil:
		return "to read " + strings.Join(reads, " ")
	case sets != nil:
		for i, set := range sets {
			sets[i], _, _ = strings.Cut(set, "=")
		}
		return "to set " + strings.Join(sets, " ")
	}
	parts := strings.Split(a.path, "/")
	if len(parts) > 2 {
		return a.method + " " + parts[2]
	}
	return a.method + " " + parts[0]
}

// heard is what a request does for the flow; nothing if it is ivrd's own.
func (a *ask) heard() (all []string) {
	reads, sets := a.variables()
	for _, name := range reads {
		if name != "CALLERID(dnid)" {
			all = append(all, "read "+name)
		}
	}
	for _, set := range sets {
		if !strings.HasPrefix(set, "IVRD_") {
			all = append(all, "set "+set)
		}
	}
	if reads != nil || sets != nil {
		return all
	}
	var body struct{ Media []string }
	_ = json.Unmarshal(a.body, &body)
	for _, m := range body.Media {
		all = append(all, "play "+m)
	}
	if all == nil {
		all = []string{strings.TrimSpace(a.kind() + " " + a.query.Get("reason_code"))}
	}
	return all
}

// note keeps a request if it is about a call.
func (p *tap) note(a ask) {
	if channel, playback, _ := a.channel(); channel == "" && playback == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, a)
}

// asked is what clients have asked for since forget.
func (p *tap) asked() []ask {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// forget begins anew.
func (p *tap) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.reactions = nil, nil
}

// waitReacted waits until clients have reacted to that many digits since forget.
func (p *tap) waitReacted(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.reactions) < n {
		p.reacts.Wait()
	}
}

// reacted is how soon clients have reacted to digits since forget.
func (p *tap) reacted() []reaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reactions
}
