package flow

import "time"

// Options say how a folder is read and watched. The zero value works.
type Options struct {
	Language string // of prompts that are missing in the caller's; "" means en

	// Media is what Asterisk is told to play for a prompt file, given its path below the flows folder
	// and the hash of its content. nil, or "", leaves it to the prompt's name.
	Media func(file, hash string) string

	// Spool is a folder that gets a copy of every recording, named HASH.wav, before a flow can name it, so
	// that what a call has yet to hear outlives its replacement. "" keeps none.
	Spool string

	// Gate has the last word on changed flows.
	Gate Gate

	// OnReload hears of every reload that changed something, problems included. It is called on the
	// goroutine that watches: it must not call Reload or Close.
	OnReload func(Report)
	// Poll is how often the folder is looked through for changes nobody notified; 0 means 2 seconds.
	Poll time.Duration
	// NoNotify leaves noticing changes to Poll.
	NoNotify bool
}

func (o Options) filled() Options {
	if o.Language == "" {
		o.Language = "en"
	}
	if o.Poll == 0 {
		o.Poll = 2 * time.Second
	}
	return o
}
