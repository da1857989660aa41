package watch

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

const (
	maxName = 200 // runes of a name
	maxUnit = 16
)

// Order is what series of a section are sorted by.
type Order int

// The orders, in which the key goes through them.
const (
	ByName  Order = iota
	ByRate        // the fastest first
	ByValue       // the largest first; of timers and histograms, by p99
	orders
)

func (o Order) String() string { return [orders]string{"name", "rate", "value"}[o] }

// column is one figure of a section's series.
type column struct {
	title string
	keep  int // of two columns that have no room the one with the lesser goes
	text  func(h *History, s *collect.SeriesStatus) string
}

// section is a group of series that have the same figures.
type section struct {
	title   string
	of      func(s *collect.SeriesStatus) bool
	value   func(s *collect.SeriesStatus) float64
	columns []column
}

// quantity is a column of a figure in the unit of its series.
func quantity(title string, keep int, of func(s *collect.SeriesStatus) float64) column {
	return column{title, keep, func(_ *History, s *collect.SeriesStatus) string {
		return collect.Quantity(of(s), collect.Unit(report.Clean(string(s.Unit), maxUnit)))
	}}
}

func perSecond(keep int) column {
	return column{"per s", keep, func(h *History, s *collect.SeriesStatus) string { return collect.Quantity(h.rate(s), "") }}
}

func count(keep int) column {
	return column{"count", keep, func(_ *History, s *collect.SeriesStatus) string { return collect.Quantity(float64(s.Count), "") }}
}

func valueOf(s *collect.SeriesStatus) float64 { return s.Value }
func minOf(s *collect.SeriesStatus) float64   { return s.Min }
func meanOf(s *collect.SeriesStatus) float64  { return s.Mean }
func p50Of(s *collect.SeriesStatus) float64   { return s.P50 }
func p95Of(s *collect.SeriesStatus) float64   { return s.P95 }
func p99Of(s *collect.SeriesStatus) float64   { return s.P99 }

// maxOf is not known of a summary.
func maxOf(s *collect.SeriesStatus) float64 {
	if s.Kind == collect.KindSummary {
		return math.NaN()
	}
	return s.Max
}

// current is the value of what has no other figure.
func current(_ *History, s *collect.SeriesStatus) string {
	switch s.Kind {
	case collect.KindEnum:
		return report.Clean(s.State, maxUnit)
	case collect.KindInfo:
		return ""
	}
	return collect.Quantity(s.Value, collect.Unit(report.Clean(string(s.Unit), maxUnit)))
}

// sections are all there are, in the order of the screen.
func sections() []section {
	isCounter := func(s *collect.SeriesStatus) bool {
		return s.Kind == collect.KindCounter || s.Kind == collect.KindUpDown
	}
	isTimed := func(s *collect.SeriesStatus) bool {
		return s.Kind == collect.KindHistogram || s.Kind == collect.KindSummary
	}
	isGauge := func(s *collect.SeriesStatus) bool { return s.Kind == collect.KindGauge }
	grown := []column{quantity("total", 2, valueOf), perSecond(1)}
	return []section{
		{"errors", func(s *collect.SeriesStatus) bool { return s.Errors }, valueOf, grown},
		{"counters", func(s *collect.SeriesStatus) bool { return isCounter(s) && !s.Errors }, valueOf, grown},
		{"gauges", isGauge, valueOf, []column{
			quantity("now", 4, valueOf), quantity("min", 2, minOf), quantity("mean", 1, meanOf), quantity("max", 3, maxOf),
		}},
		{"timers and histograms", isTimed, p99Of, []column{
			count(2), perSecond(3), quantity("p50", 4, p50Of), quantity("p95", 5, p95Of), quantity("p99", 6, p99Of), quantity("max", 1, maxOf),
		}},
		{"others", func(s *collect.SeriesStatus) bool { return !isCounter(s) && !isGauge(s) && !isTimed(s) }, valueOf, []column{
			{"now", 1, current},
		}},
	}
}

// chosen are the series of the section that the filter leaves, in order.
func (c *section) chosen(h *History, filter string, by Order) []*collect.SeriesStatus {
	var all []*collect.SeriesStatus
	for i := range h.Now.Series {
		s := &h.Now.Series[i]
		if c.of(s) && strings.Contains(strings.ToLower(s.Name), strings.ToLower(filter)) {
			all = append(all, s)
		}
	}
	switch by {
	case ByRate:
		slices.SortStableFunc(all, func(a, b *collect.SeriesStatus) int { return cmp.Compare(h.rate(b), h.rate(a)) })
	case ByValue:
		slices.SortStableFunc(all, func(a, b *collect.SeriesStatus) int { return cmp.Compare(c.value(b), c.value(a)) })
	}
	return all
}
