package main

import (
	"math"
	"regexp"
	"slices"
	"sync"

	"github.com/plumbline-ci/plumbline/collect"
)

// suite is one history as it was published.
type suite struct {
	name, repo string
	history
	once  sync.Once
	clean history
}

// history is runs as columns, oldest first: one value a run, NaN where a run did
// not measure the metric.
type history struct {
	runs    int
	metrics []collect.Metric
	columns [][]float64
}

// cleaned is the history without its level shifts.
func (s *suite) cleaned() history {
	s.once.Do(func() { s.clean = s.withoutShifts() })
	return s.clean
}

func (h *history) dropMetrics(drop func(column []float64) bool) {
	kept := 0
	for j, column := range h.columns {
		if !drop(column) {
			h.metrics[kept], h.columns[kept] = h.metrics[j], column
			kept++
		}
	}
	h.metrics, h.columns = h.metrics[:kept], h.columns[:kept]
}

func (h *history) dropEmptyRuns() {
	kept := 0
	for i := range h.runs {
		if !slices.ContainsFunc(h.columns, func(column []float64) bool { return !math.IsNaN(column[i]) }) {
			continue
		}
		for _, column := range h.columns {
			column[kept] = column[i]
		}
		kept++
	}
	h.runs = kept
	for j := range h.columns {
		h.columns[j] = h.columns[j][:kept]
	}
}

// shared is how many metrics both runs have, and how many b has.
func (h *history) shared(a, b int) (both, all int) {
	for _, column := range h.columns {
		if math.IsNaN(column[b]) {
			continue
		}
		all++
		if !math.IsNaN(column[a]) {
			both++
		}
	}
	return both, all
}

// comparable reports whether a run has half of the metrics of the head.
func (h *history) comparable(run, head int) bool {
	both, all := h.shared(run, head)
	return 2*both >= all
}

var timeUnit = regexp.MustCompile(`(?i)(^|\b|_|/)(ns|us|µs|μs|ms|s|sec|secs|seconds?|nanoseconds|milliseconds|microseconds|hz|khz|mhz)(\b|/|$)`)

// timing reports whether a metric is a time or a rate over time.
func timing(m collect.Metric) bool { return timeUnit.MatchString(string(m.Unit)) }

// sign turns a value so that more is worse.
func sign(m collect.Metric) float64 {
	if m.Better == collect.Higher {
		return -1
	}
	return 1
}

// whole reports whether all values are whole numbers.
func whole(column []float64) bool {
	return !slices.ContainsFunc(column, func(x float64) bool { return x == x && x != math.Round(x) })
}

func filled(n int, x float64) []float64 { return slices.Repeat([]float64{x}, n) }

func count(xs []float64) int {
	n := 0
	for _, x := range xs {
		if x == x {
			n++
		}
	}
	return n
}

// present are the values that were measured.
func present(xs []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(xs), math.IsNaN)
}

// median is the middle of the values that were measured, NaN without any.
func median(xs []float64) float64 {
	s := present(xs)
	if len(s) == 0 {
		return math.NaN()
	}
	slices.Sort(s)
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// scatter is the median distance from the middle, as a standard deviation.
func scatter(xs []float64, middle float64) float64 {
	away := make([]float64, len(xs))
	for i, x := range xs {
		away[i] = math.Abs(x - middle)
	}
	return 1.4826 * median(away)
}

// spread are the least and the largest value.
func spread(xs []float64) (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, x := range xs {
		if x == x {
			least, most = min(least, x), max(most, x)
		}
	}
	return least, most
}
