package tts

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// serve is a service, with what it was asked last.
func serve(t *testing.T, answer func(w http.ResponseWriter)) (address string, asked *http.Request, body *string) {
	asked, body = new(http.Request), new(string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*asked, *body = *r, string(b)
		answer(w)
	}))
	t.Cleanup(func() {
		s.Close()
		client.CloseIdleConnections()
	})
	return s.URL, asked, body
}

func withSound(w http.ResponseWriter) { w.Write(wav(1600)) }

func TestService(t *testing.T) {
	address, asked, body := serve(t, withSound)
	for _, tt := range []struct {
		name             string
		service          Service
		kind, body, path string
	}{
		{"the text alone", Service{URL: address}, "text/plain; charset=utf-8", olá.Words, "/"},
		{"JSON", Service{URL: address + "/v1/{voice}?l={language}", Body: `{"input": "{text}", "voice": "{voice}"}`},
			"application/json", `{"input": "Olá; \"João\" $HOME", "voice": "ana"}`, "/v1/ana?l=pt_BR"},
		{"SSML", Service{URL: address, Body: `<speak><voice name="{voice}">{text}</voice></speak>`},
			"application/ssml+xml", `<speak><voice name="ana">Olá; &#34;João&#34; $HOME</voice></speak>`, "/"},
		{"a form", Service{URL: address, Body: "text={text}", Headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}},
			"application/x-www-form-urlencoded", "text=Ol%C3%A1%3B+%22Jo%C3%A3o%22+%24HOME", "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.service.Make(t.Context(), olá)
			if err != nil || !bytes.Equal(got, wav(1600)) {
				t.Fatalf("got %d bytes, %v", len(got), err)
			}
			if asked.Method != http.MethodPost || asked.Header.Get("Content-Type") != tt.kind || asked.RequestURI != tt.path || *body != tt.body {
				t.Errorf("%s %s with %s\n%s", asked.Method, asked.RequestURI, asked.Header.Get("Content-Type"), *body)
			}
		})
	}
	s := Service{URL: address, Headers: map[string]string{"Authorization": "Bearer secret", "X-Voice": "{voice}"}}
	if _, err := s.Make(t.Context(), olá); err != nil || asked.Header.Get("Authorization") != "Bearer secret" || asked.Header.Get("X-Voice") != "ana" {
		t.Errorf("headers %v, %v", asked.Header, err)
	}
}

func TestServiceInJSON(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(wav(1600))
	for _, tt := range []struct{ answer, key, want string }{
		{`{"audioContent": "` + encoded + `"}`, "audioContent", ""},
		{`{"a": {"b": "` + encoded + `"}}`, "a.b", ""},
		{`{"a": 1}`, "a.b", "no text under a.b"},
		{`<html>`, "a", "is no JSON"},
		{`{"a": "?"}`, "a", "is no base64"},
	} {
		address, _, _ := serve(t, func(w http.ResponseWriter) { io.WriteString(w, tt.answer) })
		got, err := (&Service{URL: address, Answer: tt.key}).Make(t.Context(), olá)
		if tt.want == "" && (err != nil || !bytes.Equal(got, wav(1600))) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %d bytes, %v", tt.answer, len(got), err)
		}
	}
}

// What goes wrong is told, and no password with it.
func TestServiceFails(t *testing.T) {
	elsewhere, asked, _ := serve(t, withSound)
	for _, tt := range []struct {
		answer func(w http.ResponseWriter)
		want   string
	}{
		{func(w http.ResponseWriter) { http.Error(w, "\nquota used up\nat line 7", 429) }, "text-to-speech service: 429 Too Many Requests quota used up"},
		{func(w http.ResponseWriter) {}, "text-to-speech service: the answer is empty"},
		{func(w http.ResponseWriter) { w.Header().Set("Location", elsewhere); w.WriteHeader(302) }, "text-to-speech service: 302 Found "},
	} {
		address, _, _ := serve(t, tt.answer)
		_, err := (&Service{URL: address + "?key=secret", Headers: map[string]string{"X-Key": "secret"}}).Make(t.Context(), olá)
		if err == nil || err.Error() != tt.want || asked.Method != "" {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	for _, address := range []string{"http://127.0.0.1:1/?key=secret", "http://[::secret"} {
		_, err := (&Service{URL: address}).Make(t.Context(), olá)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// FuzzFill: whatever a text holds, it arrives as that text, and changes nothing around it.
func FuzzFill(f *testing.F) {
	for _, text := range []string{"", "Hello.", `"}, {"`, "</voice>&amp;", "a=b&c", "{text}{voice}", "ä\x00\n\xff", "%41"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		r := Request{Text{"en", text}, "amy"}
		var j map[string]string
		if err := json.Unmarshal([]byte(r.fill(`{"t": "{text}", "v": "{voice}"}`, escaper("application/json"))), &j); err != nil || j["t"] != text || j["v"] != "amy" || len(j) != 2 {
			t.Errorf("JSON: %q, %v", j, err)
		}
		v, err := url.ParseQuery(r.fill("t={text}&v={voice}", escaper("application/x-www-form-urlencoded")))
		if err != nil || v.Get("t") != text || len(v) != 2 {
			t.Errorf("form: %v, %v", v, err)
		}
		if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0xFFFE || c == 0xFFFF }) {
			return // what XML cannot hold at all
		}
		var x struct {
			Text string `xml:",chardata"`
			Any  []any  `xml:",any"`
		}
		if err := xml.Unmarshal(fmt.Append(nil, r.fill("<s>{text}</s>", escaper("text/xml"))), &x); err != nil || x.Text != text || len(x.Any) > 0 {
			t.Errorf("XML: %+v, %v", x, err)
		}
	})
}

// FuzzAnswer: no answer is too strange.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"a": {"b": "UklGRg=="}}`, "a.b")
	f.Add(`[1]`, "a")
	f.Add(`null`, ".")
	f.Fuzz(func(t *testing.T, answer, key string) {
		got, err := (&Service{Answer: key}).sound([]byte(answer))
		if err == nil && key == "" && string(got) != answer {
			t.Errorf("got %q", got)
		}
	})
}
