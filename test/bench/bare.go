package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
)

// serveBare prints its address and serves until ctx ends.
func serveBare(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	context.AfterFunc(ctx, func() { l.Close() })
	for {
		conn, err := l.Accept()
		if err != nil {
			return nil
		}
		go func() {
			if err := bare(conn); err != nil {
				fmt.Fprintln(os.Stderr, "bare:", err)
			}
		}()
	}
}

// bare answers a session as a careful Go program without a library would.
func bare(conn net.Conn) error {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 1024)
	env := map[string]string{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		env[name] = value
	}
	for _, command := range []string{
		"ANSWER", `SET VARIABLE "ACCOUNT" "4711"`, `GET DATA "main-menu" 5000 1`, `GET VARIABLE "BALANCE"`,
		`STREAM FILE "your-balance-is" ""`, `SAY NUMBER 42 ""`, `VERBOSE "done" 1`, "HANGUP",
	} {
		if _, err := fmt.Fprintf(conn, "%s\n", command); err != nil {
			return err
		}
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return err
			}
			if line == "HANGUP\n" {
				continue
			}
			if !strings.HasPrefix(line, "200 result=") {
				return fmt.Errorf("%s: %s", command, line)
			}
			break
		}
	}
	return nil
}
