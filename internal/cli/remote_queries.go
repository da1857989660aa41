package cli

import (
	"context"

	"github.com/plumbline-ci/plumbline/baseline"
)

// Queries are those of the store; nil: it has none.
func (r remote) Queries() baseline.Queries {
	s, ok := r.LineStore.(baseline.QueryStore)
	if !ok {
		return nil
	}
	q := s.Queries()
	if q == nil {
		return nil
	}
	return remoteQueries{r, q}
}

// remoteQueries are questions to a store that may be out of reach.
type remoteQueries struct {
	remote
	asks baseline.Queries
}

// Groups implements baseline.Queries.
func (r remoteQueries) Groups(ctx context.Context, f baseline.Filter) (all []baseline.Group, err error) {
	err = r.do(ctx, func() error {
		all, err = r.asks.Groups(ctx, f)
		return err
	})
	return all, err
}

// Names implements baseline.Queries.
func (r remoteQueries) Names(ctx context.Context, f baseline.Filter, q baseline.NameQuery) (all []baseline.MetricName, err error) {
	err = r.do(ctx, func() error {
		all, err = r.asks.Names(ctx, f, q)
		return err
	})
	return all, err
}

// Series implements baseline.Queries.
func (r remoteQueries) Series(ctx context.Context, f baseline.Filter, metric string, most int) (s baseline.Series, err error) {
	err = r.do(ctx, func() error {
		s, err = r.asks.Series(ctx, f, metric, most)
		return err
	})
	return s, err
}
