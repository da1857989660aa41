package artifact

import (
	"slices"

	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Trust says whose artifacts are a baseline. A fork shares the lists of
// artifacts and of workflow runs with the repository, may call its branch main
// and its artifact as it likes: so ids are compared wherever there are some, and
// every rule must hold.
type Trust struct {
	Repository int64  // the repository's id
	Branch     string // the baseline branch
	Workflow   int64  // the id of the workflow that this run is of; 0: the list was of that workflow alone
	Self       int64  // this workflow run's id
}

// trusted are the events that run accepted code. workflow_dispatch takes someone
// who may write, and the branch still has to be right.
var trusted = []string{"push", "schedule", "workflow_dispatch"}

// rule returns why a workflow run or its artifact is no baseline, or nothing.
type rule struct {
	name   string
	broken func(t Trust, run rest.WorkflowRun, a rest.Artifact) bool
}

// rules are tried in this order. All are needed: see the tests, which break one
// at a time.
var rules = []rule{
	{"of this very workflow run", func(t Trust, run rest.WorkflowRun, _ rest.Artifact) bool { return run.ID == t.Self }},
	{"of another workflow run than it says", func(_ Trust, run rest.WorkflowRun, a rest.Artifact) bool { return a.Run.ID != run.ID }},
	{"of a fork's code", func(t Trust, run rest.WorkflowRun, _ rest.Artifact) bool {
		return t.Repository == 0 || run.HeadRepository != t.Repository
	}},
	{"made by a fork", func(t Trust, _ rest.WorkflowRun, a rest.Artifact) bool {
		return a.Run.HeadRepository != t.Repository || a.Run.Repository != t.Repository
	}},
	{"of an event that is not of accepted code", func(_ Trust, run rest.WorkflowRun, _ rest.Artifact) bool {
		return !slices.Contains(trusted, run.Event)
	}},
	{"of another branch", func(t Trust, run rest.WorkflowRun, a rest.Artifact) bool {
		return run.Branch != t.Branch || a.Run.Branch != t.Branch
	}},
	{"of another workflow", func(t Trust, run rest.WorkflowRun, _ rest.Artifact) bool {
		return t.Workflow != 0 && run.WorkflowID != t.Workflow
	}},
	{"of a workflow run that did not succeed", func(_ Trust, run rest.WorkflowRun, _ rest.Artifact) bool {
		return run.Status != "completed" || run.Conclusion != "success"
	}},
	// Ids grow with time, and stay when an attempt is made again much later.
	{"newer than this workflow run", func(t Trust, run rest.WorkflowRun, _ rest.Artifact) bool { return run.ID > t.Self }},
	{"of another commit than its workflow run", func(_ Trust, run rest.WorkflowRun, a rest.Artifact) bool {
		return run.Commit != a.Run.Commit
	}},
	{"expired", func(_ Trust, _ rest.WorkflowRun, a rest.Artifact) bool { return a.Expired }},
}

// distrust is why an artifact is no baseline, or nothing.
func (t Trust) distrust(run rest.WorkflowRun, a rest.Artifact) string {
	for _, r := range rules {
		if r.broken(t, run, a) {
			return r.name
		}
	}
	return ""
}

// Accepts reports whether a workflow run may be a part of the baseline, by the
// rules for artifacts, as if it had one of its own.
func (t Trust) Accepts(run rest.WorkflowRun) bool {
	own := rest.Artifact{}
	own.Run.ID, own.Run.Repository, own.Run.HeadRepository = run.ID, t.Repository, run.HeadRepository
	own.Run.Branch, own.Run.Commit = run.Branch, run.Commit
	return t.distrust(run, own) == ""
}
