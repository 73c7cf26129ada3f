package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// A toneVoice is a text-to-speech engine with a tone for each of its words, and for nothing else. It notes what
// it was asked for.
type toneVoice struct{ dir string }

func newToneVoice(t *testing.T, tones *asterisk.Tones, words ...string) toneVoice {
	v := toneVoice{t.TempDir()}
	for _, w := range words {
		if err := os.WriteFile(filepath.Join(v.dir, w+".wav"), studio(tones.Tone(w), 400*time.Millisecond), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// config is the section of ivrd.yaml. What begins with Made takes a while.
func (v toneVoice) config() string {
	return fmt.Sprintf(`tts:
  voices: { en: amy, pt_BR: ana }
  command:
    - sh
    - -c
    - 'read -r text; echo "$1 $text" >>"$0/asked"; case "$text" in Made*) sleep 0.7;; esac; exec cat "$0/$text.wav"'
    - %q
    - "{voice}"
`, v.dir)
}

func (v toneVoice) asked(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(v.dir, "asked"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// studio is a tone as studios deliver: 44.1 kHz, two channels of 24 bit. Each channel has one of its frequencies.
func studio(tone asterisk.Tone, d time.Duration) []byte {
	const rate, frame = 44100, 6
	lead := rate / 10
	n := lead + int(d*rate/time.Second)
	left := asterisk.Tone{Low: tone.Low * 8000 / rate, High: tone.Low * 8000 / rate}.Samples(time.Duration(n-lead) * time.Second / 8000)
	right := asterisk.Tone{Low: tone.High * 8000 / rate, High: tone.High * 8000 / rate}.Samples(time.Duration(n-lead) * time.Second / 8000)
	var b bytes.Buffer
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, uint32(36+n*frame))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(2), uint32(rate), uint32(rate * frame), uint16(frame), uint16(24)} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, uint32(n*frame))
	b.Write(make([]byte, lead*frame))
	for i := range left {
		for _, s := range []int16{left[i], right[i]} {
			b.Write([]byte{0, byte(s), byte(s >> 8)})
		}
	}
	return b.Bytes()
}

// onBoth runs a test over ARI and over FastAGI.
func onBoth(t *testing.T, test func(t *testing.T, ari bool)) {
	for _, backend := range []string{"ari", "agi"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			test(t, backend == "ari")
		})
	}
}

// TestSpeech has callers hear a recording that had to be converted, and texts: of the flow, of prompts.yaml, and
// of this call only. What the engine cannot say is said by what stands in, and once in the log.
func TestSpeech(t *testing.T) {
	onBoth(t, func(t *testing.T, ari bool) {
		tones := new(asterisk.Tones)
		voice := newToneVoice(t, tones, "Hello caller", "Only words", "Made for 1", "Made for 2")
		s := plan{
			ARI: ari, Tones: tones, Config: quietly + voice.config(),
			Flows: map[string]string{
				"100.lua": `
call:answer()
call:play { "studio", tts "Hello caller" }
call:play("only-words")
call:play(tts("Made for " .. call.caller.number, { language = "pt_BR" }))
call:language("pt_BR")
call:play("stand-in")`,
				"200.lua":               "call:answer()\ncall:play(tts('Nobody can say ' .. 'this'))",
				"prompts.yaml":          "only-words: Only words\nstand-in: { pt_BR: Unheard of }\n",
				"prompts/en/studio.wav": string(studio(tones.Tone("studio"), 400*time.Millisecond)),
			},
			Prompts: map[string]time.Duration{"stand-in": 400 * time.Millisecond},
		}.start(t)
		before := voice.asked(t)
		for _, want := range []string{"amy Hello caller\n", "ana Hello caller\n", "amy Only words\n", "ana Unheard of\n", "amy Nobody can say this\n"} {
			if strings.Count(before, want) != 1 {
				t.Errorf("before the first call the engine was asked for\n%s, not once for %s", before, want)
			}
		}
		for _, from := range []string{"1", "2"} {
			wantHeard(t, s.dial(t, "100", from), "studio", "Hello caller", "Only words", "Made for "+from, "stand-in")
			s.wantEnd(t, from, "SUCCESS completed")
		}
		wantHeard(t, s.dial(t, "100", "1"), "studio", "Hello caller", "Only words", "Made for 1", "stand-in")
		if got, want := voice.asked(t), before+"ana Made for 1\nana Made for 2\n"; got != want {
			t.Errorf("the engine was asked for\n%s, want\n%s", got, want)
		}
		if _, ok := s.log.find(0, "text-to-speech", "Unheard of"); !ok {
			t.Error("the log does not tell what cannot be spoken")
		}
		wantHeard(t, s.dial(t, "200", "3"), "dialplan-sorry")
		s.wantEnd(t, "3", "SUCCESS error")
	})
}

// TestSpeechReload edits a text: the next caller hears it, who is in a call what it began with.
func TestSpeechReload(t *testing.T) {
	t.Parallel()
	tones := new(asterisk.Tones)
	voice := newToneVoice(t, tones, "Old words", "New words", "Old text", "New text")
	flow := "call:answer()\ncall:ask { prompt = 'question', max = 1, wait = 25 }\ncall:play { 'words', tts '%s text' }"
	s := plan{
		Tones: tones, Config: quietly + voice.config(),
		Flows:   map[string]string{"100.lua": fmt.Sprintf(flow, "Old"), "prompts.yaml": "words: Old words"},
		Prompts: map[string]time.Duration{"question": 300 * time.Millisecond},
	}.start(t)
	old := s.dial(t, "100", "1")
	hear(t, old, "question")
	s.saveLive(t, "100", "prompts.yaml", "words: New words")
	s.saveLive(t, "100", "100.lua", fmt.Sprintf(flow, "New"))
	if asked := voice.asked(t); !strings.Contains(asked, "New words") || !strings.Contains(asked, "New text") {
		t.Errorf("callers get it, and the engine was asked only for\n%s", asked)
	}
	next := s.dial(t, "100", "2")
	hear(t, next, "question")
	press(t, next, "1")
	wantHeard(t, next, "question", "New words", "New text")
	press(t, old, "1")
	wantHeard(t, old, "question", "Old words", "Old text")
}

// TestESpeak has a caller hear what a real engine says.
func TestESpeak(t *testing.T) {
	onBoth(t, func(t *testing.T, ari bool) {
		s := plan{
			ARI:    ari,
			Config: quietly + "tts: { command: [espeak-ng, -v, \"{voice}\", --stdin, --stdout], voices: { en: en-us } }\n",
			Flows:  map[string]string{"100.lua": "call:answer()\ncall:play(tts 'Thank you for calling. Please hold the line.')"},
		}.start(t)
		phone := s.dial(t, "100", "1")
		if _, err := phone.WaitEnded(timeout(t)); err != nil {
			t.Fatal(err)
		}
		s.wantEnd(t, "1", "SUCCESS completed")
		const loud, low, high = 500, 1 * time.Second, 6 * time.Second
		var first, last time.Duration
		var sound time.Duration
		for _, c := range phone.Audio() {
			d := time.Duration(len(c.PCM)) * time.Second / 8000
			if level(c.PCM) < loud {
				continue
			}
			if sound == 0 {
				first = c.At
			}
			sound, last = sound+d, c.At+d
		}
		if sound < low || last-first < low || last-first > high {
			t.Errorf("heard %v of speech within %v", sound, last-first)
		}
	})
}

// level is how loud samples are on average.
func level(pcm []int16) int {
	sum := 0
	for _, s := range pcm {
		sum += max(int(s), -int(s))
	}
	return sum / max(len(pcm), 1)
}
