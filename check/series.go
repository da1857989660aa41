package check

import (
	"math"
	"math/bits"
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

// rankAll fills rank; keys is as long as y, at least. Values are sorted as whole
// numbers with their places in the lowest bits, which takes half as long as to sort
// the values and to look each of them up. Where those bits are what tells two values
// apart, they are sorted by all of them.
func (s *series) rankAll(keys []uint64) {
	keys = keys[:len(s.y)]
	places := uint64(1)<<bits.Len(uint(len(keys))) - 1
	for q, y := range s.y {
		keys[q] = ordered(y)&^places | uint64(q)
	}
	slices.Sort(keys)
	if !s.rankBy(keys, places) {
		sort.Slice(keys, func(i, j int) bool { return s.y[keys[i]&places] < s.y[keys[j]&places] })
		s.rankBy(keys, places)
	}
}

// ordered is a whole number that is larger for a larger value.
func ordered(y float64) uint64 {
	b := math.Float64bits(y)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// rankBy ranks the values in the order of the keys, and reports whether it is one.
func (s *series) rankBy(keys []uint64, places uint64) bool {
	rank, last := int32(-1), math.Inf(-1)
	for _, key := range keys {
		q := key & places
		y := s.y[q]
		if y < last {
			return false
		}
		if y > last {
			rank++
		}
		s.rank[q], last = rank, y
	}
	return true
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
	p.rankAll(h.keys)
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
