package e2e

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDeath kills the daemon under a call: the dialplan that the documentation shows goes on with a fallback of
// its own.
func TestDeath(t *testing.T) {
	t.Parallel()
	s := plan{
		Flows: map[string]string{
			"100.lua": `call:answer() call:play("endless") call:play("endless") call:play("endless")`,
			"101.lua": `call:answer() call:play("hello")`,
		},
		Prompts:  map[string]time.Duration{"endless": 10 * time.Second, "hello": 300 * time.Millisecond},
		Sounds:   map[string]time.Duration{"im-sorry": 400 * time.Millisecond},
		Dialplan: documented(t) + "\nexten => h,1,Set(GLOBAL(END_${CALLERID(num)})=${AGISTATUS} ${IVRD_STATUS})\n",
	}.start(t)

	wantHeard(t, s.dial(t, "101", "1"), "hello")
	s.wantEnd(t, "1", "SUCCESS completed")

	inCall := s.dial(t, "100", "2")
	hear(t, inCall, "endless")
	s.signal(t, syscall.SIGKILL)
	wantHeard(t, inCall, "endless", "im-sorry")
	s.wantEnd(t, "2", "SUCCESS") // what Asterisk says of a server that died
	if d := first(inCall).Duration; d > 5*time.Second {
		t.Errorf("the prompt went on for %v", d)
	}

	<-s.exited
	late := s.dial(t, "100", "3")
	wantHeard(t, late, "im-sorry")
	s.wantEnd(t, "3", "FAILURE")
	if after := first(late).Start; after > 5*time.Second {
		t.Errorf("the caller waited %v for the fallback", after)
	}
}

// documented is the dialplan of docs/dialplan.md that asks for IVRD_STATUS.
func documented(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/dialplan.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range strings.Split(string(text), "```\n") {
		if i%2 == 1 && strings.Contains(block, "Set(IVRD_STATUS=)") && strings.Contains(block, "agi://127.0.0.1)") {
			return strings.ReplaceAll(block, "agi://127.0.0.1)", "agi://ADDRESS)")
		}
	}
	t.Fatal("docs/dialplan.md has no dialplan that clears IVRD_STATUS and calls ivrd")
	return ""
}

// TestNotAllowed has calls come from where none may come from.
func TestNotAllowed(t *testing.T) {
	t.Parallel()
	const elsewhere = `agi:  { listen: "127.0.0.1:0", allow: ["10.0.0.0/8", "192.168.0.0/16"] }
http: { listen: "127.0.0.1:0" }
log:  { format: json }
`
	flows := map[string]string{"100.lua": `log.info("reached the flow") call:answer()`}

	t.Run("once in the log", func(t *testing.T) {
		d := serve(t, elsewhere, flows)
		conn, err := net.Dial("tcp4", d.agi)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		if n, err := conn.Read(make([]byte, 1)); n > 0 || err == nil || isTimeout(err) {
			t.Errorf("read %d bytes, %v; want the connection closed", n, err)
		}
		line := d.waitLog(t, 0, `"level":"WARN"`, "address is not allowed", conn.LocalAddr().String())
		d.signal(t, syscall.SIGTERM)
		d.wantExit(t, 0)
		if n := d.log.count("refused"); n != 1 {
			t.Errorf("%d lines say refused, want one: %s", n, line)
		}
	})
	t.Run("the caller hears the dialplan's fallback", func(t *testing.T) {
		s := plan{Config: elsewhere, Flows: flows}.start(t)
		wantHeard(t, s.dial(t, "100", "1"), "dialplan-sorry")
		if line, ok := s.log.find(0, "reached the flow"); ok {
			t.Errorf("the call came through: %s", line)
		}
		s.wantEnd(t, "1", "SUCCESS")
	})
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}
