package rest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// WorkflowRun is a run of a workflow, as far as a baseline depends on it.
type WorkflowRun struct {
	ID             int64
	WorkflowID     int64
	Workflow       string // the name of the workflow
	File           string // of the workflow, such as ci.yml; known where one run was asked for
	Number         int
	Attempt        int
	Event          string
	Branch         string
	Commit         string
	Repository     int64 // its id
	HeadRepository int64 // the id of the repository that the code is from, 0 where it is gone
	HeadOwner      string
	Status         string
	Conclusion     string
	Created        time.Time
	Started        time.Time
}

// Run reads one run.
func (r *Repo) Run(ctx context.Context, id int64) (WorkflowRun, error) {
	req, err := r.gh.NewRequest("GET", fmt.Sprintf("repos/%s/%s/actions/runs/%d", r.owner, r.name, id), nil)
	if err != nil {
		return WorkflowRun{}, err
	}
	var answer struct {
		gh.WorkflowRun
		Path string `json:"path"` // which the library's type lacks
	}
	if _, err := r.gh.Do(ctx, req, &answer); err != nil {
		return WorkflowRun{}, wrap(fmt.Sprintf("read workflow run %d", id), "actions: read", err)
	}
	run := workflowRun(&answer.WorkflowRun)
	file, _, _ := strings.Cut(answer.Path, "@")
	run.File = path.Base(file)
	return run, nil
}

// Runs lists the newest successful runs of a workflow on a branch, at most a
// hundred, newest first. GitHub compares the branch by name alone, so that a
// fork's run on its own branch of that name is among them.
func (r *Repo) Runs(ctx context.Context, workflow, branch string) ([]WorkflowRun, error) {
	return r.runs(ctx, workflow, &gh.ListWorkflowRunsOptions{Branch: branch})
}

// RunsOf lists those of one commit, as Runs does.
func (r *Repo) RunsOf(ctx context.Context, workflow, branch, commit string) ([]WorkflowRun, error) {
	return r.runs(ctx, workflow, &gh.ListWorkflowRunsOptions{Branch: branch, HeadSHA: commit})
}

func (r *Repo) runs(ctx context.Context, workflow string, o *gh.ListWorkflowRunsOptions) ([]WorkflowRun, error) {
	if workflow == "" {
		return nil, errors.New("list the workflow's runs: GITHUB_WORKFLOW_REF does not say which workflow this is")
	}
	o.Status, o.ExcludePullRequests, o.PerPage = "success", true, 100
	found, _, err := r.gh.Actions.ListWorkflowRunsByFileName(ctx, r.owner, r.name, url.PathEscape(workflow), o)
	if err != nil {
		return nil, wrap("list the workflow's runs", "actions: read", err)
	}
	runs := make([]WorkflowRun, 0, len(found.WorkflowRuns))
	for _, run := range found.WorkflowRuns {
		runs = append(runs, workflowRun(run))
	}
	return runs, nil
}

func workflowRun(run *gh.WorkflowRun) WorkflowRun {
	return WorkflowRun{
		ID: run.GetID(), WorkflowID: run.GetWorkflowID(), Workflow: run.GetName(), Number: run.GetRunNumber(), Attempt: run.GetRunAttempt(),
		Event: run.GetEvent(), Branch: run.GetHeadBranch(), Commit: run.GetHeadSHA(),
		Repository: run.GetRepository().GetID(), HeadRepository: run.GetHeadRepository().GetID(),
		HeadOwner: run.GetHeadRepository().GetOwner().GetLogin(),
		Status:    run.GetStatus(), Conclusion: run.GetConclusion(),
		Created: run.GetCreatedAt().Time, Started: run.GetRunStartedAt().Time,
	}
}

// Artifact is an artifact of some run of the repository.
type Artifact struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Size    int64     `json:"size_in_bytes"`
	Expired bool      `json:"expired"`
	Digest  string    `json:"digest"` // sha256:HEX; empty on old ones and where the server has none
	Created time.Time `json:"created_at"`
	Run     struct {
		ID             int64  `json:"id"`
		Repository     int64  `json:"repository_id"`
		HeadRepository int64  `json:"head_repository_id"`
		Branch         string `json:"head_branch"`
		Commit         string `json:"head_sha"`
	} `json:"workflow_run"`
}

// Artifacts lists the newest artifacts of a name, of any run, at most a hundred,
// newest first.
func (r *Repo) Artifacts(ctx context.Context, name string) ([]Artifact, error) {
	return r.artifacts(ctx, "actions/artifacts", name)
}

// RunArtifacts lists the artifacts of one run, at most a hundred of a name; of
// every name where it is empty.
func (r *Repo) RunArtifacts(ctx context.Context, run int64, name string) ([]Artifact, error) {
	return r.artifacts(ctx, "actions/runs/"+strconv.FormatInt(run, 10)+"/artifacts", name)
}

// artifacts asks for what the library has no option for, the name, and reads
// what its type lacks, the digest.
func (r *Repo) artifacts(ctx context.Context, path, name string) ([]Artifact, error) {
	q := url.Values{"per_page": {"100"}}
	if name != "" {
		q.Set("name", name)
	}
	req, err := r.gh.NewRequest("GET", fmt.Sprintf("repos/%s/%s/%s?%s", r.owner, r.name, path, q.Encode()), nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Artifacts []Artifact `json:"artifacts"`
	}
	if _, err := r.gh.Do(ctx, req, &answer); err != nil {
		return nil, wrap("list artifacts", "actions: read", err)
	}
	return answer.Artifacts, nil
}
