package check

import "math"

// explainTrack tells how a metric was judged from history.
func (c *comparer) explainTrack(e *Explanation, t *track) {
	h := c.retold(t)
	first, n := levelStart(h, t)
	start := 0
	if first > 0 {
		start = int(h.row[first])
	}
	e.Levels = h.stretches(t, first, n)
	e.FromAccepted = t.from > 0 && start > 0 && count(t.col[t.cut:start]) == 0
	seen := 0
	for k := range e.Runs {
		r := &e.Runs[k]
		if k >= len(t.col) || !finite(t.col[k]) {
			continue
		}
		seen++
		r.Old = k < start
		r.Level = seen > t.count-t.settled
	}
	if t.exact {
		e.Method = ByLevel
		e.Bound = c.out[t.at].MinDetectablePct
		return
	}
	e.Method = ByNoise
	for k := range e.Runs {
		r := &e.Runs[k]
		r.Z = c.past(t.past, k)
		if t.beta > 0 && c.effect.timings >= leastTimings && finite(r.Value) && finite(c.past(c.effect.past, k)) {
			r.Adjusted = t.value(t.orient(r.Value) - t.beta*c.past(c.effect.past, k))
		}
	}
	e.Noisy = c.arithmetic(t, start > 0)
	e.Noisy.Tail = t.tailOf(start, t.tailAt+c.old)
}

// levelStart is where the level begins among the values that the historian has, and
// how many these are.
func levelStart(h *historian, t *track) (start, n int) {
	start, n = h.start, min(t.count, seriesMost)
	if !t.replayed {
		start = n - t.settled
	}
	return start, n
}

// arithmetic is the test of a metric with noise, with its threshold from the
// same family that decided.
func (c *comparer) arithmetic(t *track, shifted bool) *Noisy {
	f := c.toldFamily(c.plans[t.at].level)
	l := c.agree(count(t.looks))
	b, _ := c.bars(f, l)
	n := &Noisy{
		Shifted: shifted, EffectPct: 100 * math.Expm1(t.sign*t.shift), Beta: t.beta, Timings: c.effect.timings,
		Effect: t.shift, Distance: t.head[0] + t.shift, Logarithm: t.plain == 0, Settled: t.settled,
		Residual: t.head[0], Scale: t.scale, ScaleFrom: t.scaleSource(), Deviation: t.noise, Spread: t.spread, Stretch: t.stretch[0], Unrest: t.unrest[0],
		Width: t.width(0), Z: t.z(0), Worse: t.moved(1), Threshold: b.first, PastRuns: len(f.runs), Metrics: len(f.tracks),
		Agreed: math.NaN(), Together: math.NaN(),
	}
	if l.looks > 1 {
		n.Agreed, n.Together = t.together(l, 1, t.z), b.together
	}
	n.source(f, c.net().metrics.rate(1, &c.t))
	return n
}

// tailOf tells of the run that stands for the tail, where the level begins at a run.
func (t *track) tailOf(start, tail int) Tail {
	of := 0
	for _, z := range t.past {
		if z == z {
			of++
		}
	}
	since := 0
	for k := start; k < tail; k++ {
		if finite(t.col[k]) {
			since++
		}
	}
	return Tail{
		Run: tail, Distance: t.tail, Of: of, Scales: newScaler(of).quantile(of),
		Fresh: start > 0 && tail >= start && since < leastSide,
	}
}

// scaleSource says which of its floors or measures a scale is.
func (t *track) scaleSource() Source {
	least := leastScale
	if t.plain > 0 {
		least *= math.Abs(t.level)
	}
	switch t.scale {
	case t.noise:
		return FromDeviation
	case stepShare * t.step:
		return FromStep
	case least:
		return FromLeast
	}
	return FromTail
}

// source tells where the threshold of the first look was read: at the rate of the
// family or, where re-runs follow, at a wider one.
func (n *Noisy) source(f *family, wide float64) {
	null := f.null(looking{1, 1})
	for _, n.Alpha = range []float64{f.alpha, wide} {
		if null.threshold(null.worse, n.Alpha) == n.Threshold {
			break
		}
	}
	n.Rank = min(rankOf(n.Alpha, len(null.worse)), float64(len(null.worse)))
	switch {
	case n.Threshold == null.gaussian(n.Alpha):
		n.ThresholdFrom, n.Rank = FromGauss, 0
	case n.Rank >= 1:
		n.ThresholdFrom = FromRank
	default:
		n.ThresholdFrom = FromTail
	}
}
