package dash

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// side is one of two that are compared.
type side struct {
	Asked string `json:"asked"`
	Runs  []run  `json:"runs"`
}

// sideValue is a metric on a side.
type sideValue struct {
	Value *float64 `json:"value"`
	Min   *float64 `json:"min"`
	Max   *float64 `json:"max"`
	Runs  int      `json:"runs"`
}

// difference is a metric on both sides.
type difference struct {
	metricName
	Head     sideValue `json:"head"`
	Base     sideValue `json:"base"`
	DeltaPct *float64  `json:"delta_pct"`
	Change   string    `json:"change"`
}

// comparison are two sides with a page of their differences.
type comparison struct {
	Head  side         `json:"head"`
	Base  side         `json:"base"`
	Total int          `json:"total"`
	Items []difference `json:"items"`
	Next  *string      `json:"next_cursor"`
}

const sideForm = "latest, a run_id or the beginning of one, or branch:NAME"

// compare answers how two runs, or the newest runs of two branches, differ.
func (s *Server) compare(ctx context.Context, q *query) (any, error) {
	head, base, f := q.needed("head", sideForm), q.needed("base", sideForm), q.filter()
	most := q.whole("runs", 1, 50, 5)
	if q.err != nil {
		return nil, q.err
	}
	heads, err := s.side(ctx, "head", head, f, most)
	if err != nil {
		return nil, err
	}
	if f.Suite == nil && strings.HasPrefix(base, branchPrefix) {
		of := baseline.SuiteOf(heads[0].Origin)
		f.Suite = &of
	}
	bases, err := s.side(ctx, "base", base, f, most)
	if err != nil {
		return nil, err
	}
	all := differences(heads, bases, baseline.NameQuery{Words: q.words()})
	c := comparison{Head: newSide(head, heads), Base: newSide(base, bases), Total: len(all)}
	all, c.Next = page(q, all)
	c.Items = append([]difference{}, all...)
	return c, q.err
}

// branchPrefix begins a side that is a branch.
const branchPrefix = "branch:"

// side reads the runs of a side.
func (s *Server) side(ctx context.Context, parameter, text string, f baseline.Filter, most int) ([]collect.Run, error) {
	if branch, ok := strings.CutPrefix(text, branchPrefix); ok {
		f.Branch = branch
		runs, err := s.branchRuns(ctx, f, most)
		if err == nil && len(runs) == 0 {
			err = none(fmt.Sprintf("%s=%s", parameter, text))
		}
		return runs, err
	}
	e, err := s.found(ctx, text)
	if err != nil {
		return nil, err
	}
	r, err := s.o.Store.Get(ctx, e)
	return []collect.Run{r}, err
}

// branchRuns reads the newest runs that are of a branch and of one suite, the
// newest one's where the filter has none.
func (s *Server) branchRuns(ctx context.Context, f baseline.Filter, most int) (all []collect.Run, err error) {
	entries, err := s.newest(ctx, f, most, func(o collect.Origin) bool {
		if o.Branch != f.Branch || o.RerunOf != "" {
			return false
		}
		if f.Suite == nil {
			of := baseline.SuiteOf(o)
			f.Suite = &of
		}
		return f.Suite.Has(o)
	})
	if err != nil {
		return nil, err
	}
	return s.read(ctx, entries)
}

// read reads runs.
func (s *Server) read(ctx context.Context, entries []baseline.Entry) (all []collect.Run, err error) {
	for _, e := range entries {
		r, err := s.o.Store.Get(ctx, e)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func newSide(asked string, runs []collect.Run) side {
	x := side{Asked: asked}
	for i := range runs {
		x.Runs = append(x.Runs, newRun(runs[i].Origin))
	}
	return x
}

// differences are the metrics of two sides, the largest change for the worse first.
func differences(heads, bases []collect.Run, search baseline.NameQuery) []difference {
	names, order := map[string]collect.Metric{}, []string{}
	values := [2]map[string][]float64{{}, {}}
	for i, runs := range [][]collect.Run{heads, bases} {
		for _, r := range runs {
			for _, m := range r.Metrics {
				if _, ok := names[m.Name]; !ok && search.Matches(m.Name) {
					names[m.Name] = m
					order = append(order, m.Name)
				}
				values[i][m.Name] = append(values[i][m.Name], m.Value)
			}
		}
	}
	all := make([]difference, len(order))
	for i, name := range order {
		m := names[name]
		all[i] = newDifference(m, values[0][name], values[1][name])
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		return cmp.Or(cmp.Compare(rank[a.Change], rank[b.Change]), cmp.Compare(size(b), size(a)), strings.Compare(a.Name, b.Name)) < 0
	})
	return all
}

// rank is the order of changes.
var rank = map[string]int{"worse": 1, "differs": 2, "removed": 3, "added": 4, "better": 5, "same": 6}

// size is how large a difference is; one from nothing is larger than all others.
func size(d difference) float64 {
	if d.DeltaPct == nil {
		return math.Inf(1)
	}
	return math.Abs(*d.DeltaPct)
}

func newDifference(m collect.Metric, head, base []float64) difference {
	better := m.Direction()
	d := difference{
		metricName: newMetricName(baseline.MetricName{Name: m.Name, Unit: m.Unit, Better: better}),
		Head:       newSideValue(head), Base: newSideValue(base),
	}
	switch {
	case len(head) == 0:
		d.Change = "removed"
		return d
	case len(base) == 0:
		d.Change = "added"
		return d
	}
	from, to := *d.Base.Value, *d.Head.Value
	d.DeltaPct = finite(100 * (to - from) / math.Abs(from))
	switch {
	case from == to:
		d.Change = "same"
	case better == collect.None || better == collect.Unknown:
		d.Change = "differs"
	case (to > from) == (better == collect.Higher):
		d.Change = "better"
	default:
		d.Change = "worse"
	}
	return d
}

func newSideValue(all []float64) sideValue {
	if len(all) == 0 {
		return sideValue{}
	}
	middle, low, high := collect.Median(all), slices.Min(all), slices.Max(all)
	return sideValue{&middle, &low, &high, len(all)}
}
