package luaapi

import (
	"encoding/base64"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// fromRedisReply is what a server gave: JSON, else a text that a transcript wrote without quotes.
func fromRedisReply(L *lua.LState, v any) (lua.LValue, error) {
	text := string(v.(redisReply))
	if text == "" {
		return lua.LNil, nil
	}
	growth := rowGrowth
	if text[0] == '[' || text[0] == '{' {
		growth = jsonGrowth
	}
	runtimeOf(L).charge(growth * len(text))
	value, err := fromRedis(plainValue(text))
	if err != nil {
		return nil, fmt.Errorf("the reply %s: %w", text, err)
	}
	return value, nil
}

// fromRedis replaces what JSON has no other form for.
func fromRedis(v lua.LValue) (lua.LValue, error) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return v, nil
	}
	if text, ok := t.RawGetString(base64Key).(lua.LString); ok {
		return fromBase64(string(text))
	}
	if t.Len() > 0 {
		return t, fromRedisList(t)
	}
	return fromRedisMap(t)
}

// base64Key is the key of bytes that are no text, and what the keys of such bytes begin with.
const base64Key = "base64"

func fromBase64(text string) (lua.LString, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	return lua.LString(b), err
}

// fromRedisList has nothing be false, so that the list has no holes.
func fromRedisList(t *lua.LTable) error {
	for i := 1; i <= t.Len(); i++ {
		v := t.RawGetInt(i)
		if v == jsonNull {
			t.RawSetInt(i, lua.LFalse)
			continue
		}
		v, err := fromRedis(v)
		if err != nil {
			return err
		}
		t.RawSetInt(i, v)
	}
	return nil
}

func fromRedisMap(t *lua.LTable) (*lua.LTable, error) {
	out := &lua.LTable{Metatable: lua.LNil}
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		if v == jsonNull || fault != nil {
			return
		}
		if v, fault = fromRedis(v); fault != nil {
			return
		}
		key := k.String()
		if encoded, ok := strings.CutPrefix(key, base64Key+":"); ok {
			var bytes lua.LString
			bytes, fault = fromBase64(encoded)
			key = string(bytes)
		}
		out.RawSetString(key, v)
	})
	return out, fault
}
