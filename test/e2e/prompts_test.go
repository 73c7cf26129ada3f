package e2e

import (
	"testing"
	"time"
)

// TestPrompts has callers hear recordings that lie beside the flow, in their language, before and after they
// are replaced.
func TestPrompts(t *testing.T) {
	t.Parallel()
	const short = 300 * time.Millisecond
	s := plan{
		Flows: map[string]string{"100.lua": `
call:answer()
call:ask { prompt = "question", max = 1, wait = 25 }
call:play("answer")
call:language("pt_BR")
call:play { "answer", "only-english", "for-all" }`},
		Prompts: map[string]time.Duration{"question": short, "answer": short, "only-english": short},
	}.start(t)
	from := s.log.mark()
	s.save(t, "prompts/pt_BR/answer.wav", string(s.tones.Prompt("resposta", short)))
	s.waitLog(t, from, "new calls get", "prompts/pt_BR/answer.wav")
	from = s.log.mark()
	s.save(t, "prompts/for-all.wav", string(s.tones.Prompt("for-all", short)))
	s.waitLog(t, from, "new calls get", "prompts/for-all.wav")

	before := s.dial(t, "100", "1")
	hear(t, before, "question")
	press(t, before, "1")
	wantHeard(t, before, "question", "answer", "resposta", "only-english", "for-all")

	s.saveLive(t, "100", "prompts/en/answer.wav", string(s.tones.Prompt("new-answer", short)))
	after := s.dial(t, "100", "2")
	hear(t, after, "question")
	press(t, after, "1")
	wantHeard(t, after, "question", "new-answer", "resposta", "only-english", "for-all")
	s.wantEnd(t, "2", "SUCCESS completed")
}
