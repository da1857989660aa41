package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// Event is what started the job, as far as plumbline is concerned with it. The
// zero Event is that of a process outside of GitHub Actions.
type Event struct {
	// Origin has commit, branch, event, repository, workflow, job and attempt. The
	// commit and the branch are those of the change: for a pull request its head,
	// not GitHub's merge commit. The branch of a fork is OWNER:BRANCH, so that a
	// fork's main is not taken for ours; a tag has no branch.
	Origin collect.Origin
	// Base is the branch that the change is to be merged into; empty where the
	// event has none.
	Base string
	// DefaultBranch is the repository's; empty where the event does not tell.
	DefaultBranch string
	PullRequest   int   // its number, or 0
	Fork          bool  // the change comes from another repository
	Repository    int64 // the repository's id, 0 where nothing tells
	Run           int64 // the workflow run's id
	RunNumber     int   // counts the runs of the workflow
	// Workflow is the file of the workflow in .github/workflows, such as ci.yml.
	Workflow string
	// About is the workflow run that a workflow_run event is about; 0 elsewhere.
	About int64
}

// Privileged reports whether the event gives a job that a stranger may have
// caused a token that writes. Nothing in its workspace may decide then.
func (e Event) Privileged() bool {
	return e.Origin.Event == "pull_request_target" || e.Origin.Event == "workflow_run"
}

// Origin returns the origin of a run that starts now, from GITHUB_* and the
// event. Outside of GitHub Actions it is the zero Origin.
func Origin(getenv func(string) string) (collect.Origin, error) {
	e, err := ReadEvent(getenv)
	return e.Origin, err
}

// ReadEvent reads the event from GITHUB_* and from the payload file that they
// name. Where that file does not exist, as in a container that got only the
// environment, the environment alone tells.
func ReadEvent(getenv func(string) string) (Event, error) {
	if getenv("GITHUB_ACTIONS") != "true" {
		return Event{}, nil
	}
	e := fromEnvironment(getenv)
	p, err := readPayload(getenv("GITHUB_EVENT_PATH"))
	if err != nil {
		return Event{}, err
	}
	e.DefaultBranch = p.Repository.DefaultBranch
	if p.Repository.ID != 0 {
		e.Repository = p.Repository.ID
	}
	switch {
	case p.PullRequest != nil:
		e.pullRequest(p.PullRequest, p.Repository.ID)
	case p.MergeGroup != nil:
		e.Origin.Commit = p.MergeGroup.HeadSHA
		e.Origin.Branch = branchOf(p.MergeGroup.HeadRef)
		e.Base = branchOf(p.MergeGroup.BaseRef)
	case p.WorkflowRun != nil:
		e.workflowRun(p.WorkflowRun, p.Repository.ID)
	}
	if strings.Trim(e.Origin.Commit, "0") == "" { // a push that deletes
		e.Origin.Commit = ""
	}
	return e, nil
}

func fromEnvironment(getenv func(string) string) Event {
	e := Event{Base: getenv("GITHUB_BASE_REF"), Workflow: workflowFile(getenv("GITHUB_WORKFLOW_REF"))}
	e.Repository, _ = strconv.ParseInt(getenv("GITHUB_REPOSITORY_ID"), 10, 64) // 0 where nobody tells
	e.Run, _ = strconv.ParseInt(getenv("GITHUB_RUN_ID"), 10, 64)
	e.RunNumber, _ = strconv.Atoi(getenv("GITHUB_RUN_NUMBER"))
	attempt, _ := strconv.Atoi(getenv("GITHUB_RUN_ATTEMPT")) // 0 where nobody counts
	e.Origin = collect.Origin{
		Commit:     getenv("GITHUB_SHA"),
		Branch:     branchOf(getenv("GITHUB_REF")),
		Event:      getenv("GITHUB_EVENT_NAME"),
		Repository: getenv("GITHUB_REPOSITORY"),
		Workflow:   getenv("GITHUB_WORKFLOW"),
		Job:        getenv("GITHUB_JOB"),
		Attempt:    max(attempt, 0),
	}
	if head := getenv("GITHUB_HEAD_REF"); head != "" { // pull requests, if the payload cannot be had
		e.Origin.Branch = head
	}
	return e
}

// workflowFile is the file of OWNER/NAME/.github/workflows/FILE@REF.
func workflowFile(ref string) string {
	file, _, _ := strings.Cut(ref, "@")
	return file[strings.LastIndexByte(file, '/')+1:]
}

// branchOf is the branch of a full ref, and empty for tags and refs/pull/N/merge.
func branchOf(ref string) string {
	branch, ok := strings.CutPrefix(ref, "refs/heads/")
	if !ok {
		return ""
	}
	return branch
}

func (e *Event) pullRequest(p *pullRequest, here int64) {
	e.PullRequest = p.Number
	e.Base = p.Base.Ref
	if p.Base.Repo != nil {
		here = p.Base.Repo.ID
	}
	e.Origin.Commit = p.Head.SHA
	e.Fork = p.Head.Repo == nil || p.Head.Repo.ID != here
	e.Origin.Branch = p.Head.Ref
	if e.Fork {
		owner := p.Head.User.Login
		if owner == "" && p.Head.Repo != nil {
			owner = p.Head.Repo.Owner.Login
		}
		e.Origin.Branch = owner + ":" + p.Head.Ref
	}
}

// workflowRun takes the run that the job is about. The environment names the
// default branch there, and a stranger's figures must not go by that name.
func (e *Event) workflowRun(r *workflowRun, here int64) {
	e.About = r.ID
	e.Origin.Commit = r.HeadSHA
	e.Origin.Branch = r.HeadBranch
	e.Fork = r.HeadRepository == nil || r.HeadRepository.ID != here
	if e.Fork {
		owner := ""
		if r.HeadRepository != nil {
			owner = r.HeadRepository.Owner.Login
		}
		e.Origin.Branch = owner + ":" + r.HeadBranch
	}
}

// payload is what is read of an event. The types of the API client are not used
// for it: they decode some hundred fields, and one that changed its type would
// fail the step.
type payload struct {
	Repository  repository   `json:"repository"`
	PullRequest *pullRequest `json:"pull_request"`
	MergeGroup  *mergeGroup  `json:"merge_group"`
	WorkflowRun *workflowRun `json:"workflow_run"`
}

type repository struct {
	ID            int64  `json:"id"`
	DefaultBranch string `json:"default_branch"`
	Owner         user   `json:"owner"`
}

type user struct {
	Login string `json:"login"`
}

type pullRequest struct {
	Number int        `json:"number"`
	Head   pullBranch `json:"head"`
	Base   pullBranch `json:"base"`
}

type pullBranch struct {
	Ref  string      `json:"ref"`
	SHA  string      `json:"sha"`
	User user        `json:"user"`
	Repo *repository `json:"repo"` // null when the fork is gone
}

type mergeGroup struct {
	HeadSHA string `json:"head_sha"`
	HeadRef string `json:"head_ref"`
	BaseRef string `json:"base_ref"`
}

type workflowRun struct {
	ID             int64       `json:"id"`
	HeadSHA        string      `json:"head_sha"`
	HeadBranch     string      `json:"head_branch"`
	HeadRepository *repository `json:"head_repository"`
}

// maxPayload is well above the 25 MB that GitHub allows an event.
const maxPayload = 64 << 20

func readPayload(name string) (payload, error) {
	var p payload
	if name == "" {
		return p, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the event: %w", err)
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxPayload)).Decode(&p); err != nil {
		return payload{}, fmt.Errorf("read the event: %s: %w", name, err)
	}
	return p, nil
}
