// Package ari takes calls from Asterisk's Stasis application over ARI and hands each one to the engine as a
// Channel.
//
// Events come over a websocket that either side may open: ivrd to Asterisk, or Asterisk to ivrd. Requests go
// over the same websocket where Asterisk offers that, else over HTTP. Package engine knows nothing of either.
//
//	s := &ari.Server{Handler: eng.Handle, URL: "http://127.0.0.1:8088/ari", App: "ivrd", Username: …, Password: …}
//	err := s.Serve(ctx)   // until ctx ends; running calls go on
//	s.Shutdown(deadline)  // waits for them
//
// # Requests
//
// Asterisk runs what one websocket asks for strictly one after another, and three requests wait for the
// channel's own thread: answer, setting a variable other than by reading SET, and putting a channel into a bridge
// or out of it. On the socket they would hold up the requests of all other calls, so they go another way: HTTP if
// there is a URL, further websockets if Asterisk opened some ("lanes"). None is sent while a playback of ours that
// cannot be stopped has the thread.
//
// # Events
//
// The goroutine that reads the socket only sorts: each event goes into the mailbox of the call it concerns,
// in order. A mailbox is bounded; what is dropped when a flow does not look for long is what nobody asked for.
//
// # Losing Asterisk
//
// When the connection is gone, steps wait for it to come back, up to Server.Outage. Then each looks for what
// became of its playback, recording or legs, and goes on. A request whose answer was lost is not just sent again:
// what Asterisk would do twice is asked about first. Later than that calls are given up: once Asterisk is back they
// are released to the dialplan with IVRD_STATUS=lost, as are calls of an ivrd that was restarted. Parties that talk
// to each other are left to talk.
//
// # Handing over
//
// Another ivrd that registers the same application gets its new calls. This one keeps its own, whose events come
// under a name of their own, to their end. Each asks the other whether it lives, so that what one leaves behind
// the other can take.
package ari
