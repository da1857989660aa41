package artifact

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Search finds the stored runs of earlier workflow runs.
type Search struct {
	Repo     *rest.Repo
	Trust    Trust
	Name     string // of the artifact
	Workflow string // the file of the workflow, such as ci.yml
	Runs     int    // so many are wanted
}

// mostDownloads bounds the requests of a search: two lists come before them.
const mostDownloads = 4

// Found is what a search found.
type Found struct {
	History *History
	// Newest is the workflow run of the newest artifact that was used; its ID is
	// 0 where there was none.
	Newest rest.WorkflowRun
	// Left counts the artifacts that were not used, by reason, and Problems are
	// about those that should have been.
	Left     map[string]int
	Problems []string
}

// Find reads the newest artifact that may be trusted, with the history that it
// carries. Workflow runs that ran beside each other do not know of one another:
// the artifacts of such runs, which the newest does not carry, are read too, and
// all is united.
//
// An error means that GitHub could not be asked, or gave out none of the artifacts
// that it has. A single artifact that cannot be read is told in Problems and
// passed by.
func (s *Search) Find(ctx context.Context) (Found, error) {
	f := Found{History: NewHistory(), Left: map[string]int{}}
	runs, err := s.Repo.Runs(ctx, s.Workflow, s.Trust.Branch)
	if err != nil {
		return f, err
	}
	again, err := s.list(ctx, runs)
	if err != nil {
		return f, err
	}
	downloads := 0
	var refused error // the last download that failed
	for _, run := range runs {
		a, ok := s.artifact(&f, run, again)
		if !ok || f.History.Has(run.ID) {
			continue
		}
		if downloads++; downloads > mostDownloads || f.History.Runs() >= s.Runs && downloads > 2 {
			break
		}
		used, err := s.try(ctx, &f, a)
		if ctx.Err() != nil {
			return f, err
		}
		if err != nil {
			refused = err
		}
		if used && f.Newest.ID == 0 {
			f.Newest = run
		}
	}
	if f.History.Runs() == 0 {
		return f, refused
	}
	return f, nil
}

// mostOfCommit bounds the downloads of FindOf: workflow runs of one commit.
const mostOfCommit = 10

// FindOf adds the runs of a commit that Find found nothing of: a baseline that is
// pinned may be older than all that the newest artifact carries.
func (s *Search) FindOf(ctx context.Context, commit string, f *Found) error {
	runs, err := s.Repo.RunsOf(ctx, s.Workflow, s.Trust.Branch, commit)
	if err != nil {
		return err
	}
	had := f.History.Runs()
	var refused error
	downloads := 0
	for _, run := range runs {
		if f.History.Has(run.ID) {
			continue
		}
		if downloads++; downloads > mostOfCommit {
			break
		}
		all, err := s.Repo.RunArtifacts(ctx, run.ID, "")
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(a rest.Artifact) bool {
			return a.Name != s.Name && a.Name != AttemptName(s.Name, run.Attempt)
		})
		a, ok := s.artifact(f, run, map[int64][]rest.Artifact{run.ID: all})
		if !ok {
			continue
		}
		if _, err := s.try(ctx, f, a); err != nil {
			refused = err
		}
	}
	if f.History.Runs() == had {
		return refused
	}
	return nil
}

// try reads an artifact. One that cannot be read is a problem to tell; an error
// means that it is there and could not be had.
func (s *Search) try(ctx context.Context, f *Found, a rest.Artifact) (used bool, err error) {
	if err = s.read(ctx, f, a); err == nil || ctx.Err() != nil {
		return err == nil, err
	}
	f.Problems = append(f.Problems, fmt.Sprintf("artifact %d of workflow run %d: %v: left out", a.ID, a.Run.ID, err))
	if bad := (*downloadError)(nil); !errors.As(err, &bad) {
		return false, nil
	}
	return false, err
}

// downloadError is about an artifact that is there and could not be had.
type downloadError struct{ error }

// list lists the artifacts of the name by workflow run. A workflow run that was
// attempted again has artifacts of other names, which are asked for where such a
// run is the newest.
func (s *Search) list(ctx context.Context, runs []rest.WorkflowRun) (map[int64][]rest.Artifact, error) {
	byRun := map[int64][]rest.Artifact{}
	names := []string{s.Name}
	if len(runs) > 0 && runs[0].Attempt > 1 {
		names = append(names, AttemptName(s.Name, runs[0].Attempt))
	}
	for _, name := range names {
		all, err := s.Repo.Artifacts(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			byRun[a.Run.ID] = append(byRun[a.Run.ID], a)
		}
	}
	return byRun, nil
}

// artifact is the artifact of a workflow run that may be read: of several, which
// its attempts leave, the newest.
func (s *Search) artifact(f *Found, run rest.WorkflowRun, byRun map[int64][]rest.Artifact) (best rest.Artifact, ok bool) {
	for _, a := range byRun[run.ID] {
		if why := s.Trust.distrust(run, a); why != "" {
			f.Left[why]++
			continue
		}
		if !ok || a.ID > best.ID {
			best, ok = a, true
		}
	}
	return best, ok
}

func (s *Search) read(ctx context.Context, f *Found, a rest.Artifact) error {
	data, err := s.Repo.Download(ctx, a, MostZip)
	if err != nil && !errors.Is(err, rest.ErrGone) {
		return &downloadError{err}
	}
	if err != nil {
		return err
	}
	files, err := Unpack(data)
	if err != nil {
		return err
	}
	bad, err := f.History.AddArchive(files, a.Run.ID)
	if bad > 0 {
		f.Problems = append(f.Problems, fmt.Sprintf("artifact %d: %d of its lines are no records: left out", a.ID, bad))
	}
	return err
}
