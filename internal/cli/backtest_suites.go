package cli

import (
	"cmp"
	"context"
	"errors"
	"math"
	"sort"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// backtestSuites replays each suite of a store by itself, and tells the sum.
func (a *app) backtestSuites(ctx context.Context, s baseline.Store, conf config.Config, o backtestOptions) error {
	heads, err := a.suiteHeads(ctx, s)
	if err != nil {
		return err
	}
	all := make([]report.SuiteBacktest, 0, len(heads))
	for _, newest := range heads {
		h, err := a.historyBefore(ctx, s, conf, newest, o.history)
		if err != nil {
			return err
		}
		b, err := a.replay(ctx, h, conf, o)
		if err != nil {
			return err
		}
		all = append(all, report.SuiteBacktest{Suite: newest, Result: b})
	}
	if o.format == "json" {
		return failure(report.BacktestsJSON(a.Stdout, all))
	}
	text := a.textOptions()
	text.All = o.all
	return failure(report.Backtests(a.Stdout, all, text))
}

// suiteHeads are the newest runs that may be a baseline of each suite, by
// repository, name, job and type.
func (a *app) suiteHeads(ctx context.Context, s baseline.Store) ([]collect.Origin, error) {
	seen := map[baseline.Suite]bool{}
	var heads []collect.Origin
	for e, err := range s.List(ctx, baseline.Filter{}) {
		if line := (*collect.LineError)(nil); errors.As(err, &line) {
			continue // reading the history says so
		}
		if err != nil {
			return nil, failure(err)
		}
		suite := baseline.SuiteOf(e.Origin)
		if suite.Name != "" {
			suite.Job = ""
		}
		if baseline.MayBeBaseline(e.Origin) && !seen[suite] {
			seen[suite] = true
			heads = append(heads, e.Origin)
		}
	}
	sort.SliceStable(heads, func(i, j int) bool {
		a, b := &heads[i], &heads[j]
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Type, b.Type)) < 0
	})
	return heads, nil
}

// historyBefore reads all runs of a run's suite that may be a baseline, the run
// itself among them.
func (a *app) historyBefore(ctx context.Context, s baseline.Store, c config.Config, newest collect.Origin, history string) (baseline.Baseline, error) {
	return a.newestBefore(ctx, s, historyQuery{c, newest, history, math.MaxInt32})
}
