package luaapi

import (
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

// Messages show long texts in short; what is left of a secret in them is not on record.
func TestSecretsInMessages(t *testing.T) {
	const secret = "k7-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	e := &engine.Engine{Secrets: func(string) (string, error) { return secret, nil }}
	for _, source := range []string{
		`say.number(key)`, `metrics.count("x", 1, key)`, `call:dial(key)`, `string.rep("x", key)`, `log.info(("x"):rep(990), key)`, `error(("x"):rep(990) .. key)`,
		`call:set("X", json.encode { json.encode { key } })`, `http.get("http://10.0.0.1/" .. key)`, `local t = {} t.x[key] = 1`,
	} {
		_, journal, err := callWith(t, e, `local key = secrets.get("key") local _, why = pcall(function() `+source+` end) if why then log.info(why) end`)
		if err != nil || strings.Contains(journal, "k7-0") || !strings.Contains(journal, "=>") {
			t.Errorf("%s: %v\n%s", source, err, journal)
		}
	}
}
