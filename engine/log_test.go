package engine_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

// A line of a flow's own says where in which file it was written: several files of a flow have a line 7.
func TestFlowLogSaysWhere(t *testing.T) {
	log := inOffice(t, engine.NewMemory(), friday, func(c *engine.Call) error {
		defer c.SetWhere(c.SetWhere(func() (string, int) { return "lib/tools.lua", 7 }))
		c.Log(t.Context(), slog.LevelInfo, "hello")
		return nil
	})
	if want := " flow=night at=lib/tools.lua:7\n"; !strings.Contains(log, "msg=hello ") || !strings.Contains(log, want) {
		t.Errorf("got %s, want%s", log, want)
	}
}
