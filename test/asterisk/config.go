package asterisk

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed etc
var etc embed.FS

// User and Secret are the name and the password of the lab's ARI and AMI account.
const (
	User   = "ivrd"
	Secret = "ivrd-secret"
)

// noModules are the modules that a lab leaves out, by name without ".so".
var noModules = []string{
	"app_adsiprog", "app_alarmreceiver", "app_dictate", "app_externalivr", "app_festival", "app_followme", "app_getcpeid",
	"app_jack", "app_minivm", "app_mp3", "app_sla", "app_sms", "app_voicemail", "app_voicemail_odbc", "app_voicemail_imap",
	"cdr_adaptive_odbc", "cdr_csv", "cdr_custom", "cdr_manager", "cdr_odbc", "cdr_pgsql", "cdr_radius", "cdr_sqlite3_custom",
	"cdr_tds", "cel_custom", "cel_manager", "cel_odbc", "cel_pgsql", "cel_radius", "cel_sqlite3_custom", "cel_tds",
	"chan_alsa", "chan_console", "chan_dahdi", "chan_iax2", "chan_mobile", "chan_motif", "chan_oss", "chan_unistim",
	"codec_dahdi", "func_odbc", "pbx_ael", "pbx_dundi", "pbx_lua", "pbx_realtime",
	"res_adsi", "res_ael_share", "res_calendar", "res_calendar_caldav", "res_calendar_ews", "res_calendar_exchange",
	"res_calendar_icalendar", "res_cdrel_custom", "res_clialiases", "res_config_curl", "res_config_ldap", "res_config_odbc",
	"res_config_pgsql", "res_config_sqlite3", "res_corosync", "res_geolocation", "res_hep", "res_hep_pjsip", "res_hep_rtcp",
	"res_odbc", "res_odbc_transaction", "res_phoneprov", "res_pjsip_config_wizard", "res_pjsip_geolocation",
	"res_pjsip_notify", "res_pjsip_phoneprov_provider", "res_pjsip_stir_shaken", "res_pjsip_transport_websocket",
	"res_prometheus", "res_realtime", "res_resolver_unbound", "res_smdi", "res_snmp", "res_stir_shaken", "res_stun_monitor", "res_timing_dahdi", "res_xmpp",
}

// noFiles are configuration files that may be empty, but whose absence Asterisk logs as an error.
var noFiles = []string{
	"acl", "aeap", "agents", "ccss", "chan_websocket", "features", "pjproject", "queuerules", "res_fax", "res_http_media_cache",
	"res_parking", "stasis", "statsd", "udptl", "websocket_client",
}

// settings is what the files of etc are made with.
type settings struct {
	ports
	TLS          bool
	Dir          string // the instance's folder as Asterisk sees it
	Phones       []string
	PhoneAddr    string // host:port where they take calls
	Dialplan     string
	User, Secret string
	NoModules    []string
}

// writeConfig writes every file of etc to dir, and those of extra over them.
func writeConfig(dir string, s settings, extra map[string]string) error {
	tmpl, err := template.ParseFS(etc, "etc/*.conf")
	if err != nil {
		return err
	}
	for _, t := range tmpl.Templates() {
		var b strings.Builder
		if err := t.Execute(&b, s); err != nil {
			return fmt.Errorf("make %s: %w", t.Name(), err)
		}
		if err := writeFile(filepath.Join(dir, t.Name()), []byte(b.String())); err != nil {
			return err
		}
	}
	for _, name := range noFiles {
		if err := writeFile(filepath.Join(dir, name+".conf"), nil); err != nil {
			return err
		}
	}
	for name, text := range extra {
		if err := writeFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "LABDIR", s.Dir))); err != nil {
			return err
		}
	}
	return nil
}

// dialplan is extensions.conf's contexts: text without a context of its own belongs to callers.
func dialplan(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return text
	}
	return "[callers]\n" + text
}

// makeFolders makes an instance's folders. The data folder shows the package's own (its documentation, which
// modules need to load, and its sounds) with the test's sounds before them.
func makeFolders(dir, root string) error {
	for _, d := range []string{
		"etc", "data/sounds/custom", "data/moh", "var/keys", "c", "spool/monitor", "spool/recording", "spool/tmp", "spool/outgoing",
	} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	for _, data := range []string{"/usr/share/asterisk", "/var/lib/asterisk"} {
		for _, d := range []string{".", "sounds"} {
			if err := showEntries(filepath.Join(dir, "data", d), root, filepath.Join(data, d)); err != nil {
				return err
			}
		}
	}
	return nil
}

// showEntries links what is in the folder from (as Asterisk sees it, below root) into the folder to.
func showEntries(to, root, from string) error {
	entries, err := os.ReadDir(filepath.Join(root, from))
	if err != nil {
		return nil // not every package has every folder
	}
	for _, e := range entries {
		err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		if err != nil && !os.IsExist(err) {
			return err
		}
	}
	return nil
}

// writeSounds puts the test's WAV files where Asterisk looks first.
func writeSounds(dir string, o Options, tones *Tones) error {
	if o.SoundsDir != "" {
		if err := os.CopyFS(dir, os.DirFS(o.SoundsDir)); err != nil {
			return fmt.Errorf("copy sounds: %w", err)
		}
	}
	for name, wav := range o.Sounds {
		if err := writeFile(filepath.Join(dir, soundFile(name)), wav); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(o.Prompts) {
		if err := writeFile(filepath.Join(dir, soundFile(name)), tones.Prompt(name, o.Prompts[name])); err != nil {
			return err
		}
	}
	return nil
}

func soundFile(name string) string {
	if filepath.Ext(name) == "" {
		name += ".wav"
	}
	return name
}

func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b, fs.FileMode(0o644))
}

// Outbound is the configuration with which Asterisk itself opens websockets to that address, one for each
// application, as User with Secret.
func Outbound(uri string, apps ...string) map[string]string {
	var ari, clients strings.Builder
	fmt.Fprintf(&ari, "[general]\nenabled = yes\nwebsocket_write_timeout = 1000\n\n[%s]\ntype = user\npassword = %s\n", User, Secret)
	for i, app := range apps {
		fmt.Fprintf(&ari, "\n[out%d]\ntype = outbound_websocket\nwebsocket_client_id = client%d\napps = %s\nlocal_ari_user = %s\n", i, i, app, User)
		fmt.Fprintf(&clients, "[client%d]\ntype = websocket_client\nuri = %s\nprotocols = ari\nusername = %s\npassword = %s\nconnection_type = persistent\nreconnect_interval = 500\n\n",
			i, uri, User, Secret)
	}
	return map[string]string{"ari.conf": ari.String(), "websocket_client.conf": clients.String()}
}
