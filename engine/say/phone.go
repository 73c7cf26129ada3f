package say

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/engine"
)

//go:embed data/phones.txt
var phoneFile string

// anywhere is the region of all other countries.
const anywhere = "*"

// readBy is how a group of a telephone number is read.
type readBy int

const (
	readDigits  readBy = iota // 12 is "one two"
	readNumbers               // 12 is "twelve"
)

// A region is how numbers are grouped in a country.
type region struct {
	code   string // of the country: 55
	groups []grouping
}

// A grouping is where to take breath in a number of a certain look.
type grouping struct {
	look  engine.Pattern
	sizes []int
}

var regions = sync.OnceValue(func() map[string]region { return parseRegions(phoneFile) })

// parseRegions reads lines such as "FR 33: 0X XX XX XX XX | X XX XX XX XX". Our own file is right; the
// test of the built-in data says so.
func parseRegions(text string) map[string]region {
	all := map[string]region{}
	for line := range strings.Lines(text) {
		head, looks, ok := strings.Cut(line, ":")
		names := strings.Fields(head)
		if !ok || strings.HasPrefix(line, "#") || len(names) == 0 {
			continue
		}
		r := region{code: names[len(names)-1]}
		for look := range strings.SplitSeq(looks, "|") {
			if g, err := parseGrouping(look); err == nil {
				r.groups = append(r.groups, g)
			}
		}
		for _, name := range names[:len(names)-1] {
			all[name] = r
		}
	}
	return all
}

func parseGrouping(look string) (grouping, error) {
	var g grouping
	var err error
	g.look, err = engine.ParsePattern(strings.TrimSpace(look))
	for part := range strings.FieldsSeq(look) {
		size := 0
		for i := 0; i < len(part); i++ {
			if part[i] == '[' {
				i += max(strings.IndexByte(part[i:], ']'), 0)
			}
			size++
		}
		g.sizes = append(g.sizes, size)
	}
	return g, err
}

func regionOf(name string) (region, error) {
	all := regions()
	r, ok := all[name]
	if !ok || name == anywhere {
		known := slices.Sorted(maps.Keys(all))[1:] // anywhere is the first
		return r, fmt.Errorf("there is no region %q of telephone numbers; there is %s", shorten(name), strings.Join(known, ", "))
	}
	return r, nil
}

// Phone says a telephone number in the groups that are usual where it belongs. region is such as BR, ""
// is the language's own; a number that begins with + says itself where it belongs.
func (l *Language) Phone(number, region string) (Sounds, error) {
	plain, international, err := dialled(number)
	if err != nil {
		return nil, err
	}
	region = strings.ToUpper(cmp.Or(region, l.region))
	r := regions()[anywhere]
	if region != "" {
		if r, err = regionOf(region); err != nil {
			return nil, err
		}
	}
	if !international {
		return l.groups(r.split(plain))
	}
	code, r := countryOf(plain)
	groups := r.split(plain[len(code):])
	if code != "" {
		groups = append([]string{code}, groups...)
	}
	said, err := l.groups(groups)
	if err != nil {
		return nil, err
	}
	return append(Sounds{l.character('+')}, said...), nil
}

// dialled is a number without what is written between its digits.
func dialled(number string) (plain string, international bool, err error) {
	rest, international := strings.CutPrefix(strings.TrimSpace(number), "+")
	plain = strings.NewReplacer(" ", "", "-", "", ".", "", "/", "", "(", "", ")", "").Replace(rest)
	switch {
	case plain == "" || strings.Trim(plain, "0123456789*#") != "":
		return "", false, fmt.Errorf("%q is no telephone number", shorten(number))
	case len(plain) > 40:
		return "", false, fmt.Errorf("a telephone number of %d digits is more than anybody listens to", len(plain))
	}
	return plain, international, nil
}

// countryOf finds whose number it is; codes do not begin with one another.
func countryOf(number string) (code string, r region) {
	for name, r := range regions() {
		if name != anywhere && strings.HasPrefix(number, r.code) && len(number) > len(r.code) {
			return r.code, r
		}
	}
	return "", regions()[anywhere]
}

// split cuts a number into groups: as the region does it, else as any does of that length, else in threes.
func (r region) split(number string) []string {
	for _, g := range slices.Concat(r.groups, regions()[anywhere].groups) {
		if g.look.Matches(number) {
			return cut(number, g.sizes)
		}
	}
	var sizes []int
	for left := len(number); left > 0; left -= 3 {
		if left <= 4 {
			sizes = append(sizes, left)
			break
		}
		sizes = append(sizes, 3)
	}
	return cut(number, sizes)
}

func cut(number string, sizes []int) []string {
	var groups []string
	for _, size := range sizes {
		groups = append(groups, number[:size])
		number = number[size:]
	}
	return groups
}

func (l *Language) groups(groups []string) (Sounds, error) {
	s := speaker{lang: l}
	for i, g := range groups {
		if i > 0 {
			s.add(Pause)
		}
		l.group(&s, g)
	}
	return s.result()
}

// group reads one group. As a number it keeps the zeros before it, and more than three digits are no number
// anybody would recognise.
func (l *Language) group(s *speaker, g string) {
	if l.read == readNumbers && len(g) <= 3 && digits(g) {
		rest := strings.TrimLeft(g, "0")
		for range len(g) - len(rest) {
			s.number("cardinal", "", 0)
		}
		if rest != "" {
			n, _ := ParseDecimal(rest)
			s.number("cardinal", "", n.whole)
		}
		return
	}
	for _, c := range g {
		s.add(l.digit(c))
	}
}
