package main

import "math/rand/v2"

// bench shows the same trials to all detectors and notes what they say.
type bench struct {
	detectors []detector
	tallies   []tally
	rng       *rand.Rand
}

// probe is a trial in which one metric was made worse.
type probe struct {
	figure figure
	trial  trial
	metric int
}

// random measures on a clean run in random order.
func (b *bench) random(t trial) {
	probes := b.powers(t, cleanPower)
	timings := t.timings()
	for i := range b.detectors {
		d, sum := &b.detectors[i], &b.tallies[i]
		o := d.judge(t)
		sum.count(cleanFalse, len(o.alerts) > 0)
		if d.reruns {
			sum.count(cleanRerun, o.rerun)
		}
		sum.try(d, probes)
		if len(timings) >= leastTimings {
			sum.count(allSlower, len(d.judge(t.worse(slowerShift, timings...)).alerts) > 0)
		}
	}
}

// inOrder measures on a clean run in its own order, and where three is asked for
// on that and the next two.
func (b *bench) inOrder(t trial, three bool) {
	probes := append(b.powers(t, orderPower), b.constant(t)...)
	long := t.looked()
	lasting := b.powers(long, threePower)
	for i := range b.detectors {
		d, sum := &b.detectors[i], &b.tallies[i]
		sum.count(orderFalse, len(d.judge(t).alerts) > 0)
		sum.try(d, probes)
		if three && !d.reruns && len(long.metrics) > 0 {
			sum.count(threeFalse, d.anyAlert(long))
			for _, p := range lasting {
				sum.count(p.figure, d.seesInThree(p.trial, p.metric))
			}
		}
	}
}

// powers makes a metric that moves worse by each of the shifts, another each
// time.
func (b *bench) powers(t trial, first figure) []probe {
	moving, _ := t.moving()
	if len(moving) == 0 {
		return nil
	}
	var out []probe
	for i, by := range shifts {
		j := moving[b.rng.IntN(len(moving))]
		out = append(out, probe{first + figure(i), t.worse(by, j), j})
	}
	return out
}

// constant makes a metric that never moved worse, unless it counts so few that
// the change is less than one.
func (b *bench) constant(t trial) []probe {
	_, steady := t.moving()
	if len(steady) == 0 {
		return nil
	}
	j := steady[b.rng.IntN(len(steady))]
	if whole(t.past[j]) && median(t.past[j])*noiselessShift < 1 {
		return nil
	}
	return []probe{{noiseless, t.worse(noiselessShift, j), j}}
}

func (s *tally) try(d *detector, probes []probe) {
	for _, p := range probes {
		s.count(p.figure, d.sees(p.trial, p.metric))
	}
}

// anyAlert reports whether any of the looks, one run after the other, alerts.
func (d *detector) anyAlert(t trial) bool {
	for {
		if len(d.judge(t).alerts) > 0 {
			return true
		}
		if len(t.looks) == 1 {
			return false
		}
		t = t.next()
	}
}

// seesInThree reports whether any of the looks alerts on one metric.
func (d *detector) seesInThree(t trial, j int) bool {
	if d.alone {
		return d.anyAlert(t.only(j))
	}
	name := t.metrics[j].Name
	for {
		if d.judge(t).has(name) {
			return true
		}
		if len(t.looks) == 1 {
			return false
		}
		t = t.next()
	}
}

// published replays successive runs of a history as it is, from anywhere in it.
func (b *bench) published(h *history, trials int) {
	last := h.runs - lastsRuns - 1
	if last <= leastRuns {
		return
	}
	from := leastRuns + b.rng.IntN(max(1, last-trials+1-leastRuns))
	judges := make([]func(trial) outcome, len(b.detectors))
	for i := range b.detectors {
		judges[i] = b.detectors[i].successive()
	}
	before := make([]*outcome, len(b.detectors))
	for head := from; head < min(last, from+trials); head++ {
		t, ok := at(h, head)
		if !ok {
			continue
		}
		lasts := lasting(h, t)
		for i, judge := range judges {
			o := judge(t)
			sum := &b.tallies[i]
			sum.count(realAlert, len(o.alerts) > 0)
			sum.add(realAlerts, float64(len(o.alerts)))
			sum.count(realFalse, lasts.denies(o.alerts))
			if p := before[i]; p != nil && len(p.alerts)+len(o.alerts) > 0 {
				sum.add(realSame, jaccard(p.alerts, o.alerts))
			}
			before[i] = &o
		}
	}
}
