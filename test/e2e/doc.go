// Package e2e holds the tests of the whole: the ivrd binary as an operator runs it, behind a real Asterisk
// whose callers are SIP phones that know which prompts they hear. Each test has a daemon of its own, with its
// own folder, ivrd.yaml and ports, and, unless its callers are scripted FastAGI peers, a lab of its own.
//
// What a single package promises is tested there; a test belongs here if it needs the process, its
// configuration, its signals or its log.
package e2e
