package rest

import (
	"context"
	"fmt"
	"time"
)

// pause waits, or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once does a write that must not happen twice. Where its answer is lost, as
// with a broken connection or an error of the server, it may have happened all
// the same: happened looks, and only where it did not is the write sent again.
func (r *Repo) once(ctx context.Context, write func() error, happened func() (bool, error)) error {
	for try := 0; ; try++ {
		err := write()
		if status := Status(err); err == nil || status != 0 && status < 500 || try+1 >= mostTries {
			return err
		}
		if waitErr := pause(ctx, r.limits.wait(try, nil)); waitErr != nil {
			return err
		}
		done, lookErr := happened()
		if lookErr != nil {
			return fmt.Errorf("%w (and whether it happened all the same could not be seen: %v)", err, lookErr)
		}
		if done {
			return nil
		}
		r.limits.log(fmt.Sprintf("GitHub did not take a write (%v); trying again", Plain(err)))
	}
}
