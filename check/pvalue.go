package check

import "math"

// histogram counts how often past statistics reached a value.
type histogram struct {
	bins    [binsEach*mostZ + 1]int32
	reached [binsEach*mostZ + 2]int32 // draws in a bin or above
	total   int32
	largest float64
}

const binsEach = 20 // bins in a z of 1

// bin is where a statistic above 0 is counted.
func bin(z float64) int { return int(min(z, mostZ) * binsEach) }

func (h *histogram) add(z float64) {
	h.total++
	if z > 0 {
		h.bins[bin(z)]++
		h.largest = max(h.largest, z)
	}
}

// pValue is the share of the past statistics of all metrics of the family that
// were as large or larger, each judged as the head is, with the head counted
// among them: (1 + larger) / (1 + all). Beyond the largest it follows the tail
// that the threshold is read from. For a statistic of 0 or less it is 1 where
// nothing else is known: the test looks for changes for the worse.
func (f *family) pValue(l looking, z float64) float64 {
	n := f.null(l)
	h := f.tail(n)
	if h.total == 0 || z != z {
		return math.NaN()
	}
	if z <= 0 {
		return 1
	}
	least := 1 / float64(1+h.total)
	if z <= h.largest || h.largest <= 0 {
		return float64(1+h.reached[bin(z)]) * least
	}
	k := min(tailRuns, len(n.worse)-1)
	index := max(tailIndex(n.worse[:k], n.worse[k]), 0.05)
	return max(least*math.Pow(h.largest/z, 1/index), math.SmallestNonzeroFloat64)
}

// tail is the histogram of a null, filled when it is first asked for.
func (f *family) tail(n *null) *histogram {
	if n.tail != nil {
		return n.tail
	}
	n.tail = &histogram{}
	if len(n.worse) == 0 {
		return n.tail
	}
	for _, t := range f.tracks {
		if n.looks > 1 {
			n.replayLooks(t, f.runs, func(_ int, worse, _ float64) { n.tail.add(worse) })
			continue
		}
		for _, z := range t.past {
			if z == z {
				n.tail.add(z)
			}
		}
	}
	n.tail.sum()
	return n.tail
}

func (h *histogram) sum() {
	for i := len(h.bins) - 1; i >= 0; i-- {
		h.reached[i] = h.reached[i+1] + h.bins[i]
	}
}
