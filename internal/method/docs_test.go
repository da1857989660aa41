package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The page has the table that the command of the page prints: its columns, every
// detector and every quoted row. The figures are as they were measured.
func TestDocsHaveThisTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "docs", "method.md"))
	if err != nil {
		t.Fatal(err)
	}
	var o options
	_, rest, _ := strings.Cut(string(text), "\ngo run ./internal/method ")
	line, _, _ := strings.Cut(rest, "\n")
	if err := o.flags(io.Discard).Parse(strings.Fields(line)); err != nil || o.format != "markdown" || !o.quoted {
		t.Fatalf("the page's command has the flags %q: %v, want those that print its table", line, err)
	}
	var rows []row
	for _, d := range detectors() {
		rows = append(rows, row{name: d.name})
	}
	want := grid(append(rows, quoted()...))
	var got [][]string
	for _, line := range strings.Split(string(text), "\n") {
		if cells := strings.Split(strings.Trim(line, "| "), " | "); len(cells) > 10 || cells[0] == "detector" {
			got = append(got, cells)
		}
	}
	if len(got) == 0 || !slices.Equal(got[0], want[0]) {
		t.Fatalf("columns of the page = %q, want %q", got, want[0])
	}
	first := func(rows [][]string) (names []string) {
		for _, cells := range rows[1:] {
			names = append(names, cells[0])
		}
		return names
	}
	if !slices.Equal(first(got), first(want)) {
		t.Errorf("rows of the page = %q, want %q", first(got), first(want))
	}
}
