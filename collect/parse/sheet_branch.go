package parse

import (
	"cmp"
	"math/bits"
	"slices"
)

// tally is how many of a total were covered.
type tally struct{ covered, total uint32 }

// branches are those of one line. Where it is known which of them were taken,
// taken has a bit for each of the first 64, in the order of the file: two reports
// in which the line has as many branches then give a union.
type branches struct {
	tally
	taken uint64
}

func (b *branches) raise(other branches) {
	switch {
	case other.total > b.total:
		b.total, b.taken = other.total, other.taken
	case other.total == b.total:
		b.taken |= other.taken
	}
	b.covered = max(b.covered, other.covered, uint32(bits.OnesCount64(b.taken)))
}

// branch adds what is known of the branches of a line.
func (f *fileCoverage) branch(line uint32, b branches) {
	if b.total == 0 {
		return
	}
	if f.conds == nil {
		f.conds = map[uint32]branches{}
	}
	have := f.conds[line]
	have.raise(b)
	f.conds[line] = have
}

// armList gathers the branches of one source file as a report lists them one by
// one, mostly line after line.
type armList struct{ lines []lineArms }

type lineArms struct {
	line uint32
	branches
}

// add notes the next branch of a line.
func (a *armList) add(line uint32, taken bool) {
	if n := len(a.lines); n == 0 || a.lines[n-1].line != line {
		a.lines = append(a.lines, lineArms{line: line})
	}
	b := &a.lines[len(a.lines)-1]
	if taken {
		b.covered++
		if b.total < 64 {
			b.taken |= 1 << b.total
		}
	}
	b.total++
}

// put adds the branches to a file and empties the list.
func (a *armList) put(f *fileCoverage) {
	slices.SortStableFunc(a.lines, func(x, y lineArms) int { return cmp.Compare(x.line, y.line) })
	for i := 0; i < len(a.lines); {
		whole := a.lines[i]
		for i++; i < len(a.lines) && a.lines[i].line == whole.line; i++ {
			more := a.lines[i].branches
			if whole.total < 64 {
				whole.taken |= more.taken << whole.total
			}
			whole.covered += more.covered
			whole.total += more.total
		}
		f.branch(whole.line, whole.branches)
	}
	a.lines = a.lines[:0]
}
