package cli

import (
	"cmp"
	"path/filepath"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// notify tells whom the configuration names of what got worse on the default
// branch, and of what is back. Only runs of accepted code are news: a pull request
// tells its author by itself, and its code decides nothing here.
func (j *job) notify(r check.Result) []error {
	conf, err := j.readConfig(j.o)
	if err != nil || conf.Notices.Issue == nil && len(conf.Notices.To) == 0 {
		return []error{err}
	}
	if !j.hub.Accepted(cmp.Or(conf.Notices.Branch, j.step.Event.DefaultBranch, j.branch)) {
		return nil
	}
	n := newsOf(conf, r.Head, notice.OfCheck(r))
	n.hub, n.run, n.suite = j.hub, j.step.RunURL(), j.step.Suite()
	if path := j.settings.path; !j.kept && store.Scheme(path) == "" {
		n.file = filepath.Join(folder(path), noticesFile)
	}
	ctx, cancel := j.budget.stage(publishing)
	defer cancel()
	return j.spread(ctx, n)
}
