package main

import (
	"cmp"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

func TestConfigOverDefaults(t *testing.T) {
	c := defaults()
	err := c.parse("ivrd.yaml", []byte("drain: 2m\nagi: { allow: [10.0.0.0/8, 10.1.0.5/32] }\nlimits: { calls: 500, run_time: 1s }\nlog: { level: debug }\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Drain, want.Limits.Calls, want.Limits.RunTime = 2*time.Minute, 500, time.Second
	if c.Drain != want.Drain || c.Limits != want.Limits || len(c.AGI.Allow) != 2 || c.AGI.Listen != want.AGI.Listen || c.Log.Level.String() != "DEBUG" {
		t.Errorf("got %+v", c)
	}
}

// FuzzConfig: nothing panics, every fault has a place, and what is accepted is accepted again.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"", "flows: ./flows\nagi: { listen: \"127.0.0.1:4573\", allow: [\"127.0.0.0/8\"] }\n",
		"http: { listen: \":8573\", url: \"http://10.0.0.5:8573\" }\nlog: { level: warn, format: json }\n",
		"limits: { calls: 1, flow_time: 1s, steps: 2, instructions: 3, run_time: 4s, string_bytes: 5, end_time: 6s }\ndrain: 0s\n",
		"a: &a [*a]\n", "flows: &x y\nlog: { format: *x }\n", "<<: { drain: 1s }\n", "flows: ${HOME}${}\n", "- x\n---\n- y\n", "flows: !!binary aGk=\n",
		"ari: [ { url: \"http://127.0.0.1:8088/ari\", username: a, password: b }, { listen: \":1\", cert: c, key: d } ]\n", "ari: {}\n", "ari: [1]\n", "ari: []\nagi: { allow: [] }\n",
		"recordings: { dir: r, expire: 30d }\n", "recordings: { dir: r, expire: 90s }\n", "drain: 1_0\nlimits: {calls: 0x10, steps: 1e3}\n", "flows: |\n  a\n  b\n", "flows: |\n\n 00", "? [a]\n: b\n", "\xff", "agi: { listen: \"[::]:0\" }",
		"tts: { command: [espeak-ng, -v, \"{voice}\"], voices: { en: en-us }, jobs: 3, timeout: 5s }\nprompts: { language: pt_BR, sounds: [a/*], cache: c }\n",
		"tts: { url: \"https://x/y\", headers: { A: b, a: \"1\" }, body: \"{}\", answer: a.b }\n", "tts: { url: x, command: [] }\n", "tts: { voices: { en: [] } }",
		"databases: { main: \"sqlite:x.db?_pragma=a\", crm: { url: \"postgres://u:p@h/x\", timeout: 2s }, old: \"mysql://u@h:1/x\" }\nkv: k\nmigrations: m\n",
		"secrets: { a: { env: B }, c: { file: d } }\n", "databases: [1]\n", "databases: { crm: {}, crm: }\n", "databases: ~\n",
		"services: { core: { url: \"https://a.example\", headers: { A: b }, query: {}, retries: 0, rate: 2.5 } }\nrequests: { allow: [], proxy: \"http://p:1\" }\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := defaults()
		if err := c.parse("ivrd.yaml", []byte(text)); err != nil {
			if !strings.HasPrefix(err.Error(), "ivrd.yaml:") {
				t.Errorf("a fault without a place: %v", err)
			}
			return
		}
		written, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(written), "${") {
			return // it would be replaced once more
		}
		again := defaults()
		if err := again.parse("again.yaml", written); err != nil {
			t.Fatalf("accepted, but not again: %v\n%s", err, written)
		}
		if !reflect.DeepEqual(c, again) {
			t.Errorf("read back as\n%+v, was\n%+v", again, c)
		}
	})
}

// docs/ivrd.yaml names every key, with the value it has without a file. Of a key without one it is a
// comment that names it.
func TestDocumentedConfig(t *testing.T) {
	text, err := os.ReadFile("../../docs/ivrd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, want := defaults(), defaults()
	want.Flows = usualFolder
	if err := got.parse("docs/ivrd.yaml", text); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("docs/ivrd.yaml says\n%+v, the defaults are\n%+v", got, want)
	}
	uncommented := regexp.MustCompile(`(?m)^(\s*)# (\s*(?:- )?\w+:)`).ReplaceAllString(string(text), "$1$2")
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(uncommented), &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range configKeys(reflect.TypeFor[config]()) {
		if at(doc.Content[0], path...) == nil {
			t.Errorf("docs/ivrd.yaml has no %s", strings.Join(path, "."))
		}
	}
	entry := at(doc.Content[0], "ari").Content[0]
	for _, path := range configKeys(reflect.TypeFor[ariConfig]()) {
		if at(entry, path...) == nil {
			t.Errorf("docs/ivrd.yaml has no ari.%s", strings.Join(path, "."))
		}
	}
	core := at(doc.Content[0], "services", "core")
	for _, path := range configKeys(reflect.TypeFor[serviceConfig]()) {
		if at(core, path...) == nil {
			t.Errorf("docs/ivrd.yaml has no services.core.%s", strings.Join(path, "."))
		}
	}
	var ari ariConfig
	ari.setDefaults()
	if err := entry.Decode(&ari); err != nil {
		t.Fatal(err)
	}
	want.ARI = []ariConfig{{}}
	want.ARI[0].setDefaults()
	if got, want := ari, want.ARI[0]; got.App != want.App || got.Connections != want.Connections || got.Outage != want.Outage {
		t.Errorf("docs/ivrd.yaml says %+v, the defaults are %+v", got, want)
	}
}

func TestARIConfig(t *testing.T) {
	const good = `username: ivrd, password: x`
	for _, tt := range []struct{ entry, want string }{
		{`url: "http://127.0.0.1:8088/ari", ` + good, ""},
		{`url: "https://pbx.example:8089/ari", ca: pbx.pem, ` + good, ""},
		{`url: "http://10.0.0.7:8088/ari", plaintext: true, ` + good, ""},
		{`listen: "127.0.0.1:8574", ` + good, ""},
		{`listen: "0.0.0.0:8574", cert: a.pem, key: b.pem, ` + good, ""},
		{good, "ari needs url or listen"},
		{`url: "http://10.0.0.7:8088/ari", ` + good, "unencrypted"},
		{`listen: "0.0.0.0:8574", ` + good, "unencrypted"},
		{`url: "http://ivrd:secret@127.0.0.1:8088/ari", ` + good, "must not hold a password"},
		{`url: "127.0.0.1:8088", ` + good, "no address of Asterisk's ARI"},
		{`url: "http://127.0.0.1:8088/ari", password: x`, "ari.username is missing"},
		{`url: "http://127.0.0.1:8088/ari", username: ivrd`, "ari.password is missing"},
		{`url: "http://127.0.0.1:8088/ari", app: "a~b", ` + good, "cannot be the name of a Stasis application"},
		{`listen: "127.0.0.1:8574", cert: a.pem, ` + good, "belong together"},
		{`url: "http://127.0.0.1:8088/ari", cert: a.pem, key: b.pem, ` + good, "ari.cert is for listen"},
		{`url: "http://127.0.0.1:8088/ari", outage: -1s, ` + good, "cannot be negative"},
		{`url: "http://127.0.0.1:8088/ari", connections: 0, ` + good, "1 or more"},
		{`url: "http://127.0.0.1:8088/ari", urll: x, ` + good, "there is no key ari.urll; did you mean url?"},
		{`url: "http://127.0.0.1:8088/ari", ` + good + ` }, { url: "http://127.0.0.1:8088/ari", ` + good, "two entries"},
		{`listen: "127.0.0.1:8574", ` + good + ` }, { listen: "127.0.0.1:8574", app: b, ` + good, "two entries"},
	} {
		t.Run(tt.entry, func(t *testing.T) {
			c := defaults()
			err := c.parse("ivrd.yaml", []byte("ari: [ { "+tt.entry+" } ]\n"))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "secret@") && !strings.Contains(err.Error(), " | "):
				t.Errorf("the message shows the password: %v", err)
			}
		})
	}
}

func TestRecordingsConfig(t *testing.T) {
	const overARI = "ari: [ { url: \"http://127.0.0.1:8088/ari\", username: a, password: b } ]\n"
	for _, tt := range []struct{ text, want string }{
		{`{ dir: /var/spool/asterisk/recording }`, ""},
		{`{ dir: r, expire: 30d }`, ""},
		{"{ expire: 12h }\n" + overARI, ""},
		{"{ expire: 12h }\nagi: { listen: \"\" }", ""},
		{`{ expire: 30d }`, "nothing can delete what calls over FastAGI record; give recordings.dir"},
		{`{ dir: r, expire: -1h }`, "recordings.expire cannot be negative"},
		{`{ dir: r, expire: 30d, ledger: "" }`, "recordings.expire needs recordings.ledger"},
		{`{ dir: r, expire: 3.5d }`, "recordings.expire cannot be \"3.5d\"; write it like 30d or 12h"},
		{`{ dir: r, expire: 30 }`, "write it like 30d or 12h"},
		{`{ dri: r }`, "there is no key recordings.dri; did you mean dir?"},
	} {
		c := defaults()
		err := c.parse("ivrd.yaml", []byte("recordings: "+tt.text+"\n"))
		switch {
		case tt.want == "" && err != nil, tt.want != "" && err == nil:
			t.Errorf("%s: %v", tt.text, err)
		case err != nil && !strings.Contains(err.Error(), tt.want) && !strings.Contains(strings.ReplaceAll(err.Error(), "\n", "; "), tt.want):
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
	c := defaults()
	if err := c.parse("ivrd.yaml", []byte("recordings: { dir: r, expire: 30d }\n")); err != nil || time.Duration(c.Recordings.Expire) != 720*time.Hour {
		t.Errorf("%v, %v", c.Recordings, err)
	}
}

func TestServicesConfig(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`services: { core: { url: "https://core.example/v1", headers: { X-A: b }, query: { key: k }, bearer: t, retries: 0, rate: 2.5 } }`, ""},
		{`services: { core: { url: "https://core.example", username: a, password: b, cert: c, key: d, ca: e, direct: true } }`, ""},
		{`services: {}`, ""},
		{`services: [ core ]`, "services must be names and values, such as { name: { url:"},
		{`services: { core: https://core.example }`, "services.core must be like { url: "},
		{`services: { core: { timeout: 4s } }`, "services.core needs a url"},
		{`services: { core: { url: core.example } }`, "services.core.url is no address"},
		{`services: { core: { url: "https://a:b@core.example" } }`, "cannot hold a password"},
		{`services: { core: { url: "https://core.example?x=1" } }`, "ends with its path"},
		{`services: { core: { ulr: x } }`, "there is no key services.core.ulr; did you mean url?"},
		{`services: { core: { url: "https://core.example" }, core: { url: "https://core.example" } }`, "services.core is there twice"},
		{`services: { "my core": { url: "https://core.example" } }`, "cannot be the name of a service"},
		{`services: { core: { url: "https://core.example", headers: { "X A": b } } }`, "cannot be the name of a header"},
		{`services: { core: { url: "https://core.example", headers: { Host: b } } }`, "header Host is ivrd's own"},
		{`services: { core: { url: "https://core.example", headers: [ a ] } }`, "services.core.headers must be names and values"},
		{`services: { core: { url: "https://core.example", bearer: a, username: b, password: c } }`, "has bearer and username"},
		{`services: { core: { url: "https://core.example", username: b } }`, "needs username and password"},
		{`services: { core: { url: "https://core.example", cert: b } }`, "needs cert and key"},
		{`services: { core: { url: "https://core.example", timeout: -1s } }`, "services.core.timeout cannot be"},
		{`services: { core: { url: "https://core.example", rate: .nan } }`, "services.core.rate cannot be"},
		{`services: { core: { url: "https://core.example", retries: 50 } }`, "from 0 to 10"},
		{`services: { core: { url: "https://core.example", bearer: "${IVRD_NOT_THERE}" } }`, "the environment has no IVRD_NOT_THERE"},
		{`services: { core: { url: "${IVRD_NOT_THERE}", bearer: "${IVRD_NEITHER}" } }`, "the environment has no IVRD_NEITHER"},
		{`services: { core: { url: "${IVRD_NOT_THERE}" } }`, "the environment has no IVRD_NOT_THERE"},
		{`databases: { crm: "${IVRD_NOT_THERE}" }`, "the environment has no IVRD_NOT_THERE"},
		{`redis: { main: { url: "${IVRD_NOT_THERE}" } }`, "the environment has no IVRD_NOT_THERE"},
		{`kv: "redis://${IVRD_NOT_THERE}:x"`, "the environment has no IVRD_NOT_THERE"},
		{`tts: { url: "${IVRD_NOT_THERE}" }`, "the environment has no IVRD_NOT_THERE"},
		{`ari: [ { url: "${IVRD_NOT_THERE}", username: ivrd, password: x } ]`, "the environment has no IVRD_NOT_THERE"},
		{`requests: { allow: [ core.example, "*.example.com", 10.0.0.0/8 ], proxy: "http://proxy:3128", breaker: { failures: 0 } }`, ""},
		{`requests: { allow: [] }`, ""},
		{`requests: { allow: [ "http://core.example" ] }`, "is no destination"},
		{`requests: { proxy: proxy }`, "no address of a proxy"},
		{`requests: { timeout: 0s }`, "requests.timeout must be more than 0"},
		{`requests: { retries: -1 }`, "requests.retries must be from 0 to 10"},
		{`requests: { breaker: { pause: 0s } }`, "requests.breaker.pause must be more than 0"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			c := defaults()
			err := cmp.Or(c.parse("ivrd.yaml", []byte(tt.text+"\n")), c.complete())
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "\n", " "), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// configKeys are the paths of all keys of a section.
func configKeys(section reflect.Type) [][]string {
	var all [][]string
	for f := range section.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			continue // not of the file
		}
		if f.Type.Kind() != reflect.Struct {
			all = append(all, []string{name})
			continue
		}
		for _, path := range configKeys(f.Type) {
			all = append(all, append([]string{name}, path...))
		}
	}
	return all
}
