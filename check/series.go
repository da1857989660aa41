package check

import (
	"slices"
	"sort"
)

// series is what the search for levels needs of one metric: the values of the
// runs that have it, oldest first.
type series struct {
	y    []float64 // oriented
	row  []int32   // their runs
	rank []int32   // dense ranks of y, within the series or a longer one
	// Of a prepared series: the median of the levelRuns values before each place,
	// and before the end. It holds for every window that reaches so far back.
	level []float64
}

// rankAll fills rank; the buffer is as long as y, at least.
func (s *series) rankAll(buffer []float64) {
	sorted := buffer[:copy(buffer, s.y)]
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	for q, y := range s.y {
		low, high := 0, len(sorted)
		for low < high {
			mid := int(uint(low+high) >> 1)
			if sorted[mid] < y {
				low = mid + 1
			} else {
				high = mid
			}
		}
		s.rank[q] = int32(low)
	}
}

// prepared is a column of a history, made ready once for all the windows onto
// it. What a window finds is what a historian finds that knows no more than the
// window: ranks only say which of two values is larger.
type prepared struct {
	series
	sign float64
}

// prepare needs a historian with room for the whole column.
func (h *historian) prepare(col []float64, sign float64) prepared {
	p := prepared{sign: sign}
	n := count(col)
	t := track{sign: p.sign}
	floats, ints := make([]float64, 2*n+1), make([]int32, 2*n)
	p.y, p.level = floats[:0:n], floats[n:]
	p.row, p.rank = ints[:0:n], ints[n:]
	for i, x := range col {
		if finite(x) {
			p.y, p.row = append(p.y, t.orient(x)), append(p.row, int32(i))
		}
	}
	p.rankAll(h.scratch)
	h.series, h.recent = series{y: p.y}, h.recent[:0]
	for q := range n {
		if q >= levelRuns {
			p.level[q] = middleOf(h.recent)
		}
		h.end = q + 1
		h.remember(p.y[q])
	}
	if n >= levelRuns {
		p.level[n] = middleOf(h.recent)
	}
	h.end, h.recent = 0, h.recent[:0]
	return p
}

// before is how many values stand in runs before a row.
func (p *prepared) before(row int) int {
	return sort.Search(len(p.row), func(i int) bool { return int(p.row[i]) >= row })
}
