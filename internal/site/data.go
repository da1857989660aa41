package site

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// perPart is about how many metrics share a data file: at 200 runs it has some
// 100 kB then.
const perPart = 50

// part is the metrics of one data file, by their columns in the history.
type part struct {
	number  int
	metrics []int
}

// parts spread the metrics over data files by their names alone, so that one that
// comes or goes moves no other.
func (s *Suite) parts() []part {
	n := 1
	for n*perPart < len(s.History.Metrics) {
		n *= 2
	}
	all := make([]part, n)
	for i := range all {
		all[i].number = i
	}
	for j, m := range s.History.Metrics {
		h := fnv.New32a()
		_, _ = h.Write([]byte(m.Name)) // it takes everything
		p := &all[int(h.Sum32())%n]
		p.metrics = append(p.metrics, j)
	}
	for i := range all {
		slices.SortFunc(all[i].metrics, func(a, b int) int { return strings.Compare(s.History.Metrics[a].Name, s.History.Metrics[b].Name) })
	}
	return slices.DeleteFunc(all, func(p part) bool { return len(p.metrics) == 0 })
}

func (s *Suite) series(j int) report.Series {
	return report.NewHistorySeries(s.History.Metrics[j], s.History.Values[j], report.History{Runs: s.History.Runs, Shifts: s.Trend.Shifts})
}

// row is a series without its runs, which all metrics of a suite share.
type row struct {
	report.Series
	Points []struct{} `json:"points"` // in front of those of the series
	Values []*float64 `json:"values"`
}

func newRow(s report.Series) row {
	r := row{Series: s, Points: []struct{}{}, Values: make([]*float64, len(s.Points))}
	for i := range s.Points {
		r.Values[i] = s.Points[i].Value
	}
	return r
}

// listed is a metric in the list of all.
type listed struct {
	Name    string   `json:"name"` // harmless
	Slug    string   `json:"slug"`
	Part    int      `json:"part"`
	At      int      `json:"at"` // in its part
	Value   string   `json:"value"`
	Number  *float64 `json:"number"`
	Change  *float64 `json:"change,omitempty"`  // of its newest shift, in per cent
	Worse   bool     `json:"worse,omitempty"`   // which was for the worse
	Shifted int      `json:"shifted,omitempty"` // at that run, from 1 on
	Plain   bool     `json:"plain,omitempty"`   // it has no drawing and no badge
}

// list is the runs of a suite and the names of its metrics.
func (s *Suite) list(parts []part) ([]byte, error) {
	var metrics []listed
	shifts := s.newestShifts()
	for _, p := range parts {
		for at, j := range p.metrics {
			m := s.History.Metrics[j]
			v := newestValue(s.History.Values[j])
			l := listed{Name: report.Shown(m.Name), Slug: slug(m.Name), Part: p.number, At: at, Value: collect.Quantity(v, m.Unit), Number: known(v), Plain: !s.pictured(m.Name)}
			if x, ok := shifts[m.Name]; ok {
				l.Change, l.Worse, l.Shifted = known(x.DeltaPct), x.Status != check.Improved, x.AfterAt
			}
			metrics = append(metrics, l)
		}
	}
	sort.Slice(metrics, func(i, j int) bool {
		a, b := &metrics[i], &metrics[j]
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Slug, b.Slug)) < 0
	})
	return call("list", 0, map[string]any{"runs": s.runs(), "metrics": metrics, "address": s.Address})
}

// run is one of the history, as all series share it.
type run struct {
	Run    string     `json:"run"`
	Commit string     `json:"commit,omitempty"`
	Time   *time.Time `json:"time,omitempty"`
	Other  bool       `json:"other,omitempty"`
}

func (s *Suite) runs() []run {
	all := make([]run, 0, len(s.History.Runs))
	empty := report.NewHistorySeries(collect.Metric{}, nil, report.History{Runs: s.History.Runs})
	for _, p := range empty.Points {
		all = append(all, run{p.Run, p.Commit, p.Time, p.Other})
	}
	return all
}

// newestShifts are the last shifts of metrics that have any.
func (s *Suite) newestShifts() map[string]check.Shift {
	last := map[string]check.Shift{}
	for _, x := range s.Trend.Shifts {
		if had, ok := last[x.Name]; !ok || x.AfterAt > had.AfterAt {
			last[x.Name] = x
		}
	}
	return last
}

func newestValue(values []float64) float64 {
	for _, v := range slices.Backward(values) {
		if !math.IsNaN(v) {
			return v
		}
	}
	return math.NaN()
}

func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// call is a script that hands data to the page. JSON of encoding/json has no "<",
// and none of the ends of line that scripts know and JSON does not.
func call(kind string, number int, data any) ([]byte, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("write %s %d: %w", kind, number, err)
	}
	return fmt.Appendf(nil, "plumblineData(%q, %d, %s)\n", kind, number, text), nil
}
