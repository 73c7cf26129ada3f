package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serveFolder starts a daemon for a folder with files, on ports of its own, and returns where it listens.
func serveFolder(t *testing.T, files map[string]string) (d *daemon, agi, prompts string) {
	t.Helper()
	dir := t.TempDir()
	files["../ivrd.yaml"] = "flows: flows\nagi: { listen: \"127.0.0.1:0\" }\nhttp: { listen: \"127.0.0.1:0\" }\n"
	for name, text := range files {
		at := filepath.Join(dir, "flows", name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return serveIn(t, dir)
}

// serveIn starts a daemon in a folder with an ivrd.yaml.
func serveIn(t *testing.T, dir string) (d *daemon, agi, prompts string) {
	t.Helper()
	d, err := newDaemon(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.cmd.Process.Kill() })
	both, ok := d.await(` serving .*(agi=.* prompts=\S+)`)
	if !ok {
		t.Fatalf("the daemon did not start:\n%s", d.seen.String())
	}
	agi, _, _ = strings.Cut(strings.TrimPrefix(both, "agi="), " ")
	return d, agi, both[strings.LastIndex(both, "=")+1:]
}

// An asterisk is one call from Asterisk.
type asterisk struct {
	t    *testing.T
	conn net.Conn
	from *bufio.Reader
	said []string
}

func dial(t *testing.T, server string) *asterisk {
	t.Helper()
	conn, err := net.Dial("tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprint(conn, "agi_network: yes\nagi_network_script: \nagi_request: agi://x\nagi_channel: PJSIP/a-1\nagi_language: en\n"+
		"agi_uniqueid: 1.1\nagi_callerid: 77\nagi_context: default\nagi_extension: 100\nagi_priority: 1\n\n")
	return &asterisk{t: t, conn: conn, from: bufio.NewReader(conn)}
}

// until answers everything with success, up to a command that begins like that, which it leaves open.
func (a *asterisk) until(command string) string {
	a.t.Helper()
	for {
		line, err := a.from.ReadString('\n')
		a.said = append(a.said, line)
		if err != nil {
			a.t.Fatalf("wait for %s: %v, after %q", command, err, a.said)
		}
		if strings.HasPrefix(line, command) {
			return line
		}
		a.reply()
	}
}

func (a *asterisk) reply() { fmt.Fprint(a.conn, "200 result=0\n") }

func TestServeDrains(t *testing.T) {
	d, server, _ := serveFolder(t, map[string]string{"100.lua": "call:answer()\ncall:play('hello-world')\ncall:set('DONE', '1')\n"})
	a := dial(t, server)
	a.until("STREAM FILE")
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.await(`no new calls; waiting for those in progress calls=1 at_most=30s$`); !ok {
		t.Fatalf("the log does not tell of the drain:\n%s", d.seen.String())
	}
	a.reply()
	a.until("SET VARIABLE \"DONE\" \"1\"")
	a.reply()
	if status := a.until("SET VARIABLE \"ARRAY(IVRD_FLOW,"); !strings.Contains(status, ",completed\"") {
		t.Errorf("the dialplan is told %s", status)
	}
	a.reply()
	rest, err := io.ReadAll(a.from)
	if err != nil {
		t.Errorf("after the call: %q, %v", rest, err)
	}
	if code, err := d.wait(); code != exitOK || err != nil {
		t.Errorf("ended with %d, %v:\n%s", code, err, d.seen.String())
	}
}

func TestServePrompts(t *testing.T) {
	wav := wavOf(make([]byte, 1600))
	d, server, prompts := serveFolder(t, map[string]string{
		"100.lua": "call:answer()\ncall:play('hello')\n", "prompts/en/hello.wav": wav, "secret.txt": "x",
	})
	command := dial(t, server).until("STREAM FILE")
	address := strings.Split(command, `"`)[1]
	if !strings.HasPrefix(address, prompts+"/prompts/") {
		t.Fatalf("Asterisk is told to play %s, want something at %s", address, prompts)
	}
	get := func(url string, header ...string) (*http.Response, string) {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(header) > 0 {
			r.Header.Set(header[0], header[1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	for url, want := range map[string]int{
		address: http.StatusOK, prompts + "/prompts/0/prompts/en/hello.wav": http.StatusNotFound,
		prompts + "/prompts/..%2f/x.wav": http.StatusNotFound, prompts + "/prompts/": http.StatusNotFound,
		prompts + "/prompts/0/secret.txt": http.StatusNotFound, prompts + "/100.lua": http.StatusNotFound, prompts + "/": http.StatusNotFound,
		prompts + "/speech/0123456789abcdef0123456789abcdef/text.wav": http.StatusNotFound,
		prompts + "/speech/..%2f..%2fivrd.yaml/text.wav":              http.StatusNotFound,
	} {
		if r, body := get(url); r.StatusCode != want || want == http.StatusOK && body != wav {
			t.Errorf("GET %s: %s, %d bytes", url, r.Status, len(body))
		}
	}
	first, _ := get(address)
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Content-Type") != "audio/wav" || !strings.Contains(first.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("headers %v", first.Header)
	}
	if again, body := get(address, "If-None-Match", tag); again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("with its tag: %s, %d bytes", again.Status, len(body))
	}
	if other, body := get(address, "If-None-Match", `"other"`); other.StatusCode != http.StatusOK || body != wav {
		t.Errorf("with another tag: %s, %d bytes", other.Status, len(body))
	}
	if part, body := get(address, "Range", "bytes=0-3"); part.StatusCode != http.StatusPartialContent || body != "RIFF" {
		t.Errorf("a part: %s, %q", part.Status, body)
	}
	if r, err := http.Post(address, "", nil); err != nil || r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v, %v", r, err)
	}
	d.cmd.Process.Kill()
	d.wait()
}

// What was converted is no longer what its name says, and Asterisk goes by names.
func TestMediaName(t *testing.T) {
	p := &promptServer{url: "http://x"}
	for _, file := range []string{"prompts/en/a.wav", "prompts/en/a.mp3", "prompts/en/a.FLAC"} {
		if got, want := p.media(file, "0123"), "http://x/prompts/0123/prompts/en/a.wav"; got != want {
			t.Errorf("%s is served as %s, want %s", file, got, want)
		}
	}
}

// wavOf is a recording of 16 bit at 8 kHz.
func wavOf(samples []byte) string {
	n := len(samples)
	le := func(v, size int) string {
		var b []byte
		for range size {
			b, v = append(b, byte(v)), v>>8
		}
		return string(b)
	}
	return "RIFF" + le(36+n, 4) + "WAVEfmt " + le(16, 4) + le(1, 2) + le(1, 2) + le(8000, 4) + le(16000, 4) + le(2, 2) + le(16, 2) +
		"data" + le(n, 4) + string(samples)
}
