package check

import (
	"math"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// read makes a series of each metric that is judged and has enough values, and
// takes out of all timings what their runs have in common.
func (w *trender) read() {
	newest := w.h.Runs[len(w.h.Runs)-1].Runner
	for j, m := range w.h.Metrics {
		p := w.t.plan(m)
		if p.level == Off || p.better == collect.None || j >= len(w.h.Values) {
			continue
		}
		raw := make([]float64, len(w.h.Runs))
		for i := range raw {
			raw[i] = math.NaN()
			other := w.h.Alike > 0 && dependsOnMachine(m.Name, m.Unit) && baseline.OtherMachine(newest, w.h.Runs[i].Runner)
			if i < len(w.h.Values[j]) && !other {
				raw[i] = w.h.Values[j][i]
			}
		}
		if count(raw) < trendLeast || !finite(raw[len(raw)-1]) {
			w.short++
			continue
		}
		w.series = append(w.series, newCourse(m, p, raw))
	}
	w.takeOutCommon()
	for _, s := range w.series {
		s.scatter()
	}
	w.poolScatter()
}

func newCourse(m collect.Metric, p plan, raw []float64) *course {
	s := &course{m: m, plan: p, raw: raw, y: make([]float64, len(raw))}
	s.track = newTrack(0, &p, raw, nil)
	for i, x := range raw {
		s.y[i] = math.NaN()
		if finite(x) {
			s.y[i] = s.orient(x)
		}
	}
	return s
}

// polishes are the rounds of the median polish.
const polishes = 3

// takeOutCommon removes what all timings of a run have in common, found by a
// median polish: each run's effect is the median of its timings' distances from
// their typical values. It becomes a series of its own.
func (w *trender) takeOutCommon() {
	var telling []*course
	for _, s := range w.series {
		if s.timing && s.plain == 0 && s.jitter() > noisyTiming {
			telling = append(telling, s)
		}
	}
	if len(telling) < leastTimings {
		return
	}
	rows := len(w.h.Runs)
	effect, typical := make([]float64, rows), make([]float64, len(telling))
	var buffer []float64
	for range polishes {
		for j, s := range telling {
			buffer = buffer[:0]
			for i, y := range s.y {
				if y == y && effect[i] == effect[i] {
					buffer = append(buffer, y-effect[i])
				}
			}
			typical[j] = median(buffer)
		}
		for i := range effect {
			buffer = buffer[:0]
			for j, s := range telling {
				if y := s.y[i]; y == y {
					buffer = append(buffer, y-typical[j])
				}
			}
			effect[i] = median(buffer)
			if len(buffer) < leastTimings {
				effect[i] = math.NaN()
			}
		}
	}
	away := make([]float64, rows)
	for j, s := range telling {
		for i, y := range s.y {
			away[i] = y - typical[j]
			if effect[i] != effect[i] {
				away[i] = math.NaN()
			}
		}
		beta, _ := fitBeta(away, effect)
		for i := range s.y {
			if effect[i] == effect[i] {
				s.y[i] -= beta * effect[i]
			}
		}
	}
	w.common = newCommon(effect, w.t)
}

// newCommon is the run effect as a metric: a factor on the time of all timings.
func newCommon(effect []float64, t Thresholds) *course {
	m := effectMetric()
	raw := make([]float64, len(effect))
	for i, r := range effect {
		raw[i] = math.Exp(r)
	}
	s := newCourse(m, t.plan(m), raw)
	s.scatter()
	return s
}

// jitter is the robust deviation between neighbours, of a single value.
func (s *course) jitter() float64 {
	var steps []float64
	last := math.NaN()
	for _, y := range s.y {
		if y != y {
			continue
		}
		if last == last {
			steps = append(steps, math.Abs(y-last))
		}
		last = y
	}
	return robust * median(steps) / math.Sqrt2
}

// scatter finds rough levels, the deviation from them, and how much neighbours
// resemble each other: slow machines and warm caches come in spells, and a level
// of ten such runs is known no better than one of three strangers.
func (s *course) scatter() {
	rows := s.rows()
	cuts := s.split(rows, 0, len(rows), func(z float64, _ int) bool { return z >= shiftZ })
	off := make([]float64, len(rows))
	var size []float64
	from := 0
	for _, to := range append(cuts, len(rows)) {
		level := s.median(rows[from:to])
		for q := from; q < to; q++ {
			off[q] = s.y[rows[q]] - level
			size = append(size, math.Abs(off[q]))
		}
		from = to
	}
	s.sd = robust * median(size)
	s.wide = likeness(off, s.sd, len(cuts)+1)
}

// likeness is the correlation of neighbours, corrected for what fitting so many
// levels takes from it.
func likeness(off []float64, sd float64, levels int) float64 {
	if sd <= 0 {
		return 0
	}
	cut := func(x float64) float64 { return min(max(x, -3*sd), 3*sd) }
	num, den := 0.0, 0.0
	for i, x := range off {
		den += cut(x) * cut(x)
		if i > 0 {
			num += cut(x) * cut(off[i-1])
		}
	}
	if den <= 0 {
		return 0
	}
	rho, n := num/den, float64(len(off))
	rho += (1 + 4*max(rho, 0)) * float64(levels) / n
	return min(max(rho, 0), 0.8)
}

// poolScatter turns each series' correlation of neighbours into a factor on
// variances. One series tells little of it, so it has at least what is typical.
func (w *trender) poolScatter() {
	var all []float64
	for _, s := range w.series {
		if s.sd > 0 {
			all = append(all, s.wide)
		}
	}
	typical := median(all)
	factor := func(rho float64) float64 { return (1 + rho) / (1 - rho) }
	for _, s := range w.series {
		if s.sd > 0 && typical == typical {
			s.wide = max(s.wide, typical)
		}
		s.wide = factor(s.wide)
	}
	if w.common != nil {
		w.common.wide = factor(w.common.wide)
	}
}

// rows are the runs that have the metric.
func (s *course) rows() []int {
	var rows []int
	for i, y := range s.y {
		if y == y {
			rows = append(rows, i)
		}
	}
	return rows
}

// median is the level of the given rows.
func (s *course) median(rows []int) float64 {
	ys := make([]float64, len(rows))
	for q, i := range rows {
		ys[q] = s.y[i]
	}
	return median(ys)
}
