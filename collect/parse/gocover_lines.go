package parse

import (
	"math/bits"
	"slices"
)

// lineRange is a stretch of lines, both ends of it included.
type lineRange struct{ from, to uint32 }

// lineTotal counts the lines that spans touch and those that were said singly.
// Lines of spans are counted as ranges: a span of four billion lines takes no
// more memory than a true one.
func (f *fileCoverage) lineTotal() (t total) {
	var touched, hit lineCount
	if f.spans.touched {
		touched, hit = f.touchedLines(len(f.pages) > 0)
	}
	t = total{covered: hit.n, total: touched.n}
	for number, p := range f.pages {
		first := number * linesOfPage
		t.total += countOutside(&p.seen, first, touched.ranges)
		t.covered += countOutside(&p.hit, first, hit.ranges)
	}
	return t
}

// touchedLines are the lines of spans, and those of spans that were run. Keep says
// whether the ranges are wanted, or only how many lines there are.
func (f *fileCoverage) touchedLines(keep bool) (touched, hit lineCount) {
	f.spans.settle()
	if !keep && !f.spans.late {
		return f.spans.lines, f.spans.hit
	}
	touched.keep, hit.keep = keep, keep
	for n := range f.spans.all() {
		touched.add(n.StartLine, n.EndLine)
		if n.covered {
			hit.add(n.StartLine, n.EndLine)
		}
	}
	return touched, hit
}

// lineCount counts the lines of ranges that come ordered by their first line.
type lineCount struct {
	n      uint64
	next   uint64 // the first line after all ranges so far
	keep   bool
	ranges []lineRange // joined, if keep
}

func (c *lineCount) add(from, to uint32) {
	start, end := max(uint64(from), c.next), uint64(to)+1
	if start >= end {
		return
	}
	c.n += end - start
	joins := start == c.next && len(c.ranges) > 0
	c.next = end
	switch {
	case !c.keep:
	case joins:
		c.ranges[len(c.ranges)-1].to = to
	default:
		c.ranges = append(c.ranges, lineRange{uint32(start), to})
	}
}

// countOutside counts the lines of a page that are in none of the ranges.
func countOutside(page *[linesOfPage / 64]uint64, first uint32, ranges []lineRange) (n uint64) {
	for i, word := range page {
		if len(ranges) == 0 {
			n += uint64(bits.OnesCount64(word))
			continue
		}
		for ; word != 0; word &= word - 1 {
			if !inRanges(ranges, first+uint32(64*i+bits.TrailingZeros64(word))) {
				n++
			}
		}
	}
	return n
}

func inRanges(ranges []lineRange, line uint32) bool {
	i, found := slices.BinarySearchFunc(ranges, line, func(r lineRange, line uint32) int {
		switch {
		case r.to < line:
			return -1
		case r.from > line:
			return 1
		}
		return 0
	})
	return found && i < len(ranges)
}
