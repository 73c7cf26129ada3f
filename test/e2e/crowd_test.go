package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// TestCrowd has twenty phones go through one flow at once, each with an account of its own.
func TestCrowd(t *testing.T) {
	t.Parallel()
	const phones = 20
	prompts := map[string]time.Duration{
		"enter-account": 2 * time.Second, "main-menu": 2 * time.Second, "not-an-account": 300 * time.Millisecond,
		"by-post": 300 * time.Millisecond,
	}
	for i := range phones {
		prompts[fmt.Sprintf("balance-%d", 30+i)] = 400 * time.Millisecond
	}
	s := plan{Flows: map[string]string{"100.lua": `
call:answer()
local account = call:ask {
  prompt = "enter-account", min = 2, max = 2, wait = 10, invalid = "not-an-account",
  check = function(d) return tonumber(d) >= 30 end,
}
call:menu {
  prompt = "main-menu", wait = 10,
  choices = {
    ["1"] = function() call:play("balance-" .. account) end,
    ["2"] = function() call:play { "by-post", "balance-" .. account } end,
  },
}`}, Prompts: prompts}.start(t)

	var calls sync.WaitGroup
	defer calls.Wait()
	for i := range phones {
		account := fmt.Sprint(30 + i)
		p := s.dial(t, "100", account)
		calls.Go(func() { s.asksForBalance(t, p, i, account) })
	}
}

// asksForBalance is one caller. Every third one mistypes the account, and every other wants the letter too.
func (s *site) asksForBalance(t *testing.T, p *asterisk.Phone, i int, account string) {
	want := []string{"enter-account"}
	if !hears(t, p, "enter-account") {
		return
	}
	if i%3 == 0 {
		if !presses(t, p, "2"+account[1:]) || !hears(t, p, "not-an-account") || !hears(t, p, "enter-account") {
			return
		}
		want = append(want, "not-an-account", "enter-account")
	}
	if !presses(t, p, account) || !hears(t, p, "main-menu") {
		return
	}
	want = append(want, "main-menu")
	choice := "1"
	if i%2 == 0 {
		choice = "2"
		want = append(want, "by-post")
	}
	if presses(t, p, choice) {
		wantHeard(t, p, append(want, "balance-"+account)...)
		s.wantEnd(t, account, "SUCCESS completed")
	}
}
