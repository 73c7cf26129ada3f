package engine

import (
	"strconv"
	"time"
)

// Limits bound what a call, and all calls together, may use. The zero value is a sound default.
type Limits struct {
	Calls        int           // at once; 0 means no limit
	FlowTime     time.Duration // longest a flow may run; 0 means 4 hours
	Steps        int           // most steps of one call; 0 means 10,000
	Instructions int64         // most Lua instructions of one flow; 0 means 50 million
	RunTime      time.Duration // longest Lua may run between two steps; 0 means 2 seconds
	StringBytes  int           // longest string a flow may build; 0 means 1 MiB
	EndTime      time.Duration // longest all on_end functions together may run; 0 means 10 seconds
}

// Filled is l with every zero replaced by its default.
func (l Limits) Filled() Limits {
	fill(&l.FlowTime, 4*time.Hour)
	fill(&l.Steps, 10_000)
	fill(&l.Instructions, 50_000_000)
	fill(&l.RunTime, 2*time.Second)
	fill(&l.StringBytes, 1<<20)
	fill(&l.EndTime, 10*time.Second)
	return l
}

func fill[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

func stepsError(most int) error {
	return &LimitError{What: "steps", Max: strconv.Itoa(most), Hint: "a loop in the flow probably never ends"}
}

func flowTimeError(most time.Duration) error {
	return &LimitError{What: "time", Max: most.String(), Hint: "limits.flow_time in ivrd.yaml raises it"}
}
