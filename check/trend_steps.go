package check

import (
	"math"
	"slices"
	"sort"
)

// steps finds the steps in hindsight. Of all splits of a stretch of runs the one
// with the largest rank-sum statistic is a step where chance makes one as large in
// too few clean histories; both its sides are searched in turn.
func (w *trender) steps() {
	w.stepsOf(w.series, hindsightShare*w.t.FalseAlarmRate)
	if w.common != nil {
		w.stepsOf([]*course{w.common}, hindsightShare*w.t.FalseAlarmRate)
	}
}

func (w *trender) stepsOf(family []*course, alpha float64) {
	for _, s := range family {
		rows := s.rows()
		cuts := s.split(rows, 0, len(rows), func(z float64, n int) bool {
			return scanTail(z/math.Sqrt(s.wide), n)*float64(len(family)) < alpha
		})
		s.refine(rows, cuts)
		ends := append(slices.Clone(cuts), len(rows))
		from := 0
		for q, cut := range cuts {
			s.cuts = append(s.cuts, rows[cut])
			before, after := rows[from:cut], rows[cut:ends[q+1]]
			from = cut
			w.step(s, before, after, rows[cuts[len(cuts)-1]:], len(rows)-cut)
		}
	}
}

// refine moves each cut to where the two levels beside it fit best: ranks tell
// that there is a step better than where it is.
func (s *course) refine(rows, cuts []int) {
	for q, cut := range cuts {
		from, to := 0, len(rows)
		if q > 0 {
			from = cuts[q-1]
		}
		if q+1 < len(cuts) {
			to = cuts[q+1]
		}
		old, level := s.median(rows[from:cut]), s.median(rows[cut:to])
		cost, least := 0.0, math.Inf(1)
		for k := from; k <= to-leastSide; k++ {
			if k >= from+leastSide && cost < least {
				least, cuts[q] = cost, k
			}
			y := s.y[rows[k]]
			cost += math.Abs(y-old) - math.Abs(y-level)
		}
	}
}

// step notes a step between two stretches, if it is large enough to be news.
func (w *trender) step(s *course, before, after, now []int, lasting int) {
	old, level := s.median(before), s.median(after)
	jump := level - old
	if math.Abs(jump) < leastLasting && s.sd > still || jump == 0 {
		return
	}
	x := w.shift(s, before, after)
	x.Lasting = lasting
	x.Back = (s.median(now)-old)/jump < 0.5
	if !s.exceeds(old, level) {
		return
	}
	w.found = append(w.found, x)
	if jump > 0 && !x.Back {
		s.known = max(s.known, after[0])
	}
}

// exceeds reports whether the change between two levels is past the limit.
func (s *course) exceeds(old, level float64) bool {
	from, to := s.value(old), s.value(level)
	return s.plan.limit == nil || s.plan.limit.exceeded(from, math.Abs(to-from), s.m.Unit)
}

// shift describes the change of level from one stretch of rows to another.
func (w *trender) shift(s *course, before, after []int) Shift {
	old, level := s.median(before), s.median(after)
	b, a := before[len(before)-1], after[0]
	x := Shift{
		Name: s.m.Name, Unit: s.m.Unit, Better: s.plan.better, Level: s.plan.level, Status: Regressed,
		Before: w.h.Runs[b], After: w.h.Runs[a], BeforeAt: w.skipped + b + 1, AfterAt: w.skipped + a + 1,
		Lasting: len(after), From: s.value(old), To: s.value(level), History: s.raw,
	}
	x.DeltaPct = ratioPct(x.To-x.From, math.Abs(x.From))
	// A median's variance is 1.57 of a mean's.
	half := 1.96 * s.sd * math.Sqrt(1.57*s.wide*(1/float64(len(before))+1/float64(len(after))))
	bound := func(y float64) float64 { return ratioPct(s.value(y)-x.From, math.Abs(x.From)) }
	x.Low, x.High = bound(level-half), bound(level+half)
	if x.Low > x.High {
		x.Low, x.High = x.High, x.Low
	}
	switch {
	case level < old:
		x.Status = Improved
	case s == w.common:
		x.Status = Suspect
		x.Reason = "all timings of a run together: slower machines, or code that all of them share"
	}
	return x
}

// split finds the steps between rows[from] and rows[to] that are accepted.
func (s *course) split(rows []int, from, to int, accept func(z float64, n int) bool) []int {
	n := to - from
	if n < 2*leastSide {
		return nil
	}
	ys := make([]float64, n)
	for q := range ys {
		ys[q] = s.y[rows[from+q]]
	}
	k, z := largestRankSum(ys)
	if k == 0 || !accept(z, n) {
		return nil
	}
	left := s.split(rows, from, from+k, accept)
	return append(append(left, from+k), s.split(rows, from+k, to, accept)...)
}

// largestRankSum is the split with the largest rank-sum statistic, in its normal
// approximation with ties, and that statistic.
func largestRankSum(ys []float64) (at int, z float64) {
	ranks, ties := midRanks(ys)
	n, sum := float64(len(ys)), 0.0
	for i, r := range ranks {
		sum += r
		k := i + 1
		if k < leastSide || len(ys)-k < leastSide {
			continue
		}
		if now := rankSumScore(sum, float64(k), n, ties); now > z {
			at, z = k, now
		}
	}
	return at, z
}

// rankSumScore standardises the rank sum of k of n values.
func rankSumScore(sum, k, n, ties float64) float64 {
	variance := k * (n - k) / 12 * (n + 1 - ties/(n*(n-1)))
	if variance <= 0 {
		return 0
	}
	return math.Abs(sum-k*(n+1)/2) / math.Sqrt(variance)
}

// midRanks are the ranks of values, ties sharing their mean, and the sum of t^3-t
// over ties.
func midRanks(ys []float64) (ranks []float64, ties float64) {
	order := make([]int, len(ys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case ys[a] < ys[b]:
			return -1
		case ys[a] > ys[b]:
			return 1
		}
		return 0
	})
	ranks = make([]float64, len(ys))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && ys[order[j]] == ys[order[i]] {
			j++
		}
		t := float64(j - i)
		ties += t*t*t - t
		for _, q := range order[i:j] {
			ranks[q] = float64(i+j+1) / 2
		}
		i = j
	}
	return ranks, ties
}

// scanTail is the chance that the largest of the standardised statistics over all
// splits of n runs, with leastSide on each side, passes z: the tail of a
// standardised Brownian bridge (James, James and Siegmund, Biometrika 74, 1987).
func scanTail(z float64, n int) float64 {
	if z < 1.5 {
		return 1
	}
	edge := float64(leastSide) / float64(n)
	if edge >= 0.5 {
		return math.Erfc(z / math.Sqrt2)
	}
	odds := 2 * math.Log((1-edge)/edge)
	return min(1, z*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)*((1-1/(z*z))*odds+4/(z*z)))
}

// creeps compares the newest level with that of creepBack runs ago. What one step
// explains is a step; else many small ones add up.
func (w *trender) creeps() {
	alpha := creepShare * w.t.FalseAlarmRate
	for _, s := range w.series {
		w.creep(s, alpha/float64(len(w.series)))
	}
	if w.common != nil {
		w.creep(w.common, alpha)
	}
}

func (w *trender) creep(s *course, alpha float64) {
	rows := s.rows()
	if a := w.accepted(s.m.Name); a != nil {
		rows = rows[sort.SearchInts(rows, a.cut):] // its level is the new normal
	}
	at := max(0, len(rows)-creepBack-creepLevel)
	if len(rows) < 3*creepLevel || at+2*creepLevel > len(rows)-creepLevel {
		return
	}
	before, after := rows[at:at+creepLevel], rows[len(rows)-creepLevel:]
	ys := make([]float64, 0, 2*creepLevel)
	for _, i := range slices.Concat(before, after) {
		ys = append(ys, s.y[i])
	}
	ranks, ties := midRanks(ys)
	sum := 0.0
	for _, r := range ranks[:creepLevel] {
		sum += r
	}
	total := s.median(after) - s.median(before)
	z := rankSumScore(sum, creepLevel, 2*creepLevel, ties) / math.Sqrt(s.wide)
	old, level := s.median(before), s.median(after)
	if total < leastLasting || math.Erfc(z/math.Sqrt2)/2 > alpha || !s.exceeds(old, level) {
		return
	}
	if s.largestStep(rows[at:]) >= explained*total {
		return
	}
	x := w.shift(s, before, after)
	x.Creep, x.Lasting = true, len(rows)-at-creepLevel
	w.found = append(w.found, x)
}

// largestStep is the largest step for the worse that was found in these rows.
func (s *course) largestStep(rows []int) float64 {
	most := 0.0
	from := 0
	for q, i := range rows {
		if q-from < leastSide || !slices.Contains(s.cuts, i) {
			continue
		}
		to := len(rows)
		for k := q + 1; k < len(rows); k++ {
			if slices.Contains(s.cuts, rows[k]) {
				to = k
				break
			}
		}
		most = max(most, s.median(rows[q:to])-s.median(rows[from:q]))
		from = q
	}
	return most
}
