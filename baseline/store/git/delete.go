package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Delete removes every line of the runs of the given ids and leaves all other
// text as it is, unreadable lines included. Then the branch is one commit without
// a past, so that the repository does not grow for ever. Where it has none of the
// ids, it stays as it is.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	err := s.alone(ctx, func() error {
		if err := s.look(ctx, 0); err != nil {
			return err
		}
		return s.change(ctx, func() (edit, error) { return s.without(ctx, gone) })
	})
	if err != nil {
		return s.wrap("delete from", err)
	}
	return nil
}

// without makes the branch without runs.
func (s *Store) without(ctx context.Context, gone map[string]bool) (edit, error) {
	e := edit{squash: true}
	runs := 0
	for files := s.now.wanted(baseline.Filter{}); len(files) > 0; files = files[1:] {
		b, err := s.load(ctx, files[:min(mostBatch, len(files))])
		if err != nil {
			return e, err
		}
		if b.err != nil {
			continue // nothing of it was ever listed
		}
		text, cut, err := cutRuns(b.text, gone)
		if err != nil {
			return e, fmt.Errorf("%s: %w", showName(s.branch, files[0].path), err)
		}
		if cut > 0 {
			runs += cut
			e.changes = append(e.changes, change{files[0].path, text})
		}
	}
	e.message = fmt.Sprintf("plumbline: remove %d runs and begin anew", runs)
	return e, nil
}

// cutRuns is a text without runs, and how many lines that took; nil: nothing is
// left.
func cutRuns(text []byte, gone map[string]bool) (left []byte, cut int, err error) {
	kept := int64(0)
	for line, err := range collect.NewReader(bytes.NewReader(text), "").Lines() {
		if bad := (*collect.LineError)(nil); err != nil && !errors.As(err, &bad) {
			return nil, 0, err
		}
		if err == nil && goes(line.Text, gone) {
			cut++
			left = append(left, text[kept:line.Offset]...)
			kept = line.Offset + int64(line.Size)
		}
	}
	if left = append(left, text[kept:]...); len(bytes.TrimSpace(left)) == 0 {
		left = nil
	}
	return left, cut, nil
}

// goes reports whether a line is a whole run of the ids in gone.
func goes(line []byte, gone map[string]bool) bool {
	if !gone[collect.DecodeID(line)] {
		return false
	}
	_, err := collect.DecodeOrigin(line)
	return err == nil
}
