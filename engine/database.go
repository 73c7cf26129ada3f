package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Databases are those that flows can ask, by name. Values are nil, bool, int64, float64, string and []byte; most is
// how long a query may take, 0 for what is usual there. Rows are JSON objects, a line each.
type Databases interface {
	// Check says what is wrong with a query before it is asked. What it finds is the flow's fault.
	Check(database, sql string, values []any) error
	Query(ctx context.Context, database, sql string, values []any, most time.Duration) (rows string, err error)
	Exec(ctx context.Context, database, sql string, values []any, most time.Duration) (changed int64, err error)
	// Begin starts a transaction, which ends at the latest when ctx does.
	Begin(ctx context.Context, database string, most time.Duration) (Transaction, error)
}

// A Transaction is one of a database.
type Transaction interface {
	Query(ctx context.Context, sql string, values []any, most time.Duration) (rows string, err error)
	Exec(ctx context.Context, sql string, values []any, most time.Duration) (changed int64, err error)
	Commit(ctx context.Context) error
	// Rollback undoes all, if it is not over yet.
	Rollback(ctx context.Context)
}

// MainDatabase is the one that flows mean when they name none.
const MainDatabase = "main"

// A Query is one question to a database.
type Query struct {
	Database string
	Verb     QueryVerb
	SQL      string
	Values   []any
	Most     time.Duration // 0 is what is usual for the database
	Secret   bool          // values, and what is in the rows, stay off the record
}

// QueryVerb is what a flow wants to know.
type QueryVerb string

const (
	QueryRows  QueryVerb = "query"
	QueryOne   QueryVerb = "one"
	QueryValue QueryVerb = "value"
	QueryExec  QueryVerb = "exec"
)

// queryText is q as a transcript writes it: value select name from people where number = ? ["4711"].
func (c *Call) queryText(q Query) string {
	s := onDatabase(q.Database) + string(q.Verb) + " " + strings.Join(strings.Fields(q.SQL), " ")
	values := q.Values
	if q.Secret {
		values = slices.Repeat([]any{hidden}, len(values))
	}
	if len(values) > 0 {
		s += " " + c.valuesText(values)
	}
	return s
}

// hidden stands for a value that is not for the record.
const hidden = "?"

// concealed is err without the values of a secret query, of which some databases tell.
func (q Query) concealed(err error) error {
	if !q.Secret {
		return err
	}
	return withoutValues(err, q.Values)
}

// withoutValues is err without values that are not for the record.
func withoutValues(err error, values []any) error {
	if err == nil {
		return nil
	}
	var texts []string
	for _, v := range values {
		s := fmt.Sprint(v)
		if b, ok := v.([]byte); ok {
			s = string(b)
		}
		texts = append(texts, s)
	}
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) }) // one may be part of another
	text := err.Error()
	for _, s := range texts {
		if len(s) >= shortestEntry {
			text = strings.ReplaceAll(text, s, hidden)
		}
	}
	return &maskedError{text, err}
}

// conceal is rows without their values.
func conceal(rows string) string {
	var out strings.Builder
	for line := range strings.Lines(rows) {
		d := json.NewDecoder(strings.NewReader(line))
		columns := []string{}
		for token, err := d.Token(); err == nil; token, err = d.Token() {
			name, ok := token.(string)
			if !ok {
				continue // a brace
			}
			var value json.RawMessage
			if d.Decode(&value) != nil {
				break
			}
			columns = append(columns, strconv.Quote(name)+":"+strconv.Quote(hidden))
		}
		out.WriteString("{" + strings.Join(columns, ",") + "}\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// onDatabase is the name of a database in front of a step; the main one goes without.
func onDatabase(name string) string {
	if name == MainDatabase {
		return ""
	}
	return name + " "
}

// valuesText is values as JSON; long ones are cut.
func (c *Call) valuesText(values []any) string {
	const most = 200
	texts := make([]string, len(values))
	for i, v := range values {
		if b, ok := v.([]byte); ok {
			v = map[string]string{"base64": base64.StdEncoding.EncodeToString(b)}
		}
		var out strings.Builder
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			fmt.Fprintf(&out, "%q", fmt.Sprint(v))
		}
		texts[i], _ = c.Short(strings.TrimSuffix(out.String(), "\n"), most)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// A Tx is the transaction of a call. It is over when the call is.
type Tx struct {
	database string
	tx       Transaction
	end      func() // lets go of it
	fault    error  // of the first query that failed: what came before it must not stay alone
}

// Query runs a query, in t if that is not nil, and gives its rows; for QueryExec it gives how many rows it changed. An
// OutsideError is not the flow's fault.
func (c *Call) Query(q Query, t *Tx) (string, error) {
	if err := c.mayAsk(q.Database, t); err != nil {
		return "", err
	}
	if err := c.databases().Check(q.Database, q.SQL, q.Values); err != nil {
		return "", err
	}
	if t != nil && t.fault != nil {
		return "", &OutsideError{fmt.Errorf("the transaction is spoilt: %w", t.fault)}
	}
	on := c.databases()
	var shown func(string) string
	if q.Secret && q.Verb != QueryExec {
		shown = conceal
	}
	text, err := c.ask(StepDB, c.queryText(q), shown, func(ctx context.Context) (text string, err error) {
		switch {
		case t != nil && q.Verb == QueryExec:
			text, err = changedText(t.tx.Exec(ctx, q.SQL, q.Values, q.Most))
		case t != nil:
			text, err = t.tx.Query(ctx, q.SQL, q.Values, q.Most)
		case q.Verb == QueryExec:
			text, err = changedText(on.Exec(ctx, q.Database, q.SQL, q.Values, q.Most))
		default:
			text, err = on.Query(ctx, q.Database, q.SQL, q.Values, q.Most)
		}
		return text, q.concealed(err)
	})
	if t != nil {
		t.fault = err
	}
	if err == nil {
		err = c.weigh(text)
	}
	return text, c.outside(StepDB, err)
}

// quickAnswer is how long most queries take at most. To wait that long on the channel is not worth the commands it takes.
const quickAnswer = 20 * time.Millisecond

// ask is Do for what a database answers: a hangup meanwhile ends it. shown is what the record has of that, nil is all.
// do must not touch the call.
func (c *Call) ask(kind Kind, args string, shown func(string) string, do func(ctx context.Context) (string, error)) (string, error) {
	p, err := c.Start(kind, args, do)
	if err != nil {
		return "", err
	}
	p.Shown = shown
	if !p.answered() {
		quick := time.NewTimer(quickAnswer)
		defer quick.Stop()
		select {
		case <-p.waiting.Done():
		case <-quick.C:
		}
	}
	return p.Wait(Filler{})
}

// mostAnswers is how many bytes of answers a call may get altogether: its journal holds them until it is over.
const mostAnswers = 8 << 20

// weigh counts an answer in, and ends the call if it has had too many.
func (c *Call) weigh(text string) error {
	if c.answers += len(text); c.answers <= mostAnswers {
		return nil
	}
	err := &LimitError{What: "answers", Max: strconv.Itoa(mostAnswers>>20) + " MB", Hint: "a loop that asks for many rows? Let the database count and choose"}
	c.cancel(err)
	return err
}

// CheckDatabase says what is wrong with the name of a database.
func (c *Call) CheckDatabase(name string) error { return c.databases().Check(name, "select 1", nil) }

func changedText(n int64, err error) (string, error) { return strconv.FormatInt(n, 10), err }

// mayAsk refuses what would wait for itself: a query beside the call's own transaction.
func (c *Call) mayAsk(database string, t *Tx) error {
	switch {
	case t != nil && c.inTransaction[t.database] != t:
		return errors.New("the transaction is over; its queries belong into the function given to tx")
	case t == nil && c.inTransaction[database] != nil:
		return errors.New("a transaction is going on; in its function ask the argument, as in tx:query(…)")
	}
	return nil
}

// Begin starts a transaction.
func (c *Call) Begin(database string, most time.Duration) (*Tx, error) {
	if c.inTransaction[database] != nil {
		return nil, errors.New("a transaction is going on already; there can be one at a time")
	}
	if err := c.CheckDatabase(database); err != nil {
		return nil, err
	}
	t := &Tx{database: database}
	on, life := c.databases(), c.ctx
	_, err := c.ask(StepDB, onDatabase(database)+"begin", nil, func(ctx context.Context) (string, error) {
		return "", t.begin(ctx, life, on, most)
	})
	if err != nil {
		if t.tx != nil {
			t.over()
		}
		return nil, c.outside(StepDB, err)
	}
	if t.tx == nil { // a transcript said that it went well
		t.tx, t.end = unasked{}, func() {}
	}
	if c.inTransaction == nil {
		c.inTransaction = map[string]*Tx{}
	}
	c.inTransaction[database] = t
	return t, nil
}

// begin starts a transaction that lives as long as life, once it has begun before ctx ends.
func (t *Tx) begin(ctx, life context.Context, on Databases, most time.Duration) error {
	own, end := context.WithCancel(life)
	stop := context.AfterFunc(ctx, end)
	tx, err := on.Begin(own, t.database, most)
	if err != nil {
		end()
		return err
	}
	t.tx, t.end = tx, end
	if !stop() {
		return context.Cause(ctx)
	}
	return nil
}

// over undoes what is not committed.
func (t *Tx) over() {
	t.tx.Rollback(context.Background())
	t.end()
}

// Commit ends a transaction and keeps what it did, unless one of its queries failed: then nothing stays.
func (c *Call) Commit(t *Tx) error {
	if t.fault != nil {
		return errors.Join(c.Rollback(t), &OutsideError{t.fault})
	}
	delete(c.inTransaction, t.database)
	defer t.over() // the call is over, or a transcript has answered
	_, err := c.ask(StepDB, onDatabase(t.database)+"commit", nil, func(ctx context.Context) (string, error) { return "", t.tx.Commit(ctx) })
	return c.outside(StepDB, err)
}

// Rollback ends a transaction and undoes what it did.
func (c *Call) Rollback(t *Tx) error {
	delete(c.inTransaction, t.database)
	defer t.over()
	_, err := c.Do(StepDB, onDatabase(t.database)+"rollback", func(context.Context) (string, error) { return "", nil })
	return c.outside(StepDB, err)
}

// An OutsideError is what went wrong in a system beside the call: the flow is told and goes on.
type OutsideError struct{ Err error }

func (e *OutsideError) Error() string { return e.Err.Error() }
func (e *OutsideError) Unwrap() error { return e.Err }

// outside is err as what went wrong in a system beside the call, unless the call is over or the fault is not there. Each
// call has it in its journal.
func (c *Call) outside(kind Kind, err error) error {
	if err == nil || c.ctx.Err() != nil || errors.Is(err, ErrUnanswered) {
		return err
	}
	c.complain(string(kind) + ": " + strings.TrimPrefix(err.Error(), string(kind)+": "))
	return &OutsideError{err}
}

// complain logs what is wrong beside the call, once a minute for all calls that meet the same.
func (c *Call) complain(text string) {
	switch times, due := c.complaints.Due(text, 1); {
	case due && times > 1:
		c.Log(c.ctx, slog.LevelWarn, text, "times", times)
	case due:
		c.Log(c.ctx, slog.LevelWarn, text)
	}
}

// ErrUnanswered is the step of a transcript that says nothing of what another system answers.
var ErrUnanswered = errors.New("nothing answers in a transcript")

func (c *Call) databases() Databases {
	if c.asked == nil {
		return Unasked{}
	}
	return c.asked
}

// Unasked are databases that are not asked, for transcripts: what they give must be written there. CheckQuery may
// be nil.
type Unasked struct {
	CheckQuery func(database, sql string, values []any) error
}

var _ Databases = Unasked{}

// Check asks CheckQuery.
func (u Unasked) Check(database, sql string, values []any) error {
	if u.CheckQuery == nil {
		return nil
	}
	return u.CheckQuery(database, sql, values)
}

// Query says what to write.
func (Unasked) Query(context.Context, string, string, []any, time.Duration) (string, error) {
	return "", fmt.Errorf(`%w; write below the step what it gives: row {"name": "Ann"} for each row, reply if there is none, fail TEXT if it fails`, ErrUnanswered)
}

// Exec says what to write.
func (Unasked) Exec(context.Context, string, string, []any, time.Duration) (int64, error) {
	return 0, fmt.Errorf("%w; write below the step how many rows change: reply 1, or fail TEXT if it fails", ErrUnanswered)
}

// Begin begins nothing.
func (Unasked) Begin(context.Context, string, time.Duration) (Transaction, error) {
	return unasked{}, nil
}

// unasked is a transaction of databases that are not asked.
type unasked struct{ Unasked }

func (u unasked) Query(ctx context.Context, sql string, values []any, most time.Duration) (string, error) {
	return u.Unasked.Query(ctx, "", sql, values, most)
}

func (u unasked) Exec(ctx context.Context, sql string, values []any, most time.Duration) (int64, error) {
	return u.Unasked.Exec(ctx, "", sql, values, most)
}

func (unasked) Commit(context.Context) error { return nil }
func (unasked) Rollback(context.Context)     {}
