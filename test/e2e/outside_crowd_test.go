package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// A visitor is a caller who asks one thing after the other.
type visitor struct {
	*asterisk.Phone
	number int
	before int // how much was heard before the last key
}

// visit calls 500 and returns on the first question.
func (o *outside) visit(t *testing.T, number int) *visitor {
	t.Helper()
	p, err := o.lab.Dial(t.Context(), "500", asterisk.Call{From: strconv.Itoa(number), Tone: 120 * time.Millisecond})
	if err != nil {
		t.Error(err)
		return nil
	}
	return &visitor{Phone: p, number: number}
}

// press presses a key once the question has been heard.
func (v *visitor) press(t *testing.T, key string) bool {
	t.Helper()
	v.before = len(v.Heard())
	return presses(t, v.Phone, key)
}

// wants waits for the next question, or the end of the call, and compares what was heard before it: names with
// a blank behind each, as a regular expression.
func (v *visitor) wants(t *testing.T, want string) {
	t.Helper()
	if _, err := v.WaitHeard(timeout(t), "ready"); err != nil {
		t.Errorf("caller %d: %v", v.number, err)
		return
	}
	v.compare(t, want+"ready ")
}

func (v *visitor) compare(t *testing.T, want string) {
	t.Helper()
	heard := v.Heard()[v.before:]
	if got := strings.Join(asterisk.Names(heard), " ") + " "; !regexp.MustCompile("^(" + want + ")$").MatchString(got) {
		t.Errorf("caller %d heard %v, want %s", v.number, heard, want)
	}
}

// A crowd is callers at once.
type crowd struct {
	*outside
	visitors []*visitor
}

const (
	crowdSize   = 100
	crowdLeaves = 5 // one in so many hangs up
)

// gather has the crowd call, with numbers from first on. Each hears the first question.
func (o *outside) gather(t *testing.T, first int) *crowd {
	t.Helper()
	c := &crowd{o, make([]*visitor, crowdSize)}
	for i := range c.visitors {
		c.visitors[i] = o.visit(t, first+i)
	}
	c.each(t, func(v *visitor) { hears(t, v.Phone, "ready") })
	return c
}

// each has all do something at the same time.
func (c *crowd) each(t *testing.T, do func(v *visitor)) {
	t.Helper()
	var all sync.WaitGroup
	for _, v := range c.visitors {
		all.Go(func() { do(v) })
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// ask has all press a key, and hear that.
func (c *crowd) ask(t *testing.T, key, want string) {
	t.Helper()
	c.each(t, func(v *visitor) {
		if v.press(t, key) {
			v.wants(t, want)
		}
	})
}

// leave has one in five hang up, and returns once ivrd has noticed.
func (c *crowd) leave(t *testing.T) {
	t.Helper()
	from := c.log.mark()
	var all sync.WaitGroup
	for _, v := range c.leaving() {
		all.Go(func() {
			if err := v.HangUp(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, v := range c.leaving() {
		c.waitLog(t, from, fmt.Sprintf("over: %d hangup", v.number))
	}
}

func (c *crowd) leaving() (some []*visitor) {
	for i := 0; i < len(c.visitors); i += crowdLeaves {
		some = append(some, c.visitors[i])
	}
	return some
}

// replace has others call in place of those who have left, and press a key, if that is not "".
func (c *crowd) replace(t *testing.T, key string) {
	t.Helper()
	var all sync.WaitGroup
	for i := 0; i < len(c.visitors); i += crowdLeaves {
		v := c.visit(t, c.visitors[i].number+crowdSize)
		if v == nil {
			continue
		}
		c.visitors[i] = v
		all.Go(func() {
			if hears(t, v.Phone, "ready") && key != "" {
				v.press(t, key)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// until has one caller ask until the answer is there: what was broken needs a moment to be noticed as well again.
func (c *crowd) until(t *testing.T, key string) {
	t.Helper()
	v := c.visitors[0]
	for ctx := timeout(t); ctx.Err() == nil; {
		if v.press(t, key); !hears(t, v.Phone, "ready") {
			t.FailNow()
		}
		if heard := asterisk.Names(v.Heard()[v.before:]); slices.Contains(heard, "answer") {
			return
		}
	}
	t.Fatalf("%s is not answered again", key)
}

// disperse ends all calls.
func (c *crowd) disperse(t *testing.T) {
	t.Helper()
	c.each(t, func(v *visitor) {
		if !v.press(t, "#") {
			return
		}
		if _, err := v.WaitEnded(timeout(t)); err != nil {
			t.Error(err)
			return
		}
		v.compare(t, "goodbye ")
	})
}
