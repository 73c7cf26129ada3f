package engine

import (
	"net/url"
	"slices"
	"strings"
)

const (
	// shortestSecret is the fewest digits of an entry that is looked for in other steps: shorter ones are part of
	// too much that has nothing to do with them.
	shortestSecret = 3
	// mostSecrets bounds how many entries are looked for.
	mostSecrets = 32
	secretKeys  = "0123456789*#"
)

// KeepSecret has what a secret entry stands for stay out of it too, such as "1980-05-17" for 17051980.
func (c *Call) KeepSecret(text string) { c.keepSecret(text) }

// keepSecret has an entry stay out of all that goes on record from now on.
func (c *Call) keepSecret(digits string) {
	if len(digits) < shortestSecret || slices.Contains(c.secrets, digits) {
		return
	}
	if len(c.secrets) == mostSecrets {
		c.secrets = slices.Delete(c.secrets, 0, 1)
	}
	c.secrets = append(c.secrets, digits)
}

// mask is s with a ? for each key of a secret entry. A number that merely contains one stays as it is: the part
// that was masked would show what the entry is.
func (c *Call) mask(s string) string {
	if len(c.secrets) == 0 || !strings.ContainsAny(s, secretKeys) {
		return s
	}
	var out strings.Builder
	for s != "" {
		start := strings.IndexAny(s, secretKeys)
		if start < 0 {
			break
		}
		out.WriteString(s[:start])
		s = s[start:]
		run := s[:len(s)-len(strings.TrimLeft(s, secretKeys))]
		s = s[len(run):]
		if slices.Contains(c.secrets, run) {
			run = strings.Repeat("?", len(run))
		}
		out.WriteString(run)
	}
	return maskTexts(out.String()+s, c.secrets)
}

// maskTexts does the same to secrets that are more than keys, such as dates, and to those with * or # as URLs have them.
func maskTexts(s string, secrets []string) string {
	for _, secret := range secrets {
		for _, text := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if strings.Trim(text, secretKeys) != "" {
				s = strings.ReplaceAll(s, text, strings.Repeat("?", len(secret)))
			}
		}
	}
	return s
}

// maskError is err with the same done to its text.
func (c *Call) maskError(err error) error {
	if err == nil || len(c.secrets) == 0 {
		return err
	}
	text := c.mask(err.Error())
	if text == err.Error() {
		return err
	}
	if fault, ok := err.(*FlowError); ok {
		masked := *fault
		masked.Text = c.mask(fault.Text)
		return &masked
	}
	return &maskedError{text, err}
}

// A maskedError is an error whose text is not for the record.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }
