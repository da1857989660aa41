package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Issue is an issue of the repository.
type Issue struct {
	Number      int
	Author      string
	Title, Body string
	Closed      bool
	URL         string // for people
}

// IssueEdit says what becomes of an issue; what is empty stays as it is.
type IssueEdit struct {
	Title, Body string
	Reason      string // completed or not_planned closes it for that reason
}

const writeIssues = "issues: write"

// mostIssuePages bounds a search: it reads so many hundreds of issues of one label.
const mostIssuePages = 5

// Issues lists the issues of a label whose text begins with prefix, open and
// closed, newest first.
func (r *Repo) Issues(ctx context.Context, label, prefix string) ([]Issue, error) {
	var found []Issue
	o := &gh.IssueListByRepoOptions{State: "all", Labels: []string{label}, ListOptions: gh.ListOptions{PerPage: 100}}
	for range mostIssuePages {
		page, resp, err := r.gh.Issues.ListByRepo(ctx, r.owner, r.name, o)
		if err != nil {
			return nil, wrapIssue("list the issues", "issues: read", err)
		}
		for _, i := range page {
			if !i.IsPullRequest() && strings.HasPrefix(i.GetBody(), prefix) {
				found = append(found, issue(i))
			}
		}
		if o.Page = resp.NextPage; o.Page == 0 {
			break
		}
	}
	return found, nil
}

// CreateIssue opens an issue. Mark is a part of the text that no other has: by it
// an issue is found again whose creation got no answer.
func (r *Repo) CreateIssue(ctx context.Context, label, mark string, i Issue) (Issue, error) {
	var made Issue
	err := r.once(ctx, func() error {
		c, _, err := r.gh.Issues.Create(ctx, r.owner, r.name, &gh.IssueRequest{Title: &i.Title, Body: &i.Body, Labels: &[]string{label}})
		made = issue(c)
		return err
	}, func() (bool, error) {
		all, err := r.Issues(ctx, label, "")
		for _, other := range all {
			if strings.Contains(other.Body, mark) {
				made = other
				return true, nil
			}
		}
		return false, err
	})
	return made, wrapIssue("open an issue", writeIssues, err)
}

// EditIssue changes an issue. It may happen twice without harm.
func (r *Repo) EditIssue(ctx context.Context, number int, e IssueEdit) error {
	req := &gh.IssueRequest{}
	if e.Title != "" {
		req.Title = &e.Title
	}
	if e.Body != "" {
		req.Body = &e.Body
	}
	if e.Reason != "" {
		req.State, req.StateReason = gh.String("closed"), &e.Reason
	}
	err := r.once(ctx, func() error {
		_, _, err := r.gh.Issues.Edit(ctx, r.owner, r.name, number, req)
		return err
	}, func() (bool, error) { return false, nil })
	return wrapIssue(fmt.Sprintf("update issue #%d", number), writeIssues, err)
}

// MayOpenIssues asks whether the token may open issues, as MayCheck does of
// checks.
func (r *Repo) MayOpenIssues(ctx context.Context) error {
	err := r.may(ctx, "open an issue", writeIssues, "issues")
	if Status(err) == http.StatusGone {
		return wrapIssue("open an issue", "", err)
	}
	return err
}

// wrapIssue is wrap for requests about issues, which a repository may do without.
func wrapIssue(what, permission string, err error) error {
	if Status(err) == http.StatusGone {
		return fmt.Errorf("%s: issues are disabled in this repository's settings: %w", what, Plain(err))
	}
	return wrap(what, permission, err)
}

func issue(i *gh.Issue) Issue {
	return Issue{
		Number: i.GetNumber(), Author: i.GetUser().GetLogin(), Title: i.GetTitle(), Body: i.GetBody(),
		Closed: i.GetState() == "closed", URL: i.GetHTMLURL(),
	}
}

// Range is what lies between two commits.
type Range struct {
	Commits int
	Authors []string // logins, or names of those who have none, in the order of their commits
	URL     string   // for people
}

// Range reads the commits after base up to head, of whose authors those of the
// first hundred are told.
func (r *Repo) Range(ctx context.Context, base, head string) (Range, error) {
	c, _, err := r.gh.Repositories.CompareCommits(ctx, r.owner, r.name, base, head, &gh.ListOptions{PerPage: 100})
	if err != nil {
		return Range{}, wrap(fmt.Sprintf("compare with %s", base), "contents: read", err)
	}
	found := Range{Commits: c.GetTotalCommits(), URL: c.GetHTMLURL()}
	seen := map[string]bool{}
	for _, one := range c.Commits {
		who := one.GetAuthor().GetLogin()
		if who == "" {
			who = one.GetCommit().GetAuthor().GetName()
		}
		if who != "" && !seen[who] {
			seen[who] = true
			found.Authors = append(found.Authors, who)
		}
	}
	return found, nil
}
