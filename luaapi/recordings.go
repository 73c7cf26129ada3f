package luaapi

import (
	"errors"
	"fmt"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// recordingsModule is what calls have recorded.
var recordingsModule = bind.Module{
	Name: "recordings",
	Doc: "What calls have recorded, this one or others: the files in Asterisk's folder for recordings. They are named as call:record, " +
		"call:monitor and call:conference name them; the prompt recording plays one back. Where the folder cannot be reached, these give nil and the reason.",
	Funcs: []bind.Func{recordingsList, recordingsFind, recordingsDelete},
}

// A recordingName is the name of a recording.
type recordingName string

func toRecordingName(v lua.LValue) (recordingName, error) {
	s, ok := bind.Text(v)
	if !ok {
		return "", fmt.Errorf("want the name of a recording, got %s", bind.Describe(v))
	}
	return recordingName(s), engine.CheckRecordingName(s)
}

// fromStored is a recording as a table.
func fromStored(L *lua.LState, v any) (lua.LValue, error) {
	r := v.(engine.StoredRecording)
	t := L.CreateTable(0, 5)
	t.RawSetString("name", lua.LString(r.Name))
	if r.Format != "" {
		t.RawSetString("format", lua.LString(r.Format))
	}
	if r.Length > 0 {
		t.RawSetString("seconds", lua.LNumber(r.Length.Seconds()))
	}
	if r.Size > 0 {
		t.RawSetString("bytes", lua.LNumber(r.Size))
	}
	if !r.Made.IsZero() {
		t.RawSetString("made", lua.LNumber(r.Made.Unix()))
	}
	return t, nil
}

func fromStoredList(L *lua.LState, v any) (lua.LValue, error) {
	list := v.([]engine.StoredRecording)
	t := L.CreateTable(len(list), 0)
	for i, r := range list {
		one, err := fromStored(L, r)
		if err != nil {
			return nil, err
		}
		t.RawSetInt(i+1, one)
	}
	return t, nil
}

// stored does something with recordings. What fails outside of the flow is a Failure.
func stored(c *engine.Call, do engine.RecordingsAction, name string) ([]engine.StoredRecording, error) {
	found, err := c.Recordings(engine.RecordingsRequest{Do: do, Name: name})
	var outside *engine.LibraryError
	if errors.As(err, &outside) {
		return nil, &bind.Failure{Err: err}
	}
	return found, err
}

type recordingsListArgs struct {
	Prefix string `lua:"prefix" default:"\"\"" doc:"How their names begin, such as \"messages/\"."`
}

type recordingsListResult struct {
	bind.Multi
	List []engine.StoredRecording `lua:"list" doc:"The recordings, an empty list if there is none; nil and the reason if that cannot be told."`
}

var recordingsList = bind.Func{
	Name:  "list",
	Needs: string(engine.StepRecordings) + " " + string(engine.RecordingsList),
	Doc:   "The recordings whose names begin with a prefix, newest first. Over ARI without recordings.dir in ivrd.yaml only names and formats are known, and the names' order, last first, stands in for the times'.",
	Example: `for _, message in ipairs(recordings.list("messages/") or {}) do
  call:play { "message", recording(message.name) }
end`,
	Impl: bind.Act(func(c *engine.Call, a recordingsListArgs) (recordingsListResult, error) {
		found, err := stored(c, engine.RecordingsList, a.Prefix)
		return recordingsListResult{List: found}, err
	}),
}

type recordingsNameArgs struct {
	Name recordingName `lua:"name" doc:"Its name."`
}

type recordingsFindResult struct {
	bind.Multi
	Recording *engine.StoredRecording `lua:"recording" doc:"What is known of it; nil and the reason if it is not there."`
}

var recordingsFind = bind.Func{
	Name:  "find",
	Needs: string(engine.StepRecordings),
	Doc:   "Looks for a recording.",
	Example: `local greeting = recordings.find("greetings/" .. call.caller.number)
call:play(greeting and recording(greeting.name) or "hello-world")`,
	Impl: bind.Act(func(c *engine.Call, a recordingsNameArgs) (recordingsFindResult, error) {
		found, err := stored(c, engine.RecordingsFind, string(a.Name))
		if err != nil || len(found) == 0 {
			return recordingsFindResult{}, orAbsent(a.Name, err)
		}
		return recordingsFindResult{Recording: &found[0]}, nil
	}),
}

type recordingsDeleteResult struct {
	bind.Multi
	Deleted *bool `lua:"deleted" doc:"true; nil and the reason if there was none to delete."`
}

var recordingsDelete = bind.Func{
	Name:    "delete",
	Needs:   string(engine.StepRecordings) + " " + string(engine.RecordingsDelete),
	Doc:     "Deletes a recording. It works in call:on_end too.",
	Example: `recordings.delete("greetings/" .. call.caller.number)`,
	Impl: bind.Act(func(c *engine.Call, a recordingsNameArgs) (recordingsDeleteResult, error) {
		gone, err := stored(c, engine.RecordingsDelete, string(a.Name))
		if err != nil || len(gone) == 0 {
			return recordingsDeleteResult{}, orAbsent(a.Name, err)
		}
		deleted := true
		return recordingsDeleteResult{Deleted: &deleted}, nil
	}),
}

// orAbsent is err, or that a recording is not there.
func orAbsent(name recordingName, err error) error {
	if err == nil {
		return &bind.Failure{Err: fmt.Errorf("there is no recording %s", name)}
	}
	return err
}

type recordingArgs struct {
	Name recordingName `lua:"name" doc:"The name under which it was recorded."`
}

var recording = bind.Func{
	Name:    "recording",
	Doc:     "What this call or another one has recorded, as a prompt. One that is not there is an error when it is played.",
	Example: "call:record { name = \"greeting\", max = 10 }\ncall:play { \"you-said\", recording \"greeting\" }",
	Impl: bind.Pure(func(_ *engine.Call, a recordingArgs) (engine.Prompts, error) {
		p, err := engine.NewRecording(string(a.Name))
		return engine.Prompts{p}, err
	}),
}
