package git

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// fullFile is how many bytes a file has at most that one more run goes into. Each
// run needs the file that it goes into fetched and written anew, and GitHub takes
// none of more than 100 MB.
const fullFile = 4 << 20

// pending is a run that waits for a commit.
type pending struct {
	run  collect.Origin
	line []byte // with its end
	done chan error
	// ended is the error of the context of its Put.
	ended func() error
}

// Put adds a run to the branch: when it returns nil the remote has it. Runs that
// are put at once share a commit. A run that is there already is not added again.
func (s *Store) Put(ctx context.Context, r collect.Run) error {
	return s.PutAll(ctx, []collect.Run{r})
}

// PutAll adds runs, each as Put does, in one commit.
func (s *Store) PutAll(ctx context.Context, runs []collect.Run) error {
	all := make([]*pending, len(runs))
	for i, r := range runs {
		line, err := collect.AppendRecord(nil, r)
		if err != nil {
			return err
		}
		all[i] = &pending{run: r.Origin, line: line, done: make(chan error, 1), ended: ctx.Err}
	}
	s.mu.Lock()
	s.queue = append(s.queue, all...)
	s.mu.Unlock()
	var failed error
	for _, p := range all {
		if err := s.await(ctx, p); err != nil && failed == nil {
			failed = s.wrap("write to", err)
		}
	}
	return failed
}

// await waits until a run was put, by whoever has the turn first: that one takes
// all that wait.
func (s *Store) await(ctx context.Context, p *pending) error {
	var err error
	select {
	case err = <-p.done:
		return err
	case s.turn <- struct{}{}:
		err = s.begin(ctx, func() error { return s.putQueue(ctx) })
	case <-ctx.Done():
		err = ctx.Err()
	}
	select {
	case err = <-p.done:
	default: // it was not taken: the error says why
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = slices.DeleteFunc(s.queue, func(q *pending) bool { return q == p })
	return err
}

// putQueue adds the runs that wait. Where the context of this one ends, those of
// others wait on.
func (s *Store) putQueue(ctx context.Context) error {
	s.mu.Lock()
	all := slices.DeleteFunc(s.queue, func(p *pending) bool { return p.ended() != nil })
	s.queue = nil
	s.mu.Unlock()
	if len(all) == 0 {
		return nil // another one has put it
	}
	err := s.putAll(ctx, all)
	if ctx.Err() != nil && err != nil {
		s.mu.Lock()
		s.queue = append(all, s.queue...)
		s.mu.Unlock()
		return err
	}
	for _, p := range all {
		p.done <- err
	}
	return err
}

func (s *Store) putAll(ctx context.Context, all []*pending) error {
	if s.now == nil {
		if err := s.look(ctx, 0); err != nil {
			return err
		}
	}
	return s.change(ctx, func() (edit, error) {
		e := edit{message: "plumbline: add run " + short(all[0].run.ID)}
		if len(all) > 1 {
			e.message = fmt.Sprintf("plumbline: add %d runs", len(all))
		}
		for _, p := range all {
			if err := s.add(ctx, &e, p); err != nil {
				return e, err
			}
		}
		return e, nil
	})
}

// short is an id for a commit's message, whatever is in it.
func short(id string) string {
	return fmt.Sprintf("%.*q", 60, id)
}

// add puts a run at the end of its file.
func (s *Store) add(ctx context.Context, e *edit, p *pending) error {
	for nth := 1; ; nth++ {
		name := fileName(p.run, nth)
		if i := slices.IndexFunc(e.changes, func(c change) bool { return c.path == name }); i >= 0 {
			c := &e.changes[i]
			if has(c.text, p.line) {
				return nil
			}
			if len(c.text)+len(p.line) <= fullFile {
				c.text = append(c.text, p.line...)
				return nil
			}
			continue
		}
		f, there := s.now.files[name]
		if !there && s.now.taken[name] {
			continue // by what is no file of records
		}
		if !there {
			e.changes = append(e.changes, change{name, bytes.Clone(p.line)})
			return nil
		}
		if _, more := s.now.files[fileName(p.run, nth+1)]; more {
			continue // this one is full
		}
		b, err := s.load(ctx, []file{f})
		switch {
		case err != nil:
			return err
		case has(b.text, p.line):
			return nil
		case b.err == nil && len(b.text)+len(p.line) <= fullFile:
			e.changes = append(e.changes, change{name, ended(b.text, p.line)})
			return nil
		}
	}
}

// ended is a text with one more line. What was left without an end is ended
// first, so that no run merges with it.
func ended(text, line []byte) []byte {
	all := make([]byte, 0, len(text)+1+len(line))
	if all = append(all, text...); len(all) > 0 && all[len(all)-1] != '\n' {
		all = append(all, '\n')
	}
	return append(all, line...)
}

// has reports whether a text has a line.
func has(text, line []byte) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], line)
		if i < 0 {
			return false
		}
		if at += i; at == 0 || text[at-1] == '\n' {
			return true
		}
		at++
	}
}
