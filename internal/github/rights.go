package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/artifact"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Right is something that a job's token should be good for.
type Right struct {
	Permission string // such as actions: read
	For        string
	Reading    bool  // without it nothing can be judged; the others are for telling of it
	Err        error // nil: the token may
}

// Rights asks GitHub what the token may do of all that the step needs. Nothing is
// written. What a comment needs can only be asked where there is a pull request.
func (h *Hub) Rights(ctx context.Context, branch string) ([]Right, error) {
	if h.Repo == nil {
		return nil, h.unreachable("ask for the token's rights")
	}
	e := h.step.Event
	_, err := h.Repo.Ancestors(ctx, branch)
	rights := []Right{{Permission: "contents: read", For: "finding where a pull request left its base branch", Reading: true, Err: err}}
	_, err = h.Repo.Runs(ctx, e.Workflow, branch)
	rights = append(rights, Right{Permission: "actions: read", For: "reading what earlier runs measured", Reading: true, Err: err})
	check := Right{Permission: "checks: write", For: "the check of the commit", Err: h.Repo.MayCheck(ctx)}
	if check.Err != nil && rest.Forbidden(check.Err) && h.Repo.MaySetStatus(ctx, e.Origin.Commit) == nil {
		check = Right{Permission: "statuses: write", For: "a commit status in the place of the check"}
	}
	rights = append(rights, check)
	if e.PullRequest != 0 {
		rights = append(rights, Right{Permission: "pull-requests: write", For: "the comment", Err: h.Repo.MayComment(ctx, e.PullRequest)})
	}
	return rights, nil
}

// IssueRight asks whether the token may keep the issue that notices are for.
func (h *Hub) IssueRight(ctx context.Context) Right {
	r := Right{Permission: "issues: write", For: "the issue about a regression"}
	if h.Repo == nil {
		r.Err = h.unreachable("ask for the token's rights")
	} else {
		r.Err = h.Repo.MayOpenIssues(ctx)
	}
	return r
}

// ClockAhead is by how much this machine's clock is ahead of GitHub's. It is false
// where GitHub has not answered anything yet.
func (h *Hub) ClockAhead() (d time.Duration, known bool) {
	if h.Repo == nil {
		return 0, false
	}
	return h.Repo.Ahead()
}

// ErrOutOfReach is why nothing is known of the service that takes artifacts: the
// runner tells its address to steps of actions alone.
var ErrOutOfReach = errors.New("the runner tells the address of the service that takes artifacts to steps of actions alone")

// TakesArtifacts asks the service for artifacts whether it is there.
func (h *Hub) TakesArtifacts(ctx context.Context) error {
	if h.Results != nil {
		if _, err := h.Results.List(ctx); err != nil {
			return fmt.Errorf("the artifact service: %w", err)
		}
		return nil
	}
	if h.step.OnServer() {
		return artifact.ErrUnsupported
	}
	if h.step.Inputs.Mode == ModeDoctor { // which is a step of the action
		return h.unreachable("keep the run")
	}
	return ErrOutOfReach
}

// OnServer reports whether GitHub is an Enterprise Server, which takes no
// artifacts of this kind: its interface lies below its own address.
func (s *Step) OnServer() bool { return strings.HasSuffix(s.getenv("GITHUB_API_URL"), "/api/v3") }

// events are those that a step is made for.
var events = []string{
	"push", "schedule", "workflow_dispatch", "pull_request", "pull_request_target", "merge_group", "workflow_run",
}

// Known reports whether the event is one of those that the step is made for. On
// others it takes what the environment says.
func (e Event) Known() bool { return slices.Contains(events, e.Origin.Event) }

// ReadsOnly reports whether the job has a token that cannot write whatever the
// workflow grants: a pull request of a fork or of Dependabot.
func (h *Hub) ReadsOnly() bool {
	e := h.step.Event
	return (e.Fork || h.step.getenv("GITHUB_ACTOR") == "dependabot[bot]") && !e.Privileged()
}

// InputNames are the inputs that a step reads, as action.yml has them.
func InputNames() []string {
	var names []string
	_, err := readInputs(func(name string) string {
		if in, ok := strings.CutPrefix(name, "INPUT_"); ok {
			names = append(names, strings.ToLower(in))
		}
		return ""
	})
	if err != nil {
		return nil // no input is wrong where there are none
	}
	slices.Sort(names)
	return slices.Compact(names)
}
