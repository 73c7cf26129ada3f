package asterisk_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// TestDoors goes through every door that Asterisk has for ivrd.
func TestDoors(t *testing.T) {
	var tones asterisk.Tones
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/wav")
		w.Write(tones.Prompt("from-the-web", 500*time.Millisecond))
	}))
	t.Cleanup(web.Close)
	agi := listen(t)
	lab := asterisk.Start(t, asterisk.Options{
		Tones: &tones,
		Dialplan: fmt.Sprintf("exten => 1,1,Answer()\n same => n,Playback(%s/p.wav)\n"+
			"exten => 2,1,AGI(agi://%s/flow)\n same => n,Hangup()\n", web.URL, agi.Addr()),
	})
	t.Run("prompts over HTTP", func(t *testing.T) {
		phone := dial(t, lab, "1", asterisk.Call{})
		if _, err := phone.WaitHeard(timeout(t), "from-the-web"); err != nil {
			t.Error(err)
		}
	})
	t.Run("FastAGI", func(t *testing.T) {
		phone := dial(t, lab, "2", asterisk.Call{})
		conn, err := agi.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || line != "agi_network: yes\n" {
			t.Errorf("got %q, %v", line, err)
		}
		conn.Close()
		if why, err := phone.WaitEnded(timeout(t)); err != nil || why.SIP == 0 {
			t.Errorf("cause %+v, %v; want a refusal: nobody answered", why, err)
		}
	})
	t.Run("ARI", func(t *testing.T) {
		req, _ := http.NewRequestWithContext(timeout(t), "GET", lab.ARIURL()+"/asterisk/info", nil)
		req.SetBasicAuth(asterisk.User, asterisk.Secret)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("status %s", res.Status)
		}
	})
	t.Run("AMI", func(t *testing.T) { loginAMI(t, lab) })
	t.Run("modules", func(t *testing.T) { wantModules(t, lab) })
}

func listen(t *testing.T) net.Listener {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	l.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute))
	return l
}

func loginAMI(t *testing.T, lab *asterisk.Lab) {
	conn, err := net.Dial("tcp4", lab.AMIAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(conn, "Action: Login\r\nUsername: %s\r\nSecret: %s\r\n\r\n", asterisk.User, asterisk.Secret)
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if lines.Text() == "Message: Authentication accepted" {
			return
		}
	}
	t.Error("login was not accepted")
}

func wantModules(t *testing.T, lab *asterisk.Lab) {
	out, err := lab.CLI("module show")
	if err != nil {
		t.Fatal(err)
	}
	running := map[string]bool{}
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 1 {
			running[f[0]] = strings.Contains(line, " Running ")
		}
	}
	for name := range strings.FieldsSeq(`res_agi app_stack app_playback app_read app_record app_dial app_queue app_confbridge
		app_mixmonitor app_amd app_chanspy app_originate app_senddtmf app_verbose app_system app_userevent chan_pjsip
		chan_bridge_media chan_websocket chan_audiosocket app_audiosocket func_callerid func_channel func_strings func_uri
		func_base64 func_global func_timeout func_hangupcause func_talkdetect func_curl codec_ulaw codec_alaw codec_resample format_wav format_pcm
		format_sln pbx_config res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_events
		res_ari_playbacks res_ari_recordings res_ari_sounds res_stasis res_stasis_snoop res_curl res_http_media_cache
		res_http_websocket res_websocket_client res_musiconhold res_parking res_speech res_speech_aeap res_rtp_asterisk res_pjsip
		res_pjsip_session res_pjsip_sdp_rtp res_pjsip_rfc3326 res_pjsip_refer res_pjsip_header_funcs bridge_simple
		bridge_softmix bridge_native_rtp`) {
		if !running[name+".so"] {
			t.Errorf("%s does not run", name)
		}
	}
}
