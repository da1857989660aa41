package git

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// alone does work in the private repository, one at a time.
func (s *Store) alone(ctx context.Context, work func() error) error {
	select {
	case s.turn <- struct{}{}:
		return s.begin(ctx, work)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin does work for whoever has the turn, and gives that on.
func (s *Store) begin(ctx context.Context, work func() error) error {
	defer func() { <-s.turn }()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.begun(ctx); err != nil {
		return err
	}
	return work()
}

// look makes sure that the branch is known as it was so long ago at most.
func (s *Store) look(ctx context.Context, age time.Duration) error {
	if s.now == nil {
		return s.refresh(ctx)
	}
	began := time.Now()
	if began.Sub(s.looked) < age {
		return nil
	}
	tip := ""
	err := s.retried(ctx, func() (err error) {
		tip, err = s.private.remoteTip(ctx, s.ref())
		return err
	})
	switch {
	case err != nil:
		return err
	case tip != s.now.commit:
		return s.refresh(ctx)
	}
	s.looked = began
	return nil
}

// refresh gets the branch as it is now.
func (s *Store) refresh(ctx context.Context) error {
	return s.retried(ctx, func() error {
		began := time.Now()
		tip, err := s.private.fetchTip(ctx, s.ref())
		if err != nil {
			return err
		}
		now, err := s.private.snapshot(ctx, tip, s.branch)
		if err == nil {
			s.now, s.looked = now, began
		}
		return err
	})
}

// The bounds of trying again.
const (
	mostReads = 4   // of what may be the network's fault
	mostRaces = 200 // that others win: as many as may push at once, and more
	mostStuck = 8   // pushes that nobody won
	longPause = 2 * time.Second
)

// retried does what only reads, again where that may help.
func (s *Store) retried(ctx context.Context, read func() error) error {
	for n := 1; ; n++ {
		err := read()
		if err == nil || ctx.Err() != nil || n == mostReads || !mayPass(err) {
			return err
		}
		if err := pause(ctx, n+2); err != nil {
			return err
		}
	}
}

// pause waits a little, up to twice as long each time, and for each of those who
// wait another time.
func pause(ctx context.Context, n int) error {
	most := min(25*time.Millisecond<<min(n, 10), longPause)
	select {
	case <-time.After(rand.N(most)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// change changes the branch: make says what is to be done with it as it is now,
// and is asked again where another job was faster. It is called by whoever has
// the turn.
func (s *Store) change(ctx context.Context, make func() (edit, error)) error {
	races, stuck := 0, 0
	for {
		before := s.now.commit
		err := s.attempt(ctx, make)
		if err == nil || ctx.Err() != nil || !mayPass(err) {
			return err
		}
		if lost := s.refresh(ctx); lost != nil {
			return errors.Join(err, lost)
		}
		if races, stuck = races+1, stuck+1; s.now.commit != before {
			stuck = 0
		}
		switch {
		case stuck == mostStuck:
			return fmt.Errorf("after %d tries: %w", races, err)
		case races == mostRaces:
			return fmt.Errorf("others were faster %d times: %w", races, err)
		}
		if err := pause(ctx, races); err != nil {
			return err
		}
	}
}

// attempt changes the branch as it is known.
func (s *Store) attempt(ctx context.Context, make func() (edit, error)) error {
	if s.now.other != nil {
		return s.now.other
	}
	e, err := make()
	if err != nil || len(e.changes) == 0 {
		return err
	}
	if !s.now.taken[markFile] {
		e.changes = append(e.changes, change{markFile, []byte(markText)})
	}
	commit, err := s.commit(ctx, e)
	if err != nil {
		return err
	}
	if err := s.push(ctx, commit); err != nil {
		return err
	}
	s.now, s.looked = s.now.with(commit, e.changes), time.Now()
	for _, c := range e.changes {
		if c.text != nil {
			s.blobs.keep(blobID(s.now.format, c.text), &blob{text: c.text})
		}
	}
	return nil
}
