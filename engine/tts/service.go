package tts

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Service speaks texts that are sent to it by POST. {text}, {voice} and {language} in its settings stand for
// those of the request, escaped as they have to be in a URL, a header, or a body of that content type.
type Service struct {
	URL     string
	Headers map[string]string // Content-Type is taken from the body's first letter if it is not here
	Body    string            // "" is the text alone
	Answer  string            // where a JSON answer has the sound in base64: "audio.content"; "" is an answer that is the sound
}

var _ Maker = (*Service)(nil)

// Settings are what is asked for. Headers are not among them, which hold passwords rather than voices.
func (s *Service) Settings() string { return fmt.Sprintf("service %q %q %q", s.URL, s.Body, s.Answer) }

// client follows no redirection: the headers are for one server.
var client = &http.Client{
	Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Make sends one request.
func (s *Service) Make(ctx context.Context, r Request) ([]byte, error) {
	body := cmp.Or(s.Body, textPlace)
	kind := s.contentType(body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.fill(s.URL, url.QueryEscape), strings.NewReader(r.fill(body, escaper(kind))))
	if err != nil {
		return nil, errors.New("the address of the text-to-speech service cannot be used") // err may show a password
	}
	req.Header.Set("Content-Type", kind)
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		req.Header.Set(name, oneLine(r.fill(s.Headers[name], asIs)))
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("text-to-speech service: %w", withoutAddress(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("text-to-speech service: %w", err)
	case res.StatusCode/100 != 2:
		return nil, fmt.Errorf("text-to-speech service: %s %s", res.Status, brief(answer))
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("text-to-speech service: more than %d MB of sound for one text", maxAnswer>>20)
	}
	return s.sound(answer)
}

// withoutAddress is an error without the address, which may hold a password.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (s *Service) contentType(body string) string {
	for name, value := range s.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return value
		}
	}
	switch strings.TrimSpace(body)[0] {
	case '{', '[':
		if body != textPlace {
			return "application/json"
		}
	case '<':
		return "application/ssml+xml"
	}
	return "text/plain; charset=utf-8"
}

// escaper makes a text fit into a body of a content type.
func escaper(contentType string) func(string) string {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch kind = strings.TrimSpace(kind); {
	case strings.HasSuffix(kind, "json"):
		return inJSON
	case strings.HasSuffix(kind, "xml"):
		return html.EscapeString
	case kind == "application/x-www-form-urlencoded":
		return url.QueryEscape
	}
	return asIs
}

// inJSON is s as it stands between the quotes of a JSON text.
func inJSON(s string) string {
	quoted, _ := json.Marshal(s) // of a text it cannot fail
	return string(quoted[1 : len(quoted)-1])
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// sound takes the recording out of an answer.
func (s *Service) sound(answer []byte) ([]byte, error) {
	if s.Answer == "" {
		if len(answer) == 0 {
			return nil, errors.New("text-to-speech service: the answer is empty")
		}
		return answer, nil
	}
	var value any
	if err := json.Unmarshal(answer, &value); err != nil {
		return nil, fmt.Errorf("text-to-speech service: the answer is no JSON: %w", err)
	}
	for key := range strings.SplitSeq(s.Answer, ".") {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("text-to-speech service: the answer has no text under %s", s.Answer)
	}
	recording, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("text-to-speech service: %s of the answer is no base64: %w", s.Answer, err)
	}
	return recording, nil
}
