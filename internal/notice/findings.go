package notice

import (
	"math"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// OfCheck is what a comparison found: every metric that gates and was judged.
func OfCheck(r check.Result) []Finding {
	var all []Finding
	base := Point{Commit: r.Baseline.NewestCommit, Time: r.Baseline.Newest}
	for i := range r.Metrics {
		c := &r.Metrics[i]
		f := Finding{Value: c.Head, Shift: Shift{
			Metric: c.Name, Unit: c.Unit, From: known(c.Baseline), To: c.Head, Before: base, After: PointOf(r.Head),
		}}
		switch c.Status {
		case check.Regressed:
			f.Level = Worse
		case check.Waived:
			f.Level = Accepted
		case check.Unchanged, check.Improved:
			f.Level = Fine
		default:
			continue
		}
		if c.Level == check.Fail && known(c.Head) != nil {
			all = append(all, f)
		}
	}
	return all
}

// OfTrend is what a search of a history found. Of a metric the newest shift
// counts: one that gates is news, one that came back, was let pass, or is an
// improvement ends what was told of it, and an older one stands.
func OfTrend(r check.TrendResult) []Finding {
	newest := map[string]*check.Shift{}
	var names []string
	for i := range r.Shifts {
		s := &r.Shifts[i]
		if s.Level != check.Fail || s.Name == check.RunEffect || known(s.To) == nil {
			continue
		}
		if newest[s.Name] == nil {
			names = append(names, s.Name)
		}
		if n := newest[s.Name]; n == nil || s.AfterAt > n.AfterAt {
			newest[s.Name] = s
		}
	}
	var all []Finding
	for _, name := range names {
		s := newest[name]
		f := Finding{Level: Worse, Value: s.To, Shift: Shift{
			Metric: name, Unit: s.Unit, From: known(s.From), To: s.To,
			Before: PointOf(s.Before), After: PointOf(s.After), Lasting: s.Lasting, Creep: s.Creep,
		}}
		switch {
		case s.Gates:
		case s.Back && f.From != nil:
			f.Level, f.Value = Fine, *f.From
		case s.Status == check.Waived:
			f.Level = Accepted
		case s.Status == check.Improved:
			f.Level = Fine
		case s.Status == check.Regressed && !s.Back:
			f.Level = Stands
		default:
			continue
		}
		all = append(all, f)
	}
	return all
}

// Join puts together what a comparison and a search of the history found after the
// same run. What is worse by either is worse, since when the search says. Where the
// search sees a level that stands, a single run is no return: a lucky one would end
// what the next run begins again. Nor is it one where nothing was searched for: a
// metric is where the middle of its newest three runs is, which newest gives.
func Join(compared, searched []Finding, newest func(metric string) []float64) []Finding {
	trend := make(map[string]Level, len(searched))
	for i := range searched {
		trend[searched[i].Metric] = searched[i].Level
	}
	all, worse := []Finding{}, map[string]bool{}
	for _, f := range compared {
		switch level := trend[f.Metric]; {
		case f.Level == Worse && level != Worse:
			worse[f.Metric] = true
		case f.Level == Accepted:
			trend[f.Metric] = Accepted // it is this run's word, and the newer one
		case level != "":
			continue
		case f.Level == Fine:
			if now := newest(f.Metric); len(now) >= 3 {
				f.Value = collect.Median(now[len(now)-3:])
			}
		}
		all = append(all, f)
	}
	for _, f := range searched {
		if !worse[f.Metric] && trend[f.Metric] == f.Level {
			all = append(all, f)
		}
	}
	return all
}

func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
