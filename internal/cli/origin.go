package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/probe"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// gitTime bounds how long a hung git (a network file system) may hold up a
// command that only wants to know the commit.
const gitTime = 5 * time.Second

// origin says where a run that starts now comes from: the event in CI, git at
// a desk. What neither says stays empty.
func (a *app) origin(ctx context.Context, typ, name string) (collect.Origin, error) {
	o, err := github.Origin(a.Getenv)
	if err != nil {
		return o, failure(err)
	}
	if o.Commit == "" {
		a.askGit(ctx, &o)
	}
	// Random from its first digit on, and not by time, so that a short beginning
	// tells runs apart.
	id, err := uuid.NewRandom()
	if err != nil {
		return o, failure(fmt.Errorf("make a run id: %w", err))
	}
	o.ID, o.Time, o.Type, o.Name = id.String(), a.Now(), typ, name
	o.Runner = probe.Fingerprint(a.Getenv)
	return o, nil
}

// askGit fills in commit, branch and repository of the working folder. Outside
// a repository, or without git, they stay empty: a run needs none of them.
func (a *app) askGit(ctx context.Context, o *collect.Origin) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	out, err := a.git(ctx, "rev-parse", "HEAD", "--abbrev-ref", "HEAD")
	if err != nil {
		return
	}
	commit, branch, _ := strings.Cut(out, "\n")
	o.Commit = commit
	if branch != "HEAD" { // a detached head is on no branch
		o.Branch = branch
	}
	if url, err := a.git(ctx, "config", "--get", "remote.origin.url"); err == nil {
		o.Repository = repositoryOf(url)
	}
}

// git runs one git command in the working folder. A repository that belongs to
// another user, as every workspace does inside a container, is read all the
// same: nothing of it is run.
func (a *app) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "safe.directory=*"}, args...)...)
	out, err := cmd.Output()
	if x := (*exec.ExitError)(nil); err != nil && a.settings.log.debug && !errors.As(err, &x) {
		a.say("git %s: %v", args[0], err)
	}
	return strings.TrimSpace(string(out)), err
}

// repositoryOf is the name of the repository at a remote's address, or nothing where
// the address has none: owner/name, on hosts with groups in groups the whole path,
// of which two repositories may share the end. What only says how the address is
// reached, and so differs between clones of one repository, is left out: Bitbucket's
// scm, Azure's v3 and _git.
func repositoryOf(url string) string {
	url = strings.TrimSuffix(strings.TrimRight(url, "/"), ".git")
	scheme, rest, ok := strings.Cut(url, "://")
	if ok {
		_, url, _ = strings.Cut(rest, "/")
	} else if _, url, ok = strings.Cut(url, ":"); !ok {
		return "" // a folder of this machine
	}
	parts := strings.FieldsFunc(url, func(r rune) bool { return r == '/' })
	if scheme == "file" {
		parts = parts[max(0, len(parts)-2):] // where the folder lies is this machine's alone
	}
	if len(parts) > 2 && (parts[0] == "scm" || parts[0] == "v3") {
		parts = parts[1:]
	}
	if n := len(parts); n > 2 && parts[n-2] == "_git" {
		parts = slices.Delete(parts, n-2, n-1)
	}
	if len(parts) < 2 {
		return ""
	}
	return strings.Join(parts, "/")
}

// defaultBranches are the branches whose runs may be the baseline when the
// user named none, the best first: what the change is to be merged into, then
// the head's own.
func (a *app) defaultBranches(ctx context.Context, head collect.Origin) []string {
	into := ""
	if event, err := github.ReadEvent(a.Getenv); err == nil {
		into = event.Base
		if into == "" {
			into = event.DefaultBranch
		}
	}
	if into == "" {
		out, _ := a.git(ctx, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
		into = strings.TrimPrefix(out, "origin/")
	}
	var bs []string
	for _, b := range []string{into, head.Branch} {
		if b != "" && !slices.Contains(bs, b) {
			bs = append(bs, b)
		}
	}
	return bs
}
