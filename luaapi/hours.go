package luaapi

import (
	"errors"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// hoursModule is opening hours.
var hoursModule = bind.Module{
	Name: "hours",
	Doc: "When somebody is there: the schedules of `hours.yaml` beside the flows, with the hours of a week, holidays, days that are " +
		"different, and what the operator says in place of all that: in the file, with `ivrd hours` or by a call.",
	Funcs: []bind.Func{hoursOpen, hoursOverride, hoursClear},
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
	Name    string `lua:"name" doc:"The holiday, or what the override is for; \"\" if there is nothing to say."`
	Changes int64  `lua:"changes" doc:"When it will be different, in seconds since 1970; 0 if the hours of the next year do not tell."`
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

type hoursOverrideArgs struct {
	Schedule string          `lua:"schedule" doc:"The name of a schedule; \"*\" is all of them."`
	State    string          `lua:"state" one:"closed open" doc:"What it says from now on."`
	Options  overrideOptions `lua:"options,optional" doc:"How long, and what for."`
}

type overrideOptions struct {
	Expire lifetime `lua:"expire,optional" doc:"After so many seconds it is over. Without it and ends, it holds until hours.clear, or ivrd hours clear."`
	Ends   int64    `lua:"ends,optional" doc:"When it is over, in seconds since 1970, in place of expire."`
	Name   string   `lua:"name,optional" doc:"What it is for, which hours.open gives as more.name."`
}

var hoursOverride = bind.Func{
	Name: "override",
	Doc: "Has a schedule say something else than its hours, to all calls from now on, those in progress included, also when ivrd is restarted. Of two " +
		"overrides the later one decides while it lasts; one for the same schedule takes the place of the one before. `ivrd hours` shows and clears them. " +
		"If it cannot be remembered, or is over already, the answer is nil and the reason.",
	Example: `-- The night service: who dials *28 and knows the PIN closes the office until they dial it again.
local pin = call:ask { prompt = "enter-pin", min = 4, max = 4, secret = true }
if not pin or not crypto.equal(pin, secrets.get("night_pin")) then return call:play("wrong-pin") end
local _, more = hours.open("office")
if more.why == "override" and hours.clear("office") then return call:play("back-to-usual-hours") end
local done, why = hours.override("office", "closed", { name = "night service" })
call:play(done and "office-closed" or "try-again-later")`,
	Impl: bind.Act(func(c *engine.Call, a hoursOverrideArgs) (kvDoneResult, error) {
		o := engine.Override{Schedule: a.Schedule, Open: a.State == "open", Name: a.Options.Name}
		if a.Options.Ends != 0 {
			o.Until = time.Unix(a.Options.Ends, 0).UTC()
		}
		if a.Options.Ends != 0 && a.Options.Expire != 0 {
			return kvDoneResult{}, errors.New("expire and ends both say when it is over; choose one")
		}
		return kvDoneResult{Done: true}, outside(c.Override(o, time.Duration(a.Options.Expire)))
	}),
}

type hoursClearArgs struct {
	Schedule string `lua:"schedule" doc:"The name of a schedule; \"*\" takes back what was said of all together, not what was said of one."`
}

var hoursClear = bind.Func{
	Name:    "clear",
	Doc:     "Takes back an override, whether hours.override or `ivrd hours` made it. What hours.yaml says stays.",
	Example: `if hours.clear("office") then call:play("back-to-usual-hours") end`,
	Impl: bind.Act(func(c *engine.Call, a hoursClearArgs) (kvDidResult, error) {
		did, err := c.ClearOverride(a.Schedule)
		return kvDidResult{Did: did}, outside(err)
	}),
}
