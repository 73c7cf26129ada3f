// Package enginetest is the contract of backends, as transcripts: the folder contract holds small flows
// and how each call of them goes. Its tests run every one on the simulator, in virtual and in real time,
// and on FastAGI and ARI through a real Asterisk with SIP callers, where what the caller heard is compared with
// what was played. The examples of the reference that only play something are heard there as well.
//
// A new promise of the engine is a new .lua and .call file in that folder; nothing else lists them. What
// one backend cannot do does not belong there. The caller's number tells the calls of all files apart,
// so each has one of its own.
package enginetest
