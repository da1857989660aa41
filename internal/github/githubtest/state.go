package githubtest

import (
	"slices"
	"time"
)

// Repo is a repository. Its issues and pull requests share their numbers.
type Repo struct {
	ID            int64
	Owner, Name   string
	DefaultBranch string
	Private       bool
	Parent        *Repo // what it was forked from
	// IssuesDisabled is a switch of the repository's settings: requests about
	// issues are answered 410.
	IssuesDisabled bool

	Branches  map[string]string // name to sha
	Tags      map[string]string // name to the sha of the commit; nil: none
	Workflows []*Workflow
	Runs      []*Run      // oldest first
	Artifacts []*Artifact // oldest first
	Pulls     []*Pull
	Issues    []*Issue
	Comments  []*Comment // ascending by id
	Checks    []*Check
	Statuses  []*Status // oldest first
	number    int       // of the last issue or pull request
}

// find is the first of a list that is meant, nil when none is.
func find[T any](list []*T, is func(*T) bool) *T {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return nil
	}
	return list[i]
}

// FullName is owner/name.
func (r *Repo) FullName() string { return r.Owner + "/" + r.Name }

// Commit is one commit with the whole tree that it stands for.
type Commit struct {
	SHA, Message string
	Author       string // login; empty: octocat
	AuthorName   string // as git has it; empty: the login. An author without an account has the name alone
	Parents      []string
	Files        map[string]string // path to content
	Time         time.Time
	order        int64
}

// Pull is a pull request. HeadRepo is nil after its fork was deleted.
type Pull struct {
	ID             int64
	Number         int
	Title, State   string // State: open or closed
	Draft, Merged  bool
	HeadRepo       *Repo
	HeadBranch     string
	HeadSHA        string
	BaseBranch     string
	BaseSHA        string
	MergeCommitSHA string
	Labels         []string
	Created        time.Time
}

// Workflow is a workflow file.
type Workflow struct {
	ID         int64
	Path, Name string
}

// Run is a workflow run in the state of its latest attempt.
type Run struct {
	ID, WorkflowID     int64
	Path, Name         string // of the workflow
	Event              string
	HeadBranch         string
	HeadSHA            string
	HeadRepo           *Repo // where the head commit is from; the repository itself when empty
	HeadDeleted        bool  // head_repository is null
	Actor              string
	Status, Conclusion string
	Number, Attempt    int
	Created, Updated   time.Time
	Pull               *Pull // what a pull_request run is for
	Of                 *Run  // what a workflow_run run was started by
	Jobs               []*Job
	backend            string // how the artifact service calls it
	repo               *Repo
}

// Repo is the repository that the run belongs to.
func (r *Run) Repo() *Repo { return r.repo }

// Fork tells whether the head commit comes from another repository.
func (r *Run) Fork() bool { return r.HeadDeleted || r.HeadRepo != r.repo }

// Job is a job of a run.
type Job struct {
	ID                          int64
	Attempt                     int
	Name, Status, Conclusion    string
	Created, Started, Completed time.Time
	Labels                      []string
	RunnerName                  string
	Steps                       []Step
}

// Step is a step of a job; its number is its place in the list plus one.
type Step struct {
	Name, Status, Conclusion string
	Started, Completed       time.Time
}

// Artifact is an artifact of a run; the last fields are those of
// workflow_run in its JSON, which a test may falsify.
type Artifact struct {
	ID               int64
	Name             string
	Zip              []byte
	Size             int64  // what the API says, the length of Zip by default
	Digest           string // "sha256:…"; empty for null, as on old artifacts
	Expired          bool
	Created, Expires time.Time
	Attempt          int

	RunID, RepoID, HeadRepoID int64
	HeadBranch, HeadSHA       string
}

// Issue is an issue that is no pull request.
type Issue struct {
	ID          int64
	Number      int
	Title, Body string
	State       string
	Reason      string // state_reason
	Labels      []string
	Author      string
	Created     time.Time
}

// Comment is a comment on an issue or a pull request.
type Comment struct {
	ID               int64
	Number           int // of the issue or the pull request
	Author           string
	Type             string // Bot or User
	Body             string
	Created, Updated time.Time
}

// Check is a check run; a PATCH appends to its annotations.
type Check struct {
	ID                   int64
	App                  int64 // the app that made it
	Name, HeadSHA        string
	Status, Conclusion   string
	DetailsURL           string
	ExternalID           string
	Title, Summary, Text string
	Annotations          []Annotation
	Started, Completed   string
}

// Annotation is a remark of a check run on lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column"`
	EndColumn   *int   `json:"end_column"`
	Level       string `json:"annotation_level"`
	Message     string `json:"message"`
	Title       string `json:"title"`
	RawDetails  string `json:"raw_details"`
}

// Status is a commit status.
type Status struct {
	ID          int64
	SHA         string
	State       string
	Context     string
	Description string
	TargetURL   string
	Author      string
	Created     time.Time
}
