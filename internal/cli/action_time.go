package cli

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// stage is a part of the step's work with GitHub. Each has its share of the time,
// so that one that hangs leaves the others some.
type stage struct {
	part  float64       // of the step's time budget, at whose end the stage ends
	grace time.Duration // that is left to the stage when the job is cancelled
}

// The stages in their order. A runner that cancels a job interrupts the step and
// kills it after seven and a half seconds: what the last stage leaves of these is
// for the verdict itself.
var (
	searching  = stage{0.5, time.Second}
	keeping    = stage{0.75, 3 * time.Second}
	publishing = stage{1, 5 * time.Second}
)

var errCancelled = errors.New("the job was cancelled")

// budget is the time for the work with GitHub. It runs from its first stage on.
type budget struct {
	whole time.Duration
	began time.Time

	cancelled chan struct{} // closed when the job was cancelled
	at        time.Time     // when that was
}

// newBudget is the budget of a step whose job is cancelled when ctx ends.
func newBudget(ctx context.Context, whole time.Duration) *budget {
	b := &budget{whole: whole, cancelled: make(chan struct{})}
	context.AfterFunc(ctx, func() {
		b.at = time.Now()
		close(b.cancelled)
	})
	return b
}

// stage is the context of a stage. It ends with the stage's share of the time, and
// some seconds after the job was cancelled: what is known by then is still told.
func (b *budget) stage(s stage) (context.Context, context.CancelFunc) {
	if b.began.IsZero() {
		b.began = time.Now()
	}
	late := fmt.Errorf("it took longer than the input timeout, %s, leaves for it", b.whole)
	end := b.began.Add(time.Duration(s.part * float64(b.whole)))
	ctx, stop := context.WithDeadlineCause(context.Background(), end, late)
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-b.cancelled:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(time.Until(b.at.Add(s.grace))):
			cancel(errCancelled)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); stop() }
}

// reason is why work with GitHub ended: what ended its context, where that did,
// and else the error.
func reason(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}
