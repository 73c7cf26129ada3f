package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// reference is the session as a flow.
const reference = `call:answer()
call:set("ACCOUNT", "4711")
local digit = call:ask { prompt = "main-menu", max = 1 }
local balance = call:get("BALANCE")
call:play("your-balance-is")
call:play(say.number(balance))
call:agi("VERBOSE", "done", 1)
call:hangup()
`

const config = `flows: flows
agi:  { listen: "127.0.0.1:0" }
http: { listen: "127.0.0.1:0" }
log:  { format: json }
`

// A daemon is ivrd, built for the benchmark in a folder of its own, with the bare clients beside it.
type daemon struct{ dir string }

// buildDaemon makes the folder, and ivrd, the flows and this program in it.
func buildDaemon(ctx context.Context, flows map[string]string) (*daemon, error) {
	dir, err := os.MkdirTemp("", "ivrd-bench-")
	if err != nil {
		return nil, err
	}
	d := &daemon{dir}
	if err := d.fill(ctx, flows); err != nil {
		d.remove()
		return nil, err
	}
	return d, nil
}

func (d *daemon) fill(ctx context.Context, flows map[string]string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", d.dir+"/", "github.com/ivrd/ivrd/cmd/ivrd", "github.com/ivrd/ivrd/test/bench")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build ivrd: %w", err)
	}
	if err := os.Mkdir(d.path("flows"), 0o755); err != nil {
		return err
	}
	for name, text := range flows {
		if err := os.WriteFile(d.path("flows/"+name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (d *daemon) path(name string) string { return filepath.Join(d.dir, name) }

func (d *daemon) remove() { _ = os.RemoveAll(d.dir) }

// start runs ivrd. Its log says on which port.
func (d *daemon) start(ctx context.Context) (*server, error) {
	var said struct{ AGI string }
	s, err := d.serve(ctx, config, func(line []byte) bool { return json.Unmarshal(line, &said) == nil && said.AGI != "" })
	if err != nil {
		return nil, err
	}
	s.address = said.AGI
	return s, nil
}

// startBare runs the bare FastAGI handler. It prints its address.
func (d *daemon) startBare(ctx context.Context) (*server, error) {
	var address string
	s, err := startServer(exec.CommandContext(ctx, d.path("bench"), "-bare"), func(line []byte) bool {
		address = string(bytes.TrimSpace(line))
		return true
	})
	if err != nil {
		return nil, err
	}
	s.address = address
	return s, nil
}

// serve runs ivrd with a configuration until its log has a line that ready accepts.
func (d *daemon) serve(ctx context.Context, config string, ready func(line []byte) bool) (*server, error) {
	if err := os.WriteFile(d.path("ivrd.yaml"), []byte(config), 0o644); err != nil {
		return nil, err
	}
	return startServer(exec.CommandContext(ctx, d.path("ivrd"), "serve", "-c", d.path("ivrd.yaml")), ready)
}
