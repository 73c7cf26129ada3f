// Package flow turns a folder of Lua files into flows the engine can run.
//
// A Set is an immutable snapshot: the flows, the routes that lead to them, the prompts beside them.
// Watch keeps one up to date with a folder: a reload builds a new Set and swaps it in whole, calls
// already running keep the one they started with, and what is broken, or what the Gate objects to, never
// gets in: the last good version of it keeps answering. Flow knows nothing of Asterisk (see package
// engine), nor of how Lua is run (see package luaapi).
//
//	flows, err := flow.Watch("./flows", flow.Options{OnReload: report})
//	if err != nil {
//		return err
//	}
//	defer flows.Close()
//	e := &engine.Engine{Flows: flows.Flows, Fallback: flows.Fallback}
//
// # The folder
//
// Every *.lua file at any depth is a flow, and a module others can require; its name is its path
// without the extension, such as lib/menu. Names that begin with a dot are skipped. Links are followed
// as long as they stay in the folder. Beside the flows stand routes.yaml, prompts.yaml (the words of
// prompts) and prompts/<language>/<name>.wav.
//
// # How a call finds its flow
//
// A call that asks for a name (agi://host/name) gets the route of that name, else the flow of that name.
// Any other call gets the route of its extension: routes of the call's own dialplan context come before
// those without a context, as if these were included in every context, and within each of the two
// Asterisk's order decides, a whole extension before any pattern. What finds nothing gets the default
// route, else the flow named default. Without a routes.yaml, extension 100 is the flow 100; with one,
// only what it says is reachable by extension. A matching route whose flow is missing is an error, and
// the caller gets the fallback: a wider pattern or the default could be the wrong place.
package flow
