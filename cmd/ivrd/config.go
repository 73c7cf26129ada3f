package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"
)

// A config is ivrd.yaml. Every key is optional.
type config struct {
	Flows  string        `yaml:"flows"` // folder of flows
	AGI    agiConfig     `yaml:"agi"`
	HTTP   httpConfig    `yaml:"http"`
	Limits limitsConfig  `yaml:"limits"`
	Drain  time.Duration `yaml:"drain"` // how long calls may go on after SIGTERM
	Log    logConfig     `yaml:"log"`
}

type agiConfig struct {
	Listen string         `yaml:"listen"` // address of the FastAGI server
	Allow  []netip.Prefix `yaml:"allow"`  // where Asterisk may connect from
}

type httpConfig struct {
	Listen string `yaml:"listen"` // where prompts are served
	URL    string `yaml:"url"`    // the same as Asterisk reaches it; "" is http://LISTEN
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
		Flows: "./flows",
		AGI:   agiConfig{Listen: "127.0.0.1:4573", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		HTTP:  httpConfig{Listen: "127.0.0.1:8573"},
		Drain: 30 * time.Second,
		Log:   logConfig{Format: "text"},
	}
}

// loadConfig reads the file that -c names, else ./ivrd.yaml if it is there. Flags come last.
func loadConfig(cmd *cobra.Command) (config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return config{}, err
	}
	named := path != ""
	if !named {
		path = "ivrd.yaml"
	}
	c := defaults()
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := c.parse(path, text); err != nil {
			return c, usageError{err}
		}
	case named || !errors.Is(err, fs.ErrNotExist):
		return c, usageError{fmt.Errorf("read configuration: %w", err)}
	}
	if dir, err := cmd.Flags().GetString("flows"); err == nil && dir != "" {
		c.Flows = dir
	}
	return c, nil
}

// parse reads text over what c holds. Faults name file, line and column.
func (c *config) parse(path string, text []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil
	}
	root := doc.Content[0]
	if err := errors.Join(expand(root), checkKeys(root, reflect.TypeFor[config]())); err != nil {
		return inFile(path, err)
	}
	if err := root.Decode(c); err != nil {
		return fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return inFile(path, c.check(root))
}

// check refuses values that have the right type and still make no sense.
func (c *config) check(root *yaml.Node) error {
	switch {
	case c.Log.Format != "text" && c.Log.Format != "json":
		return at(find(root, "log", "format"), "log format %q; use text or json", c.Log.Format)
	case c.Drain < 0:
		return at(find(root, "drain"), "drain cannot be negative")
	}
	limits := reflect.ValueOf(c.Limits)
	for i := range limits.NumField() {
		if name := limits.Type().Field(i).Tag.Get("yaml"); limits.Field(i).Int() < 0 {
			return at(find(root, "limits", name), "%s cannot be negative; leave it out for the default", name)
		}
	}
	return nil
}

// A fault is what is wrong at one place of the file.
type fault struct {
	line, column int
	text         string
}

func (f *fault) Error() string { return fmt.Sprintf("%d:%d: %s", f.line, f.column, f.text) }

func at(n *yaml.Node, format string, args ...any) error {
	return &fault{n.Line, n.Column, fmt.Sprintf(format, args...)}
}

// inFile puts the file's name before every fault.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = path + ":" + lines[i]
	}
	return errors.New(strings.Join(lines, "\n"))
}

// checkKeys refuses keys that t does not have.
func checkKeys(n *yaml.Node, t reflect.Type) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "want keys and values here")
	}
	fields, names := map[string]reflect.Type{}, []string{}
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("yaml")
		fields[name], names = t.Field(i).Type, append(names, name)
	}
	var faults []error
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, ok := fields[key.Value]
		switch {
		case !ok:
			faults = append(faults, at(key, "no key %s%s", key.Value, bind.DidYouMean(key.Value, names)))
		case field.Kind() == reflect.Struct:
			faults = append(faults, checkKeys(value, field))
		}
	}
	return errors.Join(faults...)
}

var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand replaces ${NAME} in all values by the environment's NAME.
func expand(n *yaml.Node) error {
	var faults []error
	if n.Kind == yaml.ScalarNode {
		n.Value = reference.ReplaceAllStringFunc(n.Value, func(ref string) string {
			name := ref[2 : len(ref)-1]
			value, ok := os.LookupEnv(name)
			if !ok {
				faults = append(faults, at(n, "the environment has no %s", name))
			}
			return value
		})
	}
	for _, child := range n.Content {
		faults = append(faults, expand(child))
	}
	return errors.Join(faults...)
}

// find is the value under a path of keys, or the deepest node on the way.
func find(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				n = n.Content[i+1]
				break
			}
		}
	}
	return n
}
