package tables

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Queries implements baseline.QueryStore. The names of metrics are few beside their
// values, and the key of samples begins with them, so that each question is a range
// of an index.
func (s *Store) Queries() baseline.Queries { return queries{s} }

type queries struct{ *Store }

// Groups implements baseline.Queries.
func (s queries) Groups(ctx context.Context, f baseline.Filter) ([]baseline.Group, error) {
	q := query{dialect: s.dialect, columns: "repository, suite, job, type, branch, count(*), min(time), max(time)", filter: f}
	var where []string
	repositories, exact := q.repositories()
	if exact {
		where = []string{"repository IN (" + q.values(repositories) + ")"}
	} else {
		where = q.like(repositories)
	}
	text := q.arm(where) + " GROUP BY repository, suite, job, type, branch"
	var all []baseline.Group
	at := map[baseline.Group]int{}
	err := s.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		var k, more baseline.Group
		var oldest, newest any
		if err := scan(&k.Repository, &k.Name, &k.Job, &k.Type, &k.Branch, &more.Runs, &oldest, &newest); err != nil {
			return err
		}
		if !f.Fits(collect.Origin{ID: f.ID, Repository: k.Repository, Name: k.Name, Job: k.Job, Type: k.Type, Branch: k.Branch, Time: moment(newest)}) {
			return nil
		}
		if k.Name != "" {
			k.Job = ""
		}
		more.Oldest, more.Newest = moment(oldest), moment(newest)
		i, ok := at[k]
		if !ok {
			i, at[k] = len(all), len(all)
			all = append(all, k)
		}
		all[i].Add(more)
		return nil
	})
	if errors.Is(err, ErrNoTables) {
		return nil, nil
	}
	return all, err
}

// values adds arguments.
func (q *query) values(all []string) string {
	places := make([]string, len(all))
	for i, v := range all {
		places[i] = q.value(v)
	}
	return strings.Join(places, ", ")
}

// wildcards of LIKE stand for themselves.
var wildcards = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Names implements baseline.Queries.
func (s queries) Names(ctx context.Context, f baseline.Filter, n baseline.NameQuery) ([]baseline.MetricName, error) {
	q := query{dialect: s.dialect, filter: baseline.Filter{Repositories: f.Repositories}}
	where := []string{"name > " + q.value(clean(n.After))}
	switch repositories, exact := q.repositories(); {
	case exact:
		where = append(where, "repository IN ("+q.values(repositories)+")")
	default:
		where = append(where, q.like(repositories)...)
	}
	for _, w := range n.Words {
		where = append(where, "lower(name) LIKE "+q.value("%"+wildcards.Replace(baseline.LowerASCII(clean(w)))+"%")+` ESCAPE '\'`)
	}
	text := "SELECT name, min(unit), min(better) FROM plumbline_series WHERE " + strings.Join(where, " AND ") +
		" GROUP BY name ORDER BY name LIMIT " + q.value(n.Most)
	var all []baseline.MetricName
	err := s.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		m, err := metricName(scan)
		if err == nil {
			all = append(all, m)
		}
		return err
	})
	if errors.Is(err, ErrNoTables) {
		return nil, nil
	}
	return all, err
}

func metricName(scan func(...any) error) (m baseline.MetricName, err error) {
	var unit, better string
	err = scan(&m.Name, &unit, &better)
	m.Unit = collect.Unit(unit)
	m.Better, _ = collect.ParseDirection(better)
	return m, err
}

// Series implements baseline.Queries.
func (s queries) Series(ctx context.Context, f baseline.Filter, metric string, most int) (baseline.Series, error) {
	series := digest(clean(metric))
	named, repositories, err := s.named(ctx, f, series)
	if err != nil || len(repositories) == 0 {
		return baseline.Series{}, err
	}
	found := baseline.Series{Metric: named}
	for _, r := range repositories {
		h := history{queries: s, filter: f, repository: r, series: series, most: most}
		if err := h.read(ctx); err != nil {
			return baseline.Series{}, err
		}
		if len(repositories) == 1 {
			found.Points = h.points
			break
		}
		found.Points = append(found.Points, h.points...)
	}
	if len(repositories) > 1 {
		sort.Slice(found.Points, func(i, j int) bool {
			a, b := &found.Points[i], &found.Points[j]
			return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.ID, a.ID)) < 0
		})
	}
	found.Points = found.Points[:min(len(found.Points), most)]
	return found, nil
}

// named are the repositories that have a metric, of those that are meant, and what
// it is.
func (s queries) named(ctx context.Context, f baseline.Filter, series int64) (m baseline.MetricName, repositories []string, err error) {
	q := query{dialect: s.dialect, filter: f}
	where := []string{"series = " + q.value(series)}
	names, exact := q.repositories()
	if exact {
		where = append(where, "repository IN ("+q.values(names)+")")
	} else {
		where = append(where, q.like(names)...)
	}
	text := "SELECT name, unit, better, repository FROM plumbline_series WHERE " + strings.Join(where, " AND ")
	err = s.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		var repository string
		var failed error
		m, failed = metricName(func(columns ...any) error { return scan(append(columns, &repository)...) })
		repositories = append(repositories, repository)
		return failed
	})
	if errors.Is(err, ErrNoTables) {
		return m, nil, nil
	}
	if err == nil && len(repositories) > mostExact {
		err = fmt.Errorf("read store %q: %d repositories have this metric; want the name of one", s.name, len(repositories))
	}
	slices.Sort(repositories)
	return m, repositories, err
}
