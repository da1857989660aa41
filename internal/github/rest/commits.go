package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Commit is a commit of the repository.
type Commit struct {
	SHA  string
	Time time.Time // when it was committed
}

// MergeBase is the newest commit that both have in their history.
func (r *Repo) MergeBase(ctx context.Context, base, head string) (Commit, error) {
	c, _, err := r.gh.Repositories.CompareCommits(ctx, r.owner, r.name, base, head, &gh.ListOptions{PerPage: 1})
	if err != nil {
		return Commit{}, wrap(fmt.Sprintf("find the merge base with %s", base), "contents: read", err)
	}
	return commit(c.GetMergeBaseCommit()), nil
}

// Commit is the commit that a name means: a tag's, or else that of a sha or of its
// beginning.
func (r *Repo) Commit(ctx context.Context, name string) (Commit, error) {
	var err error
	for _, ref := range []string{"tags/" + name, name} {
		var c *gh.RepositoryCommit
		c, _, err = r.gh.Repositories.GetCommit(ctx, r.owner, r.name, url.PathEscape(ref), &gh.ListOptions{PerPage: 1})
		if err == nil {
			return commit(c), nil
		}
		if s := Status(err); s != http.StatusNotFound && s != http.StatusUnprocessableEntity {
			break
		}
	}
	if Status(err) == http.StatusUnprocessableEntity {
		return Commit{}, fmt.Errorf("find the commit %q: the repository has no such tag or commit", name)
	}
	return Commit{}, wrap(fmt.Sprintf("find the commit %q", name), "contents: read", err)
}

// Ancestors lists a commit and the newest of those before it, a hundred in all,
// newest first.
func (r *Repo) Ancestors(ctx context.Context, sha string) ([]Commit, error) {
	found, _, err := r.gh.Repositories.ListCommits(ctx, r.owner, r.name,
		&gh.CommitsListOptions{SHA: sha, ListOptions: gh.ListOptions{PerPage: 100}})
	if err != nil {
		return nil, wrap("list the commits before "+sha, "contents: read", err)
	}
	commits := make([]Commit, 0, len(found))
	for _, c := range found {
		commits = append(commits, commit(c))
	}
	return commits, nil
}

func commit(c *gh.RepositoryCommit) Commit {
	return Commit{SHA: c.GetSHA(), Time: c.GetCommit().GetCommitter().GetDate().Time}
}

// File reads a file of the repository as it is at a branch or commit. It is
// false where there is none.
func (r *Repo) File(ctx context.Context, path, ref string) (text []byte, ok bool, err error) {
	what := fmt.Sprintf("read %s of %s", path, ref)
	file, _, _, err := r.gh.Repositories.GetContents(ctx, r.owner, r.name, path, &gh.RepositoryContentGetOptions{Ref: ref})
	if Status(err) == http.StatusNotFound {
		// A token that may not read a private repository gets the same answer.
		_, _, err := r.gh.Repositories.ListCommits(ctx, r.owner, r.name, &gh.CommitsListOptions{SHA: ref, ListOptions: gh.ListOptions{PerPage: 1}})
		if err != nil {
			return nil, false, wrap(what, "contents: read", err)
		}
		return nil, false, nil
	}
	if err != nil {
		return nil, false, wrap(what, "contents: read", err)
	}
	if file.GetType() != "file" {
		return nil, false, fmt.Errorf("%s: it is no file", what)
	}
	if file.GetEncoding() != "base64" && file.GetSize() > 0 {
		return nil, false, errors.New(what + ": it is larger than the megabyte that GitHub hands out")
	}
	content, err := file.GetContent()
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", what, err)
	}
	return []byte(content), true, nil
}

// Change is a file that differs between two commits. Patch has its hunks, as git
// diff writes them; none where only its name changed, and of a binary file.
type Change struct{ Name, Patch string }

// maxChanges is how many files a comparison shows at most.
const maxChanges = 300

// Changes are the files that head changes since its merge base with base, without
// those that it removes. A change that GitHub does not show whole is an error.
func (r *Repo) Changes(ctx context.Context, base, head string) ([]Change, error) {
	c, _, err := r.gh.Repositories.CompareCommits(ctx, r.owner, r.name, base, head, &gh.ListOptions{PerPage: 1})
	if err != nil {
		return nil, wrap(fmt.Sprintf("compare with %s", base), "contents: read", err)
	}
	if len(c.Files) >= maxChanges {
		return nil, fmt.Errorf("compare with %s: it has %d files or more, and GitHub shows no others", base, maxChanges)
	}
	var all []Change
	for _, f := range c.Files {
		if f.GetPatch() == "" && f.GetAdditions() > 0 {
			return nil, fmt.Errorf("compare with %s: the change of %q is too large for GitHub to show", base, f.GetFilename())
		}
		if f.GetStatus() != "removed" {
			all = append(all, Change{f.GetFilename(), f.GetPatch()})
		}
	}
	return all, nil
}
