package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// A Cause says why we hang up: a Q.850 cause code, as Asterisk uses them (include/asterisk/causes.h).
// The zero Cause is CauseNormal.
type Cause int

// CauseNormal is an ordinary end.
const CauseNormal Cause = 16

var causeNames = []struct {
	Cause Cause
	Name  string
}{
	{1, "unallocated"}, {3, "no_route"}, {16, "normal"}, {17, "busy"}, {18, "no_response"}, {19, "no_answer"},
	{20, "absent"}, {21, "rejected"}, {22, "number_changed"}, {26, "answered_elsewhere"}, {27, "out_of_order"},
	{28, "invalid_number"}, {31, "unspecified"}, {34, "congestion"}, {38, "network_out_of_order"},
	{41, "temporary_failure"}, {42, "switch_congestion"}, {50, "not_subscribed"}, {52, "outgoing_barred"},
	{54, "incoming_barred"}, {57, "not_allowed"}, {58, "not_available"}, {79, "not_implemented"}, {127, "interworking"},
}

// Code is the Q.850 number.
func (c Cause) Code() int {
	if c == 0 {
		return int(CauseNormal)
	}
	return int(c)
}

func (c Cause) String() string {
	for _, n := range causeNames {
		if int(n.Cause) == c.Code() {
			return n.Name
		}
	}
	return strconv.Itoa(c.Code())
}

// ParseCause reads a cause's name ("busy") or number ("17").
func ParseCause(s string) (Cause, error) {
	names := make([]string, 0, len(causeNames))
	for _, n := range causeNames {
		if n.Name == s {
			return n.Cause, nil
		}
		names = append(names, n.Name)
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= 127 {
		return Cause(n), nil
	}
	return 0, fmt.Errorf("no hangup cause %q; use a number from 1 to 127 or one of %s", s, strings.Join(names, ", "))
}
