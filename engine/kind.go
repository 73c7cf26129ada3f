package engine

// Kind names what a step does, in the words of transcripts.
type Kind string

const (
	StepAnswer   Kind = "answer"
	StepPlay     Kind = "play"
	StepRecord   Kind = "record"
	StepWait     Kind = "wait"
	StepGet      Kind = "get"
	StepSet      Kind = "set"
	StepLanguage Kind = "language"
	StepExec     Kind = "exec"
	StepAGI      Kind = "agi"
	StepRun      Kind = "run"
	StepHTTP     Kind = "http"
	StepHours    Kind = "hours"

	// What some backends can do; see capability.go.
	StepDial       Kind = "dial"
	StepTransfer   Kind = "transfer"
	StepBridge     Kind = "bridge"
	StepPark       Kind = "park"
	StepPickup     Kind = "pickup"
	StepConference Kind = "conference"
	StepSpy        Kind = "spy"
	StepMonitor    Kind = "monitor"
	StepControl    Kind = "control" // a recording that the caller steers
	StepSignal     Kind = "signal"
	StepSendDigits Kind = "send"
	StepSendText   Kind = "text"
	StepSnapshot   Kind = "snapshot"
	StepMedia      Kind = "media"
	StepEmit       Kind = "emit"
	StepRecordings Kind = "recordings"
	StepARI        Kind = "ari"
	StepOn         Kind = "on" // no step: what Call.On needs

	// Systems beside the call.
	StepDB      Kind = "db"
	StepKV      Kind = "kv"
	StepMetrics Kind = "metrics"
	StepRedis   Kind = "redis"

	StepContinue Kind = "continue"
	StepHangup   Kind = "hangup"
	StepEnd      Kind = "end" // why the flow ended, where that is not plain from the step before

	// What the world did.
	StepPress   Kind = "press"
	StepSilence Kind = "silence"
	StepHungUp  Kind = "hang up"
	StepEvent   Kind = "event"

	// On record, but not part of a transcript.
	StepRing   Kind = "ring"
	StepClock  Kind = "clock"
	StepSeed   Kind = "seed"
	StepSecret Kind = "secret"
	StepLog    Kind = "log"
)

// Source says who caused a step, and so where a transcript writes it.
type Source int

const (
	Ours  Source = iota // ivrd did it: a line beginning with >
	World               // the caller or another system did it
	Quiet               // on record only
)

// Yield is what a transcript can say came of a step.
type Yield int

const (
	YieldsNothing Yield = iota
	YieldsFault         // that it failed
	YieldsReply         // what came of it, or that it failed
	YieldsRows          // the same, also in rows
)

// A trait is what is known of a kind of step.
type trait struct {
	source Source
	yield  Yield
	remote bool // another system answers, which may take its time
	json   bool // what it replies is JSON
}

// traits has every kind of step there is.
var traits = map[Kind]trait{
	StepAnswer:   {yield: YieldsFault},
	StepPlay:     {yield: YieldsFault},
	StepRecord:   {yield: YieldsReply},
	StepWait:     {yield: YieldsFault},
	StepGet:      {yield: YieldsReply},
	StepSet:      {yield: YieldsFault},
	StepLanguage: {yield: YieldsFault},
	StepExec:     {yield: YieldsReply},
	StepAGI:      {yield: YieldsReply},
	StepRun:      {},
	StepHours:    {yield: YieldsReply, remote: true},

	StepDial:       {yield: YieldsReply},
	StepTransfer:   {yield: YieldsFault},
	StepBridge:     {yield: YieldsFault},
	StepPark:       {yield: YieldsReply},
	StepPickup:     {yield: YieldsReply},
	StepConference: {yield: YieldsReply},
	StepSpy:        {yield: YieldsFault},
	StepMonitor:    {yield: YieldsFault},
	StepControl:    {yield: YieldsReply},
	StepSignal:     {yield: YieldsFault},
	StepSendDigits: {yield: YieldsFault},
	StepSendText:   {yield: YieldsFault},
	StepSnapshot:   {yield: YieldsReply},
	StepMedia:      {yield: YieldsFault},
	StepEmit:       {yield: YieldsFault},
	StepRecordings: {yield: YieldsRows},
	StepARI:        {yield: YieldsReply},

	StepHTTP:    {yield: YieldsReply, remote: true},
	StepDB:      {yield: YieldsRows, remote: true},
	StepKV:      {yield: YieldsReply, remote: true},
	StepMetrics: {yield: YieldsReply},
	StepRedis:   {yield: YieldsReply, remote: true, json: true},

	StepContinue: {},
	StepHangup:   {},
	StepEnd:      {},

	StepPress:   {source: World},
	StepSilence: {source: World},
	StepHungUp:  {source: World},
	StepEvent:   {source: World},

	StepRing:   {source: Quiet},
	StepClock:  {source: Quiet},
	StepSeed:   {source: Quiet},
	StepSecret: {source: Quiet},
	StepLog:    {source: Quiet},
}

// Known reports whether there is such a kind of step.
func (k Kind) Known() bool {
	_, ok := traits[k]
	return ok
}

// Source tells whose step a kind is.
func (k Kind) Source() Source { return traits[k].source }

// Yield tells what can come of a kind of step, in a transcript.
func (k Kind) Yield() Yield { return traits[k].yield }

// Remote reports whether another system answers a kind of step, which may take its time.
func (k Kind) Remote() bool { return traits[k].remote }

// JSON reports whether the reply to a kind of step is JSON.
func (k Kind) JSON() bool { return traits[k].json }
