package githubtest

import (
	"net/http"
	"slices"
)

func (r *Repo) pull(number int64) *Pull {
	return find(r.Pulls, func(p *Pull) bool { return int64(p.Number) == number })
}

// listPulls serves the pull requests, newest first, open ones unless state says
// otherwise. A head without an owner is ignored, as GitHub does, and written
// down.
func listPulls(c *call) {
	state, head := c.query("state"), c.query("head")
	if state == "" {
		state = "open"
	}
	if head != "" && !slices.Contains([]byte(head), ':') {
		c.f.violate(c.r, "head=%s, want OWNER:BRANCH", head)
		head = ""
	}
	found := []*Pull{}
	for _, p := range slices.Backward(c.repo.Pulls) {
		if (state == "all" || p.State == state) && (head == "" || head == p.label()) && (c.query("base") == "" || c.query("base") == p.BaseBranch) {
			found = append(found, p)
		}
	}
	c.servePulls(ordered(c, found))
}

func (c *call) servePulls(list []*Pull) {
	answers := []obj{}
	for _, p := range page(c, list, 0) {
		answers = append(answers, c.pullJSON(p))
	}
	c.json(http.StatusOK, answers)
}

// label is how pull requests name their head.
func (p *Pull) label() string {
	if p.HeadRepo == nil {
		return "unknown repository"
	}
	return p.HeadRepo.Owner + ":" + p.HeadBranch
}

func (c *call) pullJSON(p *Pull) obj {
	labels := []obj{}
	for _, l := range p.Labels {
		labels = append(labels, obj{"name": l})
	}
	head := obj{"ref": p.HeadBranch, "sha": p.HeadSHA, "label": p.label(), "repo": nil, "user": nil}
	if p.HeadRepo != nil {
		head["repo"], head["user"] = c.repoJSON(p.HeadRepo), obj{"login": p.HeadRepo.Owner}
	}
	return obj{
		"id": p.ID, "number": p.Number, "title": p.Title, "state": p.State, "draft": p.Draft, "merged": p.Merged, "labels": labels,
		"created_at": p.Created, "merge_commit_sha": orNull(p.MergeCommitSHA), "head": head, "html_url": c.html("/pull/%d", p.Number),
		"base": obj{"ref": p.BaseBranch, "sha": p.BaseSHA, "label": c.repo.Owner + ":" + p.BaseBranch, "repo": c.repoJSON(c.repo), "user": obj{"login": c.repo.Owner}},
	}
}

func getPull(c *call) {
	if p := c.repo.pull(c.number("pull_number")); p != nil {
		c.json(http.StatusOK, c.pullJSON(p))
		return
	}
	c.notFound()
}

func pullFiles(c *call) {
	p := c.repo.pull(c.number("pull_number"))
	if p == nil {
		c.notFound()
		return
	}
	base, head := c.f.resolve(c.repo, p.BaseBranch), c.f.commits[p.HeadSHA]
	root := mergeBase(c.f.ancestors(base), c.f.ancestors(head))
	if root == nil {
		root = &Commit{}
	}
	c.json(http.StatusOK, page(c, changes(root, head), 0))
}

// pullsOfCommit serves the pull requests of a commit (REST docs, commits): the
// merged one for a commit of the default branch, else the open ones; none for a
// commit that only a fork has.
func pullsOfCommit(c *call) {
	one := c.f.resolve(c.repo, c.args["commit_sha"])
	if one == nil {
		c.fail(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.args["commit_sha"])
		return
	}
	merged := c.f.ancestors(c.f.resolve(c.repo, ""))[one.SHA] != nil
	found := []*Pull{}
	for _, p := range c.repo.Pulls {
		if c.repo.holds(c.f, one) && p.Merged == merged && (p.State == "open" || merged) && c.f.brings(p, one) {
			found = append(found, p)
		}
	}
	c.servePulls(found)
}

// holds tells whether a branch of the repository has the commit.
func (r *Repo) holds(f *Fake, one *Commit) bool {
	for _, sha := range r.Branches {
		if f.ancestors(f.commits[sha])[one.SHA] != nil {
			return true
		}
	}
	return false
}

// brings tells whether the commit is one of the pull request's, or its merge.
func (f *Fake) brings(p *Pull, one *Commit) bool {
	return one.SHA == p.MergeCommitSHA ||
		f.ancestors(f.commits[p.HeadSHA])[one.SHA] != nil && f.ancestors(f.commits[p.BaseSHA])[one.SHA] == nil
}
