package luaapi

import (
	"fmt"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// callOthers is what connects the caller with others.
var callOthers = []bind.Func{callDial, callTransfer, callBridge, callPark, callPickup, callConference, callSpy, callConnectMedia}

type dialArgs struct {
	To      dialTargets `lua:"to" doc:"Whom to call: an Asterisk dial string such as \"PJSIP/alice\", or a list of them."`
	Options dialOptions `lua:"options,optional" doc:"How to call, and what holds for the conversation."`
}

type dialOptions struct {
	Timeout  time.Duration   `lua:"timeout" default:"30" doc:"Seconds to wait for an answer; with order = \"turn\" for each target."`
	Order    string          `lua:"order" one:"all turn" default:"\"all\"" doc:"Several targets ring all at once, or one after the other until one takes the call."`
	Music    string          `lua:"music,optional" doc:"Class of the music on hold that the caller hears while it rings. Without it, a ringing tone."`
	Early    bool            `lua:"early,optional" doc:"The caller hears what a single target's network plays before the answer."`
	Caller   callerOptions   `lua:"caller,optional" doc:"Who the targets see as the caller: { number = …, name = … }. Without it, the caller."`
	Announce engine.Prompts  `lua:"announce,optional" doc:"Played to whoever answers, before the two are connected; the caller does not hear it."`
	Confirm  engine.Digits   `lua:"confirm,optional" needs:"dial confirm" doc:"Keys of which whoever answers must press one to take the call; other keys play announce again."`
	Wait     time.Duration   `lua:"wait" default:"10" doc:"Seconds to wait for that key."`
	Stop     string          `lua:"stop,optional" doc:"Keys with which the caller ends the ringing or the conversation, such as \"*\". The flow goes on."`
	Limit    time.Duration   `lua:"limit,optional" doc:"Longest conversation in seconds."`
	Warn     time.Duration   `lua:"warn,optional" doc:"So many seconds before the limit the caller hears warning."`
	Again    time.Duration   `lua:"again,optional" doc:"And again each so many seconds after that."`
	Warning  engine.Prompts  `lua:"warning,optional" doc:"What the caller hears then; without it, a beep."`
	Transfer transferOptions `lua:"transfer,optional" doc:"Keys that hand the other party on: { blind = \"##\", attended = \"*2\", context = …, who = … }."`
}

type callerOptions struct {
	Number string `lua:"number,optional" doc:"The number."`
	Name   string `lua:"name,optional" doc:"The name."`
}

type transferOptions struct {
	Blind    string `lua:"blind,optional" doc:"Keys pressed before an extension, to hand the other party on at once."`
	Attended string `lua:"attended,optional" doc:"Keys pressed before an extension, to talk to that extension first. Pressed again (over FastAGI: atxfercomplete of features.conf), or on hanging up, they connect the two others."`
	Context  string `lua:"context,optional" doc:"Where extensions are looked up. Without it, the context of the call."`
	Who      string `lua:"who" one:"called caller both" default:"\"called\"" doc:"Who may."`
}

type dialResult struct {
	bind.Multi
	Talk  *talkResult `lua:"talk" doc:"The conversation, once it is over; nil if nobody took the call: { to = who answered, seconds = how long, ended = called, key, limit or transfer }."`
	Why   *string     `lua:"why" doc:"If talk is nil: busy, no_answer, refused, unavailable, congestion or cancelled."`
	Cause *int        `lua:"cause" doc:"If talk is nil: the Q.850 cause, where the network gave one."`
}

type talkResult struct {
	To      string        `lua:"to" doc:"Who answered."`
	Seconds time.Duration `lua:"seconds" doc:"How long the conversation was."`
	Ended   string        `lua:"ended" doc:"What ended it: called (the other party hung up), key, limit or transfer."`
}

// talkOf is a talk for Lua.
func talkOf(t engine.Talk) dialResult {
	if t.Status == engine.Answered {
		return dialResult{Talk: &talkResult{t.Target, t.Lasted, string(t.Ended)}}
	}
	why := string(t.Status)
	r := dialResult{Why: &why}
	if t.Cause != 0 {
		cause := t.Cause.Code()
		r.Cause = &cause
	}
	return r
}

var callDial = bind.Func{
	Name:  "dial",
	Needs: string(engine.StepDial),
	Doc: "Calls others and connects the caller with the first who answers; goes on when they have hung up, or when nobody took the call. " +
		"The caller hears ringing or music meanwhile. If the caller hangs up, everything called is hung up, and the flow ends.",
	Example: `local talk, why = call:dial({ "PJSIP/alice", "PJSIP/bob" }, {
  timeout = 20, announce = { "call-from", say.digits("5551234") }, confirm = "1",
})
if not talk then call:play("nobody-there") end`,
	Impl: bind.Act(func(c *engine.Call, a dialArgs) (dialResult, error) {
		o := &a.Options
		for _, keys := range []string{o.Stop, o.Transfer.Blind, o.Transfer.Attended} {
			if _, err := engine.ParseDigits(keys); err != nil {
				return dialResult{}, err
			}
		}
		talk, err := c.Dial(engine.DialRequest{
			Targets: a.To, Timeout: o.Timeout, Music: o.Music, Early: o.Early, Number: o.Caller.Number, Name: o.Caller.Name,
			Announce: o.Announce, Confirm: o.Confirm, Wait: o.Wait, End: o.Stop, Most: o.Limit, Warn: o.Warn, Repeat: o.Again,
			Warning: o.Warning, Transfer: engine.TransferKeys{
				Blind: o.Transfer.Blind, Attended: o.Transfer.Attended, Context: o.Transfer.Context,
				Caller: o.Transfer.Who != "called", Called: o.Transfer.Who != "caller",
			},
		}, o.Order == "turn")
		return talkOf(talk), err
	}),
}

// dialTargets are Asterisk's dial strings.
type dialTargets []string

func toDialTargets(v lua.LValue) (dialTargets, error) {
	if s, ok := bind.Text(v); ok {
		target, err := checkTarget(s)
		return dialTargets{target}, err
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("want whom to call, such as \"PJSIP/alice\", or a list of them, got %s", bind.Describe(v))
	}
	n, err := listLen(t, "whom to call")
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("the list of whom to call is empty")
	}
	var all dialTargets
	for i := 1; i <= n; i++ {
		s, ok := bind.Text(t.RawGetInt(i))
		if !ok {
			return nil, fmt.Errorf("item %d: want whom to call, such as \"PJSIP/alice\", got %s", i, bind.Describe(t.RawGetInt(i)))
		}
		target, err := checkTarget(s)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		all = append(all, target)
	}
	return all, nil
}

// checkTarget refuses what is no dial string, or would be more than one.
func checkTarget(s string) (string, error) {
	tech, resource, ok := strings.Cut(s, "/")
	if !ok || tech == "" || resource == "" {
		return "", fmt.Errorf("%q is nobody to call: write the technology in front, such as \"PJSIP/alice\"", s)
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("&,|\"'\\$(){}[]^", r) }); i >= 0 {
		return "", fmt.Errorf("%q: %q cannot be part of it; several are a list", s, s[i:i+1])
	}
	return s, nil
}

type transferArgs struct {
	To string `lua:"to" doc:"Where to: what the caller's network understands, such as \"sip:bob@example.net\", or a dial string of the caller's technology."`
}

var callTransfer = bind.Func{
	Name:  "transfer",
	Needs: string(engine.StepTransfer),
	Doc: "Hands the caller on with the means of the caller's own network: SIP REFER, or 302 before an answer. If that works the call " +
		"is gone and the flow ends at its next step. Many trunks refuse it; call:dial is for those.",
	Example: `call:transfer("PJSIP/bob")`,
	Impl: bind.Act(func(c *engine.Call, a transferArgs) (bind.None, error) {
		if a.To == "" || strings.ContainsAny(a.To, ", \t\r\n\"") {
			return bind.None{}, fmt.Errorf("%q is nowhere to go", a.To)
		}
		return bind.None{}, c.Transfer(a.To)
	}),
}

type bridgeArgs struct {
	Channel string `lua:"channel" doc:"The other channel's name in Asterisk, such as \"PJSIP/bob-00000012\"."`
}

var callBridge = bind.Func{
	Name:    "bridge",
	Needs:   string(engine.StepBridge),
	Doc:     "Connects the caller with another channel that Asterisk has, which leaves whatever it is in. Goes on when the two are apart again.",
	Example: `call:bridge("PJSIP/bob-00000012")`,
	Impl:    bind.Act(func(c *engine.Call, a bridgeArgs) (bind.None, error) { return bind.None{}, c.Bridge(a.Channel) }),
}

type parkArgs struct {
	Slot    string      `lua:"slot" doc:"Where the caller waits: a name that call:pickup uses too, such as \"701\"."`
	Options parkOptions `lua:"options,optional" doc:"How the caller waits."`
}

type parkOptions struct {
	Timeout time.Duration `lua:"timeout,optional" doc:"Seconds until the flow goes on if nobody comes. Without it, until the caller hangs up."`
	Music   string        `lua:"music,optional" doc:"Class of the music on hold."`
}

var callPark = bind.Func{
	Name:  "park",
	Needs: string(engine.StepPark),
	Doc: "Has the caller wait with music until another call picks it up with call:pickup. Goes on when their conversation is over, or " +
		"when nobody came in time, which gives nil and \"no_answer\".",
	Example: `local talk = call:park("701", { timeout = 120 })
if not talk then call:play("nobody-there") end`,
	Impl: bind.Act(func(c *engine.Call, a parkArgs) (dialResult, error) {
		talk, err := c.Park(engine.ParkRequest{Slot: a.Slot, Music: a.Options.Music, Timeout: a.Options.Timeout})
		return talkOf(talk), err
	}),
}

type pickupArgs struct {
	Slot string `lua:"slot" doc:"Where the other caller waits."`
}

var callPickup = bind.Func{
	Name:    "pickup",
	Needs:   string(engine.StepPickup),
	Doc:     "Connects the caller with the one who waits longest at a slot. If nobody does, that gives nil and \"unavailable\".",
	Example: `if not call:pickup("701") then call:play("nobody-there") end`,
	Impl: bind.Act(func(c *engine.Call, a pickupArgs) (dialResult, error) {
		talk, err := c.Pickup(a.Slot)
		return talkOf(talk), err
	}),
}

type conferenceArgs struct {
	Room    string            `lua:"room" doc:"The room's name. Who names the same room meets there."`
	Options conferenceOptions `lua:"options,optional" doc:"What the caller may and hears."`
}

type conferenceOptions struct {
	Moderator bool           `lua:"moderator,optional" doc:"The caller may lock the room, mute the others and send one out."`
	Muted     bool           `lua:"muted,optional" doc:"The caller is not heard at first."`
	Wait      bool           `lua:"wait,optional" doc:"The caller hears music until a moderator is there."`
	End       bool           `lua:"ends,optional" doc:"The caller leaves when the last moderator does."`
	Most      int            `lua:"max" min:"0" max:"1000" default:"0" doc:"Most parties in the room; 0 is no limit."`
	Music     string         `lua:"music,optional" doc:"Class of the music while the caller waits or is alone."`
	Quiet     bool           `lua:"quiet,optional" doc:"Nothing is announced because of this caller."`
	Count     bool           `lua:"count,optional" doc:"The caller is told how many are there already."`
	Join      string         `lua:"join,optional" doc:"Recording that all hear when the caller enters. Without it, a tone."`
	Leave     string         `lua:"leave,optional" doc:"Recording that all hear when the caller leaves. Without it, a tone."`
	Record    recordingName  `lua:"record,optional" doc:"Name under which the conference is recorded."`
	Keep      bool           `lua:"keep,optional" doc:"That recording does not expire: recordings.expire in ivrd.yaml is not for it."`
	Keys      conferenceKeys `lua:"keys,optional" doc:"What the caller may press: { leave = \"*\", mute = \"1\", … }."`
}

type conferenceKeys struct {
	Leave   string `lua:"leave,optional" doc:"Leaves the room; the flow goes on."`
	Mute    string `lua:"mute,optional" doc:"The caller is not heard, or again."`
	Count   string `lua:"count,optional" doc:"Says how many are there."`
	Lock    string `lua:"lock,optional" doc:"Nobody else is let in, or again (moderators)."`
	MuteAll string `lua:"mute_all,optional" doc:"Nobody but moderators is heard, or again (moderators)."`
	Kick    string `lua:"kick,optional" doc:"Whoever came last has to leave (moderators)."`
}

type conferenceResult struct {
	bind.Multi
	Seconds *time.Duration `lua:"seconds" doc:"How long the caller was in the room; nil if not let in."`
	Why     string         `lua:"why" doc:"Why it is over: key, ended (the last moderator left), kicked; or why the caller was not let in: locked, full."`
}

var callConference = bind.Func{
	Name:  "conference",
	Needs: string(engine.StepConference),
	Doc:   "Lets the caller into a conference room, and goes on when the caller has left it. A room is there as long as somebody is in it.",
	Example: `local seconds, why = call:conference("sales", { moderator = true, count = true, keys = { leave = "*", mute = "1", lock = "2" } })
if why == "locked" then call:play("room-is-locked") end`,
	Impl: bind.Act(func(c *engine.Call, a conferenceArgs) (conferenceResult, error) {
		o := &a.Options
		if err := o.Keys.check(); err != nil {
			return conferenceResult{}, err
		}
		stay, err := c.Conference(engine.ConferenceRequest{
			Room: a.Room, Moderator: o.Moderator, Muted: o.Muted, Wait: o.Wait, End: o.End, Most: o.Most, Music: o.Music,
			Quiet: o.Quiet, Count: o.Count, Join: o.Join, Leave: o.Leave, Record: string(o.Record), Keep: o.Keep, Keys: engine.ConferenceKeys(o.Keys),
		})
		r := conferenceResult{Why: string(stay.Why)}
		if stay.Why != engine.StayLocked && stay.Why != engine.StayFull {
			r.Seconds = &stay.Lasted
		}
		return r, err
	}),
}

// check refuses keys that are none, and two meanings of the same ones.
func (k conferenceKeys) check() error {
	seen := map[string]bool{}
	for _, keys := range []string{k.Leave, k.Mute, k.Count, k.Lock, k.MuteAll, k.Kick} {
		if _, err := engine.ParseDigits(keys); err != nil {
			return err
		}
		if keys != "" && seen[keys] {
			return fmt.Errorf("keys: %s means two things", keys)
		}
		seen[keys] = true
	}
	return nil
}

type spyArgs struct {
	Channel string     `lua:"channel" doc:"Whom to listen to: a channel's name, or how it begins, such as \"PJSIP/alice\"."`
	Options spyOptions `lua:"options,optional" doc:"How."`
}

type spyOptions struct {
	Mode string        `lua:"mode" one:"listen whisper barge" default:"\"listen\"" doc:"Who hears the caller: nobody, the one listened to, or that one and who they talk to."`
	Stop engine.Digits `lua:"stop" default:"\"*\"" doc:"Keys with which the caller stops listening."`
}

var callSpy = bind.Func{
	Name:    "spy",
	Needs:   string(engine.StepSpy),
	Doc:     "Lets the caller, a supervisor as a rule, listen to another call, speak to one of its parties or to both. Goes on when that call is over.",
	Example: `call:spy("PJSIP/alice", { mode = "whisper" })`,
	Impl: bind.Act(func(c *engine.Call, a spyArgs) (bind.None, error) {
		return bind.None{}, c.Spy(engine.SpyRequest{Channel: a.Channel, Mode: engine.SpyMode(a.Options.Mode), End: a.Options.Stop})
	}),
}

type connectMediaArgs struct {
	Options connectMediaOptions `lua:"options" doc:"Where the audio goes."`
}

type connectMediaOptions struct {
	Address string        `lua:"address" doc:"host:port of the other program."`
	Kind    string        `lua:"kind" one:"audiosocket rtp" default:"\"audiosocket\"" needs:"media rtp" doc:"How: AudioSocket over TCP, or RTP over UDP."`
	Format  string        `lua:"format,optional" doc:"Asterisk's name of the codec for rtp; ulaw without it."`
	ID      string        `lua:"id,optional" doc:"A UUID that tells the other program which call it is; a random one without it."`
	Limit   time.Duration `lua:"limit,optional" doc:"Seconds after which the flow goes on."`
	Stop    engine.Digits `lua:"stop,optional" doc:"Keys with which the caller ends it."`
}

type connectMediaResult struct {
	bind.Multi
	Digit *string `lua:"digit" doc:"The digit of stop that ended it; nil if something else did."`
}

var callConnectMedia = bind.Func{
	Name:    "connect_media",
	Needs:   string(engine.StepMedia),
	Doc:     "Connects the caller's audio, both ways, with another program at an address, such as a voice bot. Goes on when that program closes.",
	Example: `call:connect_media { address = "127.0.0.1:9092", limit = 300, stop = "*" }`,
	Impl: bind.Act(func(c *engine.Call, a connectMediaArgs) (connectMediaResult, error) {
		o := &a.Options
		d, err := c.ConnectMedia(engine.MediaRequest{
			Address: o.Address, Kind: engine.MediaKind(o.Kind), Format: o.Format, ID: o.ID, Most: o.Limit, End: o.Stop,
		})
		return connectMediaResult{Digit: digit(d)}, err
	}),
}
