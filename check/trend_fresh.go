package check

import (
	"math"
	"slices"
	"sort"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Shifts in the newest runs have too few runs behind them for ranks. They are
// found as the gate finds a regression, with the newest runs as looks at the same
// code: of the newest l.looks, l.agree must be that much worse. What windows of
// past runs in their order showed is the measure, so that spells of slow machines
// are part of it.
var freshLooks = []looking{{2, 2}, {3, 2}, {3, 3}, {4, 3}}

const (
	freshRuns = 4   // the newest runs that may be news
	freshBase = 50  // runs before them that are the measure
	freshZ    = 2   // a metric must stand out so far, whatever the others do
	freshJoin = 0.1 // of what is told beside a shift, the share that may be none
)

// fresh finds shifts that began in the newest runs.
func (w *trender) fresh() {
	n := len(w.h.Runs)
	if n < freshRuns+w.t.MinRuns {
		return
	}
	var looks []collect.Run
	for k := range freshRuns {
		looks = append(looks, w.run(n-1-k))
	}
	rows := w.before(looks)
	c := &comparer{looks: looks, b: w.past(rows), t: w.t}
	c.b.Alike = w.h.Alike
	c.index()
	c.resolveAccepted()
	c.read()
	for i := range c.tracks {
		at := c.tracks[i].at
		j, _ := c.columnOf(c.out[at].Name, at)
		w.restore(&c.tracks[i], j, rows)
	}
	c.fit()
	for _, level := range []Level{Fail, Warn} {
		var noisy []*track
		for i := range c.tracks {
			t := &c.tracks[i]
			switch {
			case c.plans[t.at].level != level:
			case t.exact:
				w.freshExact(c, t)
			default:
				noisy = append(noisy, t)
			}
		}
		w.freshNoisy(c, noisy)
	}
}

// run is a run of the history with its metrics, without what its timings have in
// common.
func (w *trender) run(i int) collect.Run {
	run := collect.Run{Origin: w.h.Runs[i]}
	for _, s := range w.series {
		if m := s.m; finite(s.y[i]) {
			m.Value, m.Samples = s.value(s.y[i]), nil
			run.Metrics = append(run.Metrics, m)
		}
	}
	return run
}

// before are the newest runs before the looks that have half of the metrics of
// the newest, and are of other code.
func (w *trender) before(looks []collect.Run) []int {
	var rows []int
	for i := len(w.h.Runs) - len(looks) - 1; i >= 0 && len(rows) < freshBase; i-- {
		shared, all := 0, 0
		for _, col := range w.h.Values {
			if finite(col[len(col)-1]) {
				all++
				if finite(col[i]) {
					shared++
				}
			}
		}
		same := func(look collect.Run) bool { return look.Commit != "" && look.Commit == w.h.Runs[i].Commit }
		if 2*shared >= all && !slices.ContainsFunc(looks, same) {
			rows = append(rows, i)
		}
	}
	slices.Reverse(rows)
	return rows
}

// past are the given runs of the history as the measure of the newest. What the
// timings of a run have in common is taken out before levels are found: else each
// metric would follow an era of other machines at its own pace. So are lasting
// steps: they are no chance, and a window around one would set a bar that the
// next one cannot pass.
func (w *trender) past(rows []int) baseline.Baseline {
	var b baseline.Baseline
	for _, i := range rows {
		b.Runs = append(b.Runs, w.h.Runs[i])
	}
	for _, s := range w.series {
		col := make([]float64, len(rows))
		for q, y := range s.stepless(rows) {
			col[q] = math.NaN()
			if y == y {
				col[q] = s.value(y)
			}
		}
		b.Metrics, b.Values = append(b.Metrics, s.m), append(b.Values, col)
	}
	return b
}

// stepless are the oriented values of some runs, each stretch between two lasting
// steps put at the level of the last one. A step needs the odds that cut a
// baseline.
func (s *course) stepless(rows []int) []float64 {
	ys := make([]float64, len(rows))
	var there, at []int
	for q, i := range rows {
		if ys[q] = s.y[i]; ys[q] == ys[q] {
			there, at = append(there, i), append(at, q)
		}
	}
	cuts := s.split(there, 0, len(there), func(z float64, _ int) bool { return z >= shiftZ })
	if len(cuts) == 0 {
		return ys
	}
	s.refine(there, cuts)
	level, from := s.median(there[cuts[len(cuts)-1]:]), 0
	for _, to := range cuts {
		by := level - s.median(there[from:to])
		for ; from < to; from++ {
			ys[at[from]] += by
		}
	}
	return ys
}

// restore gives a track the values that were measured, which tell its resolution.
func (w *trender) restore(t *track, j int, rows []int) {
	raw, n := w.series[j].raw, len(w.h.Runs)
	t.raw = readings{col: make([]float64, len(rows))}
	for q, i := range rows {
		t.raw.col[q] = raw[i]
	}
	for k := range freshRuns {
		t.raw.looks = append(t.raw.looks, raw[n-1-k])
	}
}

// freshExact finds a shift of what has no noise: three runs in a row are worse
// than it ever was.
func (w *trender) freshExact(c *comparer, t *track) {
	bound := max(roundOff, pastMoves*t.worst)
	for k := range 3 {
		if !(t.head[k] > bound) {
			return
		}
	}
	w.freshShift(c, t, 3)
}

// freshNoisy finds shifts of a family of metrics.
func (w *trender) freshNoisy(c *comparer, tracks []*track) {
	f := newFresh(tracks, c.rows()-c.old)
	for at, l := range f.passed(freshShare * w.t.FalseAlarmRate) {
		if l.looks > 0 {
			w.freshShift(c, tracks[at], l.agree)
		}
	}
}

// freshShift notes a shift in the newest runs of a metric, unless it is known as
// a step.
func (w *trender) freshShift(c *comparer, t *track, agree int) {
	j, _ := c.columnOf(c.out[t.at].Name, t.at)
	s := w.series[j]
	if s.known >= len(w.h.Runs)-freshRuns-leastSide+1 {
		return
	}
	rows := s.rows()
	end, oldest := len(rows)-freshRuns, 0
	if a := w.accepted(s.m.Name); a != nil {
		if at := sort.SearchInts(rows, a.cut); at < end {
			oldest = at
		}
	}
	old, level := s.median(rows[max(oldest, end-levelRuns):end]), s.median(rows[len(rows)-agree:])
	// Walk back to where it began: the oldest run in a row that is nearer to the
	// new level. One exception in the row is a lucky run.
	first, missed := len(rows)-agree, 0
	for q := first; q >= max(oldest, len(rows)-freshBase) && missed < 2; q-- {
		if s.y[rows[q]] > (old+level)/2 {
			first, missed = q, 0
		} else {
			missed++
		}
	}
	if first < leastSide || !s.exceeds(old, s.median(rows[first:])) {
		return
	}
	before := rows[min(max(oldest, first-levelRuns), first-1):first]
	if s.median(rows[first:])-s.median(before) <= 0 {
		return
	}
	w.found = append(w.found, w.shift(s, before, rows[first:]))
}
