package check

import (
	"math"

	"github.com/montanaflynn/stats"
)

// lately is how many of the newest baseline runs say whether a metric is still
// expected: half of them must have it.
const lately = 5

// findMissing adds the metrics that the head run should have and has not.
func (c *comparer) findMissing() {
	here := c.headColumns()
	for j, m := range c.b.Metrics {
		if here[j] || !expected(c.at(j)) {
			continue
		}
		col := c.at(j)
		p := c.shared(c.t.plan(m))
		if p.level == Off {
			continue
		}
		out := newComparison(m, p)
		out.Head = math.NaN()
		out.History = present(col)
		out.Runs = len(out.History)
		out.Baseline, _ = stats.Median(out.History)
		out.set(Missing, missingText(out.Runs, c.rows()))
		c.out, c.plans = append(c.out, out), append(c.plans, p)
	}
}

// headColumns says of each column whether the head run has it.
func (c *comparer) headColumns() []bool {
	here := make([]bool, len(c.b.Metrics))
	if c.replay != nil {
		for _, j := range c.replay.order {
			here[j] = true
		}
		return here
	}
	for i := range c.out {
		if j, ok := c.columnOf(c.out[i].Name, i); ok {
			here[j] = true
		}
	}
	for j, m := range c.b.Metrics {
		if !here[j] {
			at, ok := c.columnOf(m.Name, -1)
			here[j] = !ok || at != j // a name counts once
		}
	}
	return here
}

// expected reports whether at least half of the newest runs have a metric.
func expected(col []float64) bool {
	newest := col[max(0, len(col)-lately):]
	have := 0
	for _, x := range newest {
		if finite(x) {
			have++
		}
	}
	return have > 0 && 2*have >= len(newest)
}
