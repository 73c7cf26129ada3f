package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// A namedSecret is one that a flow asked for by its name, which stands for it on record.
type namedSecret struct {
	name, value string
	forms       []string // in which texts have it
}

// Secret is a secret of the configuration. Who asks again in the same call gets the same. In a transcript, which knows
// none, a secret is its own name unless it says otherwise. It is on record that it was asked for, and its name wherever it would be seen.
func (c *Call) Secret(name string) (string, error) {
	for _, s := range c.named {
		if s.name == name {
			return s.value, nil
		}
	}
	value := name
	given, err := c.Do(StepSecret, name, func(context.Context) (_ string, err error) {
		if c.disclose != nil {
			value, err = c.disclose(name)
		}
		return "", err
	})
	if err != nil {
		return "", err
	}
	value = cmp.Or(given, value)
	c.named = append(c.named, namedSecret{name, value, formsOf(value)})
	c.hide()
	return value, nil
}

// hide has the names of secrets stand for them from now on, in all forms in which steps show texts. One that is part of
// another does not spoil that.
func (c *Call) hide() {
	longestFirst := slices.Clone(c.named)
	slices.SortFunc(longestFirst, func(a, b namedSecret) int { return len(b.value) - len(a.value) })
	var pairs []string
	for _, s := range longestFirst {
		for _, form := range s.forms {
			if !onlyKeys(form) { // mask finds these as it finds entries
				pairs = append(pairs, form, s.name)
			}
		}
	}
	c.names = strings.NewReplacer(pairs...)
}

// formsOf are the forms in which texts have a secret: as it is, in a query, in a part of a path and in a path, in JSON,
// and in JSON that is a text in JSON.
func formsOf(value string) []string {
	path := url.URL{Path: value}
	json := inJSON(value, false)
	return []string{value, url.QueryEscape(value), url.PathEscape(value), path.EscapedPath(), inJSON(value, true), json, inJSON(json, false)}
}

// inJSON is text as it stands between the quotes of JSON; html is whether <, > and & are escaped.
func inJSON(text string, html bool) string {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(html)
	if e.Encode(text) != nil {
		return ""
	}
	return out.String()[1 : out.Len()-2]
}

// Short is text as steps show it: without secrets, and with … in place of what is beyond so many characters.
func (c *Call) Short(text string, most int) (short string, cut bool) {
	text = c.mask(text)
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…", true
		}
		n++
	}
	return text, false
}

// ShortestSecret is the fewest bytes of a secret that has a name: shorter ones would be found in steps that have nothing
// to do with them.
const ShortestSecret = 4

const (
	// shortestEntry is the fewest digits of an entry that is looked for in other steps: shorter ones are part of
	// too much that has nothing to do with them.
	shortestEntry = 3
	// mostEntries bounds how many are looked for.
	mostEntries = 32
	secretKeys  = "0123456789*#"
)

// KeepSecret has what a secret entry stands for stay out of it too, such as "1980-05-17" for 17051980.
func (c *Call) KeepSecret(text string) { c.keepSecret(text) }

// keepSecret has an entry stay out of all that goes on record from now on.
func (c *Call) keepSecret(digits string) {
	if len(digits) < shortestEntry || slices.Contains(c.secrets, digits) {
		return
	}
	if len(c.secrets) == mostEntries {
		c.secrets = slices.Delete(c.secrets, 0, 1)
	}
	c.secrets = append(c.secrets, digits)
}

// mask is s with a ? for each key of a secret entry, and with the names of other secrets in their place. A number that
// merely contains one stays as it is: the part that was masked would show what the entry is.
func (c *Call) mask(s string) string {
	if c.names != nil {
		s = c.names.Replace(c.maskHeads(s))
	}
	if len(c.secrets)+len(c.named) == 0 || !strings.ContainsAny(s, secretKeys) {
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
		out.WriteString(c.maskKeys(run))
	}
	return maskTexts(out.String()+s, c.secrets)
}

// maskHeads puts the names of secrets in place of what messages show of them in short: their beginning, and … behind it.
func (c *Call) maskHeads(s string) string {
	const cut = "…"
	parts := strings.Split(s, cut)
	for i, part := range parts[:len(parts)-1] {
		most := 0
		for _, secret := range c.named {
			if n := secret.head(part); n > most {
				most, parts[i] = n, part[:len(part)-n]+secret.name
			}
		}
	}
	return strings.Join(parts, cut)
}

// head is how many bytes at the end of a text are the beginning of s. A few can be there by chance.
func (s namedSecret) head(text string) (most int) {
	if s.value == s.name { // of a transcript
		return 0
	}
	for _, form := range s.forms {
		for n := min(len(form), len(text)); n >= max(ShortestSecret, most+1); n-- {
			if strings.HasSuffix(text, form[:n]) {
				most = n
			}
		}
	}
	return most
}

// pressed is what the caller has pressed, as the record has it: keys still, if they are a secret.
func (c *Call) pressed(keys string) string {
	if slices.ContainsFunc(c.named, func(s namedSecret) bool { return s.value == keys }) {
		return strings.Repeat("?", len(keys))
	}
	return keys
}

// maskKeys is what stands for a run of keys on record.
func (c *Call) maskKeys(run string) string {
	for _, s := range c.named {
		if s.value == run {
			return s.name
		}
	}
	if slices.Contains(c.secrets, run) {
		return strings.Repeat("?", len(run))
	}
	return run
}

func onlyKeys(text string) bool { return strings.Trim(text, secretKeys) == "" }

// maskTexts does the same to secrets that are more than keys, such as dates, and to those with * or # as URLs have them.
func maskTexts(s string, secrets []string) string {
	for _, secret := range secrets {
		for _, text := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if !onlyKeys(text) {
				s = strings.ReplaceAll(s, text, strings.Repeat("?", len(secret)))
			}
		}
	}
	return s
}

// maskError is err with the same done to its text.
func (c *Call) maskError(err error) error {
	if err == nil || len(c.secrets) == 0 && c.names == nil {
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
