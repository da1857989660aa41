package githubtest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxCompared is how many commits a comparison shows at once, and maxFiles how
// many files (REST docs, compare two commits).
const (
	maxCompared = 250
	maxFiles    = 300
)

// resolve finds the commit that a ref means: a branch, tags/NAME, a full or
// abbreviated sha, HEAD, or OWNER:BRANCH of a fork.
func (f *Fake) resolve(repo *Repo, ref string) *Commit {
	if owner, branch, ok := strings.Cut(ref, ":"); ok {
		fork := find(f.Repos, func(r *Repo) bool { return r.Owner == owner && r.network() == repo.network() })
		if fork == nil {
			return nil
		}
		return f.resolve(fork, branch)
	}
	ref = strings.TrimPrefix(strings.TrimPrefix(ref, "refs/"), "heads/")
	if tag, ok := strings.CutPrefix(ref, "tags/"); ok {
		return f.commits[repo.Tags[tag]]
	}
	if ref == "" || ref == "HEAD" {
		ref = repo.DefaultBranch
	}
	if sha, ok := repo.Branches[ref]; ok {
		return f.commits[sha]
	}
	for sha, commit := range f.commits {
		if len(ref) >= 7 && strings.HasPrefix(sha, ref) {
			return commit
		}
	}
	return nil
}

// network is the repository that all forks of one stem from.
func (r *Repo) network() *Repo {
	for r.Parent != nil {
		r = r.Parent
	}
	return r
}

// ancestors are a commit and all that it stems from.
func (f *Fake) ancestors(of *Commit) map[string]*Commit {
	seen := map[string]*Commit{}
	for todo := []*Commit{of}; len(todo) > 0; {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if c == nil || seen[c.SHA] != nil {
			continue
		}
		seen[c.SHA] = c
		for _, p := range c.Parents {
			todo = append(todo, f.commits[p])
		}
	}
	return seen
}

// without are the commits of a that b lacks, newest first.
func without(a, b map[string]*Commit) []*Commit {
	var only []*Commit
	for sha, c := range a {
		if b[sha] == nil {
			only = append(only, c)
		}
	}
	slices.SortFunc(only, func(x, y *Commit) int { return cmp.Compare(y.order, x.order) })
	return only
}

// mergeBase is the newest commit that both have, nil for unrelated ones.
func mergeBase(a, b map[string]*Commit) *Commit {
	var newest *Commit
	for sha, c := range a {
		if b[sha] != nil && (newest == nil || c.order > newest.order) {
			newest = c
		}
	}
	return newest
}

// compare serves base...head: the commits that head is ahead, oldest first.
func compare(c *call) {
	from, to, ok := strings.Cut(c.args["basehead"], "...")
	base, head := c.f.resolve(c.repo, from), c.f.resolve(c.repo, to)
	if !ok || base == nil || head == nil {
		c.notFound()
		return
	}
	behind, ahead := c.f.ancestors(base), c.f.ancestors(head)
	root := mergeBase(behind, ahead)
	if root == nil {
		c.fail(http.StatusNotFound, "No common ancestor between "+from+" and "+to+".")
		return
	}
	commits := without(ahead, behind)
	nAhead, nBehind := len(commits), len(without(behind, ahead))
	slices.Reverse(commits)
	if c.query("per_page") == "" && c.query("page") == "" {
		commits = commits[:min(nAhead, maxCompared)]
	} else {
		commits = page(c, commits, 0)
	}
	status := "diverged"
	switch {
	case nAhead == 0 && nBehind == 0:
		status = "identical"
	case nBehind == 0:
		status = "ahead"
	case nAhead == 0:
		status = "behind"
	}
	files := []obj{}
	if c.query("page") == "" || c.query("page") == "1" {
		files = changes(root, head)
	}
	c.json(http.StatusOK, obj{
		"status": status, "ahead_by": nAhead, "behind_by": nBehind, "total_commits": nAhead, "html_url": c.html("/compare/%s", c.args["basehead"]),
		"base_commit": c.commitJSON(base), "merge_base_commit": c.commitJSON(root), "commits": c.commitsJSON(commits), "files": files,
	})
}

func (c *call) commitsJSON(list []*Commit) []obj {
	answers := []obj{}
	for _, one := range list {
		answers = append(answers, c.commitJSON(one))
	}
	return answers
}

func (c *call) commitJSON(one *Commit) obj {
	parents := []obj{}
	for _, p := range one.Parents {
		parents = append(parents, obj{"sha": p, "url": c.api("/commits/%s", p)})
	}
	login := cmp.Or(one.Author, "octocat")
	who := obj{"name": cmp.Or(one.AuthorName, login), "email": "octocat@example.com", "date": one.Time}
	account := any(obj{"login": login, "type": userType(login)})
	if one.Author == "" && one.AuthorName != "" {
		account = nil // nobody has an account with that address
	}
	return obj{
		"sha": one.SHA, "author": account, "parents": parents, "url": c.api("/commits/%s", one.SHA), "html_url": c.html("/commit/%s", one.SHA),
		"commit": obj{"message": one.Message, "author": who, "committer": who},
	}
}

// changes are the files in which head differs from another commit.
func changes(from, head *Commit) []obj {
	all := maps.Clone(from.Files)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, head.Files)
	files := []obj{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		was, before := from.Files[name]
		is, after := head.Files[name]
		status := "modified"
		switch {
		case before && after && was == is:
			continue
		case !before:
			status = "added"
		case !after:
			status = "removed"
		}
		files = append(files, obj{"filename": name, "status": status, "additions": lines(is), "deletions": lines(was),
			"changes": lines(is) + lines(was), "patch": patch(was, is)})
	}
	return files[:min(len(files), maxFiles)]
}

// patch replaces all lines of a text. Lines that are the same at its beginning and
// its end are its context.
func patch(was, is string) string {
	from, to := slices.Collect(strings.Lines(was)), slices.Collect(strings.Lines(is))
	same, end := 0, 0
	for same < min(len(from), len(to)) && from[same] == to[same] {
		same++
	}
	for end < min(len(from), len(to))-same && from[len(from)-1-end] == to[len(to)-1-end] {
		end++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@", min(1, len(from)), len(from), min(1, len(to)), len(to))
	put := func(sign string, lines []string) {
		for _, l := range lines {
			b.WriteString("\n" + sign + strings.TrimSuffix(l, "\n"))
		}
	}
	put(" ", from[:same])
	put("-", from[same:len(from)-end])
	put("+", to[same:len(to)-end])
	put(" ", from[len(from)-end:])
	return b.String()
}

func lines(text string) int { return strings.Count(text, "\n") }

func listCommits(c *call) {
	tip := c.f.resolve(c.repo, c.query("sha"))
	if tip == nil {
		c.notFound()
		return
	}
	c.json(http.StatusOK, c.commitsJSON(page(c, without(c.f.ancestors(tip), nil), 0)))
}

func getCommit(c *call) {
	one := c.f.resolve(c.repo, c.args["ref"])
	if one == nil {
		c.fail(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.args["ref"])
		return
	}
	answer := c.commitJSON(one)
	parent := &Commit{}
	if len(one.Parents) > 0 {
		parent = c.f.commits[one.Parents[0]]
	}
	answer["files"] = changes(parent, one)
	c.json(http.StatusOK, answer)
}

// getContents serves a file in base64, or the entries of a folder.
func getContents(c *call) {
	commit := c.f.resolve(c.repo, c.query("ref"))
	if commit == nil {
		c.fail(http.StatusNotFound, "No commit found for the ref "+c.query("ref"))
		return
	}
	name := strings.Trim(c.args["path"], "/")
	if text, ok := commit.Files[name]; ok {
		c.json(http.StatusOK, obj{
			"type": "file", "name": name[strings.LastIndex(name, "/")+1:], "path": name, "size": len(text), "sha": shaOf(text),
			"encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(text)),
		})
		return
	}
	entries, seen := []obj{}, map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(commit.Files)) {
		rest, inside := strings.CutPrefix(file, name+"/")
		entry, _, folder := strings.Cut(rest, "/")
		if !inside || seen[entry] {
			continue
		}
		seen[entry] = true
		kind := "file"
		if folder {
			kind = "dir"
		}
		entries = append(entries, obj{"type": kind, "name": entry, "path": name + "/" + entry})
	}
	if len(entries) == 0 {
		c.notFound()
		return
	}
	c.json(http.StatusOK, entries)
}

func getRepo(c *call) { c.json(http.StatusOK, c.repoJSON(c.repo)) }

func (c *call) repoJSON(r *Repo) obj {
	o := obj{
		"id": r.ID, "name": r.Name, "full_name": r.FullName(), "private": r.Private, "fork": r.Parent != nil, "default_branch": r.DefaultBranch,
		"owner": obj{"login": r.Owner, "type": "Organization"}, "html_url": base(c.r) + "/" + r.FullName(),
	}
	if r.Parent != nil {
		o["parent"] = obj{"id": r.Parent.ID, "full_name": r.Parent.FullName()}
	}
	return o
}

func rateLimit(c *call) {
	core := obj{"limit": c.f.Limit, "remaining": c.f.Remaining, "used": c.f.Limit - c.f.Remaining, "reset": c.f.Reset.Unix()}
	c.json(http.StatusOK, obj{"resources": obj{"core": core}, "rate": core})
}
