package luaapi

import (
	"strings"
	"testing"
)

func TestRememberInLua(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{`print(kv.set("a", "text"), kv.get("a"), kv.get("b"))`, "true text nil"},
		{`kv.set("a", "5551234") print(type(kv.get("a"))) kv.set("a", 5551234) print(type(kv.get("a")))`, "string\nnumber"},
		{`for _, v in ipairs { "", "null", "true", "{", "\"x\"", " a ", "1e5", "ü\n" } do kv.set("a", v) print(kv.get("a") == v) end`, strings.TrimSpace(strings.Repeat("true\n", 8))},
		{`kv.set("a", { list = { 1, 2 }, on = false }) local a = kv.get("a") print(#a.list, a.on)`, "2 false"},
		{`kv.set("a", false) print(kv.get("a") == false)`, "true"},
		{`print(kv.incr("n"), kv.incr("n", 5), kv.incr("n", -7), kv.get("n"))`, "1 6 -1 -1"},
		{`kv.set("a", "x") print(kv.incr("a"))`, `nil a holds "x", which cannot be counted`},
		{`print(kv.delete("a"), kv.set("a", 1), kv.delete("a"), kv.get("a"))`, "false true true nil"},
		{`print(kv.compare_and_set("a", nil, 1), kv.compare_and_set("a", nil, 2), kv.compare_and_set("a", 1, 3), kv.get("a"), kv.compare_and_set("a", 3, nil), kv.get("a"))`,
			"true false true 3 true nil"},
		{`kv.set("a", 1) kv.shared.set("a", 2) print(kv.get("a"), kv.shared.get("a"), kv.shared.incr("a"))`, "1 2 3"},
		{`print(kv.expire("a", 5))`, "false"},
	} {
		printed, _, err := dbCall(t, nil, tt.source)
		if printed = strings.ReplaceAll(strings.TrimSpace(printed), "\t", " "); printed != tt.want || err != nil {
			t.Errorf("%s\ngot  %q, %v\nwant %q", tt.source, printed, err, tt.want)
		}
	}
	for _, tt := range []struct{ source, want string }{
		{`kv.set("a b", 1)`, `"a b" cannot be a key`}, {`kv.get("")`, "a key cannot be empty"}, {`kv.get(("k"):rep(201))`, "a key has 200 bytes at most, this one has 201"},
		{`kv.set("a", ("x"):rep(70000))`, "a value has 64 KB at most, this one has 69"}, {`kv.set("a")`, "kv.set: value is missing"},
		{`kv.set("a", print)`, "has no JSON"}, {`kv.set("a", 1, { expire = -1 })`, "0 is never"}, {`kv.shared.gett("a")`, "there is no gett here; did you mean get?"},
		{`kv.shared.get = 1`, "shared"}, {`kv.incr("a", 1.5)`, "want a whole number"},
	} {
		if _, _, err := dbCall(t, nil, tt.source); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\ngot  %v\nwant %q", tt.source, err, tt.want)
		}
	}
}
