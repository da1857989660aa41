package parse

import (
	"maps"
	"slices"
	"strings"
)

// Span is a stretch of source code. Lines and columns count from 1; a column
// of 0 is not known.
type Span struct{ StartLine, StartColumn, EndLine, EndColumn uint32 }

// coverage is the union of what the files say about the same source files.
type coverage struct {
	files map[string]*fileCoverage
	// last is the file that was asked for last: parsers stay with one file for
	// many lines.
	lastName string
	last     *fileCoverage
	// reports are the names of the source files of each report, once there are
	// several.
	reports [][]string
	// declared are the totals of reports that name no lines.
	declared map[sourceSet]declaredTotals
}

// fileCoverage is what is known of one source file.
type fileCoverage struct {
	pages     map[uint32]*linePage
	pageAt    uint32 // the number of page, which was asked for last
	page      *linePage
	spans     spanSet
	conds     map[uint32]branches
	functions map[functionKey]bool
}

// A linePage has two bits for each of its lines. Pages, not one bit set a file,
// so that a line number out of the blue costs one page and not all before it.
type linePage struct{ seen, hit [linesOfPage / 64]uint64 }

const linesOfPage = 512

type functionKey struct {
	name string
	line int
}

func (c *coverage) file(name string) *fileCoverage {
	if c.last != nil && c.lastName == name {
		return c.last
	}
	f := c.files[name]
	if f == nil {
		if c.files == nil {
			c.files = map[string]*fileCoverage{}
		}
		f = &fileCoverage{}
		name = strings.Clone(name)
		c.files[name] = f
	}
	c.lastName, c.last = name, f
	return f
}

func (f *fileCoverage) line(line int, covered bool) {
	n := uint32(line)
	p := f.page
	if p == nil || f.pageAt != n/linesOfPage {
		p = f.turn(n / linesOfPage)
	}
	word, bit := n%linesOfPage/64, uint64(1)<<(n%64)
	p.seen[word] |= bit
	if covered {
		p.hit[word] |= bit
	}
}

// lines says the same of all lines of a range, both ends included. A long one
// is kept as a span without statements: it may go on for four billion lines.
func (f *fileCoverage) lines(from, to uint32, covered bool) {
	const short = 16
	if to-from >= short {
		f.spans.touched = true
		f.spans.add(spanStatements{Span: Span{StartLine: from, EndLine: to}, covered: covered})
		return
	}
	for n := from; n <= to; n++ {
		f.line(int(n), covered)
	}
}

// turn returns a page, a new one where there is none.
func (f *fileCoverage) turn(number uint32) *linePage {
	p := f.pages[number]
	if p == nil {
		if f.pages == nil {
			f.pages = map[uint32]*linePage{}
		}
		p = &linePage{}
		f.pages[number] = p
	}
	f.page, f.pageAt = p, number
	return p
}

func (f *fileCoverage) statements(at Span, n int, covered bool) {
	f.spans.add(spanStatements{at, uint32(n), covered})
}

func (f *fileCoverage) function(name string, line int, covered bool) {
	if f.functions == nil {
		f.functions = map[functionKey]bool{}
	}
	key := functionKey{strings.Clone(name), line}
	f.functions[key] = f.functions[key] || covered
}

func (c *coverage) merge(other *coverage) {
	c.mergeDeclared(other)
	if len(other.files) == 0 {
		return
	}
	if c.files == nil {
		c.files, c.reports = other.files, other.reports
		return
	}
	c.reports = append(c.namesOfReports(), other.namesOfReports()...)
	for name, f := range other.files {
		if have := c.files[name]; have != nil {
			have.merge(f)
		} else {
			c.files[name] = f
		}
	}
}

func (c *coverage) namesOfReports() [][]string {
	if len(c.reports) > 0 {
		return c.reports
	}
	return [][]string{slices.Collect(maps.Keys(c.files))}
}

func (f *fileCoverage) merge(other *fileCoverage) {
	for n, p := range other.pages {
		have := f.pages[n]
		if have == nil {
			if f.pages == nil {
				f.pages = map[uint32]*linePage{}
			}
			f.pages[n] = p
			continue
		}
		for i := range p.seen {
			have.seen[i] |= p.seen[i]
			have.hit[i] |= p.hit[i]
		}
	}
	f.spans.merge(&other.spans)
	for line, b := range other.conds {
		f.branch(line, b)
	}
	for key, covered := range other.functions {
		f.function(key.name, key.line, covered)
	}
}
