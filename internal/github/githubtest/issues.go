package githubtest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// now is the server's clock in the resolution of the API.
func (f *Fake) now() time.Time { return f.Now().UTC().Truncate(time.Second) }

func userType(login string) string {
	if strings.HasSuffix(login, "[bot]") {
		return "Bot"
	}
	return "User"
}

func (r *Repo) issue(number int64) *Issue {
	return find(r.Issues, func(x *Issue) bool { return int64(x.Number) == number })
}

// listIssues serves the issues, newest first; labels is a list of which an
// issue must have all. Pull requests are issues too, told by pull_request
// (REST docs, list repository issues).
func listIssues(c *call) {
	state := c.query("state")
	if state == "" {
		state = "open"
	}
	since, _ := time.Parse(time.RFC3339, c.query("since"))
	found, answers := []*Issue{}, []obj{}
	for _, one := range c.repo.allIssues() {
		if (state == "all" || one.State == state) && one.labelled(c.query("labels")) && !one.Created.Before(since) &&
			(c.query("creator") == "" || c.query("creator") == one.Author) {
			found = append(found, one)
		}
	}
	for _, one := range page(c, ordered(c, found), 0) {
		answers = append(answers, c.issueJSON(one))
	}
	c.json(http.StatusOK, answers)
}

// allIssues are the issues and the pull requests as such, newest first.
func (r *Repo) allIssues() []*Issue {
	all := slices.Clone(r.Issues)
	for _, p := range r.Pulls {
		all = append(all, &Issue{
			ID: p.ID, Number: p.Number, Title: p.Title, State: p.State, Labels: p.Labels, Author: "octocat", Created: p.Created,
		})
	}
	slices.SortFunc(all, func(a, b *Issue) int { return cmp.Compare(b.Number, a.Number) })
	return all
}

func (i *Issue) labelled(list string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if name != "" && !slices.Contains(i.Labels, name) {
			return false
		}
	}
	return true
}

func (c *call) issueJSON(one *Issue) obj {
	labels := []obj{}
	for _, l := range one.Labels {
		labels = append(labels, obj{"name": l})
	}
	o := obj{
		"id": one.ID, "number": one.Number, "title": one.Title, "body": one.Body, "state": one.State, "state_reason": orNull(one.Reason),
		"labels": labels, "user": obj{"login": one.Author, "type": userType(one.Author)}, "created_at": one.Created,
		"url": c.api("/issues/%d", one.Number), "html_url": c.html("/issues/%d", one.Number),
	}
	if c.repo.pull(int64(one.Number)) != nil {
		o["pull_request"] = obj{"url": c.api("/pulls/%d", one.Number)}
	}
	return o
}

// issueIn is the body of a POST or PATCH; nil leaves a field alone.
type issueIn struct {
	Title, Body, State *string
	Reason             *string `json:"state_reason"`
	Labels             *[]string
}

func (in issueIn) apply(one *Issue) {
	for to, from := range map[*string]*string{&one.Title: in.Title, &one.Body: in.Body, &one.State: in.State, &one.Reason: in.Reason} {
		if from != nil {
			*to = *from
		}
	}
	if in.Labels != nil {
		one.Labels = *in.Labels
	}
}

// issuesOff answers 410 where issues are disabled (REST docs, issues). Comments
// of pull requests are not concerned.
func (c *call) issuesOff() bool {
	of := c.route.path == inRepo+"/issues" || c.route.path == inRepo+"/issues/{issue_number}"
	if !of || !c.repo.IssuesDisabled {
		return false
	}
	c.fail(http.StatusGone, "Issues has been disabled in this repository.")
	return true
}

func createIssue(c *call) {
	var in issueIn
	c.decode(&in)
	one := c.f.addIssue(c.repo, Issue{Author: c.token.Login})
	in.apply(one)
	c.json(http.StatusCreated, c.issueJSON(one))
}

// AddIssue opens an issue that somebody wrote.
func (f *Fake) AddIssue(repo *Repo, one Issue) *Issue {
	f.Lock()
	defer f.Unlock()
	return f.addIssue(repo, one)
}

func (f *Fake) addIssue(repo *Repo, one Issue) *Issue {
	repo.number++
	one.ID, one.Number, one.State, one.Created = f.next(), repo.number, "open", f.now()
	repo.Issues = append(repo.Issues, &one)
	return &one
}

func editIssue(c *call) {
	one := c.repo.issue(c.number("issue_number"))
	if one == nil {
		c.notFound()
		return
	}
	c.mine(one.Author)
	var in issueIn
	c.decode(&in)
	in.apply(one)
	c.json(http.StatusOK, c.issueJSON(one))
}
