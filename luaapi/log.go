package luaapi

import (
	"context"
	"log/slog"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// logModule writes to ivrd's log and to the call's journal.
var logModule = bind.Module{
	Name: "log",
	Doc:  "Lines in ivrd's log, each with the call's id, its flow and the line that wrote it. They are in the call's journal too.",
	Funcs: []bind.Func{
		logFunc("debug", slog.LevelDebug, "For the one who builds the flow."),
		logFunc("info", slog.LevelInfo, "What happened."),
		logFunc("warn", slog.LevelWarn, "What somebody should look at."),
		logFunc("error", slog.LevelError, "What went wrong."),
	},
}

type logArgs struct {
	Values []lua.LValue `lua:"values,rest" doc:"What to write, joined by blanks."`
}

func logFunc(name string, level slog.Level, doc string) bind.Func {
	return bind.Func{
		Name: name, Doc: doc,
		Example: `log.` + name + `("account", "4711", "found")`,
		Impl: bind.Pure(func(c *engine.Call, a logArgs) (bind.None, error) {
			return bind.None{}, writeLog(c, level, a.Values)
		}),
	}
}

// writeLog journals one line, cut to a sane length, and hands it to ivrd's log.
func writeLog(c *engine.Call, level slog.Level, values []lua.LValue) error {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.String()
	}
	text, _ := c.Short(strings.Join(words, " "), 1000)
	_, err := c.Do(engine.StepLog, level.String()+" "+text, func(ctx context.Context) (string, error) {
		c.Log(ctx, level, text)
		return "", nil
	})
	return err
}
