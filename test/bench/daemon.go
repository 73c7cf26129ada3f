package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// A daemon is ivrd, built for the benchmark in a folder of its own.
type daemon struct{ dir string }

// buildDaemon makes the folder, and ivrd, its configuration and the reference flow in it.
func buildDaemon(ctx context.Context) (*daemon, error) {
	dir, err := os.MkdirTemp("", "ivrd-bench-")
	if err != nil {
		return nil, err
	}
	d := &daemon{dir}
	if err := d.fill(ctx); err != nil {
		d.remove()
		return nil, err
	}
	return d, nil
}

func (d *daemon) fill(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", d.path("ivrd"), "github.com/ivrd/ivrd/cmd/ivrd")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build ivrd: %w", err)
	}
	if err := os.Mkdir(d.path("flows"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(d.path("flows/reference.lua"), []byte(reference), 0o644); err != nil {
		return err
	}
	return os.WriteFile(d.path("ivrd.yaml"), []byte(config), 0o644)
}

func (d *daemon) path(name string) string { return filepath.Join(d.dir, name) }

func (d *daemon) remove() { _ = os.RemoveAll(d.dir) }

// start runs ivrd. Its log says on which port.
func (d *daemon) start(ctx context.Context) (*server, error) {
	cmd := exec.CommandContext(ctx, d.path("ivrd"), "serve", "-c", d.path("ivrd.yaml"))
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd}
	in := bufio.NewReader(log)
	for s.address == "" {
		line, err := in.ReadBytes('\n')
		if err != nil {
			s.stop()
			return nil, fmt.Errorf("ivrd did not start to serve: %w", err)
		}
		var said struct{ AGI string }
		if json.Unmarshal(line, &said) != nil || said.AGI == "" {
			os.Stderr.Write(line)
		}
		s.address = said.AGI
	}
	go func() { _, _ = io.Copy(os.Stderr, in) }() // until ivrd ends
	return s, nil
}
