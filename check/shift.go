package check

import (
	"math"
	"slices"
)

// bars are the dominances, one less, that make a shift of a split after k of n
// values without ties; where a side is too short, more than there can be.
func bars(most int) [][]int32 {
	out := make([][]int32, most+1)
	for n := range out {
		out[n] = make([]int32, n)
		for i := range out[n] {
			k := i + 1
			out[n][i] = math.MaxInt32 / 4
			if k >= leastSide && k <= n-leastSide {
				out[n][i] = int32(shiftZ*math.Sqrt(float64(k*(n-k)*(n+1))/3)) - 1
			}
		}
	}
	return out
}

// reset empties the window and lets it begin at start.
func (h *historian) reset(start int) {
	for _, r := range h.rank[h.start:h.end] {
		h.ties[r] = 0
	}
	h.start, h.end, h.tieSum = start, start, 0
	h.recent = h.recent[:0]
}

// restart lets the window begin at a later place.
func (h *historian) restart(start int) {
	end := h.end
	h.reset(start)
	for h.end < end {
		h.add()
	}
}

// add puts the next value into the window. A split between its k-th and (k+1)-th
// value has the dominance of all pairs over it: +1 where the earlier value is
// larger, -1 where it is smaller. That is twice the rank sum of the first k less
// its mean, and needs no new ranking when a value comes.
func (h *historian) add() {
	v := h.rank[h.end]
	window := h.rank[h.start:h.end]
	dominance := h.dominance[:len(window)+1]
	bars := h.bars[len(window)+1][:len(window)+1]
	dominance[len(window)] = 0
	sum, passed := int32(0), int32(0)
	for i, x := range window {
		d := x - v
		sum += d>>31 | int32(uint32(-d)>>31)
		now := dominance[i] + sum
		dominance[i] = now
		// Negative once a dominance or its opposite is past the bar.
		passed |= (bars[i] - now) | (bars[i] + now)
	}
	h.passed = passed < 0
	t := float64(h.ties[v])
	h.tieSum += 3*t*t + 3*t // (t+1)^3 - (t+1) less t^3 - t
	h.ties[v]++
	h.end++
	if h.level == nil || h.end-h.start <= levelRuns {
		h.remember(h.y[h.end-1])
	}
}

// remember keeps the newest values sorted.
func (h *historian) remember(v float64) {
	at := len(h.recent)
	if at < levelRuns {
		h.recent = h.recent[:at+1]
	} else {
		// The oldest goes; what lies between its place and v's moves over.
		old := h.y[h.end-1-levelRuns]
		for at = 0; h.recent[at] != old; at++ {
		}
		for ; at+1 < levelRuns && h.recent[at+1] < v; at++ {
			h.recent[at] = h.recent[at+1]
		}
	}
	for ; at > 0 && h.recent[at-1] > v; at-- {
		h.recent[at] = h.recent[at-1]
	}
	h.recent[at] = v
}

// cutAtShifts moves the start of the window to its newest lasting shift.
func (h *historian) cutAtShifts() {
	for {
		k := h.shift()
		if k == 0 {
			return
		}
		h.restart(h.start + k)
	}
}

// shift is the split with the largest rank-sum statistic, 0 where that is not
// large enough.
func (h *historian) shift() int {
	n := h.end - h.start
	if n < 2*leastSide || h.tieSum == 0 && !h.passed {
		return 0
	}
	best, at := 0.0, 0
	left, right := h.inverse[:n], h.inverse[1:n+1]
	for k := leastSide; k <= n-leastSide; k++ {
		d := float64(h.dominance[k-1])
		// 1/k + 1/(n-k) is n / (k(n-k)).
		if x := d * d * (left[k] + right[n-k-1]); x > best {
			best, at = x, k
		}
	}
	if at == 0 || h.rankSumZ(at) < shiftZ {
		return 0
	}
	return at
}

// rankSumZ is the statistic of the rank-sum test between the first k of the n
// values of the window and the rest, in its normal approximation with ties: with
// D the dominance, |D|/2 / sqrt(k(n-k)/12 (n+1 - sum(t^3-t)/(n(n-1)))).
func (h *historian) rankSumZ(k int) float64 {
	n := float64(h.end - h.start)
	variance := float64(k) * (n - float64(k)) / 12 * (n + 1 - h.tieSum/(n*(n-1)))
	if variance <= 0 {
		return 0
	}
	return math.Abs(float64(h.dominance[k-1])) / 2 / math.Sqrt(variance)
}

// recentLevel is the median of the newest values of the window, and of how many.
// A prepared series knows it where the window has enough.
func (h *historian) recentLevel() (level float64, c int) {
	if h.level != nil && h.end-h.start >= levelRuns {
		return h.level[h.end], levelRuns
	}
	return middleOf(h.recent), len(h.recent)
}

// middleOf is the median of sorted values.
func middleOf(sorted []float64) float64 {
	c := len(sorted)
	return middle(sorted[(c-1)/2], sorted[c/2])
}

// median is the median of y[from:to], which is small or rarely asked for.
func (h *historian) median(from, to int) float64 {
	return median(h.scratch[:copy(h.scratch, h.y[from:to])])
}

func middle(a, b float64) float64 {
	if a == b {
		return a
	}
	return a/2 + b/2
}

// inUnit is the level in the metric's unit. Where its middle values are equal it
// is that very value, which a logarithm and back would not give.
func (h *historian) inUnit(t *track, from, to int) float64 {
	values := h.scratch[:0]
	for q := from; q < to; q++ {
		values = append(values, t.col[h.place(q)])
	}
	c := len(values)
	high := nth(values, c/2)
	low := high
	if c%2 == 0 {
		low = slices.Max(values[:c/2])
	}
	if low == high {
		return low
	}
	return t.value(t.level)
}
