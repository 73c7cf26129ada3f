package luaapi

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// dbModule is the main database, and the way to the others.
var dbModule = bind.Module{
	Name: "db",
	Doc: "SQL databases, by their names in ivrd.yaml: these functions ask the one called main, db.open gives the others. " +
		"Where a value goes write ?, whatever the database, and give the values behind the SQL, never in it. " +
		"The last argument can be a table of options: { timeout = 2 } is how many seconds it may take, and secret = true keeps the values, and " +
		"what is in the rows, off the record. " +
		"What fails outside gives nil and the reason. In a row a NULL is nil; a column that is not there is an error. Whole numbers " +
		"beyond 2^53 and decimals are strings, exactly as the database has them, moments are strings such as \"2026-11-28T10:00:00Z\".",
	Funcs:  append(databaseFuncs("", "db.", false), dbOpen, dbBlob),
	Consts: []bind.Const{{Name: "null", Doc: "NULL as a value, where nil cannot stand. It is json.null.", Value: jsonNull}},
}

const (
	databaseName    = "database"
	transactionName = "transaction"
)

// databaseClass is what db.open returns.
var databaseClass = bind.Module{
	Name: databaseName, Class: true,
	Doc:   "A database that db.open gave. Its functions are those of db, called with a colon.",
	Funcs: databaseFuncs("local crm = db.open(\"crm\")\n", "crm:", true),
}

// transactionClass is what db.tx hands to its function.
var transactionClass = bind.Module{
	Name: transactionName, Class: true,
	Doc:   "A transaction, as db.tx hands it to its function. When one of its queries fails, nothing it did stays.",
	Funcs: askingFuncs("db.tx(function(tx)\n  ", "tx:", "\nend)", true),
}

// An asked is a database, or a transaction in it, that a flow asks.
type asked struct {
	call     *engine.Call // nil in a value that waits in Lua
	database string
	tx       *engine.Tx
}

// databaseFuncs are those of a database. The examples call them with call in front, behind the Lua before it.
func databaseFuncs(before, call string, method bool) []bind.Func {
	return append(askingFuncs(before, call, "", method), txFunc(before, call, method))
}

// onDatabase implements a function of the main database or, as a method, one of a database or a transaction.
func onDatabase[A, R any](method bool, fn func(asked, A) (R, error)) bind.Impl {
	if method {
		return bind.Method(func(c *engine.Call, on asked, args A) (R, error) {
			on.call = c
			return fn(on, args)
		})
	}
	return bind.Act(func(c *engine.Call, args A) (R, error) {
		return fn(asked{call: c, database: engine.MainDatabase}, args)
	})
}

type queryArgs struct {
	SQL    sqlText      `lua:"sql" doc:"One SQL statement, with ? for each value."`
	Values []lua.LValue `lua:"values,rest" doc:"The values, and a table of options last: { timeout = seconds }."`
}

// sqlText is SQL, which a flow must not put together from values.
type sqlText string

type queryResult struct {
	bind.Multi
	Rows rowList `lua:"rows" doc:"A list of rows, each a table by column; nil and the reason if it failed."`
}

type oneResult struct {
	bind.Multi
	Row row `lua:"row" doc:"The first row, a table by column; nil if there is none, nil and the reason if it failed."`
}

type valueResult struct {
	bind.Multi
	Value columnValue `lua:"value" doc:"The first column of the first row; nil if there is no row or it is NULL, nil and the reason if it failed."`
}

type execResult struct {
	bind.Multi
	Changed int64 `lua:"changed" doc:"How many rows it changed; nil and the reason if it failed."`
}

// askingFuncs are what databases and transactions have in common. The examples call them with call in front,
// between two pieces of Lua.
func askingFuncs(before, call, after string, method bool) []bind.Func {
	example := func(code string) string { return before + strings.ReplaceAll(code, "db.", call) + after }
	return []bind.Func{
		{
			Name: "query", Doc: "The rows of a query.",
			Example: example(`local open, why = db.query("select id, due from orders where caller = ? order by due", "5551234")
if open then log.info(#open, "orders") end`),
			Impl: onDatabase(method, func(on asked, a queryArgs) (queryResult, error) {
				text, err := on.ask(engine.QueryRows, a)
				return queryResult{Rows: rowList(text)}, err
			}),
		},
		{
			Name: "one", Doc: "The first row of a query.",
			Example: example(`local person, why = db.one("select name, vip from people where number = ?", "5551234")
if person then log.info(person.name) elseif why then log.warn(why) end`),
			Impl: onDatabase(method, func(on asked, a queryArgs) (oneResult, error) {
				text, err := on.ask(engine.QueryOne, a)
				return oneResult{Row: row(text)}, err
			}),
		},
		{
			Name: "value", Doc: "The first column of the first row of a query.",
			Example: example(`local balance = db.value("select balance from accounts where number = ?", "4711", { timeout = 2 })`),
			Impl: onDatabase(method, func(on asked, a queryArgs) (valueResult, error) {
				text, err := on.ask(engine.QueryValue, a)
				return valueResult{Value: columnValue(text)}, err
			}),
		},
		{
			Name: "exec", Doc: "Changes something.",
			Example: example(`local changed, why = db.exec("update people set vip = ? where number = ?", true, "5551234")`),
			Impl: onDatabase(method, func(on asked, a queryArgs) (execResult, error) {
				text, err := on.ask(engine.QueryExec, a)
				if err != nil {
					return execResult{}, err
				}
				n, err := changed(text)
				return execResult{Changed: n}, err
			}),
		},
	}
}

// ask runs a query for a flow.
func (a asked) ask(verb engine.QueryVerb, args queryArgs) (string, error) {
	q := engine.Query{Database: a.database, Verb: verb, SQL: string(args.SQL)}
	var err error
	var o queryOptions
	if q.Values, o, err = queryValues(args.Values); err != nil {
		return "", err
	}
	q.Most, q.Secret = o.Timeout, o.Secret
	text, err := a.call.Query(q, a.tx)
	return text, outside(err)
}

// outside is err as a function returns it: what went wrong in another system gives nil and the reason.
func outside(err error) error {
	if o, ok := errors.AsType[*engine.OutsideError](err); ok {
		return &bind.Failure{Err: o.Err}
	}
	return err
}

// queryOptions are those of queries, and of commands to Redis.
type queryOptions struct {
	txOptions
	Secret bool `lua:"secret,optional" doc:"Keeps the values, and what is in the rows, off the record."`
}

type txOptions struct {
	Timeout time.Duration `lua:"timeout,optional" doc:"Seconds it may take, at most 60."`
}

// queryValues are the values behind SQL, without the options at their end.
func queryValues(given []lua.LValue) (values []any, o queryOptions, err error) {
	if n := len(given); n > 0 {
		if t, ok := given[n-1].(*lua.LTable); ok {
			if o, err = toQueryOptions(t); err != nil {
				return nil, o, err
			}
			given = given[:n-1]
		}
	}
	values = make([]any, len(given))
	for i, v := range given {
		if values[i], err = queryValue(v); err != nil {
			return nil, o, fmt.Errorf("value %d: %w", i+1, err)
		}
	}
	return values, o, nil
}

func toQueryOptions(t *lua.LTable) (o queryOptions, err error) {
	if err := types.Options(nil, "options", t, &o); err != nil {
		return o, err
	}
	return o, o.check()
}

func (o txOptions) check() error {
	if o.Timeout > database.LongestTimeout {
		return fmt.Errorf("timeout: no caller waits that long; %d seconds are the most", int(database.LongestTimeout.Seconds()))
	}
	return nil
}

func queryValue(v lua.LValue) (any, error) {
	switch v := v.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(v), nil
	case lua.LNumber:
		return queryNumber(float64(v))
	case lua.LString:
		if !utf8.ValidString(string(v)) || strings.ContainsRune(string(v), 0) {
			return nil, errors.New("this string is no text; give bytes as db.blob(…)")
		}
		return string(v), nil
	case *lua.LUserData:
		if v == jsonNull {
			return nil, nil
		}
		if b, ok := v.Value.(blob); ok {
			return []byte(b), nil
		}
	case *lua.LTable:
		return nil, errors.New("a table cannot be a value, and options come last; json.encode makes a text of it")
	}
	return nil, fmt.Errorf("want a string, a number, a boolean or nil, got %s", bind.Describe(v))
}

func queryNumber(f float64) (any, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, fmt.Errorf("%s is no number for a database", lua.LNumber(f))
	case f == math.Trunc(f) && math.Abs(f) <= 1<<53:
		return int64(f), nil
	}
	return f, nil
}

type txArgs struct {
	Fn      bind.Callback `lua:"fn" doc:"Gets the transaction, and asks it with tx:query, tx:one, tx:value and tx:exec."`
	Options txOptions     `lua:"options,optional" doc:"How long all of it may take."`
}

type txResult struct {
	bind.Multi
	Result lua.LValue `lua:"result" doc:"What fn returned, true if that is nothing; nil and the reason if nothing stays."`
}

func txFunc(before, call string, method bool) bind.Func {
	return bind.Func{
		Name: "tx",
		Doc: "Runs fn in a transaction: all that it does stays, or nothing. Nothing stays if fn raises an error, if one of its queries fails, " +
			"or if it returns false, with the reason behind it. Ask the caller before or after it: others may wait for what it changes.",
		Example: before + `local done, why = ` + call + `tx(function(tx)
  local balance = tx:value("select balance from accounts where number = ?", "4711")
  if not balance or tonumber(balance) < 50 then return false, "not enough" end
  tx:exec("update accounts set balance = balance - ? where number = ?", 50, "4711")
  tx:exec("update accounts set balance = balance + ? where number = ?", 50, "4712")
end)`,
		Impl: onDatabase(method, func(on asked, a txArgs) (txResult, error) {
			if err := a.Options.check(); err != nil {
				return txResult{}, err
			}
			result, err := on.transaction(a)
			return txResult{Result: result}, err
		}),
	}
}

func (a asked) transaction(args txArgs) (result lua.LValue, err error) {
	tx, err := a.call.Begin(a.database, args.Options.Timeout)
	if err != nil {
		return nil, outside(err)
	}
	over := false
	defer func() {
		if !over { // the function raised an error
			err = errors.Join(err, a.call.Rollback(tx))
		}
	}()
	given := &lua.LUserData{Value: asked{database: a.database, tx: tx}, Metatable: theShelf.classes[transactionName]}
	results, err := invoke(args.Fn, 2, given)
	if err != nil {
		return nil, err
	}
	over = true
	if results[0] == lua.LFalse {
		return nil, undone(a.call.Rollback(tx), results[1])
	}
	if err := a.call.Commit(tx); err != nil {
		return nil, outside(err)
	}
	if results[0] == lua.LNil {
		return lua.LTrue, nil
	}
	return results[0], nil
}

// undone is what becomes of a transaction that its function did not want.
func undone(err error, reason lua.LValue) error {
	if err != nil {
		return outside(err)
	}
	text, ok := bind.Text(reason)
	if !ok {
		text = "undone by the function"
	}
	return &bind.Failure{Err: errors.New(text)}
}

type dbOpenArgs struct {
	Name string `lua:"name" doc:"Its name under databases in ivrd.yaml."`
}

var dbOpen = bind.Func{
	Name: "open",
	Doc:  "A database by name. It is asked with crm:query, crm:one, crm:value, crm:exec and crm:tx.",
	Example: `local crm = db.open("crm")
local name = crm:value("select name from people where number = ?", "5551234")`,
	Impl: bind.Pure(func(c *engine.Call, a dbOpenArgs) (asked, error) {
		return asked{database: a.Name}, c.CheckDatabase(a.Name)
	}),
}

// blob is bytes as a value.
type blob string

type dbBlobArgs struct {
	Bytes blob `lua:"bytes" doc:"Any bytes, as a string."`
}

var dbBlob = bind.Func{
	Name:    "blob",
	Doc:     "Bytes as a value for a query. Strings are texts otherwise; what comes back is a string either way.",
	Example: `db.exec("update people set photo = ? where number = ?", db.blob("\255\216\255"), "5551234")`,
	Impl:    bind.Pure(func(_ *engine.Call, a dbBlobArgs) (blob, error) { return a.Bytes, nil }),
}
