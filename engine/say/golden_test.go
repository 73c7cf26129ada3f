package say

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A goldenLine is a number with what CLDR calls it.
type goldenLine struct{ number, words string }

// A goldenTable is what one of CLDR's rules says; testdata/README.md tells how the files came.
type goldenTable struct {
	set, form string // our rule set and form: ordinal f
	rule      string // CLDR's
	lines     []goldenLine
}

func readGolden(t *testing.T, name string) []goldenTable {
	t.Helper()
	var tables []goldenTable
	var before []rune
	for _, line := range gunzip(t, name) {
		if head, ok := strings.CutPrefix(line, "table "); ok {
			title, rule, _ := strings.Cut(head, "\t")
			set, form, _ := strings.Cut(title, " ")
			tables = append(tables, goldenTable{set: set, form: form, rule: rule})
			before = nil
			continue
		}
		table := &tables[len(tables)-1]
		number, words, edge := strings.Cut(line, "\t")
		if !edge { // the next number, and how much of the words before it stays
			same, rest, _ := strings.Cut(line, " ")
			n, err := strconv.Atoi(same)
			if err != nil {
				t.Fatalf("%s: %q", name, line)
			}
			before = append(before[:n:n], []rune(rest)...)
			number, words = strconv.Itoa(len(table.lines)), string(before)
		}
		table.lines = append(table.lines, goldenLine{number, words})
	}
	return tables
}

func gunzip(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata/cldr", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for s := bufio.NewScanner(z); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

func TestNumbersAsCLDRSpellsThem(t *testing.T) {
	files, err := filepath.Glob("testdata/cldr/numbers-*.gz")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no golden files", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".gz")
		l := language(t, strings.TrimPrefix(name, "numbers-"))
		t.Run(l.Code(), func(t *testing.T) {
			t.Parallel()
			for _, table := range readGolden(t, name) {
				compare(t, l, table)
			}
		})
	}
}

// compare reports the first lines of a table that we say otherwise.
func compare(t *testing.T, l *Language, table goldenTable) {
	t.Helper()
	wrong := 0
	for _, line := range table.lines {
		n, err := ParseDecimal(line.number)
		if err != nil {
			t.Fatal(err)
		}
		if skip := otherwise[l.Code()]; skip != nil && skip(table.set, table.form, n.whole) {
			continue
		}
		got, err := sayGolden(l, table, n)
		if err != nil {
			t.Fatalf("%s %s %s: %v", table.set, table.form, line.number, err)
		}
		if said, want := normal(l.Code(), l.Text(got)), normal(l.Code(), line.words); said != want {
			if wrong++; wrong <= 10 {
				t.Errorf("%s %s %s: got %s, want %s (%s)", table.set, table.form, line.number, l.Text(got), line.words, table.rule)
			}
		}
	}
	if wrong > 10 {
		t.Errorf("%s %s: %d lines differ", table.set, table.form, wrong)
	}
}

func sayGolden(l *Language, table goldenTable, n Decimal) (Sounds, error) {
	form := Gender(table.form)
	switch table.set {
	case "cardinal":
		return l.Number(n, form)
	case "ordinal":
		return l.Ordinal(int64(n.whole), form)
	}
	return l.sayBy(table.set, form, n.whole)
}
