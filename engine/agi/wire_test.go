package agi

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ivrd/ivrd/engine"
)

func TestParseHandshake(t *testing.T) {
	const least = "agi_channel: c\nagi_uniqueid: 1\nagi_context: x\nagi_extension: s\nagi_priority: 1\n"
	filled := func(change func(*engine.Info)) engine.Info {
		info := engine.Info{Backend: "agi", Channel: "c", ID: "1", Context: "x", Exten: "s", Priority: 1}
		change(&info)
		return info
	}
	for _, test := range []struct {
		name, block string
		want        engine.Info
		err         string
	}{
		{"everything", strings.Replace(greeting, "script: hello", "script: hello%20you?a=1&b=x+y%21&a=2&c&=d&e=%zz", 1) + "agi_arg_1: one\nagi_arg_3: t: w\n\n",
			engine.Info{Backend: "agi", ID: "1700000000.1", Channel: "PJSIP/alice-00000001", CallerID: "5551234", CallerName: "Ada", Dialed: "100",
				Context: "callers", Exten: "100", Priority: 2, Language: "en", Path: "hello you",
				Args: map[string]string{"a": "1", "b": "x y!", "c": "", "e": "%zz"}, Argv: []string{"one", "", "t: w"}}, ""},
		{"unknown is nothing", least + "agi_callerid: unknown\nagi_calleridname: unknown\nagi_dnid: unknown\n", filled(func(*engine.Info) {}), ""},
		{"a badly encoded path is left alone", least + "agi_network_script: 100%\n", filled(func(i *engine.Info) { i.Path = "100%" }), ""},
		{"a line break in a name", least + "agi_calleridname: Ada\nLovelace: 1\n", filled(func(i *engine.Info) { i.CallerName = "Ada" }), ""},
		{"a line break that pretends", least + "agi_calleridname: Ada\nagi_context: inside\n", engine.Info{}, "twice"},
		{"an argument that pretends", least + "agi_arg_1: a\nagi_arg_1: b\n", engine.Info{}, "twice"},
		{"an empty line in a name", "agi_channel: c\nagi_uniqueid: 1\nagi_calleridname: Ada\n", engine.Info{}, "missing"},
		{"HTTP", "GET / HTTP/1.1\nHost: x\n", engine.Info{}, "not from Asterisk"},
		{"no number", "agi_priority: x\n", engine.Info{}, "no number"},
		{"argument numbers out of bounds", least + "agi_arg_0: a\nagi_arg_128: b\nagi_arg_x: c\n", filled(func(*engine.Info) {}), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseHandshake(test.block)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want one with %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseLine(t *testing.T) {
	for _, test := range []struct {
		line, result, tail, text, word string
		code                           int
		kind                           kind
	}{
		{"200 result=0", "0", "", "", "", 200, replyLine},
		{"200 result=0 endpos=123", "0", "endpos=123", "endpos=123", "", 200, replyLine},
		{"200 result=1 (a b)", "1", "(a b)", "a b", "a b", 200, replyLine},
		{"200 result=1 ()", "1", "()", "", "", 200, replyLine},
		{"200 result=", "", "", "", "", 200, replyLine},
		{"200 result= (timeout)", "", "(timeout)", "timeout", "timeout", 200, replyLine},
		{"200 result=12*# (timeout)", "12*#", "(timeout)", "timeout", "timeout", 200, replyLine},
		{"200 result=35 (dtmf) endpos=8", "35", "(dtmf) endpos=8", "(dtmf) endpos=8", "dtmf", 200, replyLine},
		{"200", "", "", "", "", 200, replyLine},
		{"510 Invalid or unknown command", "", "Invalid or unknown command", "Invalid or unknown command", "", 510, replyLine},
		{"503 result=-2 Memory allocation failure", "-2", "Memory allocation failure", "Memory allocation failure", "", 503, replyLine},
		{"520-Invalid", "", "", "", "", 520, usageLine},
		{"100 result=0 Trying...", "", "", "", "", 100, provisional},
		{"HANGUP", "", "", "", "", 0, hangupLine},
		{"HANGUP ", "", "", "", "", 0, noise},
		{"", "", "", "", "", 0, noise},
		{"20", "", "", "", "", 0, noise},
		{"2000 result=1", "", "", "", "", 0, noise},
		{"agi_dnid: 100", "", "", "", "", 0, noise},
	} {
		r, k := parseLine([]byte(test.line))
		if k != test.kind || r.code != test.code || string(r.result) != test.result {
			t.Errorf("%q: kind %v, code %d, result %q", test.line, k, r.code, r.result)
		}
		if k == replyLine && (string(r.tail) != test.tail || r.text() != test.text || string(r.word()) != test.word) {
			t.Errorf("%q: tail %q, text %q, word %q", test.line, r.tail, r.text(), r.word())
		}
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add(greeting)
	f.Add("\n")
	f.Add("agi_network_script: a?b=%&&=\nagi_arg_1: x\n\n\n")
	f.Fuzz(func(t *testing.T, block string) {
		info, err := parseHandshake(block)
		if err == nil && (info.ID == "" && !strings.Contains(block, "agi_uniqueid:") || len(info.Argv) > maxArgs) {
			t.Errorf("took %q as %+v", block, info)
		}
		// The end is found wherever the block is cut into segments.
		whole := blockEnd([]byte(block), 0)
		for seen := 0; seen < len(block); seen++ {
			if end := blockEnd([]byte(block[:seen+1]), seen); end >= 0 {
				if end != whole {
					t.Errorf("end %d piecewise, %d at once", end, whole)
				}
				return
			}
		}
	})
}

// parseArgs is res_agi.c's parse_args.
func parseArgs(line string) []string {
	var words []string
	var word []byte
	open, quoted, escaped := false, false, false
	start := func() {
		if !open {
			words, word, open = append(words, ""), nil, true
		}
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"' && !escaped:
			if quoted = !quoted; quoted {
				start()
			}
			continue
		case (c == ' ' || c == '\t') && !quoted && !escaped:
			open = false
			continue
		case c == '\\' && !escaped:
			escaped = true
			continue
		default:
			start()
			word, escaped = append(word, c), false
			words[len(words)-1] = string(word)
		}
	}
	return words
}

func FuzzQuote(f *testing.F) {
	f.Add("plain", `a "quoted" \ one`, "")
	f.Add("\t ", `\`, `"`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		line, err := appendCommand(nil, maxLine, "NOOP", []string{a, b, c})
		if err != nil {
			if len(a+b+c) < 1000 && !strings.ContainsFunc(a+b+c, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("refused %q: %v", []string{a, b, c}, err)
			}
			return
		}
		if bytes.IndexByte(line, '\n') != len(line)-1 || len(line) > maxLine+1 {
			t.Errorf("not one line: %q", line)
		}
		if got, want := parseArgs(string(line[:len(line)-1])), []string{"NOOP", a, b, c}; !slices.Equal(got, want) {
			t.Errorf("sent %q, arrives as %q", want, got)
		}
	})
}

// separateArgs is main/app.c's __ast_app_separate_args with commas, removing what it interprets.
func separateArgs(s string) []string {
	var args []string
	for i := 0; i < len(s); {
		var arg []byte
		parens, brackets, quoted := 0, 0, false
		for ; i < len(s); i++ {
			c := s[i]
			switch {
			case c == '(':
				parens++
			case c == ')':
				parens = max(parens-1, 0)
			case c == '[':
				brackets++
			case c == ']':
				brackets = max(brackets-1, 0)
			case c == '"':
				quoted = !quoted
				continue
			case c == '\\':
				if i++; i < len(s) {
					arg = append(arg, s[i])
				}
				continue
			}
			if c == ',' && parens == 0 && brackets == 0 && !quoted {
				break
			}
			arg = append(arg, c)
		}
		args = append(args, string(arg))
		if i == len(s)-1 {
			args = append(args, "")
		}
		i++
	}
	return args
}

func FuzzArgument(f *testing.F) {
	f.Add(`a,b`, `"x" (y`, `\`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var s strings.Builder
		writeArgument(&s, a)
		s.WriteByte(',')
		writeArgument(&s, b)
		s.WriteByte(',')
		writeArgument(&s, c+"x")
		if got, want := separateArgs(s.String()), []string{a, b, c + "x"}; !slices.Equal(got, want) {
			t.Errorf("wrote %q as %q, arrives as %q", want, s.String(), got)
		}
	})
}

// canned is a connection on which Asterisk has said everything already. What comes back for a
// GET FULL VARIABLE is said when it is asked.
type canned struct {
	net.Conn
	in []byte
}

func (c *canned) Read(b []byte) (int, error) {
	if len(c.in) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.in[:min(len(c.in), 7)])
	c.in = c.in[n:]
	return n, nil
}

func (c *canned) Write(b []byte) (int, error) {
	if words := parseArgs(string(b[:len(b)-1])); len(words) == 4 && words[2] == "VARIABLE" {
		c.in = append(c.in, "200 result=1 ("+words[3]+")\n"...)
	}
	return len(b), nil
}

func (c *canned) Close() error                    { return nil }
func (c *canned) SetReadDeadline(time.Time) error { return nil }

// FuzzReply: whatever Asterisk says, nothing panics or hangs, and after a sync the next reply is the next
// command's.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"200 result=1 (x)\n", "520-a\nb\n520 c\n", "HANGUP\n200 result=", "100 x\n511 y\n", "\n\n\n", "200 result=-1 endpos=99\nHANGUP\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		ctx := context.Background()
		fresh := func(said []byte) *channel {
			return &channel{session: session{conn: &canned{in: bytes.Clone(said)}, maxLine: maxLine, patient: time.Second, buf: make([]byte, 8)}, typeAhead: -1}
		}
		for _, do := range []func(*channel) error{
			func(c *channel) error { _, err := c.Play(ctx, sound("a"), "#"); return err },
			func(c *channel) error { _, err := c.Record(ctx, engine.RecordRequest{Name: "a"}); return err },
			func(c *channel) error { _, err := c.Var(ctx, "X"); return err },
			func(c *channel) error { _, err := c.Exec(ctx, "X", ""); return err },
			func(c *channel) error { _, _, err := c.Command(ctx, "GET VARIABLE", "X"); return err },
		} {
			_ = do(fresh(said)) // any error will do
		}
		c := fresh(append(bytes.Clone(said), '\n'))
		if len(said) > 1000 { // what does not end is given up
			return
		}
		if _, err := c.sync(ctx, "test"); err != nil {
			t.Fatalf("sync: %v", err)
		}
		if got, err := c.expand(ctx, "abc"); got != "abc" || err != nil {
			t.Errorf("after a sync: %q, %v", got, err)
		}
	})
}
