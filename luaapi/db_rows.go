package luaapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// What a query gave, as the journal has it: JSON objects, a line each. In a transcript a single value may stand
// for its row.
type (
	rowList     string
	row         string
	columnValue string
)

// rowGrowth is what a row's table takes, in times the length of its text.
const rowGrowth = 10

func fromRowList(L *lua.LState, v any) (lua.LValue, error) {
	r := newRowReader(L, string(v.(rowList)))
	list := &lua.LTable{Metatable: lua.LNil}
	for {
		t, err := r.next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list.Append(t)
	}
}

func fromRow(L *lua.LState, v any) (lua.LValue, error) {
	t, err := newRowReader(L, string(v.(row))).next()
	if errors.Is(err, io.EOF) {
		return lua.LNil, nil
	}
	return t, err
}

func fromColumnValue(L *lua.LState, v any) (lua.LValue, error) {
	text := string(v.(columnValue))
	if text == "" {
		return lua.LNil, nil
	}
	if !strings.HasPrefix(text, "{") {
		return plainValue(text), nil
	}
	r := newRowReader(L, text)
	t, err := r.next()
	if err != nil || len(r.columns) == 0 {
		return lua.LNil, err
	}
	return t.(*lua.LTable).RawGetString(r.columns[0]), nil
}

// plainValue is a value as a transcript may write it: JSON, else a text.
func plainValue(text string) lua.LValue {
	if !json.Valid([]byte(text)) {
		return lua.LString(text)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := decodeJSON(d, 0)
	if err != nil { // a number too large for Lua, or values that nest too deep
		return lua.LString(text)
	}
	if v == jsonNull {
		return lua.LNil
	}
	return v
}

// A rowReader makes tables of rows.
type rowReader struct {
	decoder *json.Decoder
	columns []string // of the last row
	meta    *lua.LTable
}

func newRowReader(L *lua.LState, text string) *rowReader {
	runtimeOf(L).charge(rowGrowth * len(text))
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return &rowReader{decoder: d}
}

// next is the next row, or io.EOF.
func (r *rowReader) next() (lua.LValue, error) {
	token, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil || token != json.Delim('{') {
		return nil, errors.New(`a row must be JSON such as {"name": "Ann", "age": 33}`)
	}
	t := &lua.LTable{Metatable: lua.LNil}
	var columns []string
	for r.decoder.More() {
		name, err := r.decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("a row is no JSON: %w", err)
		}
		column := name.(string)
		v, err := decodeJSON(r.decoder, 0)
		if err == nil {
			v, err = columnOf(v)
		}
		if err != nil {
			return nil, fmt.Errorf("column %s of a row: %w", column, err)
		}
		columns = append(columns, column)
		t.RawSetString(column, v)
	}
	if _, err := r.decoder.Token(); err != nil {
		return nil, fmt.Errorf("a row is no JSON: %w", err)
	}
	if r.meta == nil || !slices.Equal(columns, r.columns) {
		r.columns, r.meta = columns, rowMeta(columns)
	}
	t.Metatable = r.meta
	return t, nil
}

// columnOf is the value of a column.
func columnOf(v lua.LValue) (lua.LValue, error) {
	if v == jsonNull {
		return lua.LNil, nil
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		return v, nil
	}
	text, ok := t.RawGetString(base64Key).(lua.LString)
	if !ok {
		return nil, errors.New(`want a text, a number, true, false, null, or {"base64": "…"} for bytes`)
	}
	return fromBase64(string(text))
}

// rowMeta makes the use of a column that is not there an error.
func rowMeta(columns []string) *lua.LTable {
	return lockedTable(goFunction(func(L *lua.LState) int {
		key, ok := L.Get(2).(lua.LString)
		if ok && !slices.Contains(columns, string(key)) {
			L.Error(lua.LString(fmt.Sprintf("the row has no column %s%s", key, spell.Suffix(string(key), columns))), 1)
		}
		return 0
	}))
}

// changed is how many rows a statement changed.
func changed(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not how many rows changed; write reply 1", text)
	}
	return n, nil
}

func toBlob(v lua.LValue) (blob, error) {
	s, ok := v.(lua.LString)
	if !ok {
		return "", fmt.Errorf("want a string, got %s", bind.Describe(v))
	}
	return blob(s), nil
}

func toSQL(v lua.LValue) (sqlText, error) {
	s, ok := v.(lua.LString)
	if !ok || strings.TrimSpace(string(s)) == "" {
		return "", fmt.Errorf("want SQL such as \"select name from people where number = ?\", got %s", bind.Describe(v))
	}
	return sqlText(s), nil
}
