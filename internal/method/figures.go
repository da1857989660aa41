package main

import "slices"

// figure is one rate of the table.
type figure int

// The figures. A clean run is one of a history without level shifts.
const (
	realAlert   figure = iota // runs as published with an alert
	realFalse                 // those with an alert whose level does not last
	realAlerts                // alerts in a run as published
	realSame                  // what successive runs' alerts have in common, as a Jaccard index
	cleanFalse                // clean runs in random order with an alert
	cleanRerun                // those that asked for a second look
	orderFalse                // clean runs in their own order with an alert
	noiseless                 // a metric that never moved, 2 % worse
	threeFalse                // three clean runs, one after the other, any of which alerts
	allSlower                 // all timings 20 % slower
	viewAlert                 // runs of which something new is told
	viewFalse                 // ... that does not last
	viewFound                 // lasting shifts that are told of within three runs
	viewLater                 // ... within five
	viewClean                 // clean histories that fail
	orderPower                // the first of the powers: in their own order ...
	cleanPower  = orderPower + figure(len(shifts))
	threePower  = cleanPower + figure(len(shifts)) // ... in random order, and over three runs
	figureCount = threePower + figure(len(shifts))
)

// shifts are how much worse a metric is made.
var shifts = [...]float64{0.02, 0.05, 0.10, 0.20, 0.50}

const (
	noiselessShift = 0.02
	slowerShift    = 0.20
)

// ratio is how often of how many times.
type ratio struct{ hit, of float64 }

// tally is every figure of one detector on one history or repository.
type tally [figureCount]ratio

func (t *tally) add(f figure, hit float64) {
	t[f].hit += hit
	t[f].of++
}

func (t *tally) count(f figure, hit bool) {
	x := 0.0
	if hit {
		x = 1
	}
	t.add(f, x)
}

func (t *tally) merge(u *tally) {
	for f := range t {
		t[f].hit += u[f].hit
		t[f].of += u[f].of
	}
}

// rate is a figure over all repositories.
type rate struct {
	Median float64 `json:"median"`
	Mean   float64 `json:"mean"`
	Pooled float64 `json:"pooled"`
	Worst  float64 `json:"worst"` // the largest of any repository
	Cases  int     `json:"cases"`
}

// rateOf sums a figure up; false where it was not measured.
func rateOf(repos []*tally, f figure) (rate, bool) {
	var each []float64
	var all ratio
	for _, t := range repos {
		if t[f].of == 0 {
			continue
		}
		x := t[f].hit / t[f].of
		each = append(each, x)
		all.hit += t[f].hit
		all.of += t[f].of
	}
	if len(each) == 0 {
		return rate{}, false
	}
	slices.Sort(each)
	r := rate{Median: median(each), Pooled: all.hit / all.of, Worst: each[len(each)-1], Cases: int(all.of)}
	for _, x := range each {
		r.Mean += x / float64(len(each))
	}
	return r, true
}
