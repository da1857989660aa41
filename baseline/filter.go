package baseline

import (
	"context"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Filter says which runs a listing is asked for. The zero Filter asks for all.
type Filter struct {
	// Repositories are names such as o/r, or patterns such as o/* of which the star
	// stands for any text without a slash. A run without a repository fits none.
	// Empty: any run.
	Repositories []string
	Suite        *Suite    // nil: any
	Branch       string    // empty: any; a run that does not say its branch fits each
	ID           string    // what the run_id begins with
	Since, Until time.Time // the first and the last time that counts; zero: any
}

// Suite is what runs are of that can be compared with each other. A run that does
// not say its repository, job or type fits each of them; the name must be the
// same, and where there is one, the job does not count.
type Suite struct{ Repository, Name, Job, Type string }

// SuiteOf is the suite of a run.
func SuiteOf(o collect.Origin) Suite {
	return Suite{Repository: o.Repository, Name: o.Name, Job: o.Job, Type: o.Type}
}

// Has reports whether a run is of the suite.
func (s Suite) Has(o collect.Origin) bool {
	return s.Name == o.Name && !differ(s.Repository, o.Repository) && !differ(s.Type, o.Type) && (s.Name != "" || !differ(s.Job, o.Job))
}

// Fits reports whether a run is one of those that are asked for.
func (f Filter) Fits(o collect.Origin) bool {
	switch {
	case len(f.Repositories) > 0 && !slices.ContainsFunc(f.Repositories, func(p string) bool { return matches(p, o.Repository) }),
		f.Suite != nil && !f.Suite.Has(o),
		differ(f.Branch, o.Branch),
		!strings.HasPrefix(o.ID, f.ID),
		!f.Since.IsZero() && o.Time.Before(f.Since),
		!f.Until.IsZero() && o.Time.After(f.Until):
		return false
	}
	return true
}

func matches(pattern, repository string) bool {
	ok, err := path.Match(pattern, repository)
	return ok && err == nil && repository != ""
}

// literal takes the meaning of a pattern from the characters that have one.
var literal = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

// PatternOf is the pattern that fits a repository alone, whatever its name.
func PatternOf(repository string) string { return literal.Replace(repository) }

// NameOf is the one repository that a pattern fits; false: it may fit several.
func NameOf(pattern string) (repository string, ok bool) {
	var name []byte
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '*', '?', '[':
			return "", false
		case '\\':
			if i++; i == len(pattern) {
				return "", false
			}
		}
		name = append(name, pattern[i])
	}
	return string(name), true
}

// Check reports a pattern that can fit nothing, for want of its own syntax.
func (f Filter) Check() error {
	for _, p := range f.Repositories {
		if _, err := path.Match(p, ""); err != nil || p == "" {
			return fmt.Errorf("repository %q: want owner/name, or a pattern such as owner/*", p)
		}
	}
	return nil
}

// Only is the part of a store that the repositories of a filter name: a listing
// of it has no other run. With none it is the store itself. Put and Delete are
// those of the store.
func Only(s Store, repositories []string) Store {
	if len(repositories) == 0 {
		return s
	}
	o := only{s, repositories}
	if lines, ok := s.(LineStore); ok {
		return onlyLines{o, lines}
	}
	return o
}

type only struct {
	Store
	repositories []string
}

// List yields the runs of the store's listing that fit.
func (o only) List(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	mine := Filter{Repositories: o.repositories}
	if len(f.Repositories) == 0 {
		f.Repositories = o.repositories
	}
	return func(yield func(Entry, error) bool) {
		for e, err := range o.Store.List(ctx, f) {
			if err == nil && !mine.Fits(e.Origin) {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

type onlyLines struct {
	only
	lines LineStore
}

// View is that of the store.
func (o onlyLines) View(ctx context.Context, e Entry, read func(line []byte) error) error {
	return o.lines.View(ctx, e, read)
}

// ViewLong is that of the store.
func (o onlyLines) ViewLong(ctx context.Context, e Entry, read func(line collect.LongLine) error) (bool, error) {
	return ViewLong(ctx, o.lines, e, read)
}
