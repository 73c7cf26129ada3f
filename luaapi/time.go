package luaapi

import (
	"fmt"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// timeModule is dates and times of day in any zone, on the call's journaled clock.
var timeModule = bind.Module{
	Name:  "time",
	Doc:   "Dates and times in any zone. Moments are seconds since 1970, as os.time has them.",
	Funcs: []bind.Func{timeNow, timeAt, timeFormat, timeParse},
}

type timeZoneArgs struct {
	Zone string `lua:"zone,optional" doc:"A zone's name, such as \"America/Sao_Paulo\" or \"UTC\". Nothing means that of the machine."`
}

type moment struct {
	Epoch   int64  `lua:"epoch" doc:"Seconds since 1970."`
	Year    int    `lua:"year" doc:"The year."`
	Month   int    `lua:"month" doc:"1 to 12."`
	Day     int    `lua:"day" doc:"1 to 31."`
	Hour    int    `lua:"hour" doc:"0 to 23."`
	Minute  int    `lua:"minute" doc:"0 to 59."`
	Second  int    `lua:"second" doc:"0 to 59."`
	Weekday string `lua:"weekday" doc:"monday to sunday."`
	YearDay int    `lua:"yearday" doc:"1 to 366."`
	Zone    string `lua:"zone" doc:"The zone's name."`
	Offset  int    `lua:"offset" doc:"Seconds east of UTC at that moment."`
}

func newMoment(t time.Time) moment {
	_, offset := t.Zone()
	return moment{
		t.Unix(), t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(),
		strings.ToLower(t.Weekday().String()), t.YearDay(), t.Location().String(), offset,
	}
}

// zone is a location by name; "" is that of the call's clock.
func zone(c *engine.Call, name string) (*time.Location, error) {
	if name == "" {
		return c.Began().Location(), nil
	}
	l, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("no zone %q; use a name such as \"America/Sao_Paulo\" or \"UTC\"", name)
	}
	return l, nil
}

var timeNow = bind.Func{
	Name: "now",
	Doc:  "What time it is.",
	Example: `local now = time.now("America/Sao_Paulo")
if now.weekday == "sunday" or now.hour >= 18 then call:play("we-are-closed") end`,
	Impl: bind.Act(func(c *engine.Call, a timeZoneArgs) (moment, error) {
		l, err := zone(c, a.Zone)
		if err != nil {
			return moment{}, err
		}
		return newMoment(c.Now().In(l)), nil
	}),
}

type timeAtArgs struct {
	Epoch int64  `lua:"epoch" doc:"Seconds since 1970."`
	Zone  string `lua:"zone,optional" doc:"A zone's name. Nothing means that of the machine."`
}

var timeAt = bind.Func{
	Name:    "at",
	Doc:     "A moment's date and time of day.",
	Example: `local due = time.at(1790000000, "UTC")`,
	Impl: bind.Pure(func(c *engine.Call, a timeAtArgs) (moment, error) {
		l, err := zone(c, a.Zone)
		if err != nil {
			return moment{}, err
		}
		return newMoment(time.Unix(a.Epoch, 0).In(l)), nil
	}),
}

type timeFormatArgs struct {
	Format string `lua:"format" doc:"Text with letters behind %, as os.date has them: \"%Y-%m-%d %H:%M\"."`
	Epoch  int64  `lua:"epoch" doc:"Seconds since 1970."`
	Zone   string `lua:"zone,optional" doc:"A zone's name. Nothing means that of the machine."`
}

var timeFormat = bind.Func{
	Name:    "format",
	Doc:     "A moment as text.",
	Example: `log.info(time.format("%d.%m.%Y", time.now().epoch, "Europe/Berlin"))`,
	Impl: bind.Pure(func(c *engine.Call, a timeFormatArgs) (string, error) {
		l, err := zone(c, a.Zone)
		if err != nil {
			return "", err
		}
		return strftime(time.Unix(a.Epoch, 0).In(l), a.Format)
	}),
}

type timeParseArgs struct {
	Text string `lua:"text" doc:"A date, with or without a time of day: \"2026-11-22\", \"2026-11-22 10:30\", \"2026-11-22T10:30:00Z\"."`
	Zone string `lua:"zone,optional" doc:"The zone of a text that names none. Nothing means that of the machine."`
}

type timeParseResult struct {
	bind.Multi
	Epoch int64 `lua:"epoch" doc:"Seconds since 1970; nil and the reason if the text is no date."`
}

// timeLayouts are the texts that parse takes.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
}

var timeParse = bind.Func{
	Name:    "parse",
	Doc:     "Reads a date as ISO 8601 writes it. A text that is none gives nil and the reason.",
	Example: `local due, why = time.parse("2026-11-22 10:30", "America/Sao_Paulo")`,
	Impl: bind.Pure(func(c *engine.Call, a timeParseArgs) (timeParseResult, error) {
		l, err := zone(c, a.Zone)
		if err != nil {
			return timeParseResult{}, err
		}
		t, err := parseTime(a.Text, l)
		if err != nil {
			return timeParseResult{}, &bind.Failure{Err: err}
		}
		return timeParseResult{Epoch: t.Unix()}, nil
	}),
}

// parseTime reads a date, with or without a time of day.
func parseTime(text string, l *time.Location) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(text), l); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date such as 2026-11-22 or 2026-11-22 10:30", text)
}
