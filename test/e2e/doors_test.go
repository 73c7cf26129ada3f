package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// doors are all ways into ivrd that a dialplan has.
//
// Of hagi:// the SRV lookup itself is not tried: it asks the resolver of the whole machine for
// _agi._tcp.HOST, so it would take a DNS server that the machine uses. Which server Asterisk picks, and that it
// goes on to the next one, happens before ivrd sees a connection. A hagi:// address with a port is no SRV
// lookup, and shows that ivrd takes what such a call sends.
const doors = `
exten => 10,1,AGI(agi://ADDRESS/args?x=1&y=a%20b,one,"t,wo")
 same => n,Hangup()
exten => 11,1,AGI(hagi://ADDRESS/args?x=1&y=a%20b,one,"t,wo")
 same => n,Hangup()
exten => 12,1,AGI(ivrd,agi,--server,ADDRESS,args?x=1&y=a%20b,one,"t,wo")
 same => n,Hangup()
exten => 13,1,AGI(door.sh,one,"t,wo")
 same => n,Hangup()
exten => 14,1,AGI(ivrd,agi,--server,ADDRESS)
 same => n,Set(GLOBAL(END_${CALLERID(num)})=${AGISTATUS} ${IVRD_STATUS})
 same => n,Hangup()
exten => 15,1,AGI(ivrd,agi,--server,ADDRESS,patient)
 same => n,Hangup()
exten => 16,1,AGI(ivrd,agi,--server,127.0.0.1:1,args)
 same => n,Set(GLOBAL(END_${CALLERID(num)})=${AGISTATUS} ${IVRD_STATUS})
 same => n,Answer()
 same => n,Playback(dialplan-sorry)
 same => n,Hangup()
exten => 17,1,AGI(agi://ADDRESS/patient)
 same => n,Hangup()

exten => 90,1,Goto(vip,200,1)
exten => 91,1,Goto(vip,555,1)
exten => _[2-9]X!,1,AGI(agi://ADDRESS)
 same => n,Hangup()

[vip]
exten => _X.,1,AGI(agi://ADDRESS)
 same => n,Hangup()
`

const doorRoutes = `routes:
  200:  [ plain, { flow: vip, context: vip } ]
  _2XX: patterns
  _20X: narrow
  _3.:  { flow: args, args: { x: "1", y: from-the-route } }
default: standard
`

// TestDoors calls through each of them.
func TestDoors(t *testing.T) {
	t.Parallel()
	flows := map[string]string{
		"routes.yaml": doorRoutes,
		"args.lua": `
call:answer()
local a = call.args
log.info("args", a.x or "-", a.y or "-", a[1] or "-", a[2] or "-")
call:play("args")`,
		"patient.lua": `
call:on_end(function(why) log.info("patient flow of", call.caller.number, "over:", why) end)
call:answer()
call:play("patient")
log.error("the hangup went unnoticed")`,
	}
	prompts := map[string]time.Duration{"args": 300 * time.Millisecond, "patient": 20 * time.Second}
	for _, name := range []string{"plain", "vip", "patterns", "narrow", "standard"} {
		flows[name+".lua"] = `call:answer() call:play("` + name + `")`
		prompts[name] = 300 * time.Millisecond
	}
	s := plan{Flows: flows, Prompts: prompts, Dialplan: doors}.start(t)
	s.putAGIScripts(t)

	t.Run("through", func(t *testing.T) {
		for _, test := range []struct{ name, exten, hears, log string }{
			{"FastAGI by name", "10", "args", "args 1 a b one t,wo"},
			{"hagi", "11", "args", "args 1 a b one t,wo"},
			{"classic AGI", "12", "args", "args 1 a b one t,wo"},
			{"classic AGI through a script", "13", "args", "args 1 a b one t,wo"},
			{"classic AGI by extension", "14", "standard", ""},
			{"classic AGI without a daemon", "16", "dialplan-sorry", ""},
			{"an extension", "200", "plain", ""},
			{"the same in another context", "90", "vip", ""},
			{"the narrower pattern", "203", "narrow", ""},
			{"the wider pattern", "213", "patterns", ""},
			{"arguments of a route", "31", "args", "args 1 from-the-route - -"},
			{"the default", "555", "standard", ""},
			{"the default in another context", "91", "standard", ""},
		} {
			t.Run(test.name, func(t *testing.T) {
				from := s.log.mark()
				wantHeard(t, s.dial(t, test.exten, test.exten), test.hears)
				if test.log != "" {
					s.waitLog(t, from, `"msg":"`+test.log+`"`)
				}
			})
		}
		s.wantEnd(t, "14", "SUCCESS completed")
		s.wantEnd(t, "16", "FAILURE")
	})
	for _, exten := range []string{"15", "17"} {
		t.Run("hangup in mid-prompt of "+exten, func(t *testing.T) {
			p := s.dial(t, exten, exten)
			hear(t, p, "patient")
			if err := p.HangUp(); err != nil {
				t.Fatal(err)
			}
			s.waitLog(t, 0, "patient flow of "+exten+" over: hangup")
		})
	}
	if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
		t.Error(err)
	}
	if line, ok := s.log.find(0, "went unnoticed"); ok {
		t.Error(line)
	}
}

// putAGIScripts puts ivrd, and a script that starts it, where Asterisk looks for classic AGI scripts.
func (s *site) putAGIScripts(t *testing.T) {
	t.Helper()
	dir := filepath.Join(s.lab.Path(s.lab.Dir()), "var")
	binary, err := os.ReadFile(ivrd)
	if err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("ADDRESS", s.agi, "DIR", filepath.Join(s.lab.Dir(), "var")).Replace(
		"#!/bin/sh\nexec DIR/ivrd agi --server ADDRESS 'args?x=1&y=a%20b'\n")
	for name, content := range map[string][]byte{"ivrd": binary, "door.sh": []byte(script)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
