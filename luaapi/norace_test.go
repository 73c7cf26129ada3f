//go:build !race

package luaapi

const slower = 1
