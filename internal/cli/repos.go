package cli

import (
	"context"
	"iter"

	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// repos are the repositories whose runs a command is about, as in
// baseline.Filter; none: all.
type repos []string

func (r *repos) flag(f *pflag.FlagSet) {
	f.StringArrayVar((*[]string)(r), "repo", nil, "only runs of this `owner/name`, or org/*; repeat it")
}

func (r repos) valid() error {
	if err := (baseline.Filter{Repositories: r}).Check(); err != nil {
		return usage(err)
	}
	return nil
}

// openPart opens a store or a history file, and of it the part that repositories
// name. Without any, a store that others may share has but the runs of the
// repository here, where that is known, and those that do not say theirs.
func (a *app) openPart(ctx context.Context, history string, r repos) (baseline.Store, error) {
	if err := r.valid(); err != nil {
		return nil, err
	}
	s, err := a.openHistory(history)
	if err != nil || len(r) > 0 {
		return baseline.Only(s, r), err
	}
	shared, ok := s.(remote)
	if !ok {
		return s, nil
	}
	if name := a.repository(ctx); name != "" {
		return own{shared, name}, nil
	}
	return s, nil
}

// openForRun is openPart for one run of the store. An id is looked for everywhere.
func (a *app) openForRun(ctx context.Context, id string, r repos) (baseline.Store, error) {
	if id == baseline.Latest || len(r) > 0 {
		return a.openPart(ctx, "", r)
	}
	return a.openHistory("")
}

// repository is the one that the CI or git tells of; empty: neither does.
func (a *app) repository(ctx context.Context) string {
	o, err := github.Origin(a.Getenv)
	if err != nil || o.Repository != "" {
		return o.Repository
	}
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	url, err := a.git(ctx, "config", "--get", "remote.origin.url")
	if err != nil {
		return ""
	}
	return repositoryOf(url)
}

// own is the part of a store that a repository's runs are compared with.
type own struct {
	baseline.LineStore
	repository string
}

// List implements baseline.Store.
func (o own) List(ctx context.Context, f baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		for e, err := range o.LineStore.List(ctx, f) {
			if err == nil && o.foreign(e.Origin) {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// ViewLong is that of the store.
func (o own) ViewLong(ctx context.Context, e baseline.Entry, read func(collect.LongLine) error) (bool, error) {
	return baseline.ViewLong(ctx, o.LineStore, e, read)
}

func (o own) foreign(run collect.Origin) bool {
	return run.Repository != "" && run.Repository != o.repository
}
