package luaapi

import (
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

type recordArgs struct {
	Options recordOptions `lua:"options" doc:"What to record and when to stop."`
}

type recordOptions struct {
	Name    recordingName `lua:"name" doc:"Its name. A recording that has it already is replaced."`
	Format  string        `lua:"format" default:"\"wav\"" doc:"Asterisk's name of the file format."`
	Stop    engine.Digits `lua:"stop" default:"\"#\"" doc:"Digits that end the recording. \"\" means none does."`
	Max     time.Duration `lua:"max" default:"300" doc:"Longest recording in seconds."`
	Silence time.Duration `lua:"silence,optional" doc:"Seconds of silence that end it. Asterisk measures silence only while audio arrives."`
	Beep    bool          `lua:"beep,optional" doc:"A beep says that recording starts."`
	Keep    bool          `lua:"keep,optional" doc:"It does not expire: recordings.expire in ivrd.yaml is not for it."`
}

type recordResult struct {
	Name     string        `lua:"name" doc:"Its name."`
	Duration time.Duration `lua:"duration" doc:"Its length in seconds."`
	Why      string        `lua:"why" doc:"What ended it: digit or timeout (max or silence)."`
	Digit    *string       `lua:"digit" doc:"The digit that ended it, or nil."`
}

var callRecord = bind.Func{
	Name: "record",
	Doc:  "Records the caller. A hangup ends the flow, as everywhere; what was recorded until then is there.",
	Example: `local message = call:record { name = "messages/" .. call.id, max = 60, silence = 3, beep = true }
call:play { "you-said", recording(message.name) }`,
	Impl: bind.Act(func(c *engine.Call, a recordArgs) (recordResult, error) {
		o := a.Options
		r, err := c.Record(engine.RecordRequest{
			Name: string(o.Name), Format: o.Format, Stop: o.Stop, Max: o.Max, Silence: o.Silence, Beep: o.Beep, Keep: o.Keep,
		})
		return recordResult{r.Name, r.Duration, string(r.Why), digit(r.Digit)}, err
	}),
}
