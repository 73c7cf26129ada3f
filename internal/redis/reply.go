package redis

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"
)

// mostBytes is how long one answer may be. Callers hear of a few values; who needs more has forgotten to limit it.
const mostBytes = 256 << 10

// deepest is how deep answers may nest, which only scripts make them do.
const deepest = 50

// replyText is an answer as JSON, nil being null. Bytes that are no text are {"base64": "…"}; a key that is none,
// or begins with base64, is base64: and the same.
func replyText(reply any) (string, error) {
	var w replyWriter
	w.encoder = json.NewEncoder(&w.out)
	w.encoder.SetEscapeHTML(false)
	err := w.value(reply, 0)
	return w.out.String(), err
}

// A replyWriter writes an answer.
type replyWriter struct {
	out     bytes.Buffer
	encoder *json.Encoder
}

// json writes v without the line break that the encoder puts behind it.
func (w *replyWriter) json(v any) error {
	err := w.encoder.Encode(v)
	w.out.Truncate(w.out.Len() - 1)
	return err
}

// exact is up to where a number of Lua's, which is a float64, holds every whole number.
const exact = 1 << 53

func (w *replyWriter) value(v any, depth int) error {
	if depth > deepest {
		return fmt.Errorf("the answer nests deeper than %d", deepest)
	}
	switch v := v.(type) {
	case nil:
		w.out.WriteString("null")
	case bool:
		w.out.WriteString(strconv.FormatBool(v))
	case int64:
		if v > exact || v < -exact {
			return w.json(strconv.FormatInt(v, 10))
		}
		w.out.WriteString(strconv.FormatInt(v, 10))
	case *big.Int:
		return w.json(v.String())
	case float64:
		return w.float(v)
	case string:
		return w.text(v)
	case []any:
		return w.list(v, depth)
	case map[any]any:
		return w.object(v, depth)
	case redis.Error: // a script put it into a list
		return v
	default:
		return fmt.Errorf("a %T cannot be read", v)
	}
	return nil
}

// float writes a number, and as Redis does what is none for JSON.
func (w *replyWriter) float(v float64) error {
	switch {
	case math.IsNaN(v):
		return w.json("nan")
	case math.IsInf(v, 1):
		return w.json("inf")
	case math.IsInf(v, -1):
		return w.json("-inf")
	}
	return w.json(v)
}

func (w *replyWriter) text(s string) error {
	if !utf8.ValidString(s) {
		return w.json(map[string]string{base64Key: base64.StdEncoding.EncodeToString([]byte(s))})
	}
	return w.json(s)
}

func (w *replyWriter) list(all []any, depth int) error {
	w.out.WriteByte('[')
	for i, v := range all {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if err := w.value(v, depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte(']')
	return nil
}

// object writes a map, by its keys in order: the server has none.
func (w *replyWriter) object(m map[any]any, depth int) error {
	keys := make([]string, 0, len(m))
	values := make(map[string]any, len(m))
	for k, v := range m {
		key := keyText(k)
		keys = append(keys, key)
		values[key] = v
	}
	slices.Sort(keys)
	w.out.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if err := w.json(key); err != nil {
			return err
		}
		w.out.WriteByte(':')
		if err := w.value(values[key], depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte('}')
	return nil
}

const base64Key = "base64"

func keyText(k any) string {
	key := fmt.Sprint(k)
	if utf8.ValidString(key) && !strings.HasPrefix(key, base64Key) {
		return key
	}
	return base64Key + ":" + base64.StdEncoding.EncodeToString([]byte(key))
}
