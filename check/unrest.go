package check

import "math"

// Some runs are restless: beside what slows all timings together, a neighbour on
// the machine or a shared cache scatters them, some far up and some far down.
// The unrest of a run is how much further than usual its timings lie from their
// levels. A metric is judged by that of the others in its run: what stands out of
// a calm run needs less, and what stands out of a restless one more. It goes by
// the others alone, or a metric would hide behind its own change.
//
// How far a run's figure is to be believed is what the history says, by the
// credibility of Bühlmann and Straub (1970): with x the size of a residual in
// scales, the unrest of a run with n other timings is (k m + sum x) / (k + n) in
// parts of m, the mean of all x, with k the variance of x inside a run over that
// between runs. Where runs differ no more than chance lets them, there is none.
//
// A regression of a group of metrics must not pass for unrest. So a residual
// counts for little however large it is, and no look gets credit for more unrest
// than three past runs had.
const (
	unrestCut  = 1.5 // a residual counts for so many scales at most
	leastPrior = 2   // k is never less
)

// crowd is how far the timings of each run are from their levels.
type crowd struct {
	sum     []int64 // of the sizes, in grains
	count   []int
	squares int64 // of all sizes
}

// grains are the parts of a scale that sizes are counted in: sums of whole
// numbers come out the same in whatever order the metrics are.
const grains = 1 << 16

func newCrowd(runs int) *crowd { return &crowd{sum: make([]int64, runs), count: make([]int, runs)} }

// unrest is what the runs show of their spread.
type unrest struct{ usual, prior float64 }

// removeUnrest divides the residuals of all timings by the unrest of their runs,
// and keeps that of the looks. Short histories have no runs to learn from.
func (s *scaler) removeUnrest(tracks []*track, rows, looks int) {
	var timings []*track
	for _, t := range tracks {
		if t.timing && t.plain == 0 && t.replayed && !t.exact {
			timings = append(timings, t)
		}
	}
	past, head := newCrowd(rows), newCrowd(looks)
	for _, t := range timings {
		for i, x := range t.past {
			past.add(i, x/t.scale)
		}
		for k := range t.head {
			head.add(k, t.scatter(k))
		}
	}
	u, ok := past.credibility()
	if !ok {
		return
	}
	for _, t := range timings {
		seen := s.buffer[:len(t.past)]
		for i, x := range t.past {
			seen[i] = u.of(past, i, x/t.scale)
			t.past[i] = x / seen[i]
		}
		most := largest(seen).third
		for k := range t.head {
			t.unrest[k] = min(u.of(head, k, t.scatter(k)), most)
		}
		t.noise = s.noise(t)
	}
}

// scatter is a look's residual as past ones are measured, with all of the run
// effect taken out, however fast the machine was: that is no unrest.
func (t *track) scatter(look int) float64 {
	return (t.head[look] - t.over[look]) / (t.scale * t.spread * t.stretch[look])
}

// sizeOf is how far a residual is from 0, in grains, as unrest counts it.
func sizeOf(z float64) int64 {
	return int64(grains * min(math.Abs(z), unrestCut))
}

// add counts a residual of a run.
func (c *crowd) add(run int, z float64) {
	if z == z {
		size := sizeOf(z)
		c.sum[run] += size
		c.squares += size * size
		c.count[run]++
	}
}

// credibility tells from the runs what is usual and with how much weight; false
// where the runs do not differ.
func (c *crowd) credibility() (unrest, bool) {
	total, all, alike, each, runs := 0.0, 0.0, 0.0, 0.0, 0.0
	for i, grains := range c.sum {
		if n, sum := float64(c.count[i]), float64(grains); n > 0 {
			total += sum
			all += n
			alike += n * n
			each += sum * sum / n
			runs++
		}
	}
	if all <= runs || runs < leastRuns || total <= 0 {
		return unrest{}, false
	}
	within := max(float64(c.squares)-each, 0) / (all - runs)
	between := (each - total*total/all - (runs-1)*within) / (all - alike/all)
	if !(between > 1e-9*within) {
		return unrest{}, false
	}
	return unrest{usual: total / all, prior: max(within/between, leastPrior)}, true
}

// of is the unrest of a run as a metric with residual z sees it, NaN where it has
// none.
func (u unrest) of(c *crowd, run int, z float64) float64 {
	if z != z {
		return z
	}
	others := float64(c.count[run] - 1)
	return (u.prior*u.usual + float64(c.sum[run]-sizeOf(z))) / (u.usual * (u.prior + others))
}
