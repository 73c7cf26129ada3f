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
		if d < least || d == least && n < best { // the order of names must not matter
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}

// distance counts the edits between a and b; swapping neighbours is one (optimal string alignment). It
// gives up at most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
