package github

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Measured is a workflow run that measured, seen from the workflow_run job that
// reports on it. All of it is GitHub's own word: what the run says of itself is
// not asked.
type Measured struct {
	Event Event     // as the run's own jobs would read it
	Time  time.Time // when the run began
	// Open says that a pull request is open whose newest commit is the run's.
	Open bool
}

// Measured asks GitHub for the workflow run that the event is about.
func (h *Hub) Measured(ctx context.Context) (Measured, error) {
	e := h.step.Event
	if e.About == 0 {
		return Measured{}, &UsageError{errors.New("input mode: report is for workflows on workflow_run; plumbline init --forks writes one")}
	}
	if h.Repo == nil {
		return Measured{}, errors.New("the measured run cannot be read")
	}
	run, err := h.Repo.Run(ctx, e.About)
	if err != nil {
		return Measured{}, err
	}
	if run.Repository != e.Repository {
		return Measured{}, fmt.Errorf("workflow run %d is of another repository", run.ID)
	}
	m := Measured{Time: run.Started, Event: Event{
		DefaultBranch: e.DefaultBranch, Fork: run.HeadRepository != run.Repository, Repository: run.Repository,
		Run: run.ID, RunNumber: run.Number, Workflow: run.File, About: run.ID,
		Origin: collect.Origin{
			Commit: run.Commit, Branch: run.Branch, Event: run.Event, Repository: e.Origin.Repository,
			Workflow: run.Workflow, Attempt: run.Attempt,
		},
	}}
	if m.Time.IsZero() {
		m.Time = run.Created
	}
	if m.Event.Fork {
		m.Event.Origin.Branch = run.HeadOwner + ":" + run.Branch
	}
	p, err := h.Repo.PullOf(ctx, run)
	if err == nil && p != nil {
		m.Open, m.Event.PullRequest, m.Event.Base = true, p.Number, p.Base
	}
	return m, err
}

// mostForeign bounds the downloads of one report: a matrix may be large, and the
// requests of an hour are few.
const mostForeign = 50

// Foreign is an artifact of ours that a run left, not read yet.
type Foreign struct {
	Label string // what its name says of the suite
	hub   *Hub
	of    rest.Artifact
}

// Foreign lists the artifacts of a run, of each name the newest, and says how
// many more there are than are read.
func (h *Hub) Foreign(ctx context.Context, m Measured) (all []Foreign, more int, err error) {
	found, err := h.Repo.RunArtifacts(ctx, m.Event.Run, "")
	if err != nil {
		return nil, 0, err
	}
	sort.Slice(found, func(i, j int) bool { return found[j].ID < found[i].ID })
	seen := map[string]bool{}
	for _, a := range found {
		first := artifact.FirstName(a.Name)
		if !artifact.Ours(a.Name) || a.Run.ID != m.Event.Run || seen[first] {
			continue
		}
		seen[first] = true
		all = append(all, Foreign{Label: artifact.Label(first), hub: h, of: a})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Label < all[j].Label })
	if more = len(all) - mostForeign; more > 0 {
		return all[:mostForeign], more, nil
	}
	return all, 0, nil
}

// Looks reads the run of the artifact and its re-runs, as figures of a stranger:
// see artifact.Foreign.
func (f *Foreign) Looks(ctx context.Context) ([]collect.Run, error) {
	data, err := f.hub.Repo.Download(ctx, f.of, artifact.MostForeignZip)
	if err != nil {
		return nil, err
	}
	return artifact.Foreign(data)
}

// Names reports whether the artifact is called as that of the suite.
func (f *Foreign) Names(suite string) bool {
	return artifact.Name(suite, 1) == artifact.FirstName(f.of.Name)
}

// About returns the step as it would have been in the job that made the
// artifact, and a way to GitHub that finds the baseline for it.
func (f *Foreign) About(m Measured) (*Step, *Hub) {
	step, hub := f.hub.About(m, f.Label)
	hub.name = artifact.FirstName(f.of.Name)
	return step, hub
}

// About returns a step of the measured run, of a suite of that name, and a way to
// GitHub for it that keeps nothing.
func (h *Hub) About(m Measured, suite string) (*Step, *Hub) {
	step := *h.step
	step.Event, step.Inputs.Name = m.Event, suite
	return &step, &Hub{Repo: h.Repo, step: &step}
}
