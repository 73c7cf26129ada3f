package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func agiCommand() *cobra.Command {
	var b bridge
	cmd := &cobra.Command{
		Use:   "agi [NAME[?KEY=VALUE…] [ARG…]]",
		Short: "Hand a classic AGI() call to the daemon",
		Long: `Speaks classic AGI on standard input and output and passes it on to a running ivrd, for dialplans that
cannot use agi://. Write AGI(ivrd,agi,NAME) in extensions.conf, with ivrd's path if it is not in Asterisk's
agi-bin. Arguments behind NAME are the flow's own.`,
		Args: arguments(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if b.server == "" {
				b.server = c.AGI.Listen
			}
			b.words = os.Args[1:]
			b.behind = max(len(args)-1, 0)
			if len(args) > 0 {
				b.path = args[0]
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP) // how Asterisk tells a classic AGI script of a hangup
			defer signal.Stop(hangup)
			return b.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), hangup)
		},
	}
	cmd.Flags().StringVar(&b.server, "server", "", "`address` of the daemon (default agi.listen of the configuration)")
	cmd.Flags().SetInterspersed(false) // what stands behind NAME is the flow's, whatever it begins with
	return cmd
}

// A bridge makes a classic AGI session look like a FastAGI one.
type bridge struct {
	server string
	path   string   // the flow's name and query
	words  []string // that ivrd was started with
	behind int      // how many of them stand behind path
}

func (b *bridge) run(ctx context.Context, in io.Reader, out io.Writer, hangup <-chan os.Signal) error {
	dialer := net.Dialer{Timeout: 2 * time.Second} // as long as Asterisk itself would wait
	conn, err := dialer.DialContext(ctx, "tcp", b.server)
	if err != nil {
		return fmt.Errorf("reach the daemon: %w; is ivrd serve running?", err)
	}
	defer conn.Close()
	from := bufio.NewReader(in)
	env, err := readEnvironment(from)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(conn, b.rewrite(env)); err != nil {
		return fmt.Errorf("pass the call to the daemon: %w", err)
	}
	return pass(ctx, conn.(*net.TCPConn), from, out, hangup)
}

// pass hands on what both sides say until the daemon has ended the session.
func pass(ctx context.Context, conn *net.TCPConn, from *bufio.Reader, out io.Writer, hangup <-chan os.Signal) error {
	var line sync.Mutex            // held while one is written, so that HANGUP is a line of its own
	replied := make(chan struct{}) // Asterisk has closed its end; until then the copying ends with the process
	go func() {
		passLines(conn, from, &line)
		close(replied)
	}()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(out, conn)
		ended <- err
	}()
	for {
		select {
		case <-hangup:
			line.Lock()
			io.WriteString(conn, "HANGUP\n") // as FastAGI says it; if the daemon has gone, ended tells
			line.Unlock()
		case <-replied:
			replied = nil
			conn.CloseWrite()
		case err := <-ended:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

// passLines hands on Asterisk's replies, line by line.
func passLines(conn io.Writer, from *bufio.Reader, line *sync.Mutex) {
	for {
		text, err := from.ReadString('\n')
		line.Lock()
		io.WriteString(conn, text)
		line.Unlock()
		if err != nil {
			return
		}
	}
}

// readEnvironment reads the agi_ lines, without the blank one behind them.
func readEnvironment(from *bufio.Reader) ([]string, error) {
	var env []string
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("read the call from Asterisk: %w; ivrd agi is started by Asterisk's AGI()", err)
		}
		if line == "\n" {
			return env, nil
		}
		env = append(env, strings.TrimSuffix(line, "\n"))
	}
}

// rewrite is the environment as the daemon gets it: with the request that AGI(agi://…) would have made, and
// without the arguments that were ivrd's own.
func (b *bridge) rewrite(env []string) string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "agi_network: yes\n")
	if b.path != "" {
		fmt.Fprintf(out, "agi_network_script: %s\n", b.path)
	}
	fmt.Fprintf(out, "agi_request: agi://%s/%s\n", b.server, b.path)
	var args []string
	for _, line := range env {
		if arg, ok := strings.CutPrefix(line, "agi_arg_"); ok {
			_, value, _ := strings.Cut(arg, ": ")
			args = append(args, value)
		} else if !strings.HasPrefix(line, "agi_request:") {
			out.WriteString(line + "\n")
		}
	}
	for i, arg := range b.flowArgs(args) {
		out.WriteString("agi_arg_" + strconv.Itoa(i+1) + ": " + arg + "\n")
	}
	out.WriteString("\n")
	return out.String()
}

// flowArgs is what is left of AGI()'s arguments for the flow. They are the words ivrd was started with,
// unless a script stands between, whose arguments they are then.
func (b *bridge) flowArgs(args []string) []string {
	if slices.Equal(args, b.words) {
		return args[len(args)-b.behind:]
	}
	return args
}
