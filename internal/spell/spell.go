// Package spell finds the name that was probably meant by a misspelt one, for messages.
package spell

import "strings"

// Hint is "did you mean NAME?", or "" if no name is near.
func Hint(name string, names []string) string {
	if near := Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// Suffix is Hint to be put behind a message: "; did you mean NAME?".
func Suffix(name string, names []string) string {
	if hint := Hint(name, names); hint != "" {
		return "; " + hint
	}
	return ""
}

// Nearest is the name most like name, "" if none is like it. The order of names does not matter.
func Nearest(name string, names []string) string {
	best, least := "", max(1, len(name)/3)+1
	for _, n := range names {
		d := distance(strings.ToLower(name), strings.ToLower(n), least)
		if d < least || d == least && best != "" && n < best {
			best, least = n, d
		}
	}
	return best
}

// distance counts the edits between a and b; swapping neighbours is one (optimal string alignment). It
// gives up beyond most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			change := row[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			next[j] = min(change, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
