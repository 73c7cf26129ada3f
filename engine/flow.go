package engine

// A Flow is one version of one flow, ready to run any number of calls at once.
type Flow interface {
	// Name is the flow's name: its file below the flows folder, without extension.
	Name() string
	// Version is the hash of everything the flow consists of.
	Version() string
	// Run runs the flow for c, its on_end functions included, and returns what ended it: nil if it ran
	// off its end, the error of the Call's method that told it to stop, or a *FlowError.
	Run(c *Call) error
	// Sound is what the flows folder knows of a recording, by prompt name and language.
	Sound(name, language string) (Sound, bool)
}

// Flows is a set of flows at one moment. A call keeps the set it began with.
type Flows interface {
	// Route finds the flow for a call. ErrNoFlow, wrapped with what was looked for, means there is none.
	Route(info Info) (Route, error)
	// Flow finds a flow by name.
	Flow(name string) (Flow, bool)
}

// A Route is where a call goes.
type Route struct {
	Flow     Flow
	Args     map[string]string
	Fallback Fallback // what the caller gets when Flow fails
}

// A Fallback is what the caller gets when a flow failed, when none was found, or when a limit was
// exceeded. The zero Fallback continues in the dialplan at the next priority.
type Fallback struct {
	Flow Flow     // run it, if not nil …
	To   Location // … then continue here
}
