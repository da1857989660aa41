package main

import (
	"math"
	"slices"
)

// belief says of each metric of a run, by name, whether what comes after keeps
// its level; a metric is missing where too little comes after to tell.
type belief map[string]bool

const (
	recentRuns = 20 // whose median is the level before
	farAhead   = 60 // runs that are searched for the next values
	leastNext  = 3
)

// lasting looks at the next five values of each metric after a trial's head.
func lasting(h *history, t trial) belief {
	b := make(belief)
	columns := make(map[string]int, len(h.metrics))
	for j, m := range h.metrics {
		columns[m.Name] = j
	}
	for j, m := range t.metrics {
		column := h.columns[columns[m.Name]]
		next := present(column[t.run+1 : min(h.runs, t.run+farAhead)])
		next = next[:min(len(next), lastsRuns)]
		if len(next) < leastNext {
			continue
		}
		past := present(t.past[j])
		b[m.Name] = stays(past[max(0, len(past)-recentRuns):], t.looks[0][j], next, sign(m))
	}
	return b
}

// stays reports whether the next values keep half of the head's jump for the
// worse, and are beyond two standard errors of the level before.
func stays(past []float64, head float64, next []float64, sign float64) bool {
	level := median(past)
	jump, kept := (head-level)*sign, (median(next)-level)*sign
	deviation := scatter(past, level) * 1.2533 * math.Sqrt(1/float64(len(next))+1/float64(len(past)))
	return kept >= jump/2 && kept > 2*deviation
}

// denies reports whether any of the alerts is about a level that did not last.
func (b belief) denies(alerts []string) bool {
	return slices.ContainsFunc(alerts, func(name string) bool {
		lasts, known := b[name]
		return known && !lasts
	})
}

// jaccard is how many of the names in either list are in both.
func jaccard(a, b []string) float64 {
	both := 0
	for _, name := range a {
		if slices.Contains(b, name) {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}
