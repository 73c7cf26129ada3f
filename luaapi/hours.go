package luaapi

import (
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// hoursModule is opening hours.
var hoursModule = bind.Module{
	Name: "hours",
	Doc: "When somebody is there: the schedules of `hours.yaml` beside the flows, with the hours of a week, holidays, days that are " +
		"different, and what the operator says in place of all that.",
	Funcs: []bind.Func{hoursOpen},
}

type hoursOpenArgs struct {
	Schedule string `lua:"schedule" doc:"The name of a schedule."`
	At       int64  `lua:"at,optional" doc:"Another moment than now, in seconds since 1970."`
}

type hoursOpenResult struct {
	bind.Multi
	Open bool         `lua:"open" doc:"Whether somebody is there."`
	More hoursDetails `lua:"more" doc:"What else there is to say."`
}

type hoursDetails struct {
	Why     string `lua:"why" doc:"What decides: hours, holiday, day or override."`
	Name    string `lua:"name" doc:"The holiday, \"\" if it is none."`
	Changes int64  `lua:"changes" doc:"When it will be different, in seconds since 1970; 0 if that is not within a year."`
}

var hoursOpen = bind.Func{
	Name: "open",
	Doc:  "Whether somebody is there.",
	Example: `local open, more = hours.open("office")
if not open then
  call:play { "we-are-closed", "we-open-again", say.datetime(more.changes) }
  call:hangup()
end`,
	Impl: bind.Act(func(c *engine.Call, a hoursOpenArgs) (hoursOpenResult, error) {
		var at time.Time
		if a.At != 0 {
			at = time.Unix(a.At, 0)
		}
		h, err := c.Hours(a.Schedule, at)
		if err != nil {
			return hoursOpenResult{}, err
		}
		more := hoursDetails{Why: h.Why, Name: h.Name}
		if !h.Changes.IsZero() {
			more.Changes = h.Changes.Unix()
		}
		return hoursOpenResult{Open: h.Open, More: more}, nil
	}),
}
