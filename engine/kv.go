package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A KV remembers values by scope and key, from call to call. Values are JSON, "" is nothing; the zero time is for
// ever.
type KV interface {
	Read(ctx context.Context, scope, key string) (value string, expires time.Time, err error)
	// Change replaces what key holds by what change makes of it. Nobody else changes it meanwhile.
	Change(ctx context.Context, scope, key string, change func(value string, expires time.Time) (string, time.Time, error)) error
}

// A RemoteKV is one that a call may have to wait for, as one does for a database: a hangup meanwhile ends it.
type RemoteKV interface {
	KV
	Remote()
}

// What a key and its value may take, in bytes.
const (
	longestKey   = 200
	largestValue = 64 << 10
)

// A Remembered is one of a call's values: the flow's own, or one that all flows share.
type Remembered struct {
	Key    string
	Shared bool
}

func (r Remembered) step(verb string, rest ...string) string {
	words := []string{verb, r.Key}
	if r.Shared {
		words = []string{"shared", verb, r.Key}
	}
	for _, word := range rest {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func (r Remembered) check() error {
	switch {
	case r.Key == "":
		return errors.New("a key cannot be empty")
	case len(r.Key) > longestKey:
		return fmt.Errorf("a key has %d bytes at most, this one has %d", longestKey, len(r.Key))
	case !utf8.ValidString(r.Key) || strings.ContainsFunc(r.Key, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }):
		return fmt.Errorf("%q cannot be a key: it is a text without blanks", r.Key)
	}
	return nil
}

func checkValue(value string) error {
	if len(value) > largestValue {
		return fmt.Errorf("a value has %d KB at most, this one has %d", largestValue>>10, (len(value)+1023)>>10)
	}
	return nil
}

// scope keeps what flows remember apart.
func (c *Call) scope(r Remembered) string {
	if r.Shared || c.flow == nil {
		return ""
	}
	return c.flow.Name()
}

func (c *Call) memory() KV {
	if c.remembers == nil {
		c.remembers = NewMemory()
	}
	return c.remembers
}

// remember is a step that needs what is remembered. do, which must not touch the call, runs on a goroutine of its own
// if the call may have to wait.
func (c *Call) remember(kind Kind, args string, do func(ctx context.Context) (string, error)) (string, error) {
	if _, ok := c.memory().(RemoteKV); ok {
		return c.ask(kind, args, nil, do)
	}
	return c.Do(kind, args, do)
}

// Recall gives what r holds as JSON or, where that is no JSON, as plain text; "" is nothing.
func (c *Call) Recall(r Remembered) (string, error) {
	if err := r.check(); err != nil {
		return "", err
	}
	memory, scope := c.memory(), c.scope(r)
	text, err := c.remember(StepKV, r.step("get"), func(ctx context.Context) (string, error) {
		value, expires, err := memory.Read(ctx, scope, r.Key)
		return plainText(c.still(value, expires)), err
	})
	if err == nil {
		err = c.weigh(text)
	}
	return text, c.outside(StepKV, err)
}

// still is value unless it has expired.
func (c *Call) still(value string, expires time.Time) string {
	if !expires.IsZero() && !expires.After(c.clockNow()) {
		return ""
	}
	return value
}

// plainText is a JSON text without its quotes, if it cannot be taken for anything else then.
func plainText(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) != nil || text == "" || json.Valid([]byte(text)) || !utf8.ValidString(text) {
		return value
	}
	return text
}

// Remember sets r, for a time, or for ever if that is 0.
func (c *Call) Remember(r Remembered, value string, keep time.Duration) error {
	if err := errors.Join(r.check(), checkValue(value)); err != nil {
		return err
	}
	_, err := c.change(r, r.step("set", c.shortened(value), forText(keep)), func(string, time.Time) (string, time.Time, string, error) {
		return value, c.until(keep), "", nil
	})
	return err
}

// Count adds to r, which is 0 if it holds nothing, and gives the sum. keep counts from when it held nothing.
func (c *Call) Count(r Remembered, by int64, keep time.Duration) (int64, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	text, err := c.change(r, r.step("incr", strconv.FormatInt(by, 10), forText(keep)), func(old string, expires time.Time) (string, time.Time, string, error) {
		if old == "" {
			old, expires = "0", c.until(keep)
		}
		n, err := strconv.ParseInt(old, 10, 64)
		if err != nil {
			return "", expires, "", &uncountable{c, r.Key, old}
		}
		if n += by; n > 1<<53 || n < -1<<53 {
			return "", expires, "", fmt.Errorf("%s would go beyond 2^53", r.Key)
		}
		sum := strconv.FormatInt(n, 10)
		return sum, expires, sum, nil
	})
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != math.Trunc(n) {
		return 0, fmt.Errorf("%q is no count; write reply 1", text)
	}
	return int64(n), nil
}

// uncountable is a value that is no number. Its text is made where it is needed, on the call's goroutine.
type uncountable struct {
	call       *Call
	key, value string
}

func (u *uncountable) Error() string {
	return fmt.Sprintf("%s holds %s, which cannot be counted", u.key, u.call.shortened(u.value))
}

// Forget empties r, and says whether it held anything.
func (c *Call) Forget(r Remembered) (bool, error) {
	return c.tell(r, r.step("delete"), func(old string, _ time.Time) (string, time.Time, bool) { return "", time.Time{}, old != "" })
}

// Keep lets r expire after a time, or never if that is 0, and says whether it holds anything.
func (c *Call) Keep(r Remembered, keep time.Duration) (bool, error) {
	return c.tell(r, r.step("expire", Seconds(keep)), func(old string, _ time.Time) (string, time.Time, bool) {
		return old, c.until(keep), old != ""
	})
}

// Swap sets r if it holds old, and says whether it did. "" is nothing, for both.
func (c *Call) Swap(r Remembered, old, value string, keep time.Duration) (bool, error) {
	if err := checkValue(value); err != nil {
		return false, err
	}
	args := r.step("compare_and_set", c.orNull(old), c.orNull(value), forText(keep))
	return c.tell(r, args, func(now string, expires time.Time) (string, time.Time, bool) {
		if now != old {
			return now, expires, false
		}
		return value, c.until(keep), true
	})
}

// tell is a change that says whether it was made.
func (c *Call) tell(r Remembered, args string, change func(old string, expires time.Time) (string, time.Time, bool)) (bool, error) {
	if err := r.check(); err != nil {
		return false, err
	}
	text, err := c.change(r, args, func(old string, expires time.Time) (string, time.Time, string, error) {
		value, until, did := change(old, expires)
		return value, until, strconv.FormatBool(did), nil
	})
	if err != nil {
		return false, err
	}
	return parseDid(text)
}

// parseDid reads what a step says that either did something or did not.
func parseDid(text string) (bool, error) {
	did, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", text)
	}
	return did, nil
}

// change is a step that changes r; result is the step's.
func (c *Call) change(r Remembered, args string, change func(old string, expires time.Time) (value string, until time.Time, result string, err error)) (string, error) {
	memory, scope := c.memory(), c.scope(r)
	text, err := c.remember(StepKV, args, func(ctx context.Context) (result string, err error) {
		err = memory.Change(ctx, scope, r.Key, func(old string, expires time.Time) (value string, until time.Time, err error) {
			value, until, result, err = change(c.still(old, expires), expires)
			return value, until, err
		})
		return result, err
	})
	return text, c.outside(StepKV, err)
}

func (c *Call) until(keep time.Duration) time.Time {
	if keep == 0 {
		return time.Time{}
	}
	return c.clockNow().Add(keep)
}

func forText(keep time.Duration) string {
	if keep == 0 {
		return ""
	}
	return "for " + Seconds(keep)
}

func (c *Call) orNull(value string) string {
	if value == "" {
		return "null"
	}
	return c.shortened(value)
}

// shortened is a value for the journal.
func (c *Call) shortened(value string) string {
	short, _ := c.Short(value, 200)
	return short
}
