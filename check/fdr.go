package check

import (
	"math"
	"slices"
)

// chances fills P and Q of the metrics that are judged from history. In a replay
// nobody reads them of a run without an alert.
func (c *comparer) chances() {
	if c.replay != nil && !c.anyWorse() {
		return
	}
	for _, f := range c.families {
		var tested []*Comparison
		var p []float64
		for i := range c.tracks {
			t := &c.tracks[i]
			if c.plans[t.at].level != f.level {
				continue
			}
			out := &c.out[t.at]
			if t.exact {
				out.P = t.rankP()
			} else {
				l := c.agree(count(t.looks))
				out.P = f.pValue(l, t.together(l, 1, t.z))
			}
			tested, p = append(tested, out), append(p, out.P)
		}
		q := make([]float64, len(p))
		falseDiscovery(p, q)
		for i, out := range tested {
			out.Q = q[i]
		}
	}
}

func (c *comparer) anyWorse() bool {
	for i := range c.out {
		if s := c.out[i].Status; s == Regressed || s == Suspect {
			return true
		}
	}
	return false
}

// falseDiscovery fills q with the p-values after Benjamini and Hochberg (1995):
// the smallest false discovery rate at which each would be reported. NaN in p
// takes no part and stays NaN.
func falseDiscovery(p, q []float64) {
	order := make([]int, 0, len(p))
	for i, x := range p {
		q[i] = math.NaN()
		if !math.IsNaN(x) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	least := 1.0
	for k := len(order) - 1; k >= 0; k-- {
		i := order[k]
		least = min(least, p[i]*(float64(len(order))/float64(k+1))) // so bracketed it is never below p
		q[i] = least
	}
}
