package check

import (
	"math"
	"slices"
)

// A family is the metrics that share one promise: no more than alpha of clean
// runs alert on any of them. What its metrics showed in past runs, judged as the
// head is, says how large the largest z of a clean run gets.
type family struct {
	level  Level
	tracks []*track // those with noise
	alpha  float64
	runs   []int32 // baseline runs with any z
	nulls  map[looking]*null
}

// looking is how the looks of a metric are judged: of so many, this many must
// agree.
type looking struct{ looks, agree int }

const (
	leastRuns = 4  // past runs that a threshold needs
	tailRuns  = 8  // largest ones that a Pareto tail is fitted to
	widest    = 3  // looks that are replayed lie so many runs apart, at most
	runsEach  = 10 // and past runs that there must be for each such distance
	leastMax  = 0.05
)

// null is what clean runs show.
type null struct {
	looking
	metrics       int
	worse, better []float64  // the largest statistic of each past run, descending
	tail          *histogram // nil: not asked for yet
	bars          *[2]bar    // for the worse and for the better; nil likewise
}

func newFamily(tracks []*track, alpha float64, rows int) *family {
	f := &family{tracks: tracks, alpha: alpha, nulls: make(map[looking]*null)}
	seen := make([]bool, rows)
	for _, t := range tracks {
		for i, x := range t.past {
			if x == x {
				seen[i] = true
			}
		}
	}
	for i, ok := range seen {
		if ok {
			f.runs = append(f.runs, int32(i))
		}
	}
	return f
}

// windows are the places in so many runs for looks that lie so far apart.
func (l looking) windows(runs, apart int) int { return max(runs-(l.looks-1)*apart, 0) }

// spacings is how many runs apart looks are replayed, at most: a re-run may meet the
// machine of the next run as well as that of a later one, and the more pairs are
// seen, the less is the threshold a matter of luck. In a short history they are too
// much alike for that.
func (l looking) spacings(runs int) int {
	if l.looks == 1 {
		return 1
	}
	return max(1, min(widest, runs/runsEach))
}

// null replays the past of the family: as if each run, and runs after it, had been
// the looks.
func (f *family) null(l looking) *null {
	if n := f.nulls[l]; n != nil {
		return n
	}
	n := &null{looking: l, metrics: len(f.tracks)}
	f.nulls[l] = n
	if l.windows(len(f.runs), 1) < leastRuns {
		return n
	}
	windows := 0
	for apart := 1; apart <= l.spacings(len(f.runs)); apart++ {
		windows += l.windows(len(f.runs), apart)
	}
	n.worse, n.better = make([]float64, windows), make([]float64, windows)
	for i := range windows {
		n.worse[i], n.better[i] = leastMax, leastMax
	}
	for _, t := range f.tracks {
		if l.looks == 1 {
			n.replay(t, f.runs)
			continue
		}
		n.replayLooks(t, f.runs, func(i int, worse, better float64) {
			n.worse[i], n.better[i] = max(n.worse[i], worse), max(n.better[i], better)
		})
	}
	descending := func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	}
	slices.SortFunc(n.worse, descending)
	slices.SortFunc(n.better, descending)
	return n
}

// replay lets each past run raise what the worst and the best of its metrics
// showed. No comparison holds for NaN, which is what a run without the metric has.
func (n *null) replay(t *track, runs []int32) {
	worse, better := n.worse[:len(runs)], n.better[:len(runs)]
	for i, r := range runs {
		z := t.past[r]
		if z > worse[i] {
			worse[i] = z
		}
		if -z > better[i] {
			better[i] = -z
		}
	}
}

// replayLooks tells what each past run, with others after it as further looks,
// showed of a track, for the worse and for the better.
func (n *null) replayLooks(t *track, runs []int32, tell func(i int, worse, better float64)) {
	var few [8]float64
	at := 0
	for apart := 1; apart <= n.spacings(len(runs)); apart++ {
		for first := range n.windows(len(runs), apart) {
			zs := few[:0]
			for k := range n.looks {
				if z := t.past[runs[first+k*apart]]; z == z {
					zs = append(zs, z)
				}
			}
			if len(zs) == n.looks {
				slices.Sort(zs)
				tell(at, zs[n.looks-n.agree], -zs[n.agree-1])
			}
			at++
		}
	}
}

// threshold is the statistic that at most alpha of clean runs exceed with any of
// their metrics; infinite where too few runs tell.
func (n *null) threshold(largest []float64, alpha float64) float64 {
	if len(largest) < leastRuns {
		return math.Inf(1)
	}
	return max(upperTail(largest, alpha), n.gaussian(alpha))
}

// gaussian is the threshold if z were normal and the metrics independent: the
// share of clean runs that exceed it is alpha at most. It is the least that a
// threshold may be, however calm the past was.
func (n *null) gaussian(alpha float64) float64 {
	ways := 1.0 // to choose the looks that agree
	for i := range n.agree {
		ways *= float64(n.looks-i) / float64(i+1)
	}
	return upperQuantile(math.Pow(alpha/float64(n.metrics)/ways, 1/float64(n.agree)))
}

// upperTail is the value that a further draw exceeds with probability alpha,
// from draws in descending order: between two of them where there are enough, so
// that a little more alpha is a little less threshold (Weibull's rank, definition
// 6 of Hyndman and Fan 1996), and beyond them a Pareto tail through the largest few.
func upperTail(draws []float64, alpha float64) float64 {
	n := len(draws)
	rank := rankOf(alpha, n)
	switch k := int(rank); {
	case k >= n:
		return draws[n-1]
	case k >= 1:
		part := rank - float64(k)
		return (1-part)*draws[k-1] + part*draws[k]
	}
	k := min(tailRuns, n-1)
	if k < 2 || draws[k] <= 0 {
		return draws[0] * 1.5
	}
	reach := float64(k) / (float64(n+1) * alpha)
	return max(draws[0], draws[k]*math.Pow(reach, tailIndex(draws[:k], draws[k])))
}

// rankOf is the rank among n draws in descending order of the value that a further
// one exceeds with probability alpha. What is whole but for the last bit is whole.
func rankOf(alpha float64, n int) float64 {
	rank := alpha * float64(n+1)
	if whole := math.Round(rank); math.Abs(rank-whole) < 1e-9 {
		return whole
	}
	return rank
}

// tailIndex is Hill's estimate of the index of a Pareto tail, from the draws
// beyond a threshold.
func tailIndex(beyond []float64, threshold float64) float64 {
	sum := 0.0
	for _, x := range beyond {
		sum += math.Log(x / threshold)
	}
	return sum / float64(len(beyond))
}
