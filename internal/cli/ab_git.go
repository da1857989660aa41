package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// repository is the git repository around the working folder.
type repository struct {
	here   string // the working folder
	prefix string // its place in the repository, empty at the top
	ref    string // the base as the user named it
	// The commits of base and head.
	base, head string
	dirty      bool // head has changes that are not committed
}

// openRepository finds the repository and the base in it. It changes nothing.
func openRepository(ctx context.Context, ref string) (*repository, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, failure(err)
	}
	r := &repository{here: here, ref: ref}
	if _, err := exec.LookPath("git"); err != nil {
		return nil, failure(fmt.Errorf("ab needs git to check out base: %w", err))
	}
	if r.prefix, err = gitIn(ctx, here, "rev-parse", "--show-prefix"); err != nil {
		return nil, usage(fmt.Errorf("ab needs a git repository, and %s is in none: %w", here, err))
	}
	if r.base, err = gitIn(ctx, here, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}"); err != nil {
		return nil, usage(r.unknown(ctx))
	}
	if r.head, err = gitIn(ctx, here, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		r.head = "" // no commit yet on this branch
	}
	status, err := gitIn(ctx, here, "--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
	r.dirty = err == nil && status != ""
	if r.prefix != "" {
		if kind, err := gitIn(ctx, here, "cat-file", "-t", r.base+":"+strings.TrimSuffix(r.prefix, "/")); err != nil || kind != "tree" {
			return nil, usage(fmt.Errorf("--base %q has no folder %s; run ab in one that both sides have", ref, r.prefix))
		}
	}
	return r, nil
}

// unknown says why a base cannot be found, and what might be meant.
func (r *repository) unknown(ctx context.Context) error {
	remote := "origin/" + r.ref
	if _, err := gitIn(ctx, r.here, "rev-parse", "--verify", "--quiet", "--end-of-options", remote+"^{commit}"); err == nil {
		return fmt.Errorf("--base %q: no such commit here; did you mean %q?", r.ref, remote)
	}
	advice := "want a branch, tag or commit, such as main or HEAD~1"
	if shallow, _ := gitIn(ctx, r.here, "rev-parse", "--is-shallow-repository"); shallow == "true" {
		advice += "; this clone is shallow, so git fetch may have to get it first"
	}
	return fmt.Errorf("--base %q: no such commit; %s", r.ref, advice)
}

// worktree is a checkout that lives as long as the comparison.
type worktree struct {
	repo *repository
	temp string // the folder to remove
	top  string // the worktree
	dir  string // the working folder's place in it
}

// checkOut checks base out into a temporary folder. The user's checkout, its
// index and its branches stay as they are. Hooks do not run: they are meant for
// the user's own checkouts.
func (r *repository) checkOut(ctx context.Context) (*worktree, error) {
	temp, err := os.MkdirTemp("", "plumbline-ab-*")
	if err != nil {
		return nil, failure(fmt.Errorf("make a folder for base: %w", err))
	}
	t := &worktree{repo: r, temp: temp, top: filepath.Join(temp, "base")}
	t.dir = filepath.Join(t.top, filepath.FromSlash(r.prefix))
	if _, err := gitIn(ctx, r.here, "worktree", "add", "--detach", "--quiet", t.top, r.base); err != nil {
		return nil, failure(errors.Join(fmt.Errorf("check out base %q: %w", r.ref, err), t.remove()))
	}
	return t, nil
}

// remove removes the worktree and what git knows of it. It works without the
// context of the command, which may have ended.
func (t *worktree) remove() error {
	ctx := context.Background()
	// Twice forced: a locked worktree goes too.
	_, gitErr := gitIn(ctx, t.repo.here, "worktree", "remove", "--force", "--force", t.top)
	if err := removeAll(t.temp); err != nil {
		return fmt.Errorf("remove the checkout of base: %w", err)
	}
	if gitErr != nil {
		_, gitErr = gitIn(ctx, t.repo.here, "worktree", "prune")
	}
	return gitErr
}

// removeAll removes a folder, also where what was built in it is read-only, as
// Go's module cache is.
func removeAll(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// gitIn runs one git command in a folder. What git says is the error.
func gitIn(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := gitCommand(ctx, dir, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(said.String()); text != "" {
			return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.Join(strings.Fields(text), " "))
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(out.String()), nil
}

// gitCommand is a git command in a folder, whoever owns that, which runs no hook.
func gitCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "safe.directory=*", "-c", "core.hooksPath=" + os.DevNull}, args...)...)
	cmd.Dir, cmd.Env = dir, environOutsideGit()
	return cmd
}
