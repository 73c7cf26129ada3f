package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// RedisServers are those that flows can ask, by name. most is how long a command may take, 0 for what is usual there.
// An answer is JSON; bytes that are no text are {"base64": "…"} in it.
type RedisServers interface {
	// Check says what is wrong with the name of a server.
	Check(server string) error
	Call(ctx context.Context, server string, command []string, most time.Duration) (reply string, err error)
}

// MainRedis is the server that flows mean when they name none.
const MainRedis = "main"

// A RedisCommand is one to a Redis server.
type RedisCommand struct {
	Server string
	Words  []string      // its name, in capitals, and its arguments
	Most   time.Duration // 0 is what is usual for the server
	Secret bool          // its arguments, and what is in its answer, stay off the record
}

// redisText is cmd as a transcript writes it: HGET customer:7 name.
func (c *Call) redisText(cmd RedisCommand) string {
	var words []string
	if cmd.Server != MainRedis {
		words = append(words, cmd.Server)
	}
	for i, w := range cmd.Words {
		if i > 0 && cmd.Secret {
			w = hidden
		}
		words = append(words, c.redisWord(w))
	}
	return strings.Join(words, " ")
}

// redisWord is a word of a command for the journal: cut if it is long, and in quotes if it would not be read as one word.
func (c *Call) redisWord(w string) string {
	w, _ = c.Short(w, 200)
	if w == "" || !utf8.ValidString(w) || strings.ContainsFunc(w, func(r rune) bool { return r == '"' || unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return strconv.Quote(w)
	}
	return w
}

// Redis sends a command to a server, and gives its answer as JSON, or as plain text where that is no JSON. An
// OutsideError is not the flow's fault.
func (c *Call) Redis(cmd RedisCommand) (string, error) {
	if err := c.CheckRedis(cmd.Server); err != nil {
		return "", err
	}
	on := c.redisServers()
	var shown func(string) string
	if cmd.Secret {
		shown = concealReply
	}
	text, err := c.ask(StepRedis, c.redisText(cmd), shown, func(ctx context.Context) (string, error) {
		reply, err := on.Call(ctx, cmd.Server, cmd.Words, cmd.Most)
		return reply, cmd.concealed(err)
	})
	if err == nil {
		err = c.weigh(text)
	}
	return text, c.outside(StepRedis, err)
}

// concealed is err without the arguments of a secret command, of which some servers tell.
func (c RedisCommand) concealed(err error) error {
	if !c.Secret {
		return err
	}
	var values []any
	for _, w := range c.Words[1:] {
		values = append(values, w)
	}
	return withoutValues(err, values)
}

// concealReply is an answer without its values: lists, fields and what is nothing stay.
func concealReply(reply string) string {
	var v any
	if json.Unmarshal([]byte(reply), &v) != nil {
		return hidden
	}
	text, err := json.Marshal(concealValue(v))
	if err != nil {
		return hidden
	}
	return string(text)
}

func concealValue(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		for i := range v {
			v[i] = concealValue(v[i])
		}
		return v
	case map[string]any:
		for k := range v {
			v[k] = concealValue(v[k])
		}
		if v["base64"] != nil {
			return hidden
		}
		return v
	}
	return hidden
}

// CheckRedis says what is wrong with the name of a server.
func (c *Call) CheckRedis(server string) error { return c.redisServers().Check(server) }

func (c *Call) redisServers() RedisServers {
	if c.servers == nil {
		return UnaskedRedis{}
	}
	return c.servers
}

// UnaskedRedis are servers that are not asked, for transcripts: what they give must be written there. CheckName may
// be nil.
type UnaskedRedis struct {
	CheckName func(server string) error
}

var _ RedisServers = UnaskedRedis{}

// Check asks CheckName.
func (u UnaskedRedis) Check(server string) error {
	if u.CheckName == nil {
		return nil
	}
	return u.CheckName(server)
}

// Call says what to write.
func (UnaskedRedis) Call(context.Context, string, []string, time.Duration) (string, error) {
	return "", fmt.Errorf(`%w; write below the step what it gives: reply "Ann", reply 3, reply ["a", "b"], reply null if there is nothing, fail TEXT if it fails`, ErrUnanswered)
}
