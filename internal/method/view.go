package main

import (
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

const (
	viewed    = 120 // newest runs that are replayed
	soon      = 3   // runs, the first of a shift among them, within which it is found
	later     = 5
	slack     = 5 // places that are so near are the same
	shuffles  = 8 // clean histories in random order, of each history
	leastView = 20
)

// view is a way to watch the successive runs of a branch for shifts.
type view struct {
	name string
	// watch says of one run after the other what is told of it, given the runs
	// up to it.
	watch func(h *history) func(head int) []told
	// fails says whether a clean history fails; nil: that is not its question.
	fails func(h *history) bool
}

// told is a shift for the worse that a view tells of.
type told struct {
	metric       int
	before, from int  // the last run at the old level, and the first at the new
	again        bool // it was told before
}

// views are ours, and detectors that judge one run.
func views() []view {
	all := []view{
		trend("plumbline --trend", check.Thresholds{}),
		trend("plumbline --trend, rate 8%", check.Thresholds{FalseAlarmRate: 0.08}),
	}
	for _, d := range slices.Backward(detectors()) {
		if slices.Contains([]string{"bencher t-test 0.99", "otava p=.001", "plumbline"}, d.name) {
			all = slices.Insert(all, 0, single(d))
		}
	}
	return all
}

// single takes each alert of a detector for a shift that begins at the run.
func single(d detector) view {
	return view{name: d.name, watch: func(h *history) func(int) []told {
		columns, judge := h.names(), d.successive()
		return func(head int) (out []told) {
			t, ok := at(h, head)
			if !ok {
				return nil
			}
			for _, name := range judge(t).alerts {
				out = append(out, told{metric: columns[name], before: head - 1, from: head})
			}
			return out
		}
	}}
}

// trend is our search of a whole history.
func trend(name string, th check.Thresholds) view {
	return view{
		name: name,
		watch: func(h *history) func(int) []told {
			columns := h.names()
			var known []told
			return func(head int) (out []told) {
				for _, s := range check.Trend(h.until(head+1), th, check.TrendOptions{}).Shifts {
					if !s.Gates {
						continue
					}
					x := told{metric: columns[s.Name], before: s.BeforeAt - 1, from: s.AfterAt - 1}
					x.again = slices.ContainsFunc(known, func(k told) bool {
						return k.metric == x.metric && (s.Creep || alike(k.from, x.from))
					})
					out = append(out, x)
				}
				known = append(known, out...)
				return out
			}
		},
		fails: func(h *history) bool { return check.Trend(h.until(h.runs), th, check.TrendOptions{}).Fails },
	}
}

// alike reports whether two places are the same as far as one can tell.
func alike(a, b int) bool { return max(a-b, b-a) <= slack }

func (h *history) names() map[string]int {
	columns := make(map[string]int, len(h.metrics))
	for j, m := range h.metrics {
		columns[m.Name] = j
	}
	return columns
}

// until is the history up to a run.
func (h *history) until(end int) baseline.Baseline {
	b := baseline.Baseline{Metrics: h.metrics, Runs: make([]collect.Origin, end)}
	for _, column := range h.columns {
		b.Values = append(b.Values, column[:end])
	}
	return b
}

// replay shows a view the newest runs of a history as published.
func (v *view) replay(h *history, shifts map[place]bool, sum *tally) {
	watch := v.watch(h)
	found := make(map[place]int) // runs until it was told of
	first, end := max(leastView, h.runs-lastsRuns-viewed), h.runs-lastsRuns
	for head := first; head < end; head++ {
		news, wrong := false, false
		for _, x := range watch(head) {
			for late := -1; late < later; late++ {
				p := place{x.metric, head - late}
				if _, ok := found[p]; !ok && shifts[p] && alike(x.from, p.run) {
					found[p] = late + 1
				}
			}
			if !x.again {
				news = true
				wrong = wrong || h.denies(x, head)
			}
		}
		sum.count(viewAlert, news)
		sum.count(viewFalse, wrong)
	}
	for p := range shifts {
		if p.run >= first && p.run+soon <= end {
			runs, ok := found[p]
			sum.count(viewFound, ok && runs <= soon)
			sum.count(viewLater, ok)
		}
	}
}

// denies reports whether the values after the head do not keep the level of a
// shift: as of a run's alert, with what the shift says is old and new.
func (h *history) denies(x told, head int) bool {
	column := h.columns[x.metric]
	next := present(column[head+1 : min(h.runs, head+farAhead)])
	next = next[:min(len(next), lastsRuns)]
	past, now := present(column[:x.before+1]), present(column[x.from:head+1])
	if len(next) < leastNext || len(past) == 0 || len(now) == 0 {
		return false
	}
	return !stays(past[max(0, len(past)-recentRuns):], median(now), next, sign(h.metrics[x.metric]))
}

// watch measures all views on a history: as published, and what is clean of it
// in random order.
func (t *task) watch(all []view) []tally {
	sums := make([]tally, len(all))
	shifts, clean, rng := t.suite.worsenings(), t.suite.cleaned(), t.rng()
	var orders []history
	for range shuffles {
		order := rng.Perm(clean.runs)
		order = order[:min(len(order), block)]
		h := history{runs: len(order), metrics: clean.metrics}
		for _, column := range clean.columns {
			h.columns = append(h.columns, picked(column, order))
		}
		orders = append(orders, h)
	}
	for i := range all {
		all[i].replay(&t.suite.history, shifts, &sums[i])
		if all[i].fails == nil {
			continue
		}
		for k := range orders {
			sums[i].count(viewClean, all[i].fails(&orders[k]))
		}
	}
	return sums
}
