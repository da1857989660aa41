package github

import (
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
)

// Bounds of what is read of the other suites of a workflow run.
const (
	mostSiblings    = 300
	mostSiblingZip  = 32 << 20
	mostSiblingZips = 512 << 20 // of all of them
)

// Siblings reads what the other suites of this workflow run have to say in the
// comment, from the artifacts that their jobs uploaded. What it has read it does
// not read again, and what it could not read it tells once.
type Siblings struct {
	hub   *Hub
	parts map[int64]*report.Part // by artifact; nil for one that has none
	bytes int64
}

// Siblings returns a reader of the workflow run's artifacts.
func (h *Hub) Siblings() *Siblings { return &Siblings{hub: h, parts: map[int64]*report.Part{}} }

// Stamp is whose part of the comment the step writes.
func (s *Step) Stamp() report.Stamp {
	e := s.Event
	return report.Stamp{
		Suite: s.Suite(), Workflow: e.Workflow, Commit: e.Origin.Commit, Run: e.Run, Number: e.RunNumber, Attempt: e.Origin.Attempt,
	}
}

// Parts are the parts of all suites of the workflow run whose artifacts are
// there. The error is about those that could not be read; the others count.
func (s *Siblings) Parts(ctx context.Context) ([]report.Part, error) {
	r := s.hub.Results
	if r == nil {
		return nil, nil // Problems says why
	}
	all, err := r.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list what the workflow run's other jobs found: %w", err)
	}
	var parts []report.Part
	var errs []error
	for _, l := range all {
		if !artifact.Ours(l.Name) || len(s.parts) == mostSiblings {
			continue
		}
		if _, known := s.parts[l.ID]; !known {
			p, err := s.read(ctx, r, l)
			if err != nil {
				errs = append(errs, err)
			}
			s.parts[l.ID] = p
		}
		if p := s.parts[l.ID]; p != nil {
			parts = append(parts, *p)
		}
	}
	return parts, errors.Join(errs...)
}

// read reads one suite's part. Run and commit are ours, whatever it says: it is
// from this workflow run; and its suite is the one that the artifact is named by.
func (s *Siblings) read(ctx context.Context, r *artifact.Results, l artifact.Listed) (*report.Part, error) {
	if s.bytes += l.Size; s.bytes > mostSiblingZips {
		return nil, fmt.Errorf("artifact %q: the run's artifacts are larger than what is read of them", l.Name)
	}
	data, err := r.Download(ctx, l, mostSiblingZip)
	if err != nil {
		return nil, err
	}
	files, err := artifact.Unpack(data)
	if err != nil {
		return nil, fmt.Errorf("artifact %q: %w", l.Name, err)
	}
	if files[artifact.SectionFile] == nil {
		return nil, nil
	}
	p, err := report.DecodePart(files[artifact.SectionFile])
	if err != nil {
		return nil, fmt.Errorf("artifact %q: %w", l.Name, err)
	}
	if l.Name != artifact.Name(p.Suite, p.Attempt) {
		return nil, fmt.Errorf("artifact %q: it is of another suite than its name", l.Name)
	}
	own := s.hub.step.Stamp()
	own.Suite, own.Attempt = p.Suite, min(p.Attempt, own.Attempt)
	p.Stamp = own
	return &p, nil
}
