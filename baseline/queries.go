package baseline

import (
	"context"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// QueryStore is a Store that may answer questions across runs without reading
// their records.
type QueryStore interface {
	Store
	// Queries answers them; nil: the store has no index for that.
	Queries() Queries
}

// Queries are questions across the runs of a store.
type Queries interface {
	// Groups counts the runs that fit by suite and branch, in no order.
	Groups(ctx context.Context, f Filter) ([]Group, error)
	// Names are the metrics of the filter's repositories whose names match, by name.
	// The rest of the filter does not count.
	Names(ctx context.Context, f Filter, q NameQuery) ([]MetricName, error)
	// Series is the history of a metric: its newest values in runs that fit, at most
	// so many.
	Series(ctx context.Context, f Filter, metric string, most int) (Series, error)
}

// Group is how many runs of a suite are of a branch. Of a suite that has a name the
// job is empty.
type Group struct {
	Suite
	Branch         string
	Runs           int
	Oldest, Newest time.Time
}

// NameQuery says which names are asked for.
type NameQuery struct {
	// Words must all be in the name, ASCII letters in any case. None: each name.
	Words []string
	After string // names that come after this one, by their bytes
	Most  int    // at most so many
}

// Matches reports whether a name is asked for.
func (q NameQuery) Matches(name string) bool {
	if name <= q.After {
		return false
	}
	lower := LowerASCII(name)
	for _, w := range q.Words {
		if !strings.Contains(lower, LowerASCII(w)) {
			return false
		}
	}
	return true
}

// LowerASCII makes the ASCII letters of a text small, as every database can.
func LowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// MetricName is a metric without a value.
type MetricName struct {
	Name   string
	Unit   collect.Unit
	Better collect.Direction
}

// Series is the history of a metric, newest first.
type Series struct {
	Metric MetricName
	Points []Point
}

// Point is a metric's value in a run.
type Point struct {
	collect.Origin
	Value float64
}

// queries is what a store answers by itself; nil: nothing.
func queries(s Store) Queries {
	if q, ok := s.(QueryStore); ok {
		return q.Queries()
	}
	return nil
}

// Queries are those of the store, of the repositories alone.
func (o only) Queries() Queries {
	if q := queries(o.Store); q != nil {
		return onlyQueries{q, o.repositories}
	}
	return nil
}

type onlyQueries struct {
	all          Queries
	repositories []string
}

// narrow leaves out the repositories of a filter that are not meant; false: none is
// left.
func (o onlyQueries) narrow(f Filter) (Filter, bool) {
	if len(f.Repositories) == 0 {
		f.Repositories = o.repositories
		return f, true
	}
	var mine []string
	for _, r := range f.Repositories {
		name, ok := NameOf(r)
		if !ok {
			name = r
		}
		if (Filter{Repositories: o.repositories}).Fits(collect.Origin{Repository: name}) {
			mine = append(mine, r)
		}
	}
	f.Repositories = mine
	return f, len(mine) > 0
}

// Groups implements Queries.
func (o onlyQueries) Groups(ctx context.Context, f Filter) ([]Group, error) {
	f, ok := o.narrow(f)
	if !ok {
		return nil, nil
	}
	return o.all.Groups(ctx, f)
}

// Names implements Queries.
func (o onlyQueries) Names(ctx context.Context, f Filter, q NameQuery) ([]MetricName, error) {
	f, ok := o.narrow(f)
	if !ok {
		return nil, nil
	}
	return o.all.Names(ctx, f, q)
}

// Series implements Queries.
func (o onlyQueries) Series(ctx context.Context, f Filter, metric string, most int) (Series, error) {
	f, ok := o.narrow(f)
	if !ok {
		return Series{}, nil
	}
	return o.all.Series(ctx, f, metric, most)
}
