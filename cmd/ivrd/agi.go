package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func agiCommand() *cobra.Command {
	var server string
	cmd := &cobra.Command{
		Use:   "agi [NAME[?KEY=VALUE…]]",
		Short: "Hand a classic AGI() call to the daemon",
		Long: `Speaks classic AGI on standard input and output and passes it on to a running ivrd, for dialplans that
cannot use agi://. Put ivrd into Asterisk's agi-bin and write AGI(ivrd,agi,NAME) in extensions.conf.`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if server == "" {
				server = c.AGI.Listen
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP) // how Asterisk tells a classic AGI script of a hangup
			defer signal.Stop(hangup)
			path := strings.Join(args, "")
			return bridge(cmd.Context(), server, path, cmd.InOrStdin(), cmd.OutOrStdout(), hangup)
		},
	}
	cmd.Flags().StringVar(&server, "server", "", "`address` of the daemon (default agi.listen of the configuration)")
	return cmd
}

// bridge makes a classic AGI session look like a FastAGI one for path.
func bridge(ctx context.Context, server, path string, in io.Reader, out io.Writer, hangup <-chan os.Signal) error {
	dialer := net.Dialer{Timeout: 2 * time.Second} // as long as Asterisk itself would wait
	conn, err := dialer.DialContext(ctx, "tcp", server)
	if err != nil {
		return fmt.Errorf("reach the daemon: %w; is ivrd serve running?", err)
	}
	defer conn.Close()
	from := bufio.NewReader(in)
	if err := passEnvironment(conn, from, server, path); err != nil {
		return err
	}
	replied := make(chan error, 1) // ends when Asterisk closes its end; the process ends with the bridge
	go func() {
		_, err := io.Copy(conn, from)
		replied <- err
	}()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(out, conn)
		ended <- err
	}()
	for {
		select {
		case <-hangup:
			if _, err := io.WriteString(conn, "HANGUP\n"); err != nil {
				return nil // the daemon closed first: the call is over for both
			}
		case <-replied:
			conn.(*net.TCPConn).CloseWrite()
			return <-ended
		case err := <-ended:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

// passEnvironment passes on the agi_ lines, with the request rewritten to the flow's name.
func passEnvironment(conn io.Writer, from *bufio.Reader, server, path string) error {
	env := &strings.Builder{}
	fmt.Fprintf(env, "agi_network: yes\n")
	if path != "" {
		fmt.Fprintf(env, "agi_network_script: %s\n", path)
	}
	fmt.Fprintf(env, "agi_request: agi://%s/%s\n", server, path)
	own := 1 // the words "agi" and NAME were arguments of AGI() too
	if path != "" {
		own = 2
	}
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read the call from Asterisk: %w; ivrd agi is started by Asterisk's AGI()", err)
		}
		env.WriteString(rewrite(line, own))
		if line == "\n" {
			_, err := io.WriteString(conn, env.String())
			return err
		}
	}
}

// rewrite is a line of the environment as the daemon gets it: without the script's own request, and with
// arguments counted from behind the first own ones.
func rewrite(line string, own int) string {
	if strings.HasPrefix(line, "agi_request:") {
		return ""
	}
	rest, ok := strings.CutPrefix(line, "agi_arg_")
	if !ok {
		return line
	}
	number, value, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	if err != nil || n <= own {
		return ""
	}
	return fmt.Sprintf("agi_arg_%d:%s", n-own, value)
}
