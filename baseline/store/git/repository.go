package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// repository is the private one: it has a few objects of the branch, and is
// removed with the Store.
type repository struct {
	program
	where  string // the remote, for people
	format string // of its objects: sha1 or sha256
}

// begun makes the private repository where there is none yet.
func (s *Store) begun(ctx context.Context) error {
	if s.private != nil {
		return nil
	}
	w, err := survey(ctx, s.dir)
	if err != nil {
		return err
	}
	name, url, err := w.choose(s.remote)
	if err != nil {
		return errors.New(Name(err.Error()))
	}
	r := &repository{format: w.format}
	r.dir = w.base
	r.config = append(w.reach(name, url), always()...)
	r.secrets = secrets(append(slices.Clone(w.config), r.config...))
	r.where = s.whereIs(w, name, url)
	if r.gitDir, err = os.MkdirTemp("", "plumbline-git-*"); err != nil {
		return fmt.Errorf("make a private repository: %w", err)
	}
	if _, err := r.git(ctx, nil, "init", "--quiet", "--bare", "--template=", "--object-format="+w.format, "--", r.gitDir); err != nil {
		return errors.Join(fmt.Errorf("make a private repository: %w; plumbline needs git 2.31 or newer", err), os.RemoveAll(r.gitDir))
	}
	s.private = r
	return nil
}

func (s *Store) whereIs(w *place, name, url string) string {
	switch {
	case name == self:
		return w.common
	case name == "":
		return Name(url)
	}
	return fmt.Sprintf("%s (%s)", name, Name(strings.Join(w.values("remote."+name+".url"), " ")))
}

// always is the configuration that holds whatever user and machine say.
func always() []setting {
	var config []setting
	for _, line := range []string{
		"core.hooksPath=" + os.DevNull, "gc.auto=0", "maintenance.auto=false", "push.gpgSign=false", "fetch.prune=false", "fetch.pruneTags=false",
		"remote." + remoteName + ".promisor=true", "remote." + remoteName + ".partialclonefilter=blob:none", "transfer.credentialsInUrl=allow",
	} {
		key, value, _ := strings.Cut(line, "=")
		config = append(config, setting{key: key, value: value})
	}
	return append(config, whoever)
}

// fetchTip gets the newest commit of a branch with its folders, and its files
// where the remote cannot leave them out. Empty: there is no such branch.
func (r *repository) fetchTip(ctx context.Context, ref string) (commit string, err error) {
	_, err = r.git(ctx, nil, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--depth=1", "--filter=blob:none",
		remoteName, "+"+ref+":"+tipRef)
	if f := (*failed)(nil); errors.As(err, &f) && strings.Contains(f.said, "couldn't find remote ref") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return r.line(ctx, "rev-parse", "--verify", tipRef)
}

// The refs of the private repository: what the remote has, and what it is to get.
const (
	tipRef  = "refs/plumbline/tip"
	nextRef = "refs/plumbline/next"
)

// remoteTip asks what the newest commit of a branch is.
func (r *repository) remoteTip(ctx context.Context, ref string) (commit string, err error) {
	out, err := r.line(ctx, "ls-remote", "--quiet", "--refs", remoteName, ref)
	for line := range strings.Lines(out) {
		if id, name, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == ref {
			return id, err // a pattern, which fits longer names too
		}
	}
	return "", err
}

// line runs a command whose output is text.
func (r *repository) line(ctx context.Context, args ...string) (string, error) {
	out, err := r.git(ctx, nil, args...)
	return strings.TrimSpace(string(out)), err
}

// local runs a command that must not fetch what is missing.
func (r *repository) local(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	return r.git(ctx, in, append([]string{"-c", "remote." + remoteName + ".promisor=false"}, args...)...)
}

// fetchBlobs gets files by their ids.
func (r *repository) fetchBlobs(ctx context.Context, ids []string) error {
	_, err := r.git(ctx, bytes.NewReader([]byte(strings.Join(ids, "\n")+"\n")), "-c", "fetch.negotiationAlgorithm=noop",
		"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin", remoteName)
	return err
}
