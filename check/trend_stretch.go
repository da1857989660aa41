package check

import (
	"math"
	"slices"
)

// ranksOf are how many of the most outstanding metrics a family is also judged
// by: a change of code often moves several metrics, and that eight of them stand
// out together is news when none of them alone would be.
var ranksOf = []int{1, 2, 4, 8, 16, 32}

// fresher holds, for each looking, the figure of each track in each window of past
// runs, and in the newest runs.
type fresher struct {
	tracks []*track
	past   [][]stretchOfRuns // of each looking
	now    []stretchOfRuns
}

// stretchOfRuns is what the metrics showed in one stretch of runs, the largest first,
// at each of ranksOf; and of each track.
type stretchOfRuns struct {
	top []float64
	all []float64
}

func newFresh(tracks []*track, rows int) *fresher {
	f := &fresher{tracks: tracks}
	for _, l := range freshLooks {
		var past []stretchOfRuns
		for i := range rows - l.looks + 1 {
			w := f.window(l, func(t *track, k int) float64 { return t.past[i+k] })
			if len(w.top) > 0 {
				past = append(past, w)
			}
		}
		f.past = append(f.past, past)
		f.now = append(f.now, f.window(l, func(t *track, k int) float64 {
			if t.head[k] != t.head[k] {
				return math.NaN()
			}
			return t.z(k)
		}))
	}
	return f
}

// window gathers the figures of one stretch.
func (f *fresher) window(l looking, z func(t *track, k int) float64) stretchOfRuns {
	w := stretchOfRuns{all: make([]float64, len(f.tracks))}
	var there []float64
	zs := make([]float64, l.looks)
	for j, t := range f.tracks {
		w.all[j] = math.Inf(-1)
		zs = zs[:0]
		for k := range l.looks {
			if x := z(t, k); x == x {
				zs = append(zs, x)
			}
		}
		if len(zs) < l.looks {
			continue
		}
		slices.Sort(zs)
		w.all[j] = zs[l.looks-l.agree]
		there = append(there, w.all[j])
	}
	slices.Sort(there)
	for _, k := range ranksOf {
		if len(there) > 0 && (k == 1 || 2*k <= len(f.tracks)) {
			w.top = append(w.top, there[max(0, len(there)-k)])
		}
	}
	return w
}

// passed says of each track by which looking it shifted, if by any. All figures
// share one threshold: each is measured in its own tail among the past windows,
// and the largest of them in the tail of the largest.
func (f *fresher) passed(alpha float64) []looking {
	out := make([]looking, len(f.tracks))
	ends := -1
	for _, past := range f.past {
		if ends < 0 || len(past) < ends {
			ends = len(past)
		}
	}
	if ends < leastRuns {
		return out
	}
	unit := f.units()
	draws := make([]float64, ends)
	for e := range draws {
		for a, past := range f.past {
			// Windows that end at the same run.
			for k, x := range past[len(past)-1-e].top {
				draws[e] = max(draws[e], x/unit[a][k])
			}
		}
	}
	slices.Sort(draws)
	slices.Reverse(draws)
	bar := between(draws, alpha)
	for a, l := range freshLooks {
		for k, x := range f.now[a].top {
			if x/unit[a][k] <= bar {
				continue
			}
			for j, z := range f.now[a].all {
				if z >= x && z > freshZ && out[j].looks < 1 {
					out[j] = l
				}
			}
		}
	}
	for a, l := range freshLooks {
		if slices.Contains(out, l) {
			f.join(a, out)
		}
	}
	return out
}

// join adds to the tracks that shifted by a looking those that a history would
// not fail for, but that are news beside them: what is told of a run that fails
// has freshJoin of false discoveries (Benjamini and Hochberg), by the share of all
// past figures of the looking that were as large.
func (f *fresher) join(a int, out []looking) {
	var past, now []float64
	for _, w := range f.past[a] {
		for _, z := range w.all {
			if !math.IsInf(z, -1) {
				past = append(past, z)
			}
		}
	}
	slices.Sort(past)
	for _, z := range f.now[a].all {
		if !math.IsInf(z, -1) {
			now = append(now, z)
		}
	}
	slices.Sort(now)
	slices.Reverse(now)
	bar := math.Inf(1)
	for k, z := range now {
		smaller, _ := slices.BinarySearch(past, z)
		p := float64(1+len(past)-smaller) / float64(1+len(past))
		if z > freshZ && p <= freshJoin*float64(k+1)/float64(len(now)) {
			bar = z
		}
	}
	for j, z := range f.now[a].all {
		if z >= bar && out[j].looks < 1 {
			out[j] = freshLooks[a]
		}
	}
}

// between is upperTail without its steps: few windows have few ranks, and the
// next rank would waste up to half of the rate.
func between(draws []float64, alpha float64) float64 {
	at := alpha * float64(len(draws)+1)
	k := int(at)
	if k < 1 || k >= len(draws) {
		return upperTail(draws, alpha)
	}
	return draws[k-1] + (at-float64(k))*(draws[k]-draws[k-1])
}

// units are the tails that each figure is measured in.
func (f *fresher) units() [][]float64 {
	out := make([][]float64, len(f.past))
	for a, past := range f.past {
		out[a] = make([]float64, len(ranksOf))
		for k := range ranksOf {
			var xs []float64
			for _, w := range past {
				if k < len(w.top) {
					xs = append(xs, w.top[k])
				}
			}
			slices.Sort(xs)
			slices.Reverse(xs)
			out[a][k] = 1
			if len(xs) > 0 {
				out[a][k] = max(upperTail(xs, 0.1), 0.5)
			}
		}
	}
	return out
}
