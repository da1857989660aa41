package listen

import (
	"math"
	"slices"
	"sort"

	"github.com/plumbline-ci/plumbline/collect"
)

// Status returns the series of what was sent so far, by name. What was written to
// the file is not among it: that is read at the end.
func (l *Listener) Status() []collect.SeriesStatus {
	l.g.mu.Lock()
	defer l.g.mu.Unlock()
	all := l.g.rec.SeriesStatus()
	for name, set := range l.g.sets {
		all = append(all, collect.SeriesStatus{Name: name, Value: float64(len(set))})
	}
	for _, t := range l.g.totals {
		if s, ok := t.status(); ok {
			all = append(all, s)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return slices.CompactFunc(all, func(a, b collect.SeriesStatus) bool { return a.Name == b.Name })
}

// status is the total at this moment, where it has values.
func (t *total) status() (s collect.SeriesStatus, ok bool) {
	all := t.grown()
	s = collect.SeriesStatus{Name: collect.Name(t.base, t.tags), Unit: t.unit}
	if all.counter {
		s.Kind, s.Value, s.Errors = collect.KindCounter, known(all.sum), collect.CountsErrors(t.base)
		if all.falls {
			s.Kind = collect.KindUpDown
		}
		return s, true
	}
	if !(all.count > 0) {
		return s, false
	}
	s.Kind, s.Count, s.Mean = collect.KindHistogram, int64(all.count), known(all.sum/all.count)
	if all.bounded {
		s.Min, s.Max = known(all.min), known(all.max)
	}
	for at, to := range map[float64]*float64{0.5: &s.P50, 0.95: &s.P95, 0.99: &s.P99} {
		if v, ok := all.quantiles[at]; ok {
			*to = known(v)
		} else if len(all.bins) > 0 {
			*to = known(all.quantile(at))
		}
	}
	return s, true
}

// known is a value that JSON can have.
func known(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
