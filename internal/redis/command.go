package redis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// refusals are the commands that are not for flows, and why. Those of two words are refused with that first argument.
var refusals = []struct {
	why   string
	names []string
}{
	{"it would change the connection, which other calls get next; a server and its database are named in ivrd.yaml", []string{
		"ASKING", "AUTH", "CLIENT", "HELLO", "QUIT", "READONLY", "READWRITE", "RESET", "SELECT"}},
	{"calls share connections; what must be done together goes into a script, with EVAL", []string{
		"DISCARD", "EXEC", "MULTI", "UNWATCH", "WATCH"}},
	{"it would keep a connection from other calls; ask without waiting, and again later", []string{
		"BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN", "WAIT", "WAITAOF"}},
	{"a flow hears of nothing that it did not ask for; it can PUBLISH, and read lists and streams", []string{
		"MONITOR", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "UNSUBSCRIBE"}},
	{"it is for whoever runs the server", []string{
		"ACL", "BGREWRITEAOF", "BGSAVE", "CLUSTER", "CONFIG", "DEBUG", "FAILOVER", "FLUSHALL", "FLUSHDB", "LATENCY", "MIGRATE",
		"MODULE", "PSYNC", "REPLCONF", "REPLICAOF", "SAVE", "SENTINEL", "SHUTDOWN", "SLAVEOF", "SLOWLOG", "SWAPDB", "SYNC",
		"FUNCTION DELETE", "FUNCTION FLUSH", "FUNCTION KILL", "FUNCTION RESTORE", "SCRIPT DEBUG", "SCRIPT FLUSH", "SCRIPT KILL"}},
}

// CheckCommand says what is wrong with a command that no server need be asked for, by its name and, if they are known,
// its arguments.
func CheckCommand(command []string) error {
	if len(command) == 0 || strings.TrimSpace(command[0]) == "" {
		return errors.New("a command has a name")
	}
	name := strings.ToUpper(command[0])
	if words := strings.Fields(name); len(words) > 1 || words[0] != name {
		return fmt.Errorf("%q is several words; give each by itself, as in \"HGET\", \"customer:7\", \"name\"", command[0])
	}
	names := []string{name}
	if len(command) > 1 {
		names = append(names, name+" "+strings.ToUpper(command[1]))
	}
	for _, r := range refusals {
		for _, n := range names {
			if slices.Contains(r.names, n) {
				return fmt.Errorf("%s is not for flows: %s", n, r.why)
			}
		}
	}
	return checkStream(name, command[1:])
}

// checkStream refuses to wait for what comes into a stream.
func checkStream(name string, args []string) error {
	if name != "XREAD" && name != "XREADGROUP" {
		return nil
	}
	for _, arg := range args {
		switch strings.ToUpper(arg) {
		case "STREAMS": // what follows are keys
			return nil
		case "BLOCK":
			return fmt.Errorf("%s with BLOCK is not for flows: it would keep a connection from other calls; ask without waiting, and again later", name)
		}
	}
	return nil
}
