package main

import (
	"slices"

	"github.com/plumbline-ci/plumbline/check"
)

// detector is a way to judge a run.
type detector struct {
	name string
	// alone says that it judges each metric by itself.
	alone bool
	// reruns says that it may ask for a second look.
	reruns bool
	judge  func(t trial) outcome
	// replay gives a judge of successive runs of one history, which may remember
	// what it said before; nil: judge does.
	replay func() func(t trial) outcome
}

// outcome is what a detector says of a run.
type outcome struct {
	alerts []string // names of metrics
	rerun  bool     // it asked for a second look
}

func (o outcome) has(name string) bool { return slices.Contains(o.alerts, name) }

// sees reports whether a detector alerts on one metric of a trial.
func (d *detector) sees(t trial, j int) bool {
	name := t.metrics[j].Name
	if d.alone {
		t = t.only(j)
	}
	return d.judge(t).has(name)
}

func (d *detector) successive() func(trial) outcome {
	if d.replay != nil {
		return d.replay()
	}
	return d.judge
}

// ours are plumbline's own detectors: its comparison under some thresholds.
func ours() []detector {
	percent := func(x float64) *check.Limit { return &check.Limit{Value: x, Kind: check.Percent} }
	return []detector{
		plumbline("plumbline", check.Thresholds{}),
		plumbline("plumbline, limit 3%", check.Thresholds{Limit: percent(3)}),
		plumbline("plumbline, limit 5%", check.Thresholds{Limit: percent(5)}),
		plumbline("plumbline, rate 1%", check.Thresholds{FalseAlarmRate: 0.01}),
		plumbline("plumbline, re-run", check.Thresholds{Confirm: 1}),
		plumbline("plumbline, re-run, limit 3%", check.Thresholds{Confirm: 1, Limit: percent(3)}),
		plumbline("plumbline, re-run, limit 5%", check.Thresholds{Confirm: 1, Limit: percent(5)}),
		plumbline("plumbline, two re-runs", check.Thresholds{Confirm: 2}),
	}
}

func plumbline(name string, th check.Thresholds) detector {
	d := detector{name: name, reruns: th.Confirm > 0}
	d.judge = func(t trial) outcome {
		var o outcome
		for looks := 1; ; looks++ {
			r := check.Compare(t.runs(looks), t.base, th)
			if o.alerts = regressed(r); looks > th.Confirm || len(r.Suspects()) == 0 && !r.Fails {
				return o
			}
			o.rerun = true
		}
	}
	return d
}

func regressed(r check.Result) []string {
	var names []string
	for i := range r.Metrics {
		if r.Metrics[i].Status == check.Regressed {
			names = append(names, r.Metrics[i].Name)
		}
	}
	return names
}
