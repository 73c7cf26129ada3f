// Package asterisk is the lab: a real Asterisk for tests, and SIP callers that press and listen.
//
// Each [Start] runs an Asterisk of its own, with its own folder, ports and configuration, and ends it
// with the test; labs of several packages run side by side. A [Phone] is a caller: it presses RFC 4733
// digits and hears prompts as tones, so what a caller heard is a computation. The lab knows nothing of
// ivrd, and it never skips: a machine without Asterisk fails the test and names install.sh.
//
//	lab := asterisk.Start(t, asterisk.Options{
//		Dialplan: "exten => 100,1,Answer()\n same => n,Playback(welcome)",
//		Prompts:  map[string]time.Duration{"welcome": time.Second},
//	})
//	phone, err := lab.Dial(ctx, "100", asterisk.Call{From: "5551234"})
//	...
//	heard, err := phone.WaitHeard(ctx, "welcome")
//	err = phone.Press(ctx, "1234#")
package asterisk
