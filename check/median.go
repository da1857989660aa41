package check

import (
	"math"
	"math/bits"
	"slices"
)

// median is the median of xs, NaN where there are none. It reorders xs. It
// selects and does not sort: this is the hot loop of the comparison.
func median(xs []float64) float64 {
	n := len(xs)
	if n == 0 {
		return math.NaN()
	}
	k := n / 2
	if n >= manyValues {
		xs, k = bracket(xs, k)
	}
	high := nth(xs, k)
	if n%2 == 1 {
		return high
	}
	return middle(slices.Max(xs[:k]), high)
}

// manyValues is where a look at a sample first pays.
const manyValues = 512

// bracket moves the values around the k-th smallest to the front, and returns
// them with the k of the same value among them, which is above 0. A sample says
// between which two it most likely lies; the one pass has no branch for the
// processor to guess. Where the sample misleads it returns all values.
func bracket(xs []float64, k int) ([]float64, int) {
	var sample [64]float64
	for i := range sample {
		sample[i] = xs[i*(len(xs)/len(sample))]
	}
	slices.Sort(sample[:])
	at := k * len(sample) / len(xs)
	low, high := sample[max(at-9, 0)], sample[min(at+9, len(sample)-1)]
	inside, below := 0, 0
	for i, x := range xs {
		xs[i], xs[inside] = xs[inside], x
		in, less := 0, 0
		if x <= high {
			in = 1
		}
		if x < low {
			less = 1
		}
		inside += in - less // low <= high, so what is less is also in
		below += less
	}
	if k <= below || k >= below+inside {
		return xs, k
	}
	return xs[:inside], k - below
}

// nth is the k-th smallest value, counted from 0; smaller values end up before
// it. Where the pivots are bad it falls back to sorting, so that no input takes
// time in proportion to its square.
func nth(xs []float64, k int) float64 {
	for rounds := 4 * bits.Len(uint(len(xs))); len(xs) > 8; rounds-- {
		if rounds == 0 {
			slices.Sort(xs)
			return xs[k]
		}
		a, pivot, c := xs[0], xs[len(xs)/2], xs[len(xs)-1]
		pivot = max(min(a, pivot), min(max(a, pivot), c))
		n := toFront(xs, func(x float64) bool { return x < pivot })
		if k < n {
			xs = xs[:n]
			continue
		}
		xs, k = xs[n:], k-n
		if n > 0 {
			continue
		}
		// The pivot is the smallest of all.
		if n = toFront(xs, func(x float64) bool { return x == pivot }); k < n {
			return pivot
		}
		xs, k = xs[n:], k-n
	}
	for i := 1; i < len(xs); i++ {
		x, j := xs[i], i
		for ; j > 0 && xs[j-1] > x; j-- {
			xs[j] = xs[j-1]
		}
		xs[j] = x
	}
	return xs[k]
}

// toFront moves the values that belong there to the front, and counts them. It
// has no branch for the processor to guess.
func toFront(xs []float64, belongs func(float64) bool) int {
	n := 0
	for i, x := range xs {
		xs[i], xs[n] = xs[n], x
		one := 0
		if belongs(x) {
			one = 1
		}
		n += one
	}
	return n
}
