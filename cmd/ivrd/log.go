package main

import (
	"io"
	"log/slog"
)

// newLogger writes to w as the configuration says.
func newLogger(c logConfig, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
