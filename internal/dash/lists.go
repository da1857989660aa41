package dash

import (
	"cmp"
	"context"
	"net/http"
	"sort"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
)

// health tells whether the store can be read.
func (s *Server) health(ctx context.Context, _ *query) (any, error) {
	h := struct {
		Status   string     `json:"status"`
		Store    string     `json:"store"`
		Version  string     `json:"version"`
		Uptime   float64    `json:"uptime_seconds"`
		Writable bool       `json:"writable"`
		Newest   *time.Time `json:"newest"`
		Error    string     `json:"error"`
	}{Status: "ok", Store: s.o.Name, Version: s.o.Version, Uptime: time.Since(s.began).Seconds(), Writable: s.o.Write}
	err := s.each(ctx, baseline.Filter{}, func(e baseline.Entry) bool {
		at := e.Time.UTC()
		h.Newest = &at
		return false
	})
	if err != nil {
		h.Status, h.Error = "unreachable", err.Error()
	}
	return h, nil
}

// listed is what runs have in common, with how many there are.
type listed struct {
	runs           int
	oldest, newest time.Time
	of             map[string]bool // the suites or branches
}

// gather sums the groups of a store up by what key says.
func gather[K comparable](all []baseline.Group, key func(g baseline.Group) (K, string)) map[K]*listed {
	sums := map[K]*listed{}
	for _, g := range all {
		k, of := key(g)
		sum := sums[k]
		if sum == nil {
			sum = &listed{oldest: g.Oldest, newest: g.Newest, of: map[string]bool{}}
			sums[k] = sum
		}
		sum.runs += g.Runs
		sum.of[of] = true
		if g.Oldest.Before(sum.oldest) {
			sum.oldest = g.Oldest
		}
		if g.Newest.After(sum.newest) {
			sum.newest = g.Newest
		}
	}
	return sums
}

// groups counts the runs that a query is about.
func (s *Server) groups(ctx context.Context, q *query) ([]baseline.Group, error) {
	f := q.filter()
	if q.err != nil {
		return nil, q.err
	}
	return s.index.Groups(ctx, f)
}

func (s *Server) repositories(ctx context.Context, q *query) (any, error) {
	groups, err := s.groups(ctx, q)
	if err != nil {
		return nil, err
	}
	type item struct {
		Repository string    `json:"repository"`
		Runs       int       `json:"runs"`
		Suites     int       `json:"suites"`
		Newest     time.Time `json:"newest"`
	}
	search, all := baseline.NameQuery{Words: q.words()}, []item{}
	for name, sum := range gather(groups, func(g baseline.Group) (string, string) { return g.Repository, suiteText(g.Suite) }) {
		if search.Matches(" " + name) {
			all = append(all, item{name, sum.runs, len(sum.of), sum.newest.UTC()})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Repository < all[j].Repository })
	return newPaged(q, all)
}

// suiteText tells a suite from others, and is what a search looks through.
func suiteText(s baseline.Suite) string {
	return s.Repository + "\x00" + s.Name + "\x00" + s.Job + "\x00" + s.Type
}

func (s *Server) suites(ctx context.Context, q *query) (any, error) {
	groups, err := s.groups(ctx, q)
	if err != nil {
		return nil, err
	}
	type item struct {
		suite
		Runs     int       `json:"runs"`
		Oldest   time.Time `json:"oldest"`
		Newest   time.Time `json:"newest"`
		Branches int       `json:"branches"`
	}
	search, all := baseline.NameQuery{Words: q.words()}, []item{}
	for k, sum := range gather(groups, func(g baseline.Group) (baseline.Suite, string) { return g.Suite, g.Branch }) {
		if search.Matches(suiteText(k)) {
			all = append(all, item{newSuite(k), sum.runs, sum.oldest.UTC(), sum.newest.UTC(), len(sum.of)})
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return cmp.Or(b.Newest.Compare(a.Newest), cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Type, b.Type)) < 0
	})
	return newPaged(q, all)
}

func (s *Server) branches(ctx context.Context, q *query) (any, error) {
	groups, err := s.groups(ctx, q)
	if err != nil {
		return nil, err
	}
	type key struct{ repository, branch string }
	type item struct {
		Repository string    `json:"repository"`
		Branch     string    `json:"branch"`
		Runs       int       `json:"runs"`
		Newest     time.Time `json:"newest"`
	}
	search, all := baseline.NameQuery{Words: q.words()}, []item{}
	for k, sum := range gather(groups, func(g baseline.Group) (key, string) { return key{g.Repository, g.Branch}, "" }) {
		if search.Matches(" " + k.branch) {
			all = append(all, item{k.repository, k.branch, sum.runs, sum.newest.UTC()})
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return cmp.Or(b.Newest.Compare(a.Newest), cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Branch, b.Branch)) < 0
	})
	return newPaged(q, all)
}

// metricName is a metric without a value.
type metricName struct {
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Better string `json:"better"`
}

func newMetricName(m baseline.MetricName) metricName {
	better := m.Better.String()
	if better == "" {
		better = "none"
	}
	return metricName{m.Name, string(m.Unit), better}
}

// metrics searches the names of metrics.
func (s *Server) metrics(ctx context.Context, q *query) (any, error) {
	f, limit := q.filter(), q.limit()
	search := baseline.NameQuery{Words: q.words(), Most: limit + 1}
	if c := q.cursor(1); c != nil {
		search.After = c[0]
	}
	if q.err != nil {
		return nil, q.err
	}
	names, err := s.index.Names(ctx, f, search)
	if err != nil {
		return nil, err
	}
	var next *string
	if len(names) > limit {
		names = names[:limit]
		next = newCursor(names[limit-1].Name)
	}
	items := make([]metricName, len(names))
	for i, n := range names {
		items[i] = newMetricName(n)
	}
	return paged[metricName]{items, next}, nil
}

// none says that what was asked for has no runs.
func none(what string) error {
	return problemf(http.StatusNotFound, "%s: no stored run fits; /api/v1/suites lists what there is", what)
}
