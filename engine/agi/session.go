package agi

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const (
	maxReply   = 1 << 20                // longest text Asterisk may answer with
	maxNoise   = 1000                   // most lines in a row that are no reply
	smallRead  = 256                    // what a reply takes as a rule
	smallWrite = 128                    // what a command takes
	nudge      = 200 * time.Millisecond // see sync
)

// past is a deadline that wakes a read.
var past = time.Unix(1, 0)

// A session is the conversation with Asterisk about one call: one command, then its reply, read by the
// goroutine that sent it.
type session struct {
	conn    net.Conn
	maxLine int
	patient time.Duration // for a reply, beyond what its command takes

	buf  []byte // read ahead: buf[r:w]
	r, w int
	out  []byte

	until    time.Time              // when the read now under way has taken too long; zero is never
	deadline time.Time              // what the connection was told of that, as a rule too early; zero is nothing
	watched  <-chan struct{}        // the Done of the context that wakes reads
	unwatch  func() bool            // stops that
	stopping atomic.Bool            // wakes the read of the type-ahead listener
	greeting *[handshakeBuffer]byte // what buf is during the handshake

	hungUp bool   // the channel is dead, or will be
	owed   string // a command whose reply nobody waited for
	lost   error  // why the conversation is over
	secret string // what nobody but us can have put into a reply
	syncs  int
}

const handshakeBuffer = 4 << 10

var greetings = sync.Pool{New: func() any { return new([handshakeBuffer]byte) }}

// greet reads the block that a session begins with.
func (s *Server) greet(conn net.Conn) (*channel, error) {
	c := &channel{
		session: session{
			conn: conn, maxLine: orDefault(s.MaxLine, maxLine), patient: orDefault(s.IOTimeout, 30*time.Second),
			greeting: greetings.Get().(*[handshakeBuffer]byte),
		},
		typeAhead: orDefault(s.TypeAhead, 30*time.Millisecond),
	}
	c.buf = c.greeting[:]
	c.setDeadline(time.Now().Add(orDefault(s.HandshakeTimeout, 10*time.Second)))
	block, err := c.block()
	if err == nil {
		c.info, err = parseHandshake(block)
	}
	c.endGreeting()
	return c, err
}

func (s *session) block() (string, error) {
	for seen := 0; ; {
		if end := blockEnd(s.buf[:s.w], seen); end >= 0 {
			s.r = end
			return string(s.buf[:end]), nil
		}
		if seen = s.w; seen >= maxHandshake {
			return "", fmt.Errorf("handshake: longer than %d bytes", maxHandshake)
		}
		if err := s.fill(context.Background()); err != nil {
			return "", fmt.Errorf("handshake: %d bytes, then %w", s.w, err)
		}
	}
}

// endGreeting goes over to a buffer of a size that replies have: a call may be held for hours.
func (s *session) endGreeting() {
	rest := s.buf[s.r:s.w]
	s.buf = make([]byte, max(smallRead, 2*len(rest)))
	s.out = make([]byte, 0, smallWrite)
	s.r, s.w = 0, copy(s.buf, rest)
	greetings.Put(s.greeting)
	s.greeting = nil
}

// do sends a command and reads its reply. If ctx ends first the command goes on in Asterisk, and whatever
// comes next waits for it.
func (s *session) do(ctx context.Context, patience time.Duration, name string, args ...string) (reply, error) {
	if err := s.send(name, args...); err != nil {
		return reply{}, err
	}
	r, err := s.receive(ctx, patience, name)
	if err == errWoken {
		s.owed = name
		return reply{}, context.Cause(ctx)
	}
	return r, err
}

// doOrStop is do for commands that the next one ends. If ctx ends first the command is stopped; what it
// answered meanwhile comes with the error.
func (s *session) doOrStop(ctx context.Context, patience time.Duration, name string, args ...string) (reply, error) {
	if err := s.send(name, args...); err != nil {
		return reply{}, err
	}
	r, err := s.receive(ctx, patience, name)
	if err == errWoken {
		return s.stop(ctx, name)
	}
	return r, err
}

// stop has Asterisk end a command because ctx ended.
func (s *session) stop(ctx context.Context, name string) (reply, error) {
	r, err := s.sync(context.WithoutCancel(ctx), name)
	switch {
	case err != nil:
		return r, err
	case s.hungUp:
		return r, engine.ErrHangup
	}
	return r, context.Cause(ctx)
}

// send writes one command in one piece: Asterisk spins on a partial line.
func (s *session) send(name string, args ...string) error {
	if s.lost != nil {
		return s.gone(s.lost)
	}
	out, err := appendCommand(s.out[:0], s.maxLine, name, args)
	if err != nil {
		return err
	}
	if s.out = out; cap(out) > 4*smallRead {
		s.out = nil
	}
	// This cannot block for long: nothing else is under way to Asterisk, and a command is smaller than
	// the kernel's buffer.
	if _, err := s.conn.Write(out); err != nil {
		s.lastWords()
		return s.gone(err)
	}
	return nil
}

// receive reads up to the reply of the command just sent. A patience of 0 is without end.
func (s *session) receive(ctx context.Context, patience time.Duration, name string) (reply, error) {
	s.watch(ctx)
	s.arm(patience)
	for range maxNoise {
		line, err := s.line(ctx)
		if err != nil {
			return reply{}, s.broken(err, name)
		}
		switch r, k := parseLine(line); k {
		case hangupLine:
			s.hungUp = true
		case usageLine:
			return reply{}, s.refused(ctx, name, string(line[4:]))
		case replyLine:
			return r, s.judge(r, name)
		}
	}
	return reply{}, s.broken(errors.New("what it sends is not AGI"), name)
}

// judge makes errors of replies that are not 200.
//
//go:noinline
func (s *session) judge(r reply, name string) error {
	switch r.code {
	case 200:
		return nil
	case 511: // the channel is dead, even if no HANGUP line says so (AGISIGHUP=no)
		s.hungUp = true
		return engine.ErrHangup
	}
	return &CommandError{Command: name, Code: r.code, Text: string(r.tail)}
}

// refused reads the rest of a 520, which explains the command over many lines.
func (s *session) refused(ctx context.Context, name, text string) error {
	for range maxNoise {
		line, err := s.line(ctx)
		if err != nil {
			return s.broken(err, name)
		}
		if bytes.HasPrefix(line, []byte("520 ")) {
			return &CommandError{Command: name, Code: 520, Text: text}
		}
		if len(text) < 500 {
			text += "\n" + string(line)
		}
	}
	return s.broken(errors.New("its explanation does not end"), name)
}

// broken ends the conversation if err is not just the context's end. Inlined it would make receive's frame
// larger, and with it the stack of every call that waits.
//
//go:noinline
func (s *session) broken(err error, name string) error {
	if err == errWoken {
		return err
	}
	return s.gone(fmt.Errorf("%s: %w", name, err))
}

// gone ends the conversation, after a hangup as one would expect, else with a fault.
func (s *session) gone(why error) error {
	if s.lost == nil {
		s.lost = fmt.Errorf("%w: %w", engine.ErrLost, why)
		s.conn.Close()
	}
	if s.hungUp {
		return engine.ErrHangup
	}
	return s.lost
}

// lastWords looks for a HANGUP that Asterisk sent before it closed the connection.
func (s *session) lastWords() {
	s.setDeadline(time.Now().Add(time.Second))
	for range maxNoise {
		line, err := s.line(context.Background())
		if err != nil {
			return
		}
		if _, k := parseLine(line); k == hangupLine {
			s.hungUp = true
		}
	}
}

// sync makes certain that the next reply is the next command's. Commands that were interrupted may have
// been answered or not, and some replies go on after their end; so it asks for a word nobody else can
// have sent, and reads until that comes back. It returns the last reply before it, which is that of the
// command interrupted, if it gave one.
//
// Asterisk reads commands through stdio: if ours arrived in one piece with the one before, it stays
// unseen until more arrives (res_agi.c, run_agi). So when there is no answer we ask again.
func (s *session) sync(ctx context.Context, name string) (own reply, err error) {
	s.watch(ctx)
	end := time.Now().Add(s.patient)
	for wait := nudge; ; wait *= 2 {
		s.syncs++
		word := s.word() + strconv.Itoa(s.syncs)
		if err := s.send("GET FULL VARIABLE", word); err != nil {
			return own, err
		}
		s.setDeadline(time.Now().Add(min(wait, s.patient)))
		found, err := s.find(ctx, word, &own)
		switch {
		case found:
			s.owed = ""
			return own, nil
		case err != errSilent:
			return own, s.broken(err, name)
		case time.Now().After(end):
			return own, s.broken(fmt.Errorf("no end within %v", s.patient), name)
		}
	}
}

// find reads until word comes back. Other replies go to own.
func (s *session) find(ctx context.Context, word string, own *reply) (bool, error) {
	for size := 0; size < maxReply; {
		line, err := s.line(ctx)
		if err != nil {
			return false, err
		}
		size += len(line) + 1
		switch r, k := parseLine(line); {
		case k == hangupLine:
			s.hungUp = true
		case k != replyLine:
		case r.text() == word:
			return true, nil
		case bytes.Contains(r.tail, []byte(s.word())): // one we asked for before
		default:
			*own = r.copied()
		}
	}
	return false, errors.New("what it sends does not end")
}

// word is a word that does not occur in anything a caller or a database can have put in a variable.
func (s *session) word() string {
	if s.secret == "" {
		s.secret = rand.Text()[:13] // 65 bits
	}
	return s.secret
}

// line reads one line, without its end. It is good until the next one is read.
func (s *session) line(ctx context.Context) ([]byte, error) {
	for seen := 0; ; {
		if i := bytes.IndexByte(s.buf[s.r+seen:s.w], '\n'); i >= 0 {
			line := s.buf[s.r : s.r+seen+i]
			s.r += seen + i + 1
			return line, nil
		}
		seen = s.w - s.r
		if err := s.fill(ctx); err != nil {
			return nil, err
		}
	}
}

// errSilent is a read that took too long.
var errSilent = errors.New("no reply in time")

// fill reads more. It gives up when ctx, or the deadline, is over.
func (s *session) fill(ctx context.Context) error {
	if err := s.makeRoom(); err != nil {
		return err
	}
	for {
		if s.woken(ctx) {
			return errWoken
		}
		n, err := s.conn.Read(s.buf[s.w:])
		s.w += n
		switch {
		case n > 0:
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			// The deadline may be that of an earlier read, and whoever wakes reads may do so late, when the
			// read it meant is over.
			if !s.until.IsZero() && !time.Now().Before(s.until) && !s.woken(ctx) {
				return errSilent
			}
			s.setDeadline(s.until)
		case err == io.EOF:
			return errors.New("Asterisk closed it")
		case err != nil:
			return err
		}
	}
}

func (s *session) woken(ctx context.Context) bool { return ctx.Err() != nil || s.stopping.Load() }

func (s *session) makeRoom() error {
	unread := s.w - s.r
	switch {
	case s.greeting == nil && unread == 0 && len(s.buf) > 4*smallRead:
		s.buf, s.r, s.w = make([]byte, smallRead), 0, 0
	case unread == 0:
		s.r, s.w = 0, 0
	case s.w < len(s.buf):
	case s.r > 0:
		s.r, s.w = 0, copy(s.buf, s.buf[s.r:s.w])
	case len(s.buf) >= maxReply:
		return fmt.Errorf("a line of more than %d bytes", maxReply)
	default:
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	return nil
}

// watch has the end of ctx wake reads. Flows use one context for all of a call, so that is seldom new.
func (s *session) watch(ctx context.Context) {
	done := ctx.Done()
	if done == s.watched {
		return
	}
	if s.unwatch != nil {
		s.unwatch()
		s.unwatch = nil
	}
	if s.watched = done; done != nil {
		s.unwatch = context.AfterFunc(ctx, s.wake)
	}
}

func (s *session) wake() {
	_ = s.conn.SetReadDeadline(past) // fails on a closed connection only, whose reads fail as well
}

// arm sees to it that reads end after patience, or somewhat later. The connection's deadline is left alone,
// because setting one costs a lock and a timer, unless it comes too late; one that comes too soon is put
// right when it comes.
func (s *session) arm(patience time.Duration) {
	if patience == 0 {
		s.until = time.Time{}
		return
	}
	s.until = time.Now().Add(patience)
	if s.deadline.IsZero() || s.deadline.Sub(s.until) > 2*s.patient {
		s.setDeadline(s.until)
	}
}

func (s *session) setDeadline(t time.Time) {
	s.until, s.deadline = t, t
	_ = s.conn.SetReadDeadline(t) // fails on a closed connection only, whose reads fail as well
}
