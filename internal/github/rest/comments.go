package rest

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// MostComment is how many characters a comment may have.
const MostComment = 65536

// Comment is a comment of a pull request.
type Comment struct {
	ID     int64
	Author string
	Bot    bool // the author is an app, as the workflows' own token is
	Body   string
}

// Comments lists the comments of a pull request whose text begins with prefix,
// oldest first. Only GitHub's order helps to find one, so all pages are read.
func (r *Repo) Comments(ctx context.Context, pull int, prefix string) ([]Comment, error) {
	var found []Comment
	o := &gh.IssueListCommentsOptions{ListOptions: gh.ListOptions{PerPage: 100}}
	for {
		page, resp, err := r.gh.Issues.ListComments(ctx, r.owner, r.name, pull, o)
		if err != nil {
			return nil, wrap(fmt.Sprintf("list the comments of #%d", pull), "pull-requests: read", err)
		}
		for _, c := range page {
			if strings.HasPrefix(c.GetBody(), prefix) {
				found = append(found, comment(c))
			}
		}
		if resp.NextPage == 0 {
			return found, nil
		}
		o.Page = resp.NextPage
	}
}

// actionsBot is who comments with the token of a workflow.
const actionsBot = "github-actions[bot]"

// Author is who comments with the token. An app cannot ask for its own name, so
// for the token of one it is the name of GitHub Actions, which is nearly always
// right; what CreateComment returns tells for certain.
func (r *Repo) Author(ctx context.Context) string {
	if strings.HasPrefix(r.token, "ghs_") {
		return actionsBot
	}
	u, _, err := r.gh.Users.Get(ctx, "")
	if err != nil {
		return actionsBot
	}
	return u.GetLogin()
}

// CreateComment writes a comment. Mark is a part of the text that no other
// comment has: by it a comment is found again whose creation got no answer.
func (r *Repo) CreateComment(ctx context.Context, pull int, body, mark string) (Comment, error) {
	made, err := r.createComment(ctx, pull, body, mark)
	return made, wrap(fmt.Sprintf("comment on #%d", pull), "pull-requests: write", err)
}

// CommentIssue is CreateComment for an issue, which needs another permission.
func (r *Repo) CommentIssue(ctx context.Context, number int, body, mark string) (Comment, error) {
	made, err := r.createComment(ctx, number, body, mark)
	return made, wrapIssue(fmt.Sprintf("comment on issue #%d", number), writeIssues, err)
}

func (r *Repo) createComment(ctx context.Context, pull int, body, mark string) (Comment, error) {
	var made Comment
	err := r.once(ctx, func() error {
		c, _, err := r.gh.Issues.CreateComment(ctx, r.owner, r.name, pull, &gh.IssueComment{Body: &body})
		made = comment(c)
		return err
	}, func() (bool, error) {
		all, err := r.Comments(ctx, pull, "")
		for _, c := range all {
			if strings.Contains(c.Body, mark) {
				made = c
				return true, nil
			}
		}
		return false, err
	})
	return made, err
}

// EditComment replaces a comment's text. It may happen twice without harm.
func (r *Repo) EditComment(ctx context.Context, id int64, body string) error {
	err := r.once(ctx, func() error {
		_, _, err := r.gh.Issues.EditComment(ctx, r.owner, r.name, id, &gh.IssueComment{Body: &body})
		return err
	}, func() (bool, error) { return false, nil })
	return wrap("update the comment", "pull-requests: write", err)
}

// DeleteComment removes a comment. One that is gone already is as good.
func (r *Repo) DeleteComment(ctx context.Context, id int64) error {
	err := r.once(ctx, func() error {
		_, err := r.gh.Issues.DeleteComment(ctx, r.owner, r.name, id)
		return err
	}, func() (bool, error) { return false, nil })
	if Status(err) == 404 {
		return nil
	}
	return wrap("delete a doubled comment", "pull-requests: write", err)
}

func comment(c *gh.IssueComment) Comment {
	return Comment{ID: c.GetID(), Author: c.GetUser().GetLogin(), Bot: c.GetUser().GetType() == "Bot", Body: c.GetBody()}
}
