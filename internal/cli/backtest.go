package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// backtestOptions are the flags of backtest.
type backtestOptions struct {
	checkOptions
	newest int
}

func newBacktest(a *app) *cobra.Command {
	var o backtestOptions
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Replay the history: what would this configuration have alerted on?",
		Long: `Replay the history: judge each stored run by those before it, as check would
have when it came. Tells how many runs would have alerted, which alerts lasted,
how small a change each metric shows, and limits that would have kept noise
still. The runs are those of the newest one's suite that may be a baseline;
with --repo each suite of these repositories is replayed, and summed up.
The exit status is 0 whatever the replay finds.`,
		Example: `plumbline backtest
plumbline backtest --threshold 5% --runs 200
plumbline backtest --history history.jsonl.gz --format json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.valid(); err != nil {
				return usage(err)
			}
			return a.backtest(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.history, "history", "", "the runs to replay: a `store`, a .jsonl file, also gzipped, or a .zip of them (default: the store)")
	f.StringVar(&o.threshold, "threshold", "", "one allowed change for all metrics, such as `20%`")
	f.StringVar(&o.branch, "baseline-branch", "", "the `branch` whose runs are replayed (default: as check has it)")
	o.repos.flag(f)
	f.IntVar(&o.newest, "runs", 0, "replay only the newest so many; 0 is all")
	f.StringVar(&o.format, "format", "text", "text or json")
	f.BoolVar(&o.all, "all", false, "list every alert and every metric that alerted")
	completeWords(cmd, "format", "text", "json")
	return cmd
}

func (o *backtestOptions) valid() error {
	switch {
	case o.format != "text" && o.format != "json":
		return fmt.Errorf("--format %q: want text or json", o.format)
	case o.newest < 0:
		return fmt.Errorf("--runs %d: want 0 for all, or how many", o.newest)
	}
	return o.checkOptions.valid()
}

func (a *app) backtest(ctx context.Context, o backtestOptions) error {
	s, err := a.openPart(ctx, o.history, o.repos)
	if err != nil {
		return err
	}
	conf, err := a.readConfig(o.checkOptions)
	if err != nil {
		return err
	}
	if len(o.repos) > 0 {
		return a.backtestSuites(ctx, s, conf, o)
	}
	h, err := a.wholeHistory(ctx, s, conf, o.history)
	if err != nil {
		return err
	}
	b, err := a.replay(ctx, h, conf, o)
	if err != nil {
		return err
	}
	if o.format == "json" {
		return failure(report.BacktestJSON(a.Stdout, b))
	}
	text := a.textOptions()
	text.All = o.all
	return failure(report.Backtest(a.Stdout, b, text))
}

// replay judges each run of a history by those before it.
func (a *app) replay(ctx context.Context, h baseline.Baseline, conf config.Config, o backtestOptions) (check.BacktestResult, error) {
	p := a.startProgress("replayed %d runs")
	defer p.done()
	b := check.Backtest(h, conf.Gate, check.BacktestOptions{
		Runs: conf.Baseline.Runs, MaxAge: conf.Baseline.MaxAge, Runner: conf.Baseline.Runner, Newest: o.newest,
		Each: func(n int, do func(int)) { inParallel(ctx, n, func(i int) { do(i); p.add(1) }) },
	})
	return b, failure(ctx.Err())
}

// wholeHistory reads all runs of the newest one's suite that may be a baseline.
func (a *app) wholeHistory(ctx context.Context, s baseline.Store, c config.Config, history string) (baseline.Baseline, error) {
	newest, err := a.newestSound(ctx, s)
	if err != nil {
		return baseline.Baseline{}, err
	}
	return a.historyBefore(ctx, s, c, newest, history)
}

// newestSound is the newest run that is of accepted code and did not fail: its
// suite is what is replayed.
func (a *app) newestSound(ctx context.Context, s baseline.Store) (collect.Origin, error) {
	bad := (*collect.LineError)(nil)
	for e, err := range s.List(ctx, baseline.Filter{}) {
		switch {
		case errors.As(err, &bad): // reading the history says so
		case err != nil:
			return collect.Origin{}, failure(err)
		case e.Success != collect.Failed && e.Event != "pull_request" && e.Event != "pull_request_target" && e.Event != "merge_group":
			return e.Origin, nil
		}
	}
	return collect.Origin{}, nil
}

// inParallel calls do for 0 to n-1 on all processors and waits. Once ctx is
// done it begins no more.
func inParallel(ctx context.Context, n int, do func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wait.Wait()
}
