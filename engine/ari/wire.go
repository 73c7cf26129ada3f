package ari

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// An event is a message from Asterisk. Which fields count depends on its Type. Types that ivrd does not know
// are events like any other.
type event struct {
	Type        string `json:"type"`
	Application string `json:"application"`
	Timestamp   string `json:"timestamp"`

	Args      []string       `json:"args"`
	Channel   *channelInfo   `json:"channel"`
	Replaces  *channelInfo   `json:"replace_channel"`
	Peer      *channelInfo   `json:"peer"`
	Caller    *channelInfo   `json:"caller"`
	Bridge    *bridgeInfo    `json:"bridge"`
	Playback  *playbackInfo  `json:"playback"`
	Recording *recordingInfo `json:"recording"`
	Endpoint  *endpointInfo  `json:"endpoint"`
	Message   *messageInfo   `json:"message"`

	Digit      string          `json:"digit"`
	Duration   int             `json:"duration"` // of talking, in ms
	DialStatus string          `json:"dialstatus"`
	Cause      int             `json:"cause"`
	Soft       bool            `json:"soft"`
	MusicClass string          `json:"musicclass"`
	EventName  string          `json:"eventname"`
	UserEvent  json.RawMessage `json:"userevent"`

	// Of a RESTResponse.
	RequestID string `json:"request_id"`
	Status    int    `json:"status_code"`
	Reason    string `json:"reason_phrase"`
	Body      string `json:"message_body"`

	size int // of the whole message, in bytes
}

// Events of our own, which tell a call what became of its connection.
const (
	eventRegained = "ivrd:regained" // it was cut and is back: events may be missing
	eventGone     = "ivrd:gone"     // Asterisk has the channel no more, or not in our application
	eventLost     = "ivrd:lost"     // it was cut for too long
)

// channelInfo is a channel as Asterisk describes it.
type channelInfo struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	State     string       `json:"state"` // Down, Ring, Ringing, Up, …
	Caller    callerInfo   `json:"caller"`
	Connected callerInfo   `json:"connected"`
	Account   string       `json:"accountcode"`
	Language  string       `json:"language"`
	Created   string       `json:"creationtime"`
	Dialplan  dialplanInfo `json:"dialplan"`
}

type callerInfo struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

type dialplanInfo struct {
	Context  string `json:"context"`
	Exten    string `json:"exten"`
	Priority int    `json:"priority"`
}

type bridgeInfo struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Channels []string `json:"channels"`
}

type playbackInfo struct {
	ID     string `json:"id"`
	Target string `json:"target_uri"` // channel:ID or bridge:ID
	State  string `json:"state"`      // queued, playing, continuing, done or failed
}

type recordingInfo struct {
	Name     string `json:"name"`
	Target   string `json:"target_uri"`
	State    string `json:"state"`
	Duration int    `json:"duration"` // in whole seconds
	Cause    string `json:"cause"`
}

type endpointInfo struct {
	Technology string `json:"technology"`
	Resource   string `json:"resource"`
}

type messageInfo struct {
	Body string `json:"body"`
}

// parseEvent keeps nothing of b.
func parseEvent(b []byte) (*event, error) {
	e := &event{size: len(b)}
	var other *json.UnmarshalTypeError // one field is not what it was in other versions; all others have been read
	if err := json.Unmarshal(b, e); err != nil && !errors.As(err, &other) {
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	if e.Type == "" {
		return nil, errors.New("it has no type")
	}
	return e, nil
}

// of reports whether the event is about the channel itself.
func (e *event) of(id string) bool { return e.Channel != nil && e.Channel.ID == id }

// eachOwner calls found with the ids of the channels and bridges that the event is about.
func (e *event) eachOwner(found func(id string)) {
	for _, ch := range [...]*channelInfo{e.Channel, e.Peer, e.Caller, e.Replaces} {
		if ch != nil {
			found(ch.ID)
		}
	}
	if e.Bridge != nil {
		found(e.Bridge.ID)
	}
	if e.Playback != nil {
		found(targetID(e.Playback.Target))
	}
	if e.Recording != nil {
		found(targetID(e.Recording.Target))
	}
	if e.Endpoint != nil {
		found(e.Endpoint.Technology + "/" + e.Endpoint.Resource)
	}
}

// targetID is the channel or bridge of a URI such as channel:123.4.
func targetID(uri string) string {
	_, id, _ := strings.Cut(uri, ":")
	return id
}

// A request is one call of the REST interface.
type request struct {
	method string
	path   string // below the base, without a slash in front, parts escaped; the query of a GET included
	body   any    // parameters, sent as JSON; nil for none
	waits  bool   // for the channel's thread: it must not hold up other requests
	once   bool   // it is not repeated when nobody knows whether it was carried out
}

func get(path string) *request    { return &request{method: "GET", path: path} }
func remove(path string) *request { return &request{method: "DELETE", path: path} }
func post(path string, body any) *request {
	return &request{method: "POST", path: path, body: body}
}

// A response is what Asterisk answered.
type response struct {
	status int
	reason string
	body   []byte
}

// err is the refusal that a response is, or nil.
func (r *response) err(q *request) error {
	if r.status >= 200 && r.status < 300 {
		return nil
	}
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	_ = json.Unmarshal(r.body, &said) // what is no JSON says nothing
	text := said.Message
	if text == "" {
		text = said.Error
	}
	if text == "" {
		text = r.reason
	}
	path, _, _ := strings.Cut(q.path, "?")
	return &StatusError{Method: q.method, Path: path, Status: r.status, Text: text}
}

// decode reads the answer as JSON.
func (r *response) decode(q *request, to any) error {
	if err := json.Unmarshal(r.body, to); err != nil {
		return fmt.Errorf("%s /%s: the answer is no JSON: %w", q.method, q.path, err)
	}
	return nil
}
