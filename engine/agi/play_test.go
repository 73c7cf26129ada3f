package agi

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const all = `"0123456789*#ABCD"`

// TestPlayKeepsDigits: a digit nobody asked for is kept and the sound goes on where it was (trap 6).
func TestPlayKeepsDigits(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< STREAM FILE "a" `+all+`
		> 200 result=49 endpos=800
		< STREAM FILE "a" `+all+` "800"
		> 200 result=42 endpos=1600
		< STREAM FILE "a" `+all+` "1600"
		> 200 result=0 endpos=8000
		< STREAM FILE "http://h/b.wav" `+all+`
		> 200 result=35 endpos=100`, func(ctx context.Context, ch *channel) {
		b := engine.Prompt{Text: "b", Sound: engine.Sound{Media: "http://h/b.wav", Duration: time.Second}}
		d, err := ch.Play(ctx, append(sound("a"), b), "#")
		if d != '#' || err != nil {
			t.Errorf("play: %v, %v", d, err)
		}
		if got := keptDigits(t, ch); got != "1*" {
			t.Errorf("kept %q", got)
		}
	})
}

// TestKeptDigitEndsPlay: before anything is heard, in the order of pressing; the others stay.
func TestKeptDigitEndsPlay(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< WAIT FOR DIGIT "1000"
		pause 400ms
		> 200 result=49
		< WAIT FOR DIGIT "600"
		pause 100ms
		> 200 result=50
		< WAIT FOR DIGIT "500"
		> 200 result=51
		< WAIT FOR DIGIT "500"
		pause 500ms
		> 200 result=0`, func(ctx context.Context, ch *channel) {
		_, err := ch.Play(ctx, []engine.Prompt{engine.Silence(time.Second)}, "#")
		noErr(t, "silence", err)
		d, err := ch.Play(ctx, sound("never heard"), "32")
		if d != '2' || err != nil {
			t.Errorf("play: %v, %v", d, err)
		}
		if got := keptDigits(t, ch); got != "13" {
			t.Errorf("kept %q, want 13", got)
		}
	})
}

func TestPlayCancelled(t *testing.T) {
	const stop = "cancel\n< GET FULL VARIABLE \"{sync}\"\n"
	const synced = "> 200 result=1 ({sync})\n"
	const next = "< SET VARIABLE \"A\" \"1\"\n> 200 result=1"
	play := func(ctx context.Context, ch *channel) error {
		_, err := ch.Play(ctx, sound("a"), "#")
		return err
	}
	read := func(ctx context.Context, ch *channel) error {
		_, err := ch.ReadDigit(ctx, 5*time.Second)
		return err
	}
	const file, wait = "< STREAM FILE \"a\" " + all + "\n", "< WAIT FOR DIGIT \"5000\"\n"
	for _, test := range []struct {
		name, script string
		do           func(ctx context.Context, ch *channel) error
		err          error
		kept         string
	}{
		{"a file gives no reply of its own", file + stop + synced + next, play, errTest, ""},
		{"a file that just ended does", file + stop + "> 200 result=0 endpos=99\n" + synced + next, play, errTest, ""},
		{"a digit of that moment is kept", file + stop + "> 200 result=53 endpos=99\n" + synced + next, play, errTest, "5"},
		{"so is one in stop", file + stop + "> 200 result=35 endpos=99\n" + synced + next, play, errTest, "#"},
		{"a wait is answered 1, which is no digit", wait + stop + "> 200 result=1\n" + synced + next, read, errTest, ""},
		{"a wait that just got its digit", wait + stop + "> 200 result=49\n" + synced + next, read, errTest, "1"},
		{"a wait that just ran out", wait + stop + "> 200 result=0\n" + synced + next, read, errTest, ""},
		{"a hangup meanwhile", file + stop + "> 200 result=-1 endpos=9\n> HANGUP\n" + synced + next, play, engine.ErrHangup, ""},
		{"a command swallowed with the one before is sent again",
			file + stop + "< GET FULL VARIABLE \"{sync}\"\n" + synced + next, play, errTest, ""},
		{"a late answer to both",
			file + stop + "pause 300ms\n> 200 result=1 ({sync})\n< GET FULL VARIABLE \"{sync}\"\n" + synced + next, play, errTest, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			converse(t, &Server{TypeAhead: -1}, test.script, func(ctx context.Context, ch *channel) {
				wantErr(t, "error", test.do(ctx, ch), test.err)
				wantErr(t, "the context's end stays", ch.SetVar(ctx, "A", "1"), errTest)
				noErr(t, "the next command", ch.SetVar(context.WithoutCancel(ctx), "A", "1"))
				if got := keptDigits(t, ch); got != test.kept {
					t.Errorf("kept %q, want %q", got, test.kept)
				}
			})
		})
	}
}

// TestUnstoppable: a command that cannot be interrupted goes on; what comes next waits for it.
func TestUnstoppable(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< EXEC "Wait" "5"
		cancel
		< GET FULL VARIABLE "{sync}"
		pause 2s
		< GET FULL VARIABLE "{sync}"
		< GET FULL VARIABLE "{sync}"
		< GET FULL VARIABLE "{sync}"
		> 200 result=0
		> 200 result=1 ({word}1)
		> 200 result=1 ({word}2)
		> 200 result=1 ({word}3)
		> 200 result=1 ({sync})
		< SET VARIABLE "A" "1"
		> 200 result=1`, func(ctx context.Context, ch *channel) {
		_, err := ch.Exec(ctx, "Wait", "5")
		wantErr(t, "exec", err, errTest)
		noErr(t, "set", ch.SetVar(context.WithoutCancel(ctx), "A", "1"))
	})
	converse(t, &Server{TypeAhead: -1, IOTimeout: time.Second}, `
		< EXEC "Dial" "x"
		cancel
		< GET FULL VARIABLE "{sync}"
		< GET FULL VARIABLE "{sync}"
		< GET FULL VARIABLE "{sync}"`, func(ctx context.Context, ch *channel) {
		_, err := ch.Exec(ctx, "Dial", "x")
		wantErr(t, "exec", err, errTest)
		wantErr(t, "set", ch.SetVar(context.WithoutCancel(ctx), "A", "1"), engine.ErrLost)
	})
}

// TestUnstoppableTwice: the wait for an earlier command can be interrupted as well.
func TestUnstoppableTwice(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< SAY ALPHA "abc" ""
		cancel
		< GET FULL VARIABLE "{sync}"
		< GET FULL VARIABLE "{sync}"
		> 200 result=0
		> 200 result=1 ({word}1)
		> 200 result=1 ({sync})
		< NOOP
		> 200 result=0`, func(ctx context.Context, ch *channel) {
		_, err := ch.Play(ctx, []engine.Prompt{{Kind: engine.CharactersPrompt, Text: "abc"}}, "")
		wantErr(t, "play", err, errTest)
		short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 100*time.Millisecond)
		defer cancel()
		wantErr(t, "set", ch.SetVar(short, "A", "1"), context.DeadlineExceeded)
		_, _, err = ch.Command(context.WithoutCancel(ctx), "NOOP")
		noErr(t, "noop", err)
	})
}

func TestPlayKinds(t *testing.T) {
	for _, test := range []struct {
		prompt engine.Prompt
		script string
		want   engine.Digit
		fails  bool
	}{
		{engine.Prompt{Kind: engine.DigitsPrompt, Text: "12*3#"}, "< SAY DIGITS \"12*3#\" \"#\"\n> 200 result=0", 0, false},
		{engine.Prompt{Kind: engine.DigitsPrompt, Text: "#*1A2"}, "< STREAM FILE \"digits/pound\" " + all + "\n> 200 result=0 endpos=1\n" +
			"< STREAM FILE \"digits/star\" " + all + "\n> 200 result=0 endpos=1\n< SAY DIGITS \"1\" \"#\"\n> 200 result=0\n" +
			"< STREAM FILE \"letters/a\" " + all + "\n> 200 result=0 endpos=1\n< SAY DIGITS \"2\" \"#\"\n> 200 result=35", '#', false},
		{engine.Prompt{Kind: engine.DigitsPrompt, Text: "1-2"}, "", 0, true},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "-12"}, "< SAY NUMBER \"-12\" \"#\"\n> 200 result=0", 0, false},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "2147483648"}, "", 0, true},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "1.5"}, "", 0, true},
		{engine.Prompt{Kind: engine.CharactersPrompt, Text: `a "b"`}, "< SAY ALPHA \"a \\\"b\\\"\" \"#\"\n> 200 result=35", '#', false},
		{engine.Silence(time.Second), "< WAIT FOR DIGIT \"1000\"\npause 1s\n> 200 result=0", 0, false},
		{engine.Silence(0), "", 0, false},
		{engine.Prompt{Kind: engine.TonePrompt, Text: "dial", For: time.Second}, "< EXEC \"Playtones\" \"dial\"\n> 200 result=0\n" +
			"< WAIT FOR DIGIT \"1000\"\n> 200 result=35\n< EXEC \"StopPlaytones\" \"\"\n> 200 result=0", '#', false},
		{engine.Prompt{Kind: engine.TonePrompt, Text: "odd", For: time.Second}, "< EXEC \"Playtones\" \"odd\"\n> 200 result=-1\n< CHANNEL STATUS\n> 200 result=6", 0, true},
		{engine.Prompt{Kind: "video"}, "", 0, true},
	} {
		t.Run(test.prompt.String(), func(t *testing.T) {
			converse(t, &Server{TypeAhead: -1}, test.script, func(ctx context.Context, ch *channel) {
				d, err := ch.Play(ctx, []engine.Prompt{test.prompt}, "#")
				if d != test.want || (err != nil) != test.fails {
					t.Errorf("play: %v, %v", d, err)
				}
				var failed *engine.PlayError
				if err != nil && !errors.As(err, &failed) {
					t.Errorf("error %v is no PlayError", err)
				}
			})
		})
	}
}

// TestToneCancelled: the tone is stopped although the context is over.
func TestToneCancelled(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< EXEC "Playtones" "dial"
		> 200 result=0
		< WAIT FOR DIGIT "60000"
		cancel
		< GET FULL VARIABLE "{sync}"
		> 200 result=1
		> 200 result=1 ({sync})
		< EXEC "StopPlaytones" ""
		> 200 result=0`, func(ctx context.Context, ch *channel) {
		_, err := ch.Play(ctx, []engine.Prompt{{Kind: engine.TonePrompt, Text: "dial", For: time.Minute}}, "")
		wantErr(t, "play", err, errTest)
	})
}

// TestStuckSound: a peer that interrupts the same place for ever does not hold us for ever.
func TestStuckSound(t *testing.T) {
	script := "< STREAM FILE \"a\" " + all + "\n> 200 result=49 endpos=0\n"
	whole := ""
	for range maxStuck {
		whole += script
	}
	converse(t, &Server{TypeAhead: -1}, whole, func(ctx context.Context, ch *channel) {
		_, err := ch.Play(ctx, sound("a"), "#")
		var stuck *engine.PlayError
		if !errors.As(err, &stuck) {
			t.Errorf("play: %v", err)
		}
	})
}

func TestReadDigit(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, `
		< WAIT FOR DIGIT "2000"
		> 200 result=42
		< WAIT FOR DIGIT "1"
		> 200 result=0
		< WAIT FOR DIGIT "2147483647"
		> 200 result=-1
		> HANGUP`, func(ctx context.Context, ch *channel) {
		if d, err := ch.ReadDigit(ctx, 0); d != 0 || err != nil {
			t.Errorf("at once: %v, %v", d, err)
		}
		if d, err := ch.ReadDigit(ctx, 2*time.Second); d != '*' || err != nil {
			t.Errorf("star: %v, %v", d, err)
		}
		if d, err := ch.ReadDigit(ctx, time.Nanosecond); d != 0 || err != nil {
			t.Errorf("nobody: %v, %v", d, err)
		}
		_, err := ch.ReadDigit(ctx, 10000*time.Hour)
		wantErr(t, "hangup", err, engine.ErrHangup)
	})
}

// TestTypeAhead: while the flow thinks, digits are kept.
func TestTypeAhead(t *testing.T) {
	think := func(d time.Duration) { time.Sleep(d) } // virtual
	converse(t, &Server{TypeAhead: 30 * time.Millisecond}, `
		< ANSWER
		> 200 result=0
		pause 20ms
		< WAIT FOR DIGIT "3600000"
		> 200 result=49
		< WAIT FOR DIGIT "3600000"
		> 200 result=50
		< WAIT FOR DIGIT "3600000"
		< GET FULL VARIABLE "{sync}"
		> 200 result=51
		> 200 result=1 ({sync})
		< SET VARIABLE "A" "1"
		> 200 result=1
		< WAIT FOR DIGIT "3600000"
		< GET FULL VARIABLE "{sync}"
		> 200 result=1
		> 200 result=1 ({sync})
		< STREAM FILE "a" `+all+`
		> 200 result=0 endpos=1
		< WAIT FOR DIGIT "3600000"
		> 200 result=-1
		> HANGUP`, func(ctx context.Context, ch *channel) {
		noErr(t, "answer", ch.Answer(ctx))
		think(time.Second)
		noErr(t, "set", ch.SetVar(ctx, "A", "1"))
		if d, err := ch.Play(ctx, sound("x"), "2"); d != '2' || err != nil {
			t.Errorf("kept digit: %v, %v", d, err)
		}
		think(time.Second)
		if got := keptDigits(t, ch); got != "13" {
			t.Errorf("kept %q, want 13", got)
		}
		_, err := ch.Play(ctx, sound("a"), "")
		noErr(t, "play", err)
		think(time.Second)
		_, err = ch.ReadDigit(ctx, 0)
		wantErr(t, "read digit at once", err, engine.ErrHangup)
		_, err = ch.Play(ctx, sound("a"), "")
		wantErr(t, "play after hangup", err, engine.ErrHangup)
	})
}

// TestTypeAheadAtEnd: the listener neither outlives the call nor delays its end.
func TestTypeAheadAtEnd(t *testing.T) {
	converse(t, &Server{}, "< ANSWER\n> 200 result=0\n< WAIT FOR DIGIT \"3600000\"", func(ctx context.Context, ch *channel) {
		noErr(t, "answer", ch.Answer(ctx))
		time.Sleep(time.Second) // virtual
	})
}

// spool is what ivrd asks once in a call that has to do with recordings.
const spool = "< GET FULL VARIABLE \"${AST_CONFIG(asterisk.conf,directories,astspooldir)}{word}\"\n> 200 result=1 (/s{word})\n"

func folderIs(there string) string {
	return "< GET FULL VARIABLE \"${STAT(d,/s/recording)}{word}\"\n> 200 result=1 (" + there + "{word})\n"
}

func TestRecord(t *testing.T) {
	hour := engine.RecordRequest{Name: "m", Stop: "#", Max: time.Hour}
	for _, test := range []struct {
		name    string
		request engine.RecordRequest
		script  string
		want    engine.Recording
		err     error
	}{
		{"digit", engine.RecordRequest{Name: "m", Stop: "#", Max: 5 * time.Second, Silence: 1500 * time.Millisecond, Beep: true},
			"< RECORD FILE \"/s/recording/m\" \"wav\" \"#\" \"5000\" \"0\" \"BEEP\" \"s=2\"\n> 200 result=35 (dtmf) endpos=12000",
			engine.Recording{Name: "m", Duration: 1500 * time.Millisecond, Digit: '#', Why: engine.RecordDigit}, nil},
		{"timeout, whose number is no digit", engine.RecordRequest{Name: "m", Format: "gsm"},
			"< RECORD FILE \"/s/recording/m\" \"gsm\" \"\" \"-1\" \"0\"\n> 200 result=49 (timeout) endpos=8000",
			engine.Recording{Name: "m", Duration: time.Second, Why: engine.RecordTimeout}, nil},
		{"hangup keeps the recording", hour, "< RECORD FILE \"/s/recording/m\" \"wav\" \"#\" \"3600000\" \"0\"\n> 200 result=-1 (hangup) endpos=8000\n> HANGUP",
			engine.Recording{Name: "m", Duration: time.Second, Why: engine.RecordHangup}, engine.ErrHangup},
		{"waitfor", hour, "< RECORD FILE \"/s/recording/m\" \"wav\" \"#\" \"3600000\" \"0\"\n> 200 result=-1 (waitfor) endpos=8000\n< CHANNEL STATUS\n> HANGUP\n> 511 x",
			engine.Recording{Name: "m", Duration: time.Second, Why: engine.RecordHangup}, engine.ErrHangup},
		{"digit into the beep", hour, "< RECORD FILE \"/s/recording/m\" \"wav\" \"#\" \"3600000\" \"0\"\n> 200 result=35 (randomerror) endpos=0",
			engine.Recording{Name: "m", Digit: '#', Why: engine.RecordDigit}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			converse(t, &Server{TypeAhead: -1}, spool+folderIs("1")+test.script, func(ctx context.Context, ch *channel) {
				got, err := ch.Record(ctx, test.request)
				wantErr(t, "record", err, test.err)
				if got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
			})
		})
	}
	for _, answer := range []string{"-1 (writefile)", "-1\n< CHANNEL STATUS\n> 200 result=6", "0 (randomerror) endpos=0\n< CHANNEL STATUS\n> 200 result=6"} {
		converse(t, &Server{TypeAhead: -1}, spool+folderIs("1")+"< RECORD FILE \"/s/recording/m\" \"wav\" \"\" \"-1\" \"0\"\n> 200 result="+answer, func(ctx context.Context, ch *channel) {
			if _, err := ch.Record(ctx, engine.RecordRequest{Name: "m"}); err == nil || errors.Is(err, engine.ErrHangup) {
				t.Errorf("%s: %v", answer, err)
			}
		})
	}
}

func TestRecordMakesFolders(t *testing.T) {
	const made = "< EXEC \"Record\" \"/s/recording/folder.none,,1,qn\"\n> 200 result=0\n"
	file := func(name string) string {
		return "< RECORD FILE \"/s/recording/" + name + "\" \"wav\" \"\" \"-1\" \"0\"\n> 200 result=0 (timeout) endpos=8000\n"
	}
	converse(t, &Server{TypeAhead: -1}, spool+folderIs("0")+made+file("m")+file("n"), func(ctx context.Context, ch *channel) {
		for _, name := range []string{"m", "n"} {
			_, err := ch.Record(ctx, engine.RecordRequest{Name: name})
			noErr(t, "record", err)
		}
	})
}

// inFolder asks for a recording, of which there is one in the format wav or none.
func inFolder(name, size string) string {
	var names, values []string
	for i, f := range engine.RecordingFormats {
		file := "/s/recording/" + name + "." + f.Extension
		names = append(names, "STAT(s,"+file+")", "STAT(M,"+file+")")
		if i == 0 && size != "" {
			values = append(values, size, "1795848956")
		} else {
			values = append(values, "0", "0")
		}
	}
	return asked(names...) + answered(values...)
}

func TestFindRecording(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, spool+inFolder("calls/m", "67244")+inFolder("n", ""), func(ctx context.Context, ch *channel) {
		found, err := ch.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsFind, Name: "calls/m"})
		if err != nil || len(found) != 1 || found[0].String() != "calls/m wav 4.2s 67244b 2026-11-28T06:55:56Z" {
			t.Errorf("%v, %v", found, err)
		}
		found, err = ch.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsFind, Name: "n"})
		if err != nil || len(found) > 0 {
			t.Errorf("%v, %v", found, err)
		}
		if _, err := ch.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsList}); err == nil {
			t.Error("FastAGI lists")
		}
	})
}

// TestPlayRecording: by its kind, and by the plain name that has always worked.
func TestPlayRecording(t *testing.T) {
	play := func(file, result string) string {
		return `< STREAM FILE "` + file + `" "0123456789*#ABCD"` + "\n> 200 result=" + result + " endpos=8000\n"
	}
	const there = "< CHANNEL STATUS\n> 200 result=6\n"
	script := spool + play("/s/recording/m", "0") + play("n", "-1") + there + inFolder("n", "67244") + play("/s/recording/n", "0") +
		play("/s/recording/n", "0") + play("/s/recording/x", "-1") + there
	converse(t, &Server{TypeAhead: -1}, script, func(ctx context.Context, ch *channel) {
		recording := func(name string) []engine.Prompt { return []engine.Prompt{{Kind: engine.RecordingPrompt, Text: name}} }
		for _, p := range [][]engine.Prompt{recording("m"), sound("n"), sound("n")} {
			_, err := ch.Play(ctx, p, "")
			noErr(t, "play", err)
		}
		_, err := ch.Play(ctx, recording("x"), "")
		var missing *engine.PlayError
		if !errors.As(err, &missing) || missing.Prompt.String() != "recording:x" {
			t.Errorf("missing: %v", err)
		}
	})
}

// What a flow asks for when the call is over is answered, whoever noticed the hangup first.
func TestFindRecordingAfterHangup(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, "< ANSWER\n> 200 result=0\n> HANGUP\n"+spool+inFolder("m", "67244"), func(ctx context.Context, ch *channel) {
		noErr(t, "answer", ch.Answer(ctx))
		found, err := ch.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsFind, Name: "m"})
		if err != nil || len(found) != 1 {
			t.Errorf("%v, %v", found, err)
		}
	})
}
