package ari

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

var requestTests = []labTest{
	{"requests that flows make", requestsAnything},
	{"requests are refused before they are sent", requestsRefused},
	{"a request that hangs up on the caller", requestsHangup},
}

func requestsAnything(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		do := func(method, path string, params map[string]any, wantStatus int, want string) {
			t.Helper()
			status, body, err := c.Request(ctx, method, path, params)
			if status != wantStatus || !strings.Contains(body, want) || err != nil {
				t.Errorf("%s %s: %d %s, %v, want %d with %s", method, path, status, body, err, wantStatus, want)
			}
		}
		own := "/channels/" + c.now()
		do("GET", "/channels", nil, 200, c.now())
		do("GET", own, nil, 200, `"exten":"`+c.info.Exten+`"`)
		do("POST", own+"/answer", nil, 204, "")
		do("POST", own+"/variable", map[string]any{"variable": "A", "value": int64(5)}, 204, "")
		do("POST", own+"/variables", map[string]any{"variables": map[string]any{"B": int64(6), "C": "a,b"}}, 204, "")
		do("GET", own+"/variable", map[string]any{"variable": "C"}, 200, `"a,b"`)
		do("GET", own+"/variables", map[string]any{"variables": []any{"A", "B"}}, 200, `"6"`)
		do("GET", own+"/variable", map[string]any{"variable": "CALLERID(num)"}, 200, c.info.CallerID)
		do("GET", "/channels/nobody", nil, 404, "message")
		do("PUT", "/deviceStates/Stasis%3Alamp", map[string]any{"deviceState": "INUSE"}, 204, "")
		do("GET", "/deviceStates/Stasis%3Alamp", nil, 200, "INUSE")
		do("DELETE", "/deviceStates/Stasis%3Alamp", nil, 204, "")
		do("GET", "/asterisk/info", map[string]any{"only": []any{"build", "config"}}, 200, `"config"`)
		do("POST", own+"/play", map[string]any{"media": "sound:short", "skipms": "100"}, 201, "sound:short")
		do("DELETE", own+"/moh", nil, 204, "")
		do("POST", "/channels", map[string]any{"endpoint": "Nothing/at-all", "app": "ivrd"}, 500, "")
	})
	v.ends("short")
}

func requestsRefused(t *testing.T, st *station) {
	st.call(t, func(ctx context.Context, c *channel) {
		for _, path := range []string{"/channels/" + c.now() + "/move", "/channels/" + c.now() + "/mute"} {
			status, _, err := c.Request(ctx, "POST", path, nil) // Asterisk 22 crashes on the first
			if err == nil || !strings.Contains(err.Error(), "needs the parameter") || status != 0 {
				t.Errorf("%s: %d, %v", path, status, err)
			}
		}
		ended, stop := context.WithCancel(ctx)
		stop()
		if _, _, err := c.Request(ended, "GET", "/channels", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("a request of a flow that is over: %v", err)
		}
	}).over()
}

func requestsHangup(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		status, _, err := c.Request(ctx, "DELETE", "/channels/"+c.now(), map[string]any{"reason": "busy"})
		if status != 204 || err != nil {
			t.Errorf("hang up: %d, %v", status, err)
		}
		if _, err := c.ReadDigit(ctx, answerTime); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("afterwards: %v", err)
		}
		if status, _, err := c.Request(ctx, "GET", "/asterisk/ping", nil); status != 200 || err != nil {
			t.Errorf("a request of a call that is over: %d, %v", status, err)
		}
	})
	if cause, err := v.WaitEnded(within(t)); cause.Q850 != 17 || err != nil {
		t.Errorf("ended by %+v, %v", cause, err)
	}
}

func TestCheckRequest(t *testing.T) {
	for _, test := range []struct {
		method, path, params string
		want                 string // in the error; "" is none
	}{
		{"GET", "/channels", "", ""},
		{"GET", "/channels/1.2", "", ""},
		{"GET", "/deviceStates/PJSIP%2Falice", "", ""},
		{"POST", "/channels/1.2/move", `{"app": "x"}`, ""},
		{"POST", "/channels/1.2/move", `{"app": 5}`, ""},
		{"POST", "/channels/create", `{"endpoint": "PJSIP/a", "app": "x", "variables": {"A": "b"}}`, ""},
		{"POST", "/channels/1.2/dtmf", `{"dtmf": "1", "between": 100}`, ""},
		{"POST", "/channels/1.2/dtmf", `{"dtmf": "1", "between": "100"}`, ""},
		{"POST", "/bridges/b/addChannel", `{"channel": ["1", "2"], "mute": true}`, ""},
		{"POST", "/channels/1.2/mute", `{"direction": "in"}`, ""},

		{"POST", "/channels/1.2/move", "", "needs the parameter app"},
		{"POST", "/channels/1.2/move", `{"app": ""}`, "cannot be empty"},
		{"POST", "/channels/1.2/move", `{"app": null}`, "want a text"},
		{"POST", "/channels/1.2/move", `{"app": ["x"]}`, "one value, not a list"},
		{"POST", "/channels/1.2/move", `{"app": "x", "apArgs": "y"}`, "did you mean appArgs?"},
		{"POST", "/channels/1.2/move", `{"app": true}`, "want a text"},
		{"POST", "/bridges/b/addChannel", `{"channel": []}`, "cannot be empty"},
		{"POST", "/bridges/b/addChannel", `{"channel": [1, {}]}`, "want a text"},
		{"POST", "/bridges/b/addChannel", `{"channel": "1", "mute": "yes"}`, "want true or false"},
		{"POST", "/channels/1.2/dtmf", `{"between": 1.5}`, "whole number"},
		{"POST", "/channels/1.2/dtmf", `{"between": "soon"}`, "whole number"},
		{"POST", "/channels/1.2/record", `{"name": "x", "format": "wav", "maxDurationSeconds": -1}`, "too small"},
		{"POST", "/channels/1.2/mute", "", "needs the parameter direction"},
		{"POST", "/channels/1.2/mute", `{"direction": "up"}`, "want both or in or out"},
		{"POST", "/channels/create", `{"endpoint": "PJSIP/a", "app": "x", "variables": ["A"]}`, "one value, not a list"},
		{"POST", "/channels/create", `{"endpoint": "PJSIP/a", "app": "x", "variables": "A"}`, "names with values"},
		{"POST", "/channels/1.2/move?app=x", "", "not into the path"},
		{"GET", "/channels/1.2?a=b", "", "not into the path"},
		{"GET", "/channels/a b", "", "is no path"},
		{"GET", "/channels/ä", "", "is no path"},
		{"GET", "/channels/%zz", "", "is no path"},
		{"GET", "/channels/1.2\n", "", "is no path"},
		{"GET", "channels", "", "begins with a slash"},
		{"GET", "", "", "begins with a slash"},
		{"GET", "/", "", "ARI has no /"},
		{"GET", "/channel", "", "ARI has no /channel"},
		{"GET", "/channels//play", "", "ARI has no"},
		{"PATCH", "/channels", "", "takes GET or POST, not PATCH"},
		{"DELETE", "/channels/1.2/answer", "", "takes POST, not DELETE"},
		{"GET", "/events", `{"app": "x"}`, "opens a websocket"},
	} {
		params, err := paramsOf(test.params)
		noErr(t, test.params, err)
		err = checkRequest(test.method, test.path, params)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s %s: %v, want %q", test.method, test.path, test.params, err, test.want)
		}
	}
}

func paramsOf(text string) (params map[string]any, err error) {
	if text == "" {
		return nil, nil
	}
	return params, json.Unmarshal([]byte(text), &params)
}

// TestDeclared has parameters in the types that Asterisk wants, whatever types a flow gives.
func TestDeclared(t *testing.T) {
	for _, test := range []struct{ path, params, want string }{
		{"/channels/1/move", `{"app": 5, "appArgs": 1.5}`, `{"app": "5", "appArgs": "1.5"}`},
		{"/channels/1/dtmf", `{"dtmf": 12, "between": "100"}`, `{"dtmf": "12", "between": 100}`},
		{"/bridges/b/addChannel", `{"channel": [1, "2"], "mute": "true"}`, `{"channel": ["1", "2"], "mute": true}`},
		{"/bridges/b/addChannel", `{"channel": 1, "mute": "false"}`, `{"channel": "1", "mute": false}`},
		{"/channels/1/variables", `{"variables": {"A": 1, "B": "b", "C": {"value": "c"}}}`, `{"variables": {"A": "1", "B": "b", "C": {"value": "c"}}}`},
	} {
		params, err := paramsOf(test.params)
		noErr(t, test.params, err)
		noErr(t, test.params, checkRequest("POST", test.path, params))
		b, err := json.Marshal(declared("POST", test.path, params))
		noErr(t, test.params, err)
		got, _ := paramsOf(string(b))
		want, _ := paramsOf(test.want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s %s: %s, want %s", test.path, test.params, b, test.want)
		}
	}
}

// FuzzCheckRequest: what is let through is one of the endpoints, has what that needs, and reaches Asterisk in the
// types it wants.
func FuzzCheckRequest(f *testing.F) {
	f.Add("GET", "/channels", "")
	f.Add("POST", "/channels/1.2/move", `{"app": "x"}`)
	f.Add("POST", "/bridges/b/addChannel", `{"channel": ["1", 2], "mute": "true"}`)
	f.Add("DELETE", "/channels/1.2", `{"reason_code": 16}`)
	f.Add("PUT", "/asterisk/config/dynamic/a/b/c", `{"fields": [{"attribute": "a", "value": "b"}]}`)
	f.Add("GET", "/channels/1.2?app=%20", "{}")
	f.Fuzz(func(t *testing.T, method, path, text string) {
		params, err := paramsOf(text)
		if err != nil || checkRequest(method, path, params) != nil {
			return
		}
		e, err := findEndpoint(method, path)
		if err != nil || e.method != method || !e.fits(segments(path)) || strings.ContainsAny(path, "?# \r\n") {
			t.Fatalf("%s %q is no endpoint", method, path)
		}
		sent := declared(method, path, params)
		if len(sent) != len(params) {
			t.Fatalf("%v became %v", params, sent)
		}
		for _, p := range e.params {
			value, given := sent[p.name]
			if p.required && (!given || value == "" || value == nil) {
				t.Fatalf("%s %s %v lacks %s", method, path, sent, p.name)
			}
			if given {
				p.wantType(t, value)
			}
		}
	})
}

func (p *param) wantType(t *testing.T, value any) {
	if list, ok := value.([]any); ok && p.several {
		for _, v := range list {
			p.wantType(t, v)
		}
		return
	}
	want := map[string]any{"string": "", "int": int64(0), "bool": false, "object": map[string]any{}, "array": []any{}}[p.kind]
	if reflect.TypeOf(value) != reflect.TypeOf(want) {
		t.Fatalf("%s is %T: %v", p.name, value, value)
	}
}
