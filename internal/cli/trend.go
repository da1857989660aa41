package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// validTrend refuses flags that a search of the whole history has no use for.
func (o *checkOptions) validTrend() error {
	switch {
	case o.newest < 0:
		return fmt.Errorf("--newest %d: want how many of the newest runs may fail the check", o.newest)
	case !o.trend && o.newest > 0:
		return errors.New("--newest goes with --trend")
	case o.trend && o.head != "":
		return errors.New("--trend searches the whole history and has no head run; leave --head out")
	case o.trend && o.runs > 0:
		return errors.New("--trend searches the whole history; leave --baseline-runs out")
	}
	return nil
}

// trend searches the history for shifts of level that lasted.
func (a *app) trend(ctx context.Context, o checkOptions) error {
	_, r, err := a.searched(ctx, o)
	if err != nil {
		return err
	}
	switch o.format {
	case "json":
		err = report.TrendJSON(a.Stdout, r)
	case "markdown":
		err = report.TrendMarkdown(a.Stdout, r)
	default:
		text := a.textOptions()
		text.All = o.all
		err = report.Trend(a.Stdout, r, text)
	}
	if err != nil {
		return failure(fmt.Errorf("print the trend: %w", err))
	}
	a.notifyOf(ctx, o, r.Last, func() []notice.Finding { return notice.OfTrend(r) })
	if r.Fails {
		return &exitError{status: exitRegression}
	}
	return nil
}

// searched is the whole history of the newest run's suite, and what a search found
// in it.
func (a *app) searched(ctx context.Context, o checkOptions) (baseline.Baseline, check.TrendResult, error) {
	s, err := a.openPart(ctx, o.history, o.repos)
	if err != nil {
		return baseline.Baseline{}, check.TrendResult{}, err
	}
	conf, err := a.readConfig(o)
	if err != nil {
		return baseline.Baseline{}, check.TrendResult{}, err
	}
	conf.Gate.Now = a.Now()
	h, err := a.wholeHistory(ctx, s, conf, o.history)
	if err != nil {
		return h, check.TrendResult{}, err
	}
	a.locate(ctx, conf.Gate.Accepted, "HEAD")
	return h, search(&h, conf, o.newest), nil
}

// search looks for shifts in a history.
func search(h *baseline.Baseline, conf config.Config, newest int) check.TrendResult {
	if conf.Baseline.Runner != baseline.AnyRunner {
		h.Alike = baseline.EnoughAlike(conf.Baseline.Runs, conf.Gate.MinRuns)
	}
	return check.Trend(*h, conf.Gate, check.TrendOptions{Newest: newest})
}
