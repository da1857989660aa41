package main

import (
	"math"
	"slices"
	"strconv"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// trial is what a detector is shown: a baseline, and a head run with re-runs.
type trial struct {
	metrics []collect.Metric
	past    [][]float64 // one column a metric, oldest first, NaN where not measured
	looks   [][]float64 // the head run, then re-runs: one value a metric
	base    baseline.Baseline
	// newest is how many of the last runs, the head among them, an alert may be
	// about; 0: the head alone.
	newest int
	run    int // place of the head in its history
}

// newTrial takes the runs rows of a history as the baseline of the runs heads.
// Metrics count that the first two heads have and enough of the baseline.
func newTrial(h *history, rows, heads []int) trial {
	t := trial{run: heads[0], looks: make([][]float64, len(heads))}
	least := max(10, (len(rows)+1)/2)
	for j, m := range h.metrics {
		column := h.columns[j]
		past := picked(column, rows)
		if math.IsNaN(column[heads[0]]) || len(heads) > 1 && math.IsNaN(column[heads[1]]) || count(past) < least {
			continue
		}
		t.metrics, t.past = append(t.metrics, m), append(t.past, past)
		for k, head := range heads {
			t.looks[k] = append(t.looks[k], column[head])
		}
	}
	t.base = t.baseline()
	return t
}

func picked(column []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = column[r]
	}
	return out
}

// baseline is the past as Fetch would hand it out: without runs that have fewer
// than half of the head's metrics.
func (t *trial) baseline() baseline.Baseline {
	if len(t.past) == 0 {
		return baseline.Baseline{}
	}
	var rows []int
	for i := range t.past[0] {
		have := 0
		for _, column := range t.past {
			if !math.IsNaN(column[i]) {
				have++
			}
		}
		if 2*have >= len(t.past) {
			rows = append(rows, i)
		}
	}
	b := baseline.Baseline{Runs: make([]collect.Origin, len(rows)), Metrics: t.metrics}
	for _, column := range t.past {
		b.Values = append(b.Values, picked(column, rows))
	}
	return b
}

// runs are the first so many looks as runs. A look without a metric lacks it.
func (t *trial) runs(looks int) []collect.Run {
	out := make([]collect.Run, looks)
	for k := range out {
		for j, m := range t.metrics {
			if m.Value = t.looks[k][j]; m.Value == m.Value {
				out[k].Metrics = append(out[k].Metrics, m)
			}
		}
	}
	return out
}

// only is the trial with one metric alone.
func (t trial) only(j int) trial {
	looks := make([][]float64, len(t.looks))
	for k, look := range t.looks {
		looks[k] = look[j : j+1]
	}
	t.metrics, t.past, t.looks = t.metrics[j:j+1], t.past[j:j+1], looks
	return t
}

// worse is the trial with the metrics that which names made worse in all looks.
func (t trial) worse(by float64, which ...int) trial {
	looks := make([][]float64, len(t.looks))
	for k := range looks {
		looks[k] = slices.Clone(t.looks[k])
		for _, j := range which {
			looks[k][j] = recorded(looks[k][j]*math.Pow(1+by, sign(t.metrics[j])), whole(t.past[j]))
		}
	}
	t.looks = looks
	return t
}

// next is the trial of the second look, where the first has become the newest run
// of the baseline.
func (t trial) next() trial {
	past := make([][]float64, len(t.past))
	for j, column := range t.past {
		past[j] = append(slices.Clone(column[1:]), t.looks[0][j])
	}
	t.past, t.looks, t.newest, t.run = past, t.looks[1:], max(t.newest, 1)+1, t.run+1
	t.base = t.baseline()
	return t
}

// moving are the metrics whose past is not one value, and steady those whose is.
func (t *trial) moving() (moving, steady []int) {
	for j, column := range t.past {
		if least, most := spread(column); most > least {
			moving = append(moving, j)
		} else {
			steady = append(steady, j)
		}
	}
	return moving, steady
}

// timings are the metrics that tell how fast the machine was.
func (t *trial) timings() []int {
	var out []int
	for j, m := range t.metrics {
		if !timing(m) {
			continue
		}
		if y := oriented(t.past[j], 1); scatter(y, median(y)) > noisyTiming {
			out = append(out, j)
		}
	}
	return out
}

// recorded is a value as a record has it: nine digits, or a whole number where
// the metric is counted.
func recorded(x float64, whole bool) float64 {
	if whole && math.Abs(x) < 1e15 {
		return math.RoundToEven(x)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 9, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// looked is the trial with those metrics that all looks have.
func (t trial) looked() trial {
	var keep []int
	for j := range t.metrics {
		if !slices.ContainsFunc(t.looks, func(look []float64) bool { return math.IsNaN(look[j]) }) {
			keep = append(keep, j)
		}
	}
	out := trial{run: t.run, looks: make([][]float64, len(t.looks))}
	for _, j := range keep {
		out.metrics, out.past = append(out.metrics, t.metrics[j]), append(out.past, t.past[j])
		for k := range out.looks {
			out.looks[k] = append(out.looks[k], t.looks[k][j])
		}
	}
	out.base = out.baseline()
	return out
}
