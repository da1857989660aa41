package check

import "math"

// Metrics without noise.
const (
	roundOff  = 1e-6 // a relative change that is no more than this is none, unless both are whole numbers
	pastMoves = 1.5  // what moved before must be so much worse than its worst move
)

// compareExactly judges a metric that is counted, not measured, by the newest
// baseline run that has it.
func (c *comparer) compareExactly(i int) {
	out := &c.out[i]
	newest := out.History[out.Runs-1]
	out.setBaseline(newest)
	d := sign(c.plans[i].better)
	past := func(x float64) bool { return exceedsExactly(c.plans[i].limit, newest, x, d, out) }
	s := c.settle(c.valuesOf(i), past)
	c.confirm(out, s)
	switch {
	case s == changed:
		out.set(Regressed, exactText(out))
	case s == suspected:
		out.set(Suspect, exactText(out)+c.confirmText(c.valuesOf(i)))
	case s == gone:
		out.set(Unchanged, exactText(out)+goneText)
	case differs(newest, out.Head) && (out.Head-newest)*d < 0:
		out.set(Improved, exactText(out))
	case differs(newest, out.Head):
		out.set(Unchanged, exactText(out)+withinText(out.Limit))
	default:
		out.set(Unchanged, "the same as in the newest baseline run")
	}
}

// exceedsExactly reports whether x is worse than base by more than the limit, or
// at all where there is none.
func exceedsExactly(l *Limit, base, x, d float64, c *Comparison) bool {
	return differs(base, x) && l.exceeded(base, (x-base)*d, c.Unit)
}

// differs compares whole numbers exactly and others but for rounding.
func differs(a, b float64) bool {
	if a == math.Trunc(a) && b == math.Trunc(b) {
		return a != b
	}
	return math.Abs(a-b) > roundOff*max(math.Abs(a), math.Abs(b))
}

// judgeExact decides on a measured metric that shows no noise. One that never
// moved may not move for the worse at all, and one that did must be worse than it
// ever was. The limit is a filter after that, as it is where there is noise.
func (c *comparer) judgeExact(t *track) {
	out, p := &c.out[t.at], c.plans[t.at]
	bound := c.exactBounds(t)
	beyond := func(d float64) func(float64) bool {
		return func(x float64) bool {
			if !differs(t.base, x) || (x-t.base)*d <= 0 {
				return false
			}
			return p.limit.exceeded(t.base, (x-t.base)*d, out.Unit) && (t.orient(x)-t.level)*t.sign*d > bound
		}
	}
	s := c.settle(t.looks, beyond(t.sign))
	c.confirm(out, s)
	switch {
	case s == changed:
		out.set(Regressed, stillText(out, t))
	case s == suspected:
		out.set(Suspect, stillText(out, t)+c.confirmText(t.looks))
	case s == gone:
		out.set(Unchanged, stillText(out, t)+goneText)
	case c.settle(t.looks, beyond(-t.sign)) >= suspected:
		out.set(Improved, stillText(out, t))
	case differs(t.base, out.Head):
		out.set(Unchanged, stillText(out, t)+letThroughText(p.limit, out, bound))
	default:
		out.set(Unchanged, "the same as the baseline's level")
	}
}

// exactBounds fills the figures of a metric without noise, and returns how far a
// look may be from the level whatever the limit.
func (c *comparer) exactBounds(t *track) (bound float64) {
	out, limit := &c.out[t.at], c.plans[t.at].limit
	out.setInterval(t.base, t.base)
	out.MinDetectablePct = 0
	if t.worst > still {
		bound = pastMoves * t.worst
		out.interval(t, bound, 0)
		out.MinDetectablePct = ratioPct(t.worse(bound), math.Abs(t.base))
	}
	if limit == nil {
		return bound
	}
	if amount := limit.amount(t.base, out.Unit); bound == 0 || !(amount <= math.Abs(t.worse(bound))) {
		out.setInterval(t.base-amount, t.base+amount)
		out.MinDetectablePct = limit.percent(t.base, out.Unit)
	}
	return bound
}

// rankP is the chance that of the past runs and the head, in random order, the
// head is the one that is so much worse.
func (t *track) rankP() float64 {
	u := t.head[0]
	if u <= still {
		return 1
	}
	reached, all := 1, 1
	for _, x := range t.past {
		if x == x {
			all++
			if x >= u {
				reached++
			}
		}
	}
	return float64(reached) / float64(all)
}
