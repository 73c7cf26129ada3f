package engine

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var th Throttle
		due := func(what string, times, want int) {
			t.Helper()
			if n, due := th.Due(what, times); n != want || due != (want > 0) {
				t.Errorf("%s came up %d times: %d, %v, want %d", what, times, n, due, want)
			}
		}
		due("full", 0, 0)
		due("full", 1, 1)
		due("full", 1, 0)
		due("gone", 2, 2)
		time.Sleep(sayAgain - 1) // virtual
		due("full", 1, 0)
		time.Sleep(1)
		due("full", 1, 3)
		due("full", 1, 0)
		time.Sleep(sayAgain)
		due("gone", 0, 0)
		due("full", 0, 1)
		for i := range 2 * mostThings {
			due(fmt.Sprint(i), 1, 1)
		}
		if n := len(th.all); n > mostThings {
			t.Errorf("it keeps %d things", n)
		}
	})
}
