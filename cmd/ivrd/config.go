package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/internal/redis"
	"github.com/spf13/cobra"
)

// A config is ivrd.yaml. Every key is optional.
type config struct {
	Flows      string           `yaml:"flows,omitempty"` // folder of flows; "" is ./flows, or the built-in ones
	Gate       string           `yaml:"gate"`            // what a changed flow must pass: none, check or test
	AGI        agiConfig        `yaml:"agi"`
	ARI        []ariConfig      `yaml:"ari,omitempty"`
	HTTP       httpConfig       `yaml:"http"`
	Recordings recordingsConfig `yaml:"recordings"`
	Prompts    promptsConfig    `yaml:"prompts"`
	TTS        ttsConfig        `yaml:"tts,omitempty"`
	Limits     limitsConfig     `yaml:"limits"`
	Drain      time.Duration    `yaml:"drain"`               // how long calls may go on after SIGTERM
	Languages  string           `yaml:"languages,omitempty"` // folder of language files on top of the built-in ones; "" is none
	Journal    string           `yaml:"journal,omitempty"`   // folder in which every call is written down; "" writes none
	Log        logConfig        `yaml:"log"`

	Requests requestsConfig           `yaml:"requests"`           // HTTP requests of flows
	Services map[string]serviceConfig `yaml:"services,omitempty"` // systems that flows know by name

	Databases  map[string]databaseConfig `yaml:"databases"`            // what flows ask, by name
	Secrets    map[string]secretConfig   `yaml:"secrets,omitempty"`    // what flows may know and no record shows
	Migrations string                    `yaml:"migrations,omitempty"` // folder of SQL for the main one, if that is SQLite
	Redis      map[string]databaseConfig `yaml:"redis,omitempty"`      // Redis servers that flows ask, by name
	KV         string                    `yaml:"kv"`                   // file of what flows remember, or address of a Redis server

	spoken *say.Languages // what is in Languages, read; nil is the built-in ones
	gaps   []gap
}

type agiConfig struct {
	Listen string         `yaml:"listen"` // address of the FastAGI server; "" is none
	Allow  []netip.Prefix `yaml:"allow"`  // where Asterisk may connect from
}

// An ariConfig is one Stasis application of one Asterisk. Either side opens the websocket: ivrd to url, or
// Asterisk to listen.
type ariConfig struct {
	URL         string        `yaml:"url,omitempty"`    // of Asterisk's ARI
	Listen      string        `yaml:"listen,omitempty"` // where Asterisk connects to; url then is for requests that wait
	App         string        `yaml:"app"`              // the Stasis application
	Username    string        `yaml:"username"`         // of ari.conf or, with listen, of websocket_client.conf
	Password    string        `yaml:"password"`
	Plaintext   bool          `yaml:"plaintext,omitempty"` // the password may cross a network unencrypted
	CA          string        `yaml:"ca,omitempty"`        // PEM file of whom to trust for url; "" is the system's
	Cert        string        `yaml:"cert,omitempty"`      // PEM file for listen; "" is no TLS
	Key         string        `yaml:"key,omitempty"`       // its key
	Connections int           `yaml:"connections"`         // HTTP connections to url, at most
	Outage      time.Duration `yaml:"outage"`              // how long calls wait for a lost connection
}

// setDefaults fills in what an entry need not say.
func (c *ariConfig) setDefaults() {
	*c = ariConfig{App: "ivrd", Connections: 20, Outage: time.Minute}
}

type httpConfig struct {
	Listen string `yaml:"listen"`        // where prompts and metrics are served
	URL    string `yaml:"url,omitempty"` // the same as Asterisk reaches it; "" is http://LISTEN
}

type promptsConfig struct {
	Language string   `yaml:"language"`         // of what is missing in the caller's
	Sounds   []string `yaml:"sounds,omitempty"` // that Asterisk has besides those that come with it; * stands for any text
	Cache    string   `yaml:"cache,omitempty"`  // folder of what was converted and spoken; "" is the system's place for that
}

// A ttsConfig is the text-to-speech engine: a command or a service. The zero value is none.
type ttsConfig struct {
	Command []string          `yaml:"command,omitempty"` // with {text}, {voice}, {language} and {file} in its arguments
	URL     string            `yaml:"url,omitempty"`     // to which texts are posted
	Headers map[string]string `yaml:"headers,omitempty"`
	Body    string            `yaml:"body,omitempty"`    // with {text}, {voice} and {language}; "" is the text alone
	Answer  string            `yaml:"answer,omitempty"`  // where a JSON answer has the sound in base64; "" is an answer that is the sound
	Voices  map[string]string `yaml:"voices,omitempty"`  // by language; without any, each language has the voice that is called like it
	Jobs    int               `yaml:"jobs,omitempty"`    // texts spoken at once; 0 means 2
	Timeout time.Duration     `yaml:"timeout,omitempty"` // for one text; 0 means 10 seconds
}

type limitsConfig struct {
	Calls        int           `yaml:"calls"`
	FlowTime     time.Duration `yaml:"flow_time"`
	Steps        int           `yaml:"steps"`
	Instructions int64         `yaml:"instructions"`
	RunTime      time.Duration `yaml:"run_time"`
	StringBytes  int           `yaml:"string_bytes"`
	EndTime      time.Duration `yaml:"end_time"`
}

type logConfig struct {
	Level  slog.Level `yaml:"level"`
	Format string     `yaml:"format"` // text or json
}

func (c limitsConfig) engine() engine.Limits { return engine.Limits(c) }

// defaults is the configuration without a file.
func defaults() config {
	return config{
		Gate:       gateCheck,
		AGI:        agiConfig{Listen: "127.0.0.1:4573", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		HTTP:       httpConfig{Listen: "127.0.0.1:8573"},
		Recordings: recordingsConfig{Ledger: "./recordings.ledger"},
		Prompts:    promptsConfig{Language: "en"},
		Requests:   defaultRequests(),
		Drain:      30 * time.Second,
		Log:        logConfig{Format: "text"},

		Databases: map[string]databaseConfig{engine.MainDatabase: {URL: "sqlite:ivrd.db"}},
		KV:        "ivrd-kv.db",
	}
}

// loadConfig reads the file that -c names, else ./ivrd.yaml if it is there. Flags come last. Who reaches other
// systems asks complete whether the environment has what they need.
func loadConfig(cmd *cobra.Command) (config, error) {
	named := flagText(cmd, "config")
	path := cmp.Or(named, "ivrd.yaml")
	c := defaults()
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := c.parse(path, text); err != nil {
			return c, usageError{err}
		}
		c.Flows, c.Journal, c.Languages = beside(path, c.Flows), beside(path, c.Journal), beside(path, c.Languages)
		c.Prompts.Cache = beside(path, c.Prompts.Cache)
		c.TTS.beside(path)
		c.Recordings.Dir, c.Recordings.Ledger = beside(path, c.Recordings.Dir), beside(path, c.Recordings.Ledger)
		c.besideDatabases(path)
		c.Migrations = beside(path, c.Migrations)
		if !redis.IsURL(c.KV) {
			c.KV = beside(path, c.KV)
		}
		for i := range c.ARI {
			a := &c.ARI[i]
			a.CA, a.Cert, a.Key = beside(path, a.CA), beside(path, a.Cert), beside(path, a.Key)
		}
		for name, s := range c.Secrets {
			s.File = beside(path, s.File)
			c.Secrets[name] = s
		}
		for name, s := range c.Services {
			s.CA, s.Cert, s.Key = beside(path, s.CA), beside(path, s.Cert), beside(path, s.Key)
			c.Services[name] = s
		}
	case named != "" || !errors.Is(err, fs.ErrNotExist):
		return c, usageError{fmt.Errorf("read configuration: %w", err)}
	}
	c.Flows = cmp.Or(flagText(cmd, "flows"), c.Flows)
	if usual := beside(path, usualMigrations); c.Migrations == "" && c.embedded() && isFolder(usual) {
		c.Migrations = usual
	}
	return c, c.readLanguages()
}

// readLanguages reads the folder of language files.
func (c *config) readLanguages() error {
	if c.Languages == "" {
		return nil
	}
	var err error
	if c.spoken, err = say.Load(os.DirFS(c.Languages), builtinLanguages()); err != nil {
		return usageError{fmt.Errorf("languages %s: %w", c.Languages, err)}
	}
	return nil
}

// languages are those in which values are said.
func (c *config) languages() *say.Languages {
	if c.spoken != nil {
		return c.spoken
	}
	return builtinLanguages()
}

func builtinLanguages() *say.Languages {
	languages, err := say.Builtin()
	if err != nil {
		panic(err) // which a test of its own would have found
	}
	return languages
}

// beside is a file or folder as the configuration file at path means it, wherever ivrd is started.
func beside(path, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(path), name)
}

// flagText is the value of a flag that every command has.
func flagText(cmd *cobra.Command, name string) string {
	if f := cmd.Flag(name); f != nil {
		return f.Value.String()
	}
	return ""
}
