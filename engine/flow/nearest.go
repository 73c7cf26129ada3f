package flow

import (
	"iter"
	"strings"
)

// didYouMean is a hint for a misspelt name, "" if no name is near.
func didYouMean(name string, names iter.Seq[string]) string {
	best, least := "", max(1, len(name)/3)+1
	for n := range names {
		d := distance(strings.ToLower(name), strings.ToLower(n), least)
		if d < least || d == least && best != "" && n < best {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}

// distance counts the single-character edits between a and b; it gives up at most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
