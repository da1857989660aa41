package check

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
)

// Slow code can slow all timings of a run alike; a slow machine slows each as its
// kind did before, one more and another less. So by how much all timings are
// slower alike is read with weights under which what past runs had in common
// weighs little: generalised least squares, with the covariance that past runs
// show drawn towards one of independent timings. In the median of the timings,
// code and machine look the same. slowdown_doubt.go says how sure it is.
const (
	mostTelling = 256  // timings that it is read from: more add cost and little else
	mostApart   = 4    // how far a timing may be from its run's median, in its scales
	walsh       = 1.05 // the variance of the median of pairwise means, times runs, in that of one
)

// slowdown is by how much all timings of a run are slower alike.
type slowdown struct {
	past  []float64 // of the baseline runs, each by weights that it had no part in, over its doubt
	head  []float64 // of the looks, NaN where none of the timings tells
	doubt []float64 // of the looks: how much further than usual runs like theirs scatter
	level float64   // the variance of what the looks are measured from, in that of one
}

// told are the slowdowns of the looks that have one, and the same over their doubt.
func (s *slowdown) told() (looks, sure []float64) {
	for k, x := range s.head {
		if finite(x) {
			looks, sure = append(looks, x), append(sure, x/s.doubt[k])
		}
	}
	return looks, sure
}

// spread is how much further the mean of so many looks scatters for the level that
// they share: that does not cancel out as what is each look's own does.
func (s *slowdown) spread(looks int) float64 { return math.Sqrt(1 + float64(looks)*s.level) }

// alike finds the slowdowns, while the effect is the plain median of the timings
// and they still have it. A history that is too short for it has none.
func (s *scaler) alike(e *effect) (slowdown, bool) {
	tracks := slices.DeleteFunc(slices.Clone(e.telling), func(t *track) bool { return !t.replayed })
	var runs []int
	for i, r := range e.past {
		if r == r {
			runs = append(runs, i)
		}
	}
	if len(runs) < leastFit || len(tracks) < leastTimings {
		return slowdown{}, false
	}
	c := contrast{tracks: someOf(tracks, mostTelling)}
	c.scales = make([]float64, len(c.tracks))
	for j, t := range c.tracks {
		c.scales[j] = max(s.apart(t.past, e.past), leastScale)
	}
	c.fit(e, runs)
	usual := median(slices.Clone(c.odd))
	for q, odd := range c.odd {
		c.past[q] /= c.doubt(odd, usual)
	}
	out := slowdown{past: c.past, head: make([]float64, len(e.head)), doubt: make([]float64, len(e.head))}
	level, settled := c.level()
	if settled > 0 {
		out.level = walsh / float64(settled)
	}
	for k, r := range e.head {
		out.head[k], out.doubt[k] = math.NaN(), 1
		if r == r {
			row := c.row(r, func(t *track) float64 { return t.head[k] })
			slower := dot(c.weights, row) / c.weight
			out.head[k] = slower - level
			out.doubt[k] = c.doubt(c.oddity(row)-c.weight*slower*slower, usual)
		}
	}
	return out, true
}

// someOf are at most n of the tracks, in an order and by a choice that only their
// names decide.
func someOf(tracks []*track, n int) []*track {
	type ticket struct {
		number uint64
		track  *track
	}
	tickets := make([]ticket, len(tracks))
	for i, t := range tracks {
		h := fnv.New64a()
		h.Write([]byte(t.name))
		tickets[i] = ticket{h.Sum64(), t}
	}
	slices.SortFunc(tickets, func(a, b ticket) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.track.name, b.track.name))
	})
	some := make([]*track, min(n, len(tracks)))
	for i := range some {
		some[i] = tickets[i].track
	}
	return some
}

// apart is the robust deviation of a timing's residuals from the effects of their
// runs.
func (s *scaler) apart(past, effect []float64) float64 {
	n := 0
	for i, x := range past {
		if x == x {
			s.buffer[n] = math.Abs(x - effect[i])
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return robust * median(s.buffer[:n])
}

// contrast is the weighted sum of a run's timings that tells its slowdown.
type contrast struct {
	tracks          []*track
	scales, weights []float64
	weight          float64 // what the weights make of a slowdown of 1
	past            []float64
	odd             []float64   // how oddly the timings of each past run lie beside its slowdown
	rows, inverse   [][]float64 // of the past runs; the inverse of the factor of A
}

// row is the timings of a run in their scales. One that is far from the others
// has a story of its own, and one that was not measured tells what they do.
func (c *contrast) row(effect float64, of func(*track) float64) []float64 {
	row := make([]float64, len(c.tracks))
	for j, t := range c.tracks {
		far := mostApart * c.scales[j]
		row[j] = effect / c.scales[j]
		if x := of(t); x == x {
			row[j] += min(max(x-effect, -far), far) / c.scales[j]
		}
	}
	return row
}

// fit solves for the weights w = (I + X'X/n)^-1 a, where X has the past runs and a
// is what a slowdown does to a row. It works with the few runs and not with the
// many timings: of A = I + XX'/n it needs y = A^-1 X a, and w = a - X'y/n. A run's
// own part in the weights is taken out by what the diagonal of A^-1 tells.
func (c *contrast) fit(e *effect, runs []int) {
	rows, n := make([][]float64, len(runs)), float64(len(runs))
	for q, i := range runs {
		rows[q] = c.row(e.past[i], func(t *track) float64 { return t.past[i] })
	}
	c.weights = make([]float64, len(c.tracks))
	for j, scale := range c.scales {
		c.weights[j] = 1 / scale
	}
	seen, gram := make([]float64, len(rows)), make([][]float64, len(rows))
	for q, row := range rows {
		seen[q] = dot(row, c.weights)
		gram[q] = make([]float64, q+1)
		for p := range gram[q] {
			gram[q][p] = dot(row, rows[p]) / n
		}
		gram[q][q]++
	}
	inverse := invertFactor(factorise(gram))
	solved, own := make([]float64, len(rows)), make([]float64, len(rows))
	for q, row := range inverse {
		part := dot(row, seen[:q+1])
		for p, x := range row {
			solved[p] += x * part
			own[p] += x * x
		}
	}
	c.weight = dot(c.weights, c.weights) - dot(seen, solved)/n
	for q, row := range rows {
		for j, x := range row {
			c.weights[j] -= x * solved[q] / n
		}
	}
	c.past, c.odd = make([]float64, len(rows)), make([]float64, len(rows))
	for q, x := range solved {
		weight := c.weight + x*x/own[q]/n
		c.past[q] = x / own[q] / weight
		c.odd[q] = n*(1/own[q]-1) - weight*c.past[q]*c.past[q]
	}
	c.rows, c.inverse = rows, inverse
}

// factorise turns the lower triangle of a symmetric matrix, of which 1 may be
// taken off the diagonal and it is still positive, into its Cholesky factor.
func factorise(a [][]float64) [][]float64 {
	for i, row := range a {
		for j := range i {
			row[j] = (row[j] - dot(row[:j], a[j][:j])) / a[j][j]
		}
		row[i] = math.Sqrt(max(row[i]-dot(row[:i], row[:i]), 1))
	}
	return a
}

// invertFactor is the inverse of a lower triangle.
func invertFactor(l [][]float64) [][]float64 {
	out := make([][]float64, len(l))
	for i, row := range l {
		out[i] = make([]float64, i+1)
		for k := range i {
			for j, x := range out[k] {
				out[i][j] -= row[k] * x
			}
		}
		for j := range i {
			out[i][j] /= row[i]
		}
		out[i][i] = 1 / row[i]
	}
	return out
}

func dot(a, b []float64) float64 {
	sum := 0.0
	b = b[:len(a)]
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
