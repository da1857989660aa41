package main

import (
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/method/tools"
)

// others are today's tools, and two of them with a re-run by hand.
func others() []detector {
	var all []detector
	for _, t := range tools.All() {
		all = append(all, byMetric(t))
	}
	all = append(all, otava("otava p=.001", 0.001, 0), otava("otava p=.001, min 5%", 0.001, 0.05))
	return append(all,
		twice("bencher t-test 0.99, re-run", tools.TTest(0.99)),
		twice("github-action-benchmark 110%, re-run", tools.Ratio(1.10)))
}

// series is a metric of a trial as a tool takes it.
func (t *trial) series(j, look int) tools.Series {
	return tools.Series{Past: t.past[j], Head: t.looks[look][j], Lower: t.metrics[j].Better != collect.Higher, Newest: t.newest}
}

// byMetric shows a tool each metric by itself.
func byMetric(tool tools.Tool) detector {
	return detector{name: tool.Name, alone: true, judge: func(t trial) (o outcome) {
		for j, m := range t.metrics {
			if tool.Alerts(t.series(j, 0)) {
				o.alerts = append(o.alerts, m.Name)
			}
		}
		return o
	}}
}

// twice asks for a re-run where a tool alerts, and takes what alerts both times.
func twice(name string, alerts func(tools.Series) bool) detector {
	return detector{name: name, alone: true, reruns: true, judge: func(t trial) (o outcome) {
		for j, m := range t.metrics {
			if !alerts(t.series(j, 0)) {
				continue
			}
			o.rerun = true
			if alerts(t.series(j, 1)) {
				o.alerts = append(o.alerts, m.Name)
			}
		}
		return o
	}}
}

// otavaBack is how far back, in runs, a change point may be that Otava reports of
// successive runs: it needs some values after a change to see it.
const otavaBack = 3

// otava judges one run by a change point at the head. Of successive runs it
// reports each change point once, when it first appears among the newest three.
func otava(name string, maxP, leastChange float64) detector {
	d := byMetric(tools.Tool{Name: name, Alerts: tools.Otava(maxP, leastChange)})
	d.replay = func() func(trial) outcome {
		seen := make(map[string][]int) // places of change points, by metric
		return func(t trial) (o outcome) {
			for j, m := range t.metrics {
				s := t.series(j, 0)
				y := tools.Filled(append(slices.Clone(s.Past), s.Head))
				isNew := false
				for _, c := range tools.ChangePoints(y, maxP, leastChange) {
					place := t.run - (len(y) - 1 - c.At)
					if place <= t.run-otavaBack || !c.Worse(s.Lower) {
						continue
					}
					known := slices.ContainsFunc(seen[m.Name], func(p int) bool { return place-1 <= p && p <= place+1 })
					isNew = isNew || !known
					seen[m.Name] = append(seen[m.Name], place)
				}
				if isNew {
					o.alerts = append(o.alerts, m.Name)
				}
			}
			return o
		}
	}
	return d
}
