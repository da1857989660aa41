package githubtest

import (
	"cmp"
	"net/http"
	"slices"
)

// maxStatuses is how many statuses one commit takes for one context (REST docs,
// commit statuses).
const maxStatuses = 1000

func createStatus(c *call) {
	commit := c.f.commits[c.args["sha"]]
	if commit == nil {
		c.refuse("No commit found for SHA: " + c.args["sha"])
		return
	}
	var in struct {
		State, Description, Context string
		TargetURL                   string `json:"target_url"`
	}
	c.decode(&in)
	s := &Status{
		ID: c.f.next(), SHA: commit.SHA, State: in.State, Context: cmp.Or(in.Context, "default"), Description: in.Description,
		TargetURL: in.TargetURL, Author: c.token.Login, Created: c.f.now(),
	}
	if len(c.repo.statuses(commit.SHA, s.Context)) >= maxStatuses {
		c.refuse("Validation Failed", obj{"resource": "Status", "code": "custom", "message": "This SHA and context has reached the maximum number of statuses."})
		return
	}
	c.repo.Statuses = append(c.repo.Statuses, s)
	c.json(http.StatusCreated, c.statusJSON(s))
}

// statuses are those of a commit, newest first; an empty context is all.
func (r *Repo) statuses(sha, context string) []*Status {
	var found []*Status
	for _, s := range slices.Backward(r.Statuses) {
		if s.SHA == sha && (context == "" || s.Context == context) {
			found = append(found, s)
		}
	}
	return found
}

func listStatuses(c *call) {
	commit := c.f.resolve(c.repo, c.args["ref"])
	if commit == nil {
		c.notFound()
		return
	}
	answers := []obj{}
	for _, s := range page(c, c.repo.statuses(commit.SHA, ""), 0) {
		answers = append(answers, c.statusJSON(s))
	}
	c.json(http.StatusOK, answers)
}

func (c *call) statusJSON(s *Status) obj {
	return obj{
		"id": s.ID, "state": s.State, "context": s.Context, "description": orNull(s.Description), "target_url": orNull(s.TargetURL),
		"creator": obj{"login": s.Author, "type": userType(s.Author)}, "created_at": s.Created, "updated_at": s.Created,
		"url": c.api("/statuses/%s", s.SHA),
	}
}
