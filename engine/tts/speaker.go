package tts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine/sound"
)

// A Text is to be spoken in a language.
type Text struct{ Language, Words string }

// A Request is what an engine is asked for.
type Request struct {
	Text
	Voice string // the engine's name of it
}

// A Maker is a text-to-speech engine.
type Maker interface {
	// Make returns the text as a recording, of any kind that package sound reads.
	Make(ctx context.Context, r Request) ([]byte, error)
	// Settings are all that makes a difference in how a text sounds, besides the request.
	Settings() string
}

// Errors of a Speaker. What a Maker returns is passed on as it is.
var (
	ErrNoVoice = errors.New("there is no voice")
	ErrClosed  = errors.New("ivrd is shutting down")
)

// A Speaker has texts spoken, each once. Its fields are set before its first use.
type Speaker struct {
	Maker   Maker
	Voices  map[string]string // by language; without any, each language is spoken by a voice called like it
	Store   *sound.Store
	Jobs    int           // texts that are spoken at once; 0 means 2
	Timeout time.Duration // for one text; 0 means 10 seconds
	Log     *slog.Logger  // nil means slog.Default()

	mu      sync.Mutex
	known   map[string]time.Duration // how long what is in the store takes, by key
	making  map[string]*job
	failed  map[string]failure
	told    map[string]time.Time // errors that are in the log
	running chan struct{}        // holds one token for every text that is being spoken

	asked  map[string]bool // keys of the last preparation
	queue  []order         // of it, what no worker has taken
	busy   int             // workers
	ended  bool
	closed context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup
}

const (
	// retry is how long a text is not tried again that could not be spoken.
	retry = 15 * time.Second
	// repeat is how long the same error is not told again.
	repeat = time.Hour
	// most is how many texts are remembered: of others the store knows.
	most = 20_000
)

// A job is a text being spoken.
type job struct {
	done   chan struct{} // closed when the result is there
	file   sound.File
	err    error
	wanted int // by how many; the last one to leave ends it
	stop   context.CancelFunc
}

type failure struct {
	err error
	at  time.Time
}

// Speaks reports whether there is a voice for a language.
func (s *Speaker) Speaks(language string) bool { return s.voice(language) != "" }

// Check is ErrNoVoice, with the language, if there is none.
func (s *Speaker) Check(language string) error {
	if s.Speaks(language) {
		return nil
	}
	return fmt.Errorf("%w for language %s", ErrNoVoice, language)
}

// Languages are those that have a voice of their own.
func (s *Speaker) Languages() []string { return slices.Sorted(maps.Keys(s.Voices)) }

// voice is that of a language, or of the one it is a variety of: en for en_AU.
func (s *Speaker) voice(language string) string {
	language = strings.ReplaceAll(language, "-", "_")
	if len(s.Voices) == 0 {
		return strings.ReplaceAll(language, "_", "-")
	}
	for l := language; l != ""; l = l[:max(strings.LastIndexByte(l, '_'), 0)] {
		if v := s.Voices[l]; v != "" {
			return v
		}
	}
	return ""
}

// key names what becomes of a request.
func (s *Speaker) key(r Request) string {
	sum := sha256.New()
	for _, part := range []string{s.Maker.Settings(), r.Language, r.Voice, r.Words, sound.Version} {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Speak returns a text as Asterisk plays it best, spoken now if it was not before. If ctx ends, and nobody else
// waits for the text, the engine is stopped.
func (s *Speaker) Speak(ctx context.Context, t Text) (sound.File, error) {
	file, err := s.speak(ctx, t)
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrNoVoice) {
		s.tell(err, "language", t.Language) // without the words: they can be of one caller only
	}
	return file, err
}

func (s *Speaker) speak(ctx context.Context, t Text) (sound.File, error) {
	r := Request{t, s.voice(t.Language)}
	if err := s.Check(t.Language); err != nil {
		return sound.File{}, err
	}
	key := s.key(r)
	if f, ok := s.have(key); ok {
		return f, nil
	}
	j, err := s.join(key, r)
	if err != nil {
		return sound.File{}, err
	}
	defer s.leave(j)
	select {
	case <-j.done:
		return j.file, j.err
	case <-ctx.Done():
		return sound.File{}, context.Cause(ctx)
	}
}

// have is what was spoken before, as far as it is remembered.
func (s *Speaker) have(key string) (sound.File, bool) {
	s.mu.Lock()
	d, ok := s.known[key]
	s.mu.Unlock()
	if !ok {
		return sound.File{}, false
	}
	path, ok := s.Store.Touch(key)
	return sound.File{Path: path, Key: key, Duration: d}, ok
}

// join takes part in the job of a key, which it begins if there is none.
func (s *Speaker) join(key string, r Request) (*job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, ErrClosed
	}
	if f, ok := s.failed[key]; ok && time.Since(f.at) < retry {
		return nil, f.err
	}
	j := s.making[key]
	if j == nil {
		s.open()
		ctx, stop := context.WithCancel(s.closed)
		j = &job{done: make(chan struct{}), stop: stop}
		s.making[key] = j
		s.work.Add(1)
		go func() {
			defer s.work.Done()
			defer stop()
			s.run(ctx, j, key, r)
		}()
	}
	j.wanted++
	return j, nil
}

// open makes what the zero Speaker lacks. It is called under the lock.
func (s *Speaker) open() {
	if s.making != nil {
		return
	}
	jobs := s.Jobs
	if jobs == 0 {
		jobs = 2
	}
	s.running = make(chan struct{}, jobs)
	s.making, s.failed = map[string]*job{}, map[string]failure{}
	s.known, s.told = map[string]time.Duration{}, map[string]time.Time{}
	s.closed, s.end = context.WithCancel(context.Background())
}

func (s *Speaker) leave(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.wanted--; j.wanted == 0 {
		j.stop()
	}
}

// run does a job.
func (s *Speaker) run(ctx context.Context, j *job, key string, r Request) {
	j.file, j.err = s.find(ctx, key, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(j.done)
	delete(s.making, key)
	switch {
	case j.err == nil:
		bounded(s.known)
		s.known[key] = j.file.Duration
		delete(s.failed, key)
	case ctx.Err() == nil:
		bounded(s.failed)
		s.failed[key] = failure{j.err, time.Now()}
	}
}

// bounded empties a map that has become too large.
func bounded[V any](m map[string]V) {
	if len(m) >= most {
		clear(m)
	}
}

// find takes what was made from the store, or makes it.
func (s *Speaker) find(ctx context.Context, key string, r Request) (sound.File, error) {
	if f, ok := s.Store.Find(key); ok {
		return f, nil
	}
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	case <-ctx.Done():
		return sound.File{}, ctx.Err()
	}
	made, err := s.make(ctx, r)
	if err != nil {
		return sound.File{}, err
	}
	f, _, err := s.Store.Make(key, func(w io.WriterAt) (sound.Result, error) {
		return sound.Convert(sound.Of(made), w)
	})
	if err != nil {
		return sound.File{}, fmt.Errorf("the text-to-speech engine's answer: %w", err)
	}
	return f, nil
}

// make has the engine speak, for a time that has a bound.
func (s *Speaker) make(ctx context.Context, r Request) ([]byte, error) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	late := fmt.Errorf("the text-to-speech engine took longer than %s", timeout)
	ctx, stop := context.WithTimeoutCause(ctx, timeout, late)
	defer stop()
	made, err := s.Maker.Make(ctx, r)
	if err != nil && context.Cause(ctx) == late {
		return nil, late
	}
	return made, err
}

// tell writes an error to the log, unless it stands there already.
func (s *Speaker) tell(err error, about ...any) {
	s.mu.Lock()
	s.open()
	at, known := s.told[err.Error()]
	fresh := !known || time.Since(at) > repeat
	if fresh {
		bounded(s.told)
		s.told[err.Error()] = time.Now()
	}
	s.mu.Unlock()
	if !fresh {
		return
	}
	log := s.Log
	if log == nil {
		log = slog.Default()
	}
	log.Error("text-to-speech", append([]any{"error", err}, about...)...)
}

// Close stops the engine and waits until it has stopped.
func (s *Speaker) Close() error {
	s.mu.Lock()
	s.ended = true
	s.drop()
	if s.end != nil {
		s.end()
	}
	s.mu.Unlock()
	s.work.Wait()
	return nil
}
