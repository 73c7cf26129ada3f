//go:build race

package luaapi

// slower is how much time the race detector may take.
const slower = 10
