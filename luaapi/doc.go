// Package luaapi is what a flow can call, and the sandbox it runs in.
//
// Each Lua module is declared in one file and listed once in modules.go; from that list come the checks,
// the reference, the editor stubs and the linter's knowledge. Compile turns a Lua file into Code, Run
// runs a Program of such files for one call, in a Lua state of its own.
package luaapi
