package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/test/sqlserver"
)

// An outside is a site whose flows reach hosts, databases and a disk that the test has in its hands. Callers with odd
// numbers come over ARI, those with even ones over FastAGI.
type outside struct {
	*site
	far, hung, sick, torn, near *host
	dead, busy                  *sqlserver.Server
	disk                        disk
}

// 800 is answered by Asterisk itself: how quick it is shows what else the machine has to do.
const viaEither = `
exten => 800,1,Answer()
 same => n(ask),Read(KEY,next,1,,,120)
 same => n,Playback(plain)
 same => n,Goto(ask)
exten => _X.,1,GotoIf($[${CALLERID(num)} % 2]?ari)
 same => n,AGI(agi://${AGI})
 same => n,Hangup()
 same => n(ari),Stasis(ivrd)
 same => n,Hangup()
`

// 500 is who depends on what is outside, 600 who asks others meanwhile.
var outsideFlows = map[string]string{
	"500.lua": `
local filler = { after = 0.5, prompt = "filler", pause = 0.4 }
local function ask(service)
  return function()
    local response, why = http.service(service):get("/" .. call.caller.number, { filler = filler })
    if response and not response.ok then why = "status" end
    call:play(why or "answer")
  end
end
local function tell(value) call:play(value and "answer" or "apology") end
local dead, few = db.open("dead"), db.open("few")
local text = string.rep("x", 20000)
local can = {
  ["1"] = ask("far"), ["2"] = ask("hung"), ["3"] = ask("sick"), ["4"] = ask("torn"),
  ["5"] = function() tell(dead:value("select pg_sleep(0.05)::text || 'answer'")) end,
  ["6"] = function() tell(dead:value("select pg_sleep(20)::text || 'answer'", { timeout = 2 })) end,
  ["7"] = function() tell(few:value("select pg_sleep(20)::text || 'answer'", { timeout = 3 })) end,
  ["8"] = function()                            -- a hundred at once may be too many on a busy machine
    local value
    for _ = 1, 5 do value = value or few:value("select 'answer'") end
    tell(value)
  end,
  ["9"] = function()
    tell(kv.set("text:" .. call.caller.number, text))
    tell(db.exec("insert into notes values (?, ?)", call.caller.number, text))
  end,
  ["0"] = function()
    local _, why = kv.get("visits")
    tell(not why)
    tell(db.value("select count(*) from notes"))
  end,
  ["*"] = function()
    call:record { name = "said/" .. call.caller.number, max = 0.3, beep = false }
    call:play("answer")
  end,
}
call:on_end(function(why) log.info("over: " .. call.caller.number .. " " .. why) end)
call:answer()
while true do
  local does = can[call:ask { prompt = "ready", max = 1, wait = 120, tries = 1 } or ""]
  if not does then break end
  does()
end
call:play("goodbye")
call:hangup()`,
	"600.lua": `
local near, crm = http.service("near"), db.open("crm")
call:answer()
while true do
  local key = call:ask { prompt = "next", digits = 1, wait = 120, tries = 1 }
  if key == "1" then
    call:play("plain")
  elseif key == "2" then
    call:play(crm:value("select 'row'") or "apology")
  elseif key == "3" then
    local response = near:get("/")
    call:play(response and response.ok and "page" or "apology")
  else
    break
  end
end
call:hangup()`,
	"100.lua":      `call:answer() call:play("answer")`,
	"200.lua":      `call:answer() call:nonsense()`,
	"300.lua":      `call:answer() call:hangup()`,
	"fallback.lua": `call:answer()`,
}

func startOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{disk: newDisk(t), dead: postgres(t), busy: postgres(t)}
	for _, h := range []**host{&o.far, &o.hung, &o.sick, &o.torn, &o.near} {
		*h = newHost(t)
	}
	migrations := daemon{dir: t.TempDir()}
	migrations.write(t, "001_notes.sql", []byte("create table notes (caller text, text text);\n"))
	tmp := o.disk.path("tmp")
	mkdir(t, tmp)
	// Keys are pressed while a question is heard: at its end Asterisk may lose some over FastAGI.
	prompts := map[string]time.Duration{"ready": 2 * time.Second, "next": 2 * time.Second, "filler": 300 * time.Millisecond}
	for _, name := range []string{"answer", "apology", "status", "timeout", "refused", "breaker", "goodbye", "plain", "row", "page"} {
		prompts[name] = 200 * time.Millisecond
	}
	o.site = plan{
		ARI: true, Dialplan: viaEither, Flows: outsideFlows, Prompts: prompts,
		Sounds: map[string]time.Duration{"next": prompts["next"], "plain": prompts["plain"]},
		Env:    []string{"GODEBUG=gctrace=1,schedtrace=500,scheddetail=1", "TMPDIR=" + tmp},
		Config: quietly + fmt.Sprintf(`
requests: { breaker: { pause: 15s } }
services:
  far:  { url: %q, timeout: 25s, connections: 200 }
  hung: { url: %q, timeout: 3s }
  sick: { url: %q, retries: 1 }
  torn: { url: %q }
  near: { url: %q }
databases:
  main: "sqlite:%s"
  dead: { url: %q, wait: 20s, timeout: 20s, connect: 10s }
  few:  { url: %q, wait: 2s, timeout: 20s, connections: 2 }
  crm:  { url: %q, wait: 20s, timeout: 20s, connections: 1 }
migrations: %q
kv: %q
journal: %q
prompts: { cache: %q }
recordings: { dir: ./recordings, expire: 7d, ledger: %q }
`, o.far.URL, o.hung.URL, o.sick.URL, o.torn.URL, o.near.URL, o.disk.path("main.db"), o.dead.URL, o.busy.URL, o.busy.URL,
			migrations.dir, o.disk.path("kv.db"), o.disk.path("journal"), o.disk.path("cache"), o.disk.path("ledger")),
	}.start(t)
	symlink(t, o.recordingsDir(), filepath.Join(o.dir, "recordings"))
	if _, err := o.lab.CLI("dialplan set global AGI " + o.agi); err != nil {
		t.Fatal(err)
	}
	return o
}

// postgres is one of the test's own.
func postgres(t *testing.T) *sqlserver.Server {
	t.Helper()
	server, err := sqlserver.PostgreSQL()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// waitSleepers waits until so many queries of the flow's sleep in a database.
func waitSleepers(t *testing.T, server *sqlserver.Server, n int) {
	t.Helper()
	pools, err := database.Open([]database.Config{{Name: engine.MainDatabase, URL: server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	defer pools.Close()
	want := fmt.Sprintf(`{"n":%d}`, n)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx := timeout(t); ; {
		rows, err := pools.Query(ctx, engine.MainDatabase,
			"select count(*) as n from pg_stat_activity where state = 'active' and query like 'select pg_sleep(20)%'", nil, 0)
		if rows == want {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("queries that sleep: %s, %v; want %s", rows, err, want)
		}
	}
}
