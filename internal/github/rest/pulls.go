package rest

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"
)

// Pull is a pull request.
type Pull struct {
	Number         int
	Base           string // the branch that it is for
	BaseCommit     string // that branch's newest commit when GitHub last looked
	Commit         string // its newest commit
	Branch         string
	HeadRepository int64 // the id of the repository that it comes from, 0 where it is gone
}

// PullOf finds the open pull request that a workflow run is about. A run of a
// fork does not name it, so the fork's branch is asked for, and only a pull
// request counts whose newest commit and repository are the run's: whatever the
// run itself says of its pull request is its author's word. Nil where there is
// none, as when something newer was pushed.
func (r *Repo) PullOf(ctx context.Context, run WorkflowRun) (*Pull, error) {
	if run.HeadOwner == "" || run.HeadRepository == 0 {
		return nil, nil
	}
	o := &gh.PullRequestListOptions{
		State: "open", Head: run.HeadOwner + ":" + run.Branch, ListOptions: gh.ListOptions{PerPage: 100},
	}
	found, _, err := r.gh.PullRequests.List(ctx, r.owner, r.name, o)
	if err != nil {
		return nil, wrap(fmt.Sprintf("find the pull request of run %d", run.ID), "pull-requests: read", err)
	}
	for _, p := range found {
		if p.GetHead().GetSHA() == run.Commit && p.GetHead().GetRepo().GetID() == run.HeadRepository {
			return pull(p), nil
		}
	}
	return nil, nil
}

// Pull reads a pull request.
func (r *Repo) Pull(ctx context.Context, number int) (Pull, error) {
	p, _, err := r.gh.PullRequests.Get(ctx, r.owner, r.name, number)
	if err != nil {
		return Pull{}, wrap(fmt.Sprintf("read pull request #%d", number), "pull-requests: read", err)
	}
	return *pull(p), nil
}

func pull(p *gh.PullRequest) *Pull {
	return &Pull{
		Number: p.GetNumber(), Base: p.GetBase().GetRef(), BaseCommit: p.GetBase().GetSHA(), Commit: p.GetHead().GetSHA(),
		Branch: p.GetHead().GetRef(), HeadRepository: p.GetHead().GetRepo().GetID(),
	}
}
