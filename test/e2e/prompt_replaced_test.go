package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// TestPromptReplaced replaces one recording, and breaks another, under a call that has yet to hear them: the
// call is of one version, its recordings included, and what is broken reaches nobody.
func TestPromptReplaced(t *testing.T) {
	t.Parallel()
	const short = 300 * time.Millisecond
	s := plan{
		Flows: map[string]string{"100.lua": `
call:answer()
call:ask { prompt = "question", max = 1, wait = 25 }
call:play("answer")
call:play("other")`},
		Prompts: map[string]time.Duration{"question": short, "answer": short, "other": short},
	}.start(t)
	inCall := s.dial(t, "100", "1")
	hear(t, inCall, "question")
	s.saveLive(t, "100", "prompts/en/answer.wav", string(s.tones.Prompt("new-answer", short)))
	from := s.log.mark()
	s.save(t, "prompts/en/other.wav", "no recording")
	s.waitLog(t, from, `"level":"ERROR"`, "prompts/en/other.wav")
	next := s.dial(t, "100", "2")
	hear(t, next, "question")

	press(t, next, "1")
	wantHeard(t, next, "question", "new-answer", "other")
	press(t, inCall, "1")
	wantHeard(t, inCall, "question", "answer", "other")
	s.wantEnd(t, "1", "SUCCESS completed")
}

// TestPromptAddress fetches a recording at the moment it is replaced: Asterisk keeps for a year what it gets,
// so it must be what the hash in the address says.
func TestPromptAddress(t *testing.T) {
	t.Parallel()
	var tones asterisk.Tones
	d := serve(t, quietly, map[string]string{
		"100.lua":          `call:play("x")`,
		"prompts/en/x.wav": string(tones.Prompt("x", time.Second)),
	})
	p := peer{exten: "100", from: "1"}
	if err := p.call(timeout(t), d.agi); err != nil || len(p.played) != 1 {
		t.Fatalf("played %v, %v", p.played, err)
	}
	address := p.played[0]
	hash := strings.Split(address, "/")[4]
	d.save(t, "prompts/en/x.wav", string(tones.Prompt("y", time.Second)))
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	sum := sha256.Sum256(content)
	if err != nil || res.StatusCode != 200 || !strings.HasPrefix(hex.EncodeToString(sum[:]), hash) {
		t.Errorf("%s: %s with content of hash %x, %v", address, res.Status, sum[:6], err)
	}
}
