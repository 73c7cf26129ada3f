package asterisk

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// eventType is the payload type of RFC 4733 events that a phone offers.
const eventType = 101

// offer is the SDP of a phone that speaks µ-law and presses RFC 4733 digits. direction is sendrecv, or sendonly on
// hold; version tells one offer of a call from the one before.
func offer(port, version int, direction string) []byte {
	return fmt.Appendf(nil, "v=0\r\no=phone 1 %d IN IP4 127.0.0.1\r\ns=call\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0 %d\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:%[3]d telephone-event/8000\r\na=fmtp:%[3]d 0-16\r\n"+
		"a=ptime:20\r\na=%[4]s\r\n", version, port, eventType, direction)
}

// parseSDP finds where to send media to, and the payload type of events there.
func parseSDP(sdp []byte) (to netip.AddrPort, event uint8, ok bool) {
	host, port, event := netip.IPv4Unspecified(), 0, uint8(eventType)
	for lines := bufio.NewScanner(bytes.NewReader(sdp)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "c=IN IP4 "):
			host, _ = netip.ParseAddr(line[len("c=IN IP4 "):])
		case strings.HasPrefix(line, "m=audio "):
			fmt.Sscanf(line, "m=audio %d", &port)
		case strings.HasPrefix(line, "a=rtpmap:") && strings.HasSuffix(line, "telephone-event/8000"):
			fmt.Sscanf(line, "a=rtpmap:%d", &event)
		}
	}
	return netip.AddrPortFrom(host, uint16(port)), event, host.IsValid() && port > 0
}

var q850Cause = regexp.MustCompile(`(?i)Q\.850.*cause=(\d+)`)

// q850 is the cause of a Reason header (RFC 3326), or 0.
func q850(reason sip.Header) int {
	if reason == nil {
		return 0
	}
	m := q850Cause.FindStringSubmatch(reason.Value())
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func randomID() string { return rand.Text() }
