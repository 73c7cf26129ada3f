package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/ivrd/ivrd/test/asterisk"
)

// viaStasis is viaIvrd over ARI. A call that leaves it by a hangup notes in OVER_ what ivrd made of it.
const viaStasis = `
exten => _X.,1,Set(IVRD_STATUS=)
 same => n,Stasis(ivrd)
 same => n,Set(GLOBAL(END_${CALLERID(num)})=${STASISSTATUS} ${IVRD_STATUS})
 same => n,GotoIf($["${IVRD_STATUS}" =~ "completed|continued|fallback"]?done)
 same => n,Answer()
 same => n,Playback(dialplan-sorry)
 same => n(done),Hangup()
exten => h,1,Set(GLOBAL(OVER_${CALLERID(num)})=${IVRD_STATUS})
`

// viaARI says how a site takes its calls over ARI. Its zero value has ivrd connect to Asterisk.
type viaARI struct {
	Keys     string            // more keys of the entry in ivrd.yaml, such as "outage: 2s"
	Password string            // in ivrd.yaml; "" is the right one
	Outbound []string          // Asterisk connects to ivrd, with these applications
	Config   map[string]string // of Asterisk, over the lab's; also over FastAGI
	TLS      *identity         // what the side that is connected to shows; nil is no TLS
	Refused  bool              // the connection will not come about
}

// entry is the entry of ivrd.yaml for an Asterisk at that address.
func (v viaARI) entry(address string) string {
	scheme := "http"
	if v.TLS != nil {
		scheme = "https"
	}
	keys := []string{"username: " + asterisk.User, "password: " + cmp.Or(v.Password, asterisk.Secret)}
	if v.Outbound == nil {
		keys = append(keys, fmt.Sprintf(`url: "%s://%s/ari"`, scheme, address))
	} else {
		keys = append(keys, `listen: "127.0.0.1:0"`)
	}
	if v.Keys != "" {
		keys = append(keys, v.Keys)
	}
	return "ari: [ { " + strings.Join(keys, ", ") + " } ]\n"
}

// config is Asterisk's when it is to find ivrd at that address.
func (v viaARI) config(address string) map[string]string {
	config := map[string]string{}
	scheme := "ws"
	if v.TLS != nil {
		scheme = "wss"
	}
	if v.Outbound != nil {
		config = asterisk.Outbound(scheme+"://"+address, v.Outbound...)
	}
	if v.TLS != nil && v.Outbound != nil { // whom to trust is in ca.pem
		const trust = "protocols = ari\ntls_enabled = yes\nca_list_file = LABDIR/etc/ca.pem\nverify_server_cert = yes\nverify_server_hostname = no\n"
		config["websocket_client.conf"] = strings.ReplaceAll(config["websocket_client.conf"], "protocols = ari\n", trust)
	}
	maps.Copy(config, v.Config)
	return config
}

// startARI starts Asterisk first: ivrd must know where it is. Between them is a proxy.
func (s *site) startARI(t *testing.T, p plan) {
	t.Helper()
	s.proxy = asterisk.NewProxy(t, "127.0.0.1:1")
	o := s.labOptions(p, cmp.Or(p.Dialplan, viaStasis)+dialplan.Conf)
	o.Config = p.Via.config(s.proxy.Addr())
	if p.Via.TLS != nil {
		o.Cert, o.Key = p.Via.TLS.cert, p.Via.TLS.key
	}
	s.lab = asterisk.Start(t, o)
	s.rest = newRESTClient(t, s.lab)
	switch {
	case p.Via.TLS != nil:
		s.proxy.Point(s.lab.HTTPSAddr())
	default:
		s.proxy.Point(s.lab.HTTPAddr())
	}
	s.daemon = serve(t, p.Config+p.Via.entry(s.proxy.Addr()), s.flowFiles(p), p.Env...)
	if p.Via.Outbound != nil {
		s.proxy.Point(s.daemon.ari)
	}
	if !p.Via.Refused {
		s.waitLog(t, 0, "connected to Asterisk")
	}
}

// restart starts the daemon again that has ended, and returns once it takes calls.
func (s *site) restart(t *testing.T) {
	t.Helper()
	from := s.log.mark()
	s.launch(t)
	if s.daemon.ari != "" {
		s.proxy.Point(s.daemon.ari)
	}
	s.waitLog(t, from, "connected to Asterisk")
}

// outage breaks the connection for that long, and returns once ivrd has it back.
func (s *site) outage(t *testing.T, d time.Duration) {
	t.Helper()
	from := s.log.mark()
	s.proxy.Cut()
	s.waitLog(t, from, "connection to Asterisk lost")
	pass(d)
	s.proxy.Mend()
	s.waitLog(t, from, "connected to Asterisk")
}

// pass lets real time pass, where that is what is tested.
func pass(d time.Duration) { <-time.After(d) }

// wantOver waits until the channel is gone from the dialplan by a hangup, and compares IVRD_STATUS.
func (s *site) wantOver(t *testing.T, from, want string) {
	t.Helper()
	got, err := s.lab.WaitGlobal(timeout(t), "OVER_"+from)
	if got != want || err != nil {
		t.Errorf("after the hangup the dialplan sees %q, %v; want %q", got, err, want)
	}
}

// wantNothingLeft wants an Asterisk without channels, bridges and applications but those of ivrd's connections.
func (s *site) wantNothingLeft(t *testing.T) {
	t.Helper()
	if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
		t.Error(err)
	}
	if got := s.rest.get(t, "/bridges"); got != "[]" {
		t.Errorf("bridges are left: %s", got)
	}
	var apps []struct {
		Name     string   `json:"name"`
		Channels []string `json:"channel_ids"`
		Bridges  []string `json:"bridge_ids"`
	}
	if err := json.Unmarshal([]byte(s.rest.get(t, "/applications")), &apps); err != nil {
		t.Error(err)
	}
	for _, a := range apps {
		if len(a.Channels)+len(a.Bridges) > 0 {
			t.Errorf("application %s still has %v %v", a.Name, a.Channels, a.Bridges)
		}
	}
}

// wantNoBridges waits until there is no bridge any more.
func (s *site) wantNoBridges(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for ctx := timeout(t); s.rest.get(t, "/bridges") != "[]"; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("bridges are left: %s", s.rest.get(t, "/bridges"))
		}
	}
}

// A restClient uses Asterisk's REST interface as other programs do.
type restClient struct {
	base   string
	client *http.Client
}

func newRESTClient(t *testing.T, lab *asterisk.Lab) *restClient {
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	t.Cleanup(transport.CloseIdleConnections)
	return &restClient{lab.ARIURL(), &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

// do sends a request and returns status and answer.
func (r *restClient) do(ctx context.Context, method, path string, body any) (int, string, error) {
	var b []byte
	if body != nil {
		var err error
		if b, err = json.Marshal(body); err != nil {
			return 0, "", err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(b))
	if err != nil {
		return 0, "", err
	}
	req.SetBasicAuth(asterisk.User, asterisk.Secret)
	req.Header.Set("Content-Type", "application/json")
	res, err := r.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

func (r *restClient) get(t *testing.T, path string) string {
	t.Helper()
	return r.must(t, "GET", path, nil)
}

// must is do for requests that have to succeed.
func (r *restClient) must(t *testing.T, method, path string, body any) string {
	t.Helper()
	status, answer, err := r.do(timeout(t), method, path, body)
	if err != nil || status >= 300 {
		t.Fatalf("%s %s: %d %s, %v", method, path, status, answer, err)
	}
	return answer
}

// channelOf is the id of the channel of a caller's number, once there is one.
func (s *site) channelOf(t *testing.T, number string) string {
	t.Helper()
	for ctx := timeout(t); ctx.Err() == nil; {
		var all []struct {
			ID     string `json:"id"`
			Caller struct {
				Number string `json:"number"`
			} `json:"caller"`
		}
		if err := json.Unmarshal([]byte(s.rest.get(t, "/channels")), &all); err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if one.Caller.Number == number {
				return one.ID
			}
		}
	}
	t.Fatalf("there is no channel of %s", number)
	return ""
}

// recorded adds a journal to a configuration.
const recorded = quietly + "journal: ./journal\n"

// steps are the lines of the journal of the call from that number, once it is over: what ivrd did, and what the
// caller pressed.
func (d *daemon) steps(t *testing.T, number string) []string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx := timeout(t); ; {
		if lines := d.journal(t, number); lines != nil {
			return lines
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the journal has no call from %s", number)
		}
	}
}

func (d *daemon) journal(t *testing.T, number string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "journal", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range strings.Split(string(text), "\nring ") {
			head, rest, _ := strings.Cut(call, "\n")
			if strings.Contains(head+" ", " from "+number+" ") {
				return stepsOf(rest)
			}
		}
	}
	return nil
}

// stepsOf leaves out of a transcript when things happened, and what lies outside of the call.
func stepsOf(text string) []string {
	lines := []string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "at ") {
			_, line, _ = strings.Cut(strings.TrimPrefix(line, "at "), " ")
		}
		if line == "" || line[0] == '#' {
			break
		}
		line = strings.TrimPrefix(line, "then ")
		lines = append(lines, line)
	}
	return lines
}
