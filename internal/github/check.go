package github

import (
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/internal/github/artifact"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Check is a check run, and Annotation a remark of one.
type (
	Check      = rest.Check
	Annotation = rest.Annotation
)

// Check makes the check run of the step's commit, or sets a commit status where a
// check may not be made, as with a token that is no app's. Name, commit, address
// and key are the step's own.
func (h *Hub) Check(ctx context.Context, c Check) error {
	s := h.step
	if h.Repo == nil {
		return h.unreachable("make the check run")
	}
	c.Name, c.Commit, c.Details = s.CheckName(), s.Event.Origin.Commit, s.RunURL()
	if c.Commit == "" {
		return errors.New("make the check run: the event has no commit")
	}
	c.Key = fmt.Sprintf("%d/%d/%s", s.Event.Run, s.Event.Origin.Attempt, artifact.Name(s.Suite(), 1))
	err := h.Repo.CreateCheck(ctx, c)
	if err == nil || !rest.Forbidden(err) {
		return err
	}
	if instead := h.Repo.SetStatus(ctx, c); instead != nil {
		return fmt.Errorf("%w; nor may it %w: the job's own result is the check", err, instead)
	}
	s.Debugf("%v; there is a commit status instead", err)
	return nil
}

// Excused reports whether an error is what every pull request of a fork or of
// Dependabot meets: a token that can only read. Nobody has done anything wrong
// then.
func (h *Hub) Excused(err error) bool {
	return h.ReadsOnly() && rest.Forbidden(err)
}
