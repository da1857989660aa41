package check

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Explained is one comparison of which every metric can be explained.
type Explained struct {
	Result Result

	c     *comparer
	order []int // the place among the comparer's metrics of each of Result's
}

// ExplainAll compares as Compare does, once, and keeps what tells all about each
// metric.
func ExplainAll(looks []collect.Run, b baseline.Baseline, t Thresholds) Explained {
	c := compared(looks, b, t)
	at := make(map[string]int, len(c.out))
	for i := range c.out {
		at[c.out[i].Name] = i
	}
	as := slices.Clone(c.out) // result reorders it, and what the stages left goes by the old order
	e := Explained{Result: c.result(), c: c}
	c.out = as
	for i := range e.Result.Metrics {
		e.order = append(e.order, at[e.Result.Metrics[i].Name])
	}
	return e
}

// All explains each metric in the order of the result's. An explanation is made
// when it is asked for: all of them at once are much.
func (e *Explained) All() iter.Seq[Explanation] {
	return func(yield func(Explanation) bool) {
		for _, i := range e.order {
			x := e.c.explain(i)
			x.Result = e.Result
			if !yield(x) {
				return
			}
		}
	}
}

// Stretch is a level of a metric over baseline runs: from the first run at it to
// the last, both counted from the oldest. Value is in the metric's unit.
type Stretch struct {
	From, To int
	Value    float64
}

// trackOf is the track of a comparison, nil where it has none.
func (c *comparer) trackOf(i int) *track {
	k, ok := slices.BinarySearchFunc(c.tracks, i, func(t track, i int) int { return cmp.Compare(t.at, i) })
	if !ok {
		return nil
	}
	return &c.tracks[k]
}

// toldFamily is the family of a level, made once for all its explanations.
func (c *comparer) toldFamily(l Level) *family {
	if f := c.asked[l]; f != nil {
		return f
	}
	if c.asked == nil {
		c.asked = make(map[Level]*family)
	}
	c.asked[l] = c.family(l)
	return c.asked[l]
}

// retold is the historian of a track, as it was when the track was judged.
func (c *comparer) retold(t *track) *historian {
	if c.teller == nil {
		c.teller = newHistorian(c.rows(), c.rows())
	}
	again := *t
	again.past, again.head = make([]float64, len(t.past)), make([]float64, len(t.head))
	h := c.teller
	h.old = int32(c.old)
	h.load(&again)
	h.judge(&again)
	return h
}

// stretches are the levels that the historian sees, looking back from the one that
// holds and begins at its start-th value. The newest is what the head is compared
// with.
func (h *historian) stretches(t *track, start, end int) []Stretch {
	var all []Stretch
	for ; end > 0; start = h.cutBefore(t, end) {
		value := t.base
		if len(all) > 0 {
			value = t.value(h.median(start, end))
		}
		all = append(all, Stretch{From: int(h.place(start)), To: int(h.place(end - 1)), Value: value})
		end = start
	}
	slices.Reverse(all)
	return all
}

// lasting is the newest stretch of equal values, none where it is not at a level.
func lasting(col []float64, level float64) []Stretch {
	s := Stretch{From: -1}
	for i := len(col) - 1; i >= 0 && (col[i] == level || !finite(col[i])); i-- {
		if !finite(col[i]) {
			continue
		}
		if s.From < 0 {
			s.To, s.Value = i, level
		}
		s.From = i
	}
	if s.From < 0 {
		return nil
	}
	return []Stretch{s}
}

// allowed is the value past which a change is more than limit and budget allow,
// NaN where neither says.
func (p *plan) allowed(out *Comparison) float64 {
	s := sign(p.better)
	bound := math.NaN()
	if p.limit != nil && s != 0 && finite(out.Baseline) {
		bound = out.Baseline + s*p.limit.amount(out.Baseline, out.Unit)
	}
	nearer := func(budget *float64, side float64) {
		if budget != nil && (s == 0 || s == side) && (math.IsNaN(bound) || side*(bound-*budget) > 0) {
			bound = *budget
		}
	}
	nearer(p.max, +1)
	nearer(p.min, -1)
	return bound
}
