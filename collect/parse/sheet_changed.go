package parse

import (
	"math/bits"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
	"sort"
)

// changedTotal counts the changed lines that can be covered.
func (c *coverage) changedTotal(changed map[string][]LineRange) (t total) {
	for name, lines := range changed {
		if f := c.files[name]; f != nil {
			t.add(f.totalIn(joined(lines)))
		}
	}
	return t
}

// joined sorts ranges and makes one of those that touch.
func joined(lines []LineRange) []lineRange {
	sorted := slices.Clone(lines)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].From < sorted[j].From })
	c := lineCount{keep: true}
	for _, l := range sorted {
		if l.From <= l.To {
			c.add(l.From, l.To)
		}
	}
	return c.ranges
}

// totalIn counts the lines of some ranges, as lineTotal does those of the whole
// file.
func (f *fileCoverage) totalIn(ranges []lineRange) (t total) {
	var touched, hit lineCount
	if f.spans.touched {
		touched, hit = f.touchedLines(true)
	}
	t = total{covered: overlap(hit.ranges, ranges), total: overlap(touched.ranges, ranges)}
	for number, p := range f.pages {
		first := number * linesOfPage
		for i := range p.seen {
			for word := p.seen[i]; word != 0; word &= word - 1 {
				line := first + uint32(64*i+bits.TrailingZeros64(word))
				if !inRanges(ranges, line) {
					continue
				}
				if !inRanges(touched.ranges, line) {
					t.total++
				}
				if p.hit[i]&(word&-word) != 0 && !inRanges(hit.ranges, line) {
					t.covered++
				}
			}
		}
	}
	return t
}

// overlap counts the lines that are in both of two lists, each sorted and without
// overlaps of its own.
func overlap(a, b []lineRange) (n uint64) {
	for len(a) > 0 && len(b) > 0 {
		from, to := max(a[0].from, b[0].from), min(a[0].to, b[0].to)
		if from <= to {
			n += uint64(to) - uint64(from) + 1
		}
		if a[0].to < b[0].to {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return n
}

// lineMetrics appends the figures of some lines, whose names end in tags, where
// there are any that can be covered.
func lineMetrics(all []collect.Metric, what string, t total, tags collect.Tags) []collect.Metric {
	if t.total == 0 {
		return all
	}
	name := func(figure string) string { return collect.Name("coverage."+what+figure, tags) }
	return append(all, pctMetric(name("line_pct"), 100*float64(t.covered)/float64(t.total)),
		count(name("lines_covered"), int(t.covered), collect.Higher),
		count(name("lines_total"), int(t.total), collect.None))
}
