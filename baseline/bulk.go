package baseline

import (
	"context"
	"fmt"
	"sync"

	"github.com/plumbline-ci/plumbline/collect"
)

// BulkStore is a Store that takes many runs faster than one by one.
type BulkStore interface {
	Store
	// PutAll stores runs for good, as Put does each of them. After an error any part
	// of them may be stored.
	PutAll(ctx context.Context, runs []collect.Run) error
}

// putsAtOnce is how many runs are put side by side: most of a Put to a server is
// waiting for it.
const putsAtOnce = 16

// PutAll stores runs, by the store's own way for many where it has one, and else
// several side by side.
func PutAll(ctx context.Context, s Store, runs []collect.Run) error {
	if b, ok := s.(BulkStore); ok {
		return b.PutAll(ctx, runs)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	turn := make(chan struct{}, putsAtOnce)
	for _, r := range runs {
		turn <- struct{}{}
		if ctx.Err() != nil {
			break // one has failed
		}
		wait.Go(func() {
			defer func() { <-turn }()
			if err := s.Put(ctx, r); err != nil {
				cancel(fmt.Errorf("run %q: %w", r.ID, err)) // the first counts
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
