package engine

import (
	"fmt"
	"strings"
)

// A Digit is a key of the caller's phone: 0-9, *, # or A-D. NoDigit is no key.
type Digit byte

// NoDigit means that nobody pressed a key.
const NoDigit Digit = 0

func (d Digit) String() string {
	if d == NoDigit {
		return ""
	}
	return string(rune(d))
}

// Digits is a set or a sequence of digits, such as "0123456789*#".
type Digits string

// AnyDigit is every key a phone has.
const AnyDigit Digits = "0123456789*#ABCD"

// Has reports whether d is in the set.
func (s Digits) Has(d Digit) bool { return d != NoDigit && strings.IndexByte(string(s), byte(d)) >= 0 }

// ParseDigits checks that every byte of s is a key.
func ParseDigits(s string) (Digits, error) {
	for i := 0; i < len(s); i++ {
		if !AnyDigit.Has(Digit(s[i])) {
			return "", fmt.Errorf("%q is not a digit; keys are 0-9, *, # and A-D", s[i:i+1])
		}
	}
	return Digits(s), nil
}
