package luaapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// jsonModule converts between Lua values and JSON.
var jsonModule = bind.Module{
	Name: "json",
	Doc: "JSON. A null is `json.null`, so that it can be told from a key that is missing. A whole number too large for Lua " +
		"to hold exactly becomes a string.",
	Funcs:  []bind.Func{jsonDecode, jsonEncode},
	Consts: []bind.Const{{Name: "null", Doc: "JSON's null.", Value: jsonNull}},
}

// jsonNull stands for null. It carries nothing and cannot be written to, so all states share it.
var jsonNull = &lua.LUserData{Value: nullValue{}, Metatable: lua.LNil}

type nullValue struct{}

// jsonDepth is how deep values may nest: enough for any service, too little to exhaust a stack.
const jsonDepth = 100

type jsonDecodeArgs struct {
	Text jsonText `lua:"text" doc:"JSON."`
}

// jsonText is JSON from which tables will be made, which take up to this many times its length.
type jsonText string

const jsonGrowth = 50

type jsonDecodeResult struct {
	bind.Multi
	Value lua.LValue `lua:"value" doc:"The value; nil and the reason if the text is not JSON."`
}

var jsonDecode = bind.Func{
	Name:    "decode",
	Doc:     "Reads JSON. Text that is none gives nil and the reason.",
	Example: `local order, why = json.decode('{"id": 7, "open": true}')`,
	Impl: bind.Pure(func(_ *engine.Call, a jsonDecodeArgs) (jsonDecodeResult, error) {
		d := json.NewDecoder(bytes.NewReader([]byte(a.Text)))
		d.UseNumber()
		v, err := decodeJSON(d, 0)
		if err == nil {
			if _, extra := d.Token(); !errors.Is(extra, io.EOF) {
				err = errors.New("there is more behind the value")
			}
		}
		if err != nil {
			return jsonDecodeResult{}, &bind.Failure{Err: fmt.Errorf("not JSON, at byte %d: %w", d.InputOffset(), err)}
		}
		return jsonDecodeResult{Value: v}, nil
	}),
}

// decodeJSON reads one value token by token, which keeps the order of keys.
func decodeJSON(d *json.Decoder, depth int) (lua.LValue, error) {
	token, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if depth > jsonDepth {
		return nil, fmt.Errorf("values nest deeper than %d", jsonDepth)
	}
	switch t := token.(type) {
	case nil:
		return jsonNull, nil
	case bool:
		return lua.LBool(t), nil
	case string:
		return lua.LString(t), nil
	case json.Number:
		return decodeNumber(t)
	}
	table := &lua.LTable{Metatable: lua.LNil}
	if token == json.Delim('[') {
		for d.More() {
			v, err := decodeJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			table.Append(v)
		}
	} else {
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodeJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			table.RawSetString(key.(string), v)
		}
	}
	_, err = d.Token() // ] or }
	return table, err
}

func decodeNumber(n json.Number) (lua.LValue, error) {
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("number %s: %w", n, err)
	}
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil && (i > 1<<53 || i < -1<<53) {
		return lua.LString(n.String()), nil
	}
	return lua.LNumber(f), nil
}

type jsonEncodeArgs struct {
	Value lua.LValue `lua:"value" doc:"Any value without functions. A table with items 1 to n is an array, an empty one an object."`
}

var jsonEncode = bind.Func{
	Name:    "encode",
	Doc:     "Writes JSON, with keys in order.",
	Example: `local body = json.encode { account = "4711", tags = { "new", "vip" } }`,
	Impl:    bind.Pure(func(_ *engine.Call, a jsonEncodeArgs) (string, error) { return encodeJSON(a.Value) }),
}

// encodeJSON is a Lua value as JSON.
func encodeJSON(value lua.LValue) (string, error) {
	v, err := fromLua(value, 0)
	if err != nil {
		return "", err
	}
	out := &bytes.Buffer{}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimRight(out.Bytes(), "\n")), nil
}

// fromLua converts a Lua value to what encoding/json writes.
func fromLua(v lua.LValue, depth int) (any, error) {
	if depth > jsonDepth {
		return nil, fmt.Errorf("values nest deeper than %d; does a table contain itself?", jsonDepth)
	}
	switch v := v.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(v), nil
	case lua.LString:
		return string(v), nil
	case lua.LNumber:
		return fromNumber(float64(v))
	case *lua.LUserData:
		if v == jsonNull {
			return nil, nil
		}
	case *lua.LTable:
		if v.Len() > 0 {
			return fromList(v, depth)
		}
		return fromMap(v, depth)
	}
	return nil, fmt.Errorf("%s has no JSON", bind.Describe(v))
}

func fromNumber(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%s has no JSON", lua.LNumber(f))
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int64(f), nil
	}
	return f, nil
}

func fromList(t *lua.LTable, depth int) (any, error) {
	n, err := listLen(t, "values")
	if err != nil {
		return nil, fmt.Errorf("%w; a table is an array or an object, not both", err)
	}
	out := make([]any, n)
	for i := range out {
		if out[i], err = fromLua(t.RawGetInt(i+1), depth+1); err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	return out, nil
}

func fromMap(t *lua.LTable, depth int) (any, error) {
	out := map[string]any{} // encoding/json writes the keys in order
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		key, ok := bind.Text(k)
		if !ok {
			fault = fmt.Errorf("a key cannot be %s", bind.Describe(k))
		}
		if fault != nil {
			return
		}
		value, err := fromLua(v, depth+1)
		if err != nil {
			fault = fmt.Errorf("key %s: %w", key, err)
		}
		out[key] = value
	})
	return out, fault
}
