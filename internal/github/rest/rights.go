package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// MayCheck, MaySetStatus and MayComment ask whether the token may write what they
// say; nil means that it may. There is no request for that, so they send a write
// without what every such write must have: GitHub looks at the rights first, and
// then refuses the body, so that nothing is ever written.

// MayCheck asks for check runs.
func (r *Repo) MayCheck(ctx context.Context) error {
	return r.may(ctx, "make a check run", "checks: write", "check-runs")
}

// MaySetStatus asks for the status of a commit.
func (r *Repo) MaySetStatus(ctx context.Context, commit string) error {
	return r.may(ctx, "set a commit status", "statuses: write", "statuses/"+url.PathEscape(commit))
}

// MayComment asks for comments on a pull request.
func (r *Repo) MayComment(ctx context.Context, pull int) error {
	return r.may(ctx, "comment on the pull request", "pull-requests: write", fmt.Sprintf("issues/%d/comments", pull))
}

func (r *Repo) may(ctx context.Context, what, permission, path string) error {
	req, err := r.gh.NewRequest("POST", fmt.Sprintf("repos/%s/%s/%s", r.owner, r.name, path), struct{}{})
	if err != nil {
		return err
	}
	_, err = r.gh.Do(ctx, req, nil)
	switch Status(err) {
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return nil
	}
	return wrap(what, permission, err)
}

// Ahead is by how much this machine's clock is ahead of GitHub's, to a second. It
// is false where nothing has been answered yet.
func (r *Repo) Ahead() (d time.Duration, known bool) {
	if at := r.limits.ahead.Load(); at != nil {
		return *at, true
	}
	return 0, false
}
