package check

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// summarize counts what the steps saw.
func (r *replayer) summarize(steps []step) BacktestResult {
	b := BacktestResult{Runs: len(steps), Confirms: r.t.Confirm > 0, AlarmRate: r.t.withDefaults(collect.Origin{}).FalseAlarmRate}
	if r.t.Against.Plain() {
		b.AlarmRate = math.NaN()
	}
	if len(steps) > 0 {
		b.Oldest, b.Newest = r.h.Runs[steps[0].run], r.h.Runs[steps[len(steps)-1].run]
	}
	all := r.metrics(steps)
	for _, s := range steps {
		if s.fails {
			b.AlertingRuns++
		}
		passed := 0
		for i := range s.alerts {
			c := &s.alerts[i]
			a := Alert{Run: r.h.Runs[s.run], Comparison: *c, Lasting: r.lasting(s.run, c)}
			b.Alerts = append(b.Alerts, a)
			m := &all[r.columns[c.Name]]
			m.Alerts++
			switch a.Lasting {
			case Lasted:
				m.Lasted++
			case Passed:
				m.Passed++
				passed++
			}
		}
		if passed > 0 && passed == len(s.alerts) {
			b.PassedRuns++
		}
	}
	b.Metrics = slices.DeleteFunc(all, func(m Backtested) bool { return m.Judged == 0 && m.Alerts == 0 })
	sort.Slice(b.Metrics, func(i, j int) bool {
		x, y := &b.Metrics[i], &b.Metrics[j]
		return cmp.Or(cmp.Compare(y.Alerts, x.Alerts), strings.Compare(x.Name, y.Name)) < 0
	})
	var known []float64
	for _, m := range b.Metrics {
		if finite(m.MinDetectablePct) {
			known = append(known, m.MinDetectablePct)
		}
		if 2*m.Inconclusive > m.Judged {
			b.Inconclusive++
		}
	}
	b.Detectable = quartiles(known)
	return b
}

// metrics has one entry a column.
func (r *replayer) metrics(steps []step) []Backtested {
	all := make([]Backtested, len(r.h.Metrics))
	seen := make([]float64, 0, len(steps))
	for j := range all {
		m := &all[j]
		m.Name = r.h.Metrics[j].Name
		seen = seen[:0]
		for _, s := range steps {
			if s.states[j] != wasAbsent {
				m.Judged++
			}
			if s.states[j] == wasUnclear {
				m.Inconclusive++
			}
			if x := float64(s.detectable[j]); finite(x) {
				seen = append(seen, x)
			}
		}
		m.MinDetectablePct = median(seen)
	}
	return all
}

// quartiles are the values that a quarter, half and three quarters of xs do not
// exceed; NaN where there are none.
func quartiles(xs []float64) [3]float64 {
	if len(xs) == 0 {
		return [3]float64{math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(xs)
	n := len(xs)
	return [3]float64{xs[(n-1)/4], middle(xs[(n-1)/2], xs[n/2]), xs[n-1-(n-1)/4]}
}
