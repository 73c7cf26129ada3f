package ari

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var mediaTests = []labTest{
	{"AudioSocket until the other side closes", mediaCloses},
	{"AudioSocket until a key is pressed", mediaKey},
	{"AudioSocket until the time is up", mediaLimit},
	{"AudioSocket until a hangup", mediaHangup},
	{"RTP both ways", mediaRTP},
	{"media that cannot be connected", mediaErrors},
}

// A bot is a program behind AudioSocket that says back what it hears.
type bot struct {
	net.Listener
	conn net.Conn
	id   []byte        // of the call
	gone chan struct{} // closed when the call is
}

func newBot(t *testing.T) *bot {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bot{Listener: l, gone: make(chan struct{})}
	t.Cleanup(func() {
		l.Close()
		if b.conn != nil {
			b.conn.Close()
			<-b.gone
		}
	})
	return b
}

// take waits for the call, whose first message is its id.
func (b *bot) take(t *testing.T) {
	t.Helper()
	noErr(t, "deadline", b.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(answerTime)))
	var err error
	if b.conn, err = b.Accept(); err != nil {
		t.Fatal(err)
	}
	_, b.id, err = readMessage(b.conn)
	noErr(t, "the call's id", err)
	go b.echo()
}

func (b *bot) echo() {
	defer close(b.gone)
	for {
		const audio = 0x10
		kind, body, err := readMessage(b.conn)
		if err != nil {
			return
		}
		if kind == audio {
			message := append(binary.BigEndian.AppendUint16([]byte{audio}, uint16(len(body))), body...)
			if _, err := b.conn.Write(message); err != nil {
				return
			}
		}
	}
}

// readMessage reads a kind, a length and as many bytes.
func readMessage(r io.Reader) (kind byte, body []byte, err error) {
	var head [3]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint16(head[1:]))
	_, err = io.ReadFull(r, body)
	return head[0], body, err
}

// connected is a call whose audio goes to a bot. It plays a sound afterwards.
func (st *station) connected(t *testing.T, b *bot, r engine.MediaRequest, want engine.Digit) *visit {
	t.Helper()
	r.Address = b.Addr().String()
	v := st.call(t, func(ctx context.Context, c *channel) {
		d, err := c.ConnectMedia(ctx, r)
		if d != want || err != nil {
			t.Errorf("it ended by %v, %v", d, err)
		}
		_, err = c.Play(ctx, []engine.Prompt{{Text: "short"}}, "")
		noErr(t, "play", err)
		if d, _ := c.ReadDigit(ctx, 0); d != engine.NoDigit {
			t.Errorf("%v is a key of the flow's", d)
		}
	})
	b.take(t)
	st.says(t, v, "echo", v)
	return v
}

func mediaCloses(t *testing.T, st *station) {
	b := newBot(t)
	v := st.connected(t, b, engine.MediaRequest{ID: "40325ec2-5efd-4bd3-805f-53576e581d13"}, engine.NoDigit)
	if string(b.id) != "\x40\x32\x5e\xc2\x5e\xfd\x4b\xd3\x80\x5f\x53\x57\x6e\x58\x1d\x13" {
		t.Errorf("the call's id is % x", b.id)
	}
	b.conn.Close()
	v.ends("short")
}

func mediaKey(t *testing.T, st *station) {
	b := newBot(t)
	v := st.connected(t, b, engine.MediaRequest{End: "*#"}, '#')
	v.press("12#")
	v.ends("short")
	<-b.gone
}

func mediaLimit(t *testing.T, st *station) {
	b := newBot(t)
	v := st.connected(t, b, engine.MediaRequest{Most: 2 * time.Second}, engine.NoDigit)
	v.ends("short")
	<-b.gone
}

func mediaHangup(t *testing.T, st *station) {
	b := newBot(t)
	v := st.call(t, func(ctx context.Context, c *channel) {
		if _, err := c.ConnectMedia(ctx, engine.MediaRequest{Address: b.Addr().String()}); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("media: %v", err)
		}
	})
	b.take(t)
	st.says(t, v, "echo", v)
	v.hangUp()
	<-b.gone
}

func mediaRTP(t *testing.T, st *station) {
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		for buf := make([]byte, 1500); ; {
			n, from, err := socket.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = socket.WriteTo(buf[:n], from)
		}
	}()
	v := st.call(t, func(ctx context.Context, c *channel) {
		d, err := c.ConnectMedia(ctx, engine.MediaRequest{Address: socket.LocalAddr().String(), Kind: engine.MediaRTP, End: "#"})
		if d != '#' || err != nil {
			t.Errorf("it ended by %v, %v", d, err)
		}
		_, err = c.Play(ctx, []engine.Prompt{{Text: "short"}}, "")
		noErr(t, "play", err)
	})
	st.says(t, v, "echo", v)
	v.press("#")
	v.ends("short")
	socket.Close()
	<-echoed
}

func mediaErrors(t *testing.T, st *station) {
	st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		for want, r := range map[string]engine.MediaRequest{
			"could not connect":    {Address: "127.0.0.1:1"},
			"does not know":        {Address: "127.0.0.1:1", Kind: engine.MediaRTP, Format: "nonsense"},
			"is no format":         {Address: "127.0.0.1:1", Format: "slin)&PJSIP/bob"},
			`,b:1" is no address`:  {Address: "a,b:1"},
			`port" is no address`:  {Address: "127.0.0.1:port"},
			"is no address":        {Address: "127.0.0.1"},
			"is no UUID":           {Address: "127.0.0.1:1", ID: "1234"},
			"there is audiosocket": {Address: "127.0.0.1:1", Kind: "smoke"},
		} {
			if _, err := c.ConnectMedia(ctx, r); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, want %q", r, err, want)
			}
		}
	}).over()
}
