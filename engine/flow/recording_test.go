package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine/sound"
)

// pcm is a WAV file of 16-bit PCM, mono, that is silent for so many samples.
func pcm(rate, samples int) []byte { return wavOf(rate, make([]int16, samples)) }

// hum is a WAV file with a tone, no two frequencies alike.
func hum(rate int, frequency float64, d time.Duration) []byte {
	samples := make([]int16, int(d*time.Duration(rate)/time.Second))
	for i := range samples {
		samples[i] = int16(8000 * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
	}
	return wavOf(rate, samples)
}

func wavOf(rate int, samples []int16) []byte {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			if s, ok := v.(string); ok {
				b.WriteString(s)
			} else {
				_ = binary.Write(&b, binary.LittleEndian, v)
			}
		}
	}
	size := uint32(2 * len(samples))
	put("RIFF", 36+size, "WAVE", "fmt ", uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2*rate), uint16(2), uint16(16), "data", size, samples)
	return b.Bytes()
}

func spooled(t *testing.T, spool string) []string {
	t.Helper()
	entries, err := os.ReadDir(spool)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestSpool: every recording that was ever read is there under its hash, as Asterisk plays it, and nothing else.
func TestSpool(t *testing.T) {
	spool := t.TempDir()
	o := Options{Spool: spool}.filled()
	first, second := pcm(8000, 800), pcm(8000, 1600)
	set := o.load(scan(fstest.MapFS{"100.lua": {Data: []byte(`call:play("x")`)}, "prompts/x.wav": {Data: first}}, nil, o))
	set = build(set, scan(fstest.MapFS{"100.lua": {Data: []byte(`call:play("x")`)}, "prompts/x.wav": {Data: second}}, nil, o), o)
	for _, want := range [][]byte{first, second} {
		sum := sha256.Sum256(want)
		got, err := os.ReadFile(filepath.Join(spool, hex.EncodeToString(sum[:6])+".wav"))
		if err != nil || string(got) != string(want) {
			t.Errorf("got %d bytes and %v, want %d", len(got), err, len(want))
		}
	}
	build(set, scan(fstest.MapFS{"100.lua": {Data: []byte(`call:play("x")`)}, "prompts/x.wav": {Data: hum(44100, 400, time.Second)}}, nil, o), o)
	if names := spooled(t, spool); len(names) != 3 {
		t.Errorf("the spool has %v, want 3", names)
	}
}

// What could not be spooled, as on a full disk, is spooled once there is room, though nobody touches it.
func TestSpoolAgain(t *testing.T) {
	spool := filepath.Join(t.TempDir(), "spool")
	files := fstest.MapFS{"100.lua": {Data: []byte(`call:play("x")`)}, "prompts/x.wav": {Data: pcm(8000, 800), ModTime: time.Now().Add(-time.Hour)}}
	o := Options{Spool: spool}.filled()
	full := scan(files, nil, o)
	set := o.load(full)
	if len(set.Problems()) != 1 || !strings.Contains(set.Problems()[0].Text, "no such file or directory") {
		t.Errorf("got %v", set.Problems())
	}
	if again := scan(files, full, o); !again.sameAs(full) {
		t.Error("there is still no room, and something has changed")
	}
	if err := os.Mkdir(spool, 0o755); err != nil {
		t.Fatal(err)
	}
	roomy := scan(files, full, o)
	if set = build(set, roomy, o); roomy.sameAs(full) || len(set.Problems()) > 0 {
		t.Errorf("there is room, and %v", set.Problems())
	}
	if names := spooled(t, spool); len(names) != 1 {
		t.Errorf("the spool has %v", names)
	}
}

// A recording of any kind is served as Asterisk plays it best, with a store and without, and is read once.
func TestConverted(t *testing.T) {
	mp3, err := os.ReadFile("../sound/testdata/tone.mp3")
	if err != nil {
		t.Fatal(err)
	}
	files := folder("a.lua", `call:play { "loud", "music", "plain" }`, "prompts/en/loud.WAV", string(hum(44100, 440, time.Second)),
		"prompts/en/music.mp3", string(mp3), "prompts/en/plain.wav", string(pcm(8000, 800)))
	hashes := map[string]string{}
	store := &sound.Store{Dir: filepath.Join(t.TempDir(), "cache")}
	for _, o := range []Options{
		{}, {Spool: t.TempDir()}, {Converted: store, Spool: t.TempDir()}, {Converted: store, Spool: t.TempDir()}, {Converted: store},
		{Converted: &sound.Store{Dir: "/dev/null/nowhere"}, Spool: t.TempDir()},
	} {
		s, problems := Load(files, o)
		if len(problems) > 0 || len(s.Prompts()) != 3 {
			t.Fatal(messages(problems), s.Prompts())
		}
		for _, p := range s.Prompts() {
			if hashes[p.Name] == "" {
				hashes[p.Name] = p.Hash
			}
			if p.Hash != hashes[p.Name] {
				t.Errorf("%s is %s with %+v, was %s", p.Name, p.Hash, o, hashes[p.Name])
			}
			if o.Spool == "" {
				continue
			}
			content, err := os.ReadFile(filepath.Join(o.Spool, p.Hash+".wav"))
			sum := sha256.Sum256(content)
			if err != nil || !sound.IsPlain(bytes.NewReader(content)) || hex.EncodeToString(sum[:6]) != p.Hash {
				t.Errorf("%s in the spool: %d bytes, %v", p.Name, len(content), err)
			}
		}
	}
	if kept := spooled(t, store.Dir); len(kept) != 2 {
		t.Errorf("the store has %v, want what needed a conversion", kept)
	}
	s, _ := Load(files, Options{})
	f, _ := s.Flow("a")
	if got, _ := f.Sound("loud", "en"); got.Duration != time.Second {
		t.Errorf("got %+v, want a second", got)
	}
}

// A look that trusts no times reads everything, and converts nothing that is the same.
func TestConvertedOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.lua", `call:play("x")`, "prompts/en/x.wav", string(hum(16000, 300, time.Second)))
	o := Options{Converted: &sound.Store{Dir: t.TempDir()}}.filled()
	before := scanDir(dir, nil, o)
	for _, name := range spooled(t, o.Converted.Dir) {
		must(t, os.Remove(filepath.Join(o.Converted.Dir, name)))
	}
	again := scanDir(dir, before.doubted(), o)
	if f := again.files["prompts/en/x.wav"]; f == before.files["prompts/en/x.wav"] || f.sound != before.files["prompts/en/x.wav"].sound || !again.sameAs(before) {
		t.Errorf("the second look found %+v", f)
	}
	if made := spooled(t, o.Converted.Dir); len(made) > 0 {
		t.Errorf("made again: %v", made)
	}
	write(t, dir, "prompts/en/x.wav", string(hum(16000, 301, time.Second)))
	if third := scanDir(dir, again.doubted(), o); third.sameAs(again) || third.files["prompts/en/x.wav"].sound == again.files["prompts/en/x.wav"].sound {
		t.Error("another recording is taken for the old one")
	}
}

// Of two recordings that differ in their kind only the better one is used, and the other told of.
func TestTwoKinds(t *testing.T) {
	mp3, err := os.ReadFile("../sound/testdata/tone.mp3")
	if err != nil {
		t.Fatal(err)
	}
	s, problems := Load(folder("a.lua", `call:play("x")`, "prompts/en/x.mp3", string(mp3), "prompts/en/x.wav", string(pcm(8000, 800)),
		"prompts/en/x-y.wav", string(pcm(8000, 80)), "prompts/en/x.ogg", "nothing"), Options{})
	got := messages(problems)
	for _, want := range []string{"prompts/en/x.mp3: this recording is not used: there is x.wav too; remove one of them", "prompts/en/x.ogg: this recording is not used"} {
		if !strings.Contains(got, want) {
			t.Errorf("problems lack %q:\n%s", want, got)
		}
	}
	f, _ := s.Flow("a")
	if got, _ := f.Sound("x", "en"); got.Duration != 100*time.Millisecond || len(s.Prompts()) != 2 {
		t.Errorf("got %+v of %v", got, s.Prompts())
	}
}

// A broken recording is told of, with what to do, and the one before stays.
func TestBrokenRecordings(t *testing.T) {
	for content, want := range map[string]string{
		string(hum(44100, 400, time.Second)[:5000]): "the recording is cut short: 4956 of 88200 bytes are there; is it still being copied?",
		"OggS not at all": "it looks like Ogg, and not like Ogg Opus",
		"text":            "neither WAV, MP3, FLAC nor Ogg Opus",
		"":                "the file is empty",
	} {
		before := folder("a.lua", `call:play("x")`, "prompts/en/x.mp3", string(hum(16000, 400, time.Second)))
		_, next := rebuild(t, before, folder("a.lua", `call:play("x")`, "prompts/en/x.mp3", content))
		f, _ := next.Flow("a")
		if got, _ := f.Sound("x", "en"); got.Duration != time.Second {
			t.Errorf("%.20q: got %+v", content, got)
		}
		text := messages(next.Problems())
		if !strings.Contains(text, "prompts/en/x.mp3: ") || !strings.Contains(text, want) || !strings.Contains(text, "keeps answering") {
			t.Errorf("%.20q: %s", content, text)
		}
	}
}

// A file that is too large is not even read.
func TestHugeRecording(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.lua", `call:play("x")`, "prompts/en/x.wav", "RIFF")
	must(t, os.Truncate(filepath.Join(dir, "prompts/en/x.wav"), 2<<30))
	began := time.Now()
	_, problems := LoadDir(dir, Options{Spool: t.TempDir()})
	if got := messages(problems); !strings.Contains(got, "x.wav: this is too long for a prompt: it has 2048 MB, and 256 MB are the most") {
		t.Errorf("problems: %s", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// A recording that becomes another one while it is read is not taken for either.
func TestChangedWhileRead(t *testing.T) {
	first, second := hum(16000, 300, time.Second), hum(16000, 900, time.Second)
	for _, plain := range []bool{false, true} {
		if plain {
			first, second = pcm(8000, 800), hum(16000, 900, time.Second)
		}
		s := &scanner{o: &Options{Converted: &sound.Store{Dir: t.TempDir()}, Spool: t.TempDir()}}
		opened := 0
		r := s.convert(sha256.Sum256(first), func() (io.ReadCloser, error) {
			opened++
			content := first
			if opened > 1 || !plain {
				content = second
			}
			h, err := fstest.MapFS{"x": {Data: content}}.Open("x")
			return &sameFile{File: h, sum: sha256.New(), want: sha256.Sum256(first)}, err
		})
		if r.err == nil || !strings.Contains(r.err.Error(), "changed while it was read") {
			t.Errorf("plain %v: got %+v", plain, r)
		}
		if kept := slices.Concat(spooled(t, s.o.Spool), spooled(t, s.o.Converted.Dir)); len(kept) > 0 {
			t.Errorf("plain %v: kept %v", plain, kept)
		}
	}
}
