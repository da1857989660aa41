package git

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
)

// markFile is on each branch that is a store. It keeps a mistyped address from
// adding runs to a branch of code, and pruning from squashing it.
const markFile = ".plumbline-store"

const markText = "This branch is a store of plumbline: files of records, one run a line, by repository and day.\n" +
	"plumbline adds to it by itself; see https://github.com/plumbline-ci/plumbline\n"

// snapshot is the branch as of one commit. It is never changed.
type snapshot struct {
	commit string // empty: there is no branch
	format string // of the objects
	// What is on the branch, by path: files, and folders with what is not read.
	files map[string]file
	taken map[string]bool
	plain map[string]bool // those of them that are files
	// other says why the branch is no store.
	other error
	// faults are the errors about what is named as record files and cannot be one.
	faults []error
}

// file is a file of records.
type file struct {
	path, blob string
	day        time.Time // of its runs, in UTC; zero: nobody knows
	// repository is that of its runs; known is whether the folder says it.
	repository string
	known      bool
}

// snapshot reads the folders of a commit.
func (r *repository) snapshot(ctx context.Context, commit, branch string) (*snapshot, error) {
	s := &snapshot{commit: commit, format: r.format, files: map[string]file{}, taken: map[string]bool{}, plain: map[string]bool{}}
	if commit == "" {
		return s, nil
	}
	out, err := r.local(ctx, nil, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	for entry := range bytes.SplitSeq(out, []byte{0}) {
		about, name, ok := strings.Cut(string(entry), "\t")
		if f := strings.Fields(about); ok && len(f) == 3 {
			s.add(branch, name, f[0], f[2])
		}
	}
	if len(s.taken) > 0 && !s.taken[markFile] {
		s.other = fmt.Errorf("branch %q is no store: it has no file %s; name a branch of its own, such as git:perf, or put that file onto this one", branch, markFile)
	}
	return s, nil
}

// add looks at one entry of the branch.
func (s *snapshot) add(branch, name, mode, blob string) {
	for dir := name; dir != "." && !s.taken[dir]; dir = path.Dir(dir) {
		s.taken[dir] = true
	}
	s.plain[name] = true
	base := path.Base(name)
	if strings.HasPrefix(base, ".") || !strings.HasSuffix(base, ".jsonl") && !strings.HasSuffix(base, ".jsonl.gz") {
		return // a page that says what the branch is for, and the like
	}
	var err error
	switch {
	case mode == "120000":
		err = errors.New("it is a symbolic link, which is not followed")
	case mode == "160000":
		err = errors.New("it is a submodule, which is not read")
	case strings.HasSuffix(base, ".gz"):
		err = errZipped
	}
	if err != nil {
		s.faults = append(s.faults, fault(branch, name, err))
		return
	}
	f := file{path: name, blob: blob, day: dayOf(base)}
	if !f.day.IsZero() {
		f.repository, f.known = repositoryOf(path.Dir(name))
	}
	s.files[name] = f
}

// with is the snapshot after a commit of changes.
func (s *snapshot) with(commit string, changes []change) *snapshot {
	next := &snapshot{commit: commit, format: s.format, files: maps.Clone(s.files), taken: maps.Clone(s.taken), plain: maps.Clone(s.plain), faults: s.faults}
	for _, c := range changes {
		if c.text == nil {
			delete(next.files, c.path)
			delete(next.taken, c.path)
			delete(next.plain, c.path)
			continue
		}
		next.add("", c.path, "100644", blobID(s.format, c.text))
	}
	return next
}

// clockZones is how far a day's file may reach over the day in UTC, where somebody
// filled it by hand.
const clockZones = 12 * time.Hour

// from is the first time of a file's runs, and until is later than all of them;
// zero: nobody knows.
func (f file) from() time.Time {
	if f.day.IsZero() {
		return f.day
	}
	return f.day.Add(-clockZones)
}

func (f file) until() time.Time {
	if f.day.IsZero() {
		return f.day
	}
	return f.day.Add(24*time.Hour + clockZones)
}

// wanted are the files that may have runs of a filter, the latest first and those
// of no known day before all.
func (s *snapshot) wanted(by baseline.Filter) []file {
	var files []file
	for _, f := range s.files {
		if f.mayFit(by) {
			files = append(files, f)
		}
	}
	sort.Slice(files, func(i, j int) bool {
		a, b := &files[i], &files[j]
		if a.day.IsZero() != b.day.IsZero() {
			return a.day.IsZero()
		}
		return cmp.Or(b.day.Compare(a.day), strings.Compare(b.path, a.path)) < 0
	})
	return files
}

func (f file) mayFit(by baseline.Filter) bool {
	if !f.day.IsZero() && (!by.Since.IsZero() && !f.until().After(by.Since) || !by.Until.IsZero() && f.from().After(by.Until)) {
		return false
	}
	if !f.known {
		return true
	}
	if by.Suite != nil && by.Suite.Repository != "" && by.Suite.Repository != f.repository {
		return false
	}
	return len(by.Repositories) == 0 || slices.ContainsFunc(by.Repositories, func(p string) bool {
		ok, err := path.Match(p, f.repository)
		return ok || err != nil
	})
}
