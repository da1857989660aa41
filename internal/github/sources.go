package github

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"strings"

	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// maxSources bounds the files of a workspace that are listed.
const maxSources = 200_000

// SourceFiles are the names of the regular files of the workspace, with slashes,
// without those of git and of npm's packages. Of more than 200,000 there are none.
func (s *Step) SourceFiles() []string {
	var names []string
	err := fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && d != nil && d.IsDir():
			return fs.SkipDir // a folder that may not be read has no source of ours
		case err != nil:
			return nil
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return fs.SkipDir
		case len(names) == maxSources:
			return errors.New("too many files")
		case d.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return names
}

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// CheckedOut is the commit that the workspace has checked out, as far as that can
// be told without git: GitHub's own checkout is on no branch. Else it is the
// event's.
func (s *Step) CheckedOut() string {
	if b, err := fs.ReadFile(s.root.FS(), ".git/HEAD"); err == nil {
		if sha := strings.TrimSpace(string(b)); commitPattern.MatchString(sha) {
			return sha
		}
	}
	return s.Event.Origin.Commit
}

// Changes are the files that the workspace's commit changes since its merge base
// with a branch, tag or commit.
func (h *Hub) Changes(ctx context.Context, since string) ([]rest.Change, error) {
	if h.Repo == nil {
		return nil, h.unreachable("compare with " + since)
	}
	return h.Repo.Changes(ctx, since, h.step.CheckedOut())
}
