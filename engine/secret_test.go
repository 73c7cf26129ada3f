package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	c := &Call{}
	if got := c.mask("1234"); got != "1234" {
		t.Errorf("nothing is secret, and %q is masked", got)
	}
	c.keepSecret("1234")
	c.keepSecret("*77#")
	c.KeepSecret("1980-05-17")
	c.KeepSecret("14:30")
	c.keepSecret("12") // too short to be looked for
	tests := []struct{ in, want string }{
		{"", ""},
		{"PIN 1234", "PIN ????"},
		{`{"pin":"1234","account":12345}`, `{"pin":"????","account":12345}`},
		{"5551234 and 12341234", "5551234 and 12341234"},
		{"1234", "????"},
		{"1234.50", "????.50"},
		{"12 1234 *77# 77", "12 ???? ???? 77"},
		{"date:1980-05-17:long, not 1980-05-18", "date:??????????:long, not 1980-05-18"},
		{"at 14:30, ?at=14%3A30", "at ?????, ?at=?????"},
		{"São Paulo 1234é", "São Paulo ????é"},
	}
	for _, tt := range tests {
		if got := c.mask(tt.in); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestMaskError(t *testing.T) {
	c := &Call{}
	c.keepSecret("1234")
	plain := errors.New("no service")
	if got := c.maskError(plain); got != plain {
		t.Errorf("an error without a secret becomes %v", got)
	}
	wrapped := fmt.Errorf("pin 1234: %w", ErrNoFlow)
	if got := c.maskError(wrapped); got.Error() != "pin ????: no flow for this call" || !errors.Is(got, ErrNoFlow) {
		t.Errorf("got %v", got)
	}
	fault := &FlowError{File: "bank.lua", Line: 3, Text: "wrong pin 1234"}
	var got *FlowError
	if err := c.maskError(fault); err.Error() != "bank.lua:3: wrong pin ????" || !errors.As(err, &got) || got.Text != "wrong pin ????" {
		t.Errorf("got %v", err)
	}
	if fault.Text != "wrong pin 1234" {
		t.Error("the flow's own error has changed")
	}
}

// Old secrets make room: a caller who tries for hours does not slow the call down.
func TestSecretsAreBounded(t *testing.T) {
	c := &Call{}
	for i := range 3 * mostEntries {
		c.keepSecret(fmt.Sprint(1000 + i))
	}
	if len(c.secrets) != mostEntries {
		t.Errorf("%d secrets are kept", len(c.secrets))
	}
	if got := c.mask("1095 1000"); got != "???? 1000" {
		t.Errorf("got %q", got)
	}
}

// A call that has the secrets of a configuration.
func disclosing(secrets map[string]string) *Call {
	c := &Call{maxSteps: 100, limits: Limits{}.Filled(), disclose: func(name string) (string, error) {
		value, ok := secrets[name]
		if !ok {
			return "", fmt.Errorf("there is no secret %s", name)
		}
		return value, nil
	}}
	c.open(context.Background())
	return c
}

// On record the name of a secret stands for it, in whatever form it would be seen.
func TestNamedSecrets(t *testing.T) {
	all := map[string]string{"plain": "s3cr3t-key", "odd": "a b/\"<&>\\ü\nend", "part": "s3cr", "number": "4711", "keys": "*2811#"}
	c := disclosing(all)
	defer c.cancel(nil)
	if got := c.mask("s3cr3t-key"); got != "s3cr3t-key" {
		t.Errorf("nobody asked for it, and it is masked: %q", got)
	}
	for name, value := range all {
		for range 2 {
			if got, err := c.Secret(name); got != value || err != nil {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		}
	}
	odd := all["odd"]
	inHTML, _ := json.Marshal(odd)
	address := url.URL{Scheme: "https", Host: "core", Path: "/" + odd}
	for _, tt := range []struct{ in, want string }{
		{"Bearer s3cr3t-key", "Bearer plain"}, {"s3cr3t", "part3t"}, {"pin 4711, not 47110", "pin number, not 47110"},
		{odd, "odd"}, {"?k=" + url.QueryEscape(odd) + "&x", "?k=odd&x"}, {"/" + url.PathEscape(odd), "/odd"},
		{string(inHTML), `"odd"`}, {c.valuesText([]any{odd, "x"}), `["odd", "x"]`}, {address.String(), "https://core/odd"},
		{c.valuesText([]any{`{"k":"` + inJSON(odd, false) + `"}`}), `["{\"k\":\"odd\"}"]`},
		{"?pin=" + url.QueryEscape("*2811#") + "&x", "?pin=keys&x"}, {"pin *2811# or 2811", "pin keys or 2811"},
		{`the string "s3cr3t-k…" or s3cr3…`, `the string "plain…" or plain…`}, {"s3c… s3cr3t-key…", "s3c… plain…"},
	} {
		if got := c.mask(tt.in); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
		}
	}
	c.note(StepPress, "4711")
	if got := c.steps[len(c.steps)-1].String(); got != "press ????" {
		t.Errorf("a caller who presses a secret pressed %q", got)
	}
	c.steps = c.steps[:len(all)]
	if err := c.maskError(errors.New("refused s3cr3t-key")); err.Error() != "refused plain" {
		t.Errorf("got %v", err)
	}
	var steps []string
	for i := range c.Journal() {
		steps = append(steps, c.Journal()[i].String())
	}
	if len(steps) != len(all) || !strings.HasPrefix(steps[0], "secret ") {
		t.Errorf("asked for %q", steps)
	}
	if _, err := c.Secret("plian"); err == nil || err.Error() != "there is no secret plian" {
		t.Errorf("got %v", err)
	}
}

// A secret that would be cut in two is found before.
func TestShortHidesSecrets(t *testing.T) {
	c := disclosing(map[string]string{"key": "0123456789abcdef"})
	defer c.cancel(nil)
	if _, err := c.Secret("key"); err != nil {
		t.Fatal(err)
	}
	c.keepSecret("4711")
	for in, want := range map[string]string{
		"ab 0123456789abcdef":    "ab key",
		"ab 0123456789abcdef cd": "ab key c…",
		"0123456 0123456789":     "0123456 …",
		"abcdef 4711":            "abcdef ?…",
		"äöüäöüäöüä":             "äöüäöüäö…",
	} {
		if got, cut := c.Short(in, 8); got != want || cut != strings.HasSuffix(want, "…") {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// In a transcript a secret is its own name, which nothing has to stand for.
func TestSecretInTranscript(t *testing.T) {
	c := &Call{maxSteps: 1, limits: Limits{}.Filled()}
	c.open(context.Background())
	defer c.cancel(nil)
	if got, err := c.Secret("key"); got != "key" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// Some databases repeat a value in what they say of it.
func TestSecretQueryFails(t *testing.T) {
	q := Query{Secret: true, Values: []any{"hush", int64(4711), []byte("blob"), nil, "a", "hush-hush"}}
	fault := fmt.Errorf("%w: duplicate hush, 4711, blob and hush-hush for a", ErrUnanswered)
	if err := q.concealed(fault); err.Error() != ErrUnanswered.Error()+": duplicate ?, ?, ? and ? for a" || !errors.Is(err, ErrUnanswered) {
		t.Errorf("got %v", err)
	}
	q.Secret = false
	if err := q.concealed(fault); err != fault {
		t.Errorf("got %v", err)
	}
}
