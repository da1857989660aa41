package check

import (
	"fmt"
	"math"

	"github.com/plumbline-ci/plumbline/collect"
)

// budgets applies max and min. They need no history and ask for no noise: all
// looks that must agree are on the wrong side, or they are not.
func (c *comparer) budgets() {
	for i := range c.out {
		p, out := c.plans[i], &c.out[i]
		if p.max == nil && p.min == nil || p.level == Off || !finite(out.Head) {
			continue
		}
		bound := p.broken(out.Head)
		s := c.settle(c.valuesOf(i), func(x float64) bool { return !math.IsNaN(p.broken(x)) })
		if s > steady && out.Confirmation != Confirmed {
			c.confirm(out, s)
		}
		if s < suspected {
			if out.Status == New || out.Status == Inconclusive {
				out.Reason += "; within its budget, " + p.limitText()
			}
			continue
		}
		value, edge := collect.Distinctly(out.Head, bound, out.Unit)
		reason := fmt.Sprintf("%s is over the budget, which is at most %s", value, edge)
		if out.Head < bound {
			reason = fmt.Sprintf("%s is under the budget, which is at least %s", value, edge)
		}
		if out.Status == Regressed || out.Status == Suspect {
			reason += "; and " + out.Reason
		}
		switch {
		case s == changed:
			out.set(Regressed, reason)
		case out.Status != Regressed:
			out.set(Suspect, reason+c.confirmText(c.valuesOf(i)))
		}
	}
}

// broken is the bound that x breaks, NaN where it keeps them.
func (p *plan) broken(x float64) float64 {
	switch {
	case p.max != nil && x > *p.max:
		return *p.max
	case p.min != nil && x < *p.min:
		return *p.min
	}
	return math.NaN()
}
