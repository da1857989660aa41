package github

import (
	"context"
	"fmt"
	"net/http"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// lineage is where a pull request left its base branch. Only what came before
// is its baseline: what was merged since is not its doing.
type lineage struct {
	branch string
	base   rest.Commit
	before map[string]int // the merge base and commits before it, by how many
	oldest rest.Commit
}

// lineage asks for the merge base of a change, and for the commits before it.
// It is nil for a run of the branch itself, where the order of runs tells all,
// and, with a note, for a commit that has no history in common with the branch.
func (h *Hub) lineage(ctx context.Context, branch string) (l *lineage, note string, err error) {
	e := h.step.Event
	if e.Origin.Commit == "" || branch == "" || h.Accepted(branch) {
		return nil, "", nil
	}
	base, err := h.Repo.MergeBase(ctx, branch, e.Origin.Commit)
	if rest.Status(err) == http.StatusNotFound || err == nil && base.SHA == "" {
		return nil, fmt.Sprintf("GitHub knows no merge base of %.7s and %s: compared with the newest runs of %s", e.Origin.Commit, branch, branch), nil
	}
	if err != nil {
		return nil, "", err
	}
	commits, err := h.Repo.Ancestors(ctx, base.SHA)
	if err != nil {
		return nil, "", err
	}
	l = &lineage{branch: branch, base: base, before: map[string]int{}}
	for i, c := range commits {
		l.before[c.SHA] = i
		l.oldest = c
	}
	return l, "", nil
}

// Refuse says why a run is not from before the change: a rule for
// baseline.Query. Beyond the commits that were listed, time decides.
func (p *Past) Refuse(run collect.Origin) string {
	if p.line == nil {
		return ""
	}
	if _, ok := p.line.before[run.Commit]; ok || run.Commit == "" {
		return ""
	}
	if run.Time.Before(p.line.oldest.Time) {
		return ""
	}
	return "newer than the merge base with " + p.line.branch
}

// Distance says how far before the merge base the newest baseline commit is.
// It is empty where there is no merge base, or no telling.
func (p *Past) Distance(newest string) string {
	if p.line == nil {
		return ""
	}
	n, ok := p.line.before[newest]
	at := fmt.Sprintf("the merge base with %s, %.7s", p.line.branch, p.line.base.SHA)
	switch {
	case !ok:
		return ""
	case n == 0:
		return "the newest baseline run is of " + at
	case n == 1:
		return "the newest baseline run is one commit before " + at
	}
	return fmt.Sprintf("the newest baseline run is %d commits before %s", n, at)
}
