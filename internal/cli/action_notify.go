package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// notify tells whom the configuration names of what got worse on the default
// branch, and of what is back. Only runs of accepted code are news: a pull request
// tells its author by itself, and its code decides nothing here.
func (j *job) notify(ctx context.Context, r check.Result, run collect.Run) []error {
	conf, err := j.readConfig(j.o)
	if err != nil || conf.Notices.Issue == nil && len(conf.Notices.To) == 0 {
		return []error{err}
	}
	if !j.hub.Accepted(cmp.Or(conf.Notices.Branch, j.step.Event.DefaultBranch, j.branch)) {
		return nil
	}
	found, err := j.found(ctx, conf, r, run)
	if err != nil {
		j.step.Warn(fmt.Sprintf("notices: the history could not be searched: %v", err))
	}
	n := newsOf(conf, r.Head, found)
	n.hub, n.run = j.hub, j.step.RunURL()
	var leg string
	n.suite, leg = j.step.Family()
	for i := range n.found {
		n.found[i].Leg = leg
	}
	if path := j.settings.path; !j.kept && store.Scheme(path) == "" {
		n.file = filepath.Join(folder(path), noticesFile)
	}
	net, cancel := j.budget.stage(publishing)
	defer cancel()
	return j.spread(net, n)
}

// found is what the comparison found and, where the run is sound enough to be a
// part of the history, what a search of that finds. What came in steps too small
// for any run to show is told so.
func (j *job) found(ctx context.Context, conf config.Config, r check.Result, run collect.Run) ([]notice.Finding, error) {
	found := notice.OfCheck(r)
	if conf.Notices.NoTrend {
		return found, nil
	}
	h, err := j.historyOf(ctx, conf, run)
	if err != nil || len(h.Runs) == 0 || h.Runs[len(h.Runs)-1].ID != run.ID {
		return found, err
	}
	conf.Gate.Now = j.Now()
	columns := make(map[string]int, len(h.Metrics))
	for i := range h.Metrics {
		columns[h.Metrics[i].Name] = i
	}
	return notice.Join(found, notice.OfTrend(search(&h, conf, 0)), func(metric string) []float64 {
		at, ok := columns[metric]
		if !ok || conf.Gate.Ruler != "" { // which the comparison alone takes into account
			return nil
		}
		return slices.DeleteFunc(slices.Clone(h.Values[at]), math.IsNaN)
	}), nil
}

// historyOf are the run and those before it, as they are stored.
func (j *job) historyOf(ctx context.Context, conf config.Config, run collect.Run) (baseline.Baseline, error) {
	if !j.kept {
		s, err := j.openPart(ctx, "", nil)
		if err != nil {
			return baseline.Baseline{}, err
		}
		return j.historyBefore(ctx, s, conf, run.Origin, "")
	}
	var own bytes.Buffer
	if err := collect.Encode(&own, run); err != nil {
		return baseline.Baseline{}, err
	}
	s, remove, err := j.unpack(append(j.past.History.JSONL(), own.Bytes()...))
	if err != nil {
		return baseline.Baseline{}, err
	}
	defer remove()
	return j.historyBefore(ctx, s, conf, run.Origin, j.o.history)
}
