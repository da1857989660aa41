package report

import (
	"sort"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// columns counts the columns that text takes on a terminal: none for a combining
// character, two for most of East Asia's. It is not asked of the locale, so that
// output does not depend on where it was made.
func columns(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			c := runewidth.Condition{StrictEmojiNeutral: true}
			return c.StringWidth(s)
		}
	}
	return len(s)
}

// shorten cuts the middle out of a name so that it takes width columns at most.
// What stays of its beginning is the first word (bench/, test.case_seconds[), which
// tells the kind; the rest is for the end, which tells one metric from the next.
func shorten(name string, width int) string {
	if columns(name) <= width {
		return name
	}
	first := strings.IndexAny(name, "/[ ") + 1
	if columns(name[:first]) > width/3 {
		first = strings.IndexByte(name[:first], '.') + 1
	}
	if columns(name[:first]) > width/3 {
		first = 0
	}
	start := ending(name, width-columns(name[:first])-1)
	return name[:first] + "…" + name[start:]
}

// ending is where the longest end of name that fits in width columns begins: at
// the start of a word if that costs less than a third of it.
func ending(name string, width int) int {
	starts := make([]int, 0, len(name))
	for i := range name {
		starts = append(starts, i)
	}
	starts = append(starts, len(name))
	// The shorter an ending, the less room it takes.
	start := starts[sort.Search(len(starts)-1, func(i int) bool { return columns(name[starts[i]:]) <= width })]
	// A combining character is not parted from what it stands on.
	start += len(name[start:]) - len(strings.TrimLeftFunc(name[start:], unicode.IsMark))
	end := name[start:]
	if i := strings.IndexAny(end, "/[.,"); i >= 0 && i < len(end)/3 {
		return start + i
	}
	return start
}

// names shortens all names of a table. Two that differ and would look the same
// stay whole: better a long line than one metric taken for another.
func names(whole []string, width int) []string {
	short := make([]string, len(whole))
	owner := make(map[string]string, len(whole)) // of a short name
	shared := make(map[string]bool)
	for i, n := range whole {
		short[i] = shorten(n, width)
		if first, ok := owner[short[i]]; !ok {
			owner[short[i]] = n
		} else if first != n {
			shared[short[i]] = true
		}
	}
	for i := range short {
		if shared[short[i]] {
			short[i] = whole[i]
		}
	}
	return short
}

// pad fills s with spaces up to width columns.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// padLeft is pad for numbers: their units stand at the right.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-columns(s))) + s
}
