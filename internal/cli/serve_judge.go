package cli

import (
	"context"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// judge judges the runs of a store as check does. The configuration is read anew
// each time: it may change while a server runs.
type judge struct {
	a    *app
	s    baseline.Store
	path string
}

func (j judge) options(branch string) checkOptions {
	return checkOptions{history: j.path, branch: branch}
}

// Verdict implements dash.Judge.
func (j judge) Verdict(ctx context.Context, looks []collect.Run) (check.Result, error) {
	return j.a.verdict(ctx, j.options(""), j.s, looks)
}

// History implements dash.Judge.
func (j judge) History(ctx context.Context, newest collect.Origin, branch string, most int) (baseline.Baseline, error) {
	conf, err := j.a.readConfig(j.options(branch))
	if err != nil {
		return baseline.Baseline{}, err
	}
	return j.a.newestBefore(ctx, j.s, historyQuery{conf, newest, j.path, most})
}

// Gate implements dash.Judge.
func (j judge) Gate(ctx context.Context) (check.Thresholds, error) {
	conf, err := j.a.readConfig(j.options(""))
	if err != nil {
		return check.Thresholds{}, err
	}
	conf.Gate.Now = j.a.Now()
	j.a.locate(ctx, conf.Gate.Accepted, "HEAD")
	return conf.Gate, nil
}

// historyQuery says which runs of a suite are read: those up to its newest that may
// be a baseline, at most so many.
type historyQuery struct {
	conf    config.Config
	newest  collect.Origin
	history string // where the store is, as in checkOptions
	most    int
}

// newestBefore reads the runs that a run right after the newest would be compared
// with.
func (a *app) newestBefore(ctx context.Context, s baseline.Store, q historyQuery) (baseline.Baseline, error) {
	head, c := collect.Run{Origin: q.newest}, q.conf
	head.ID, head.Commit, head.Attempt, head.Time = "", "", 0, q.newest.Time.Add(time.Nanosecond)
	c.Baseline.Commit = "" // each run is compared with those before it
	c.Baseline.Runs, c.Baseline.MaxAge, c.Baseline.Runner = q.most, 0, baseline.AnyRunner
	return a.fetch(ctx, s, c, head, checkOptions{history: q.history})
}
