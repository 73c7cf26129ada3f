package engine

import (
	"errors"
	"fmt"
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
	for i := range 3 * mostSecrets {
		c.keepSecret(fmt.Sprint(1000 + i))
	}
	if len(c.secrets) != mostSecrets {
		t.Errorf("%d secrets are kept", len(c.secrets))
	}
	if got := c.mask("1095 1000"); got != "???? 1000" {
		t.Errorf("got %q", got)
	}
}
