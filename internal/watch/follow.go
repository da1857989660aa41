package watch

import (
	"context"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Source is what is watched.
type Source interface {
	// Status asks for what there is now.
	Status(ctx context.Context) (collect.Status, error)
	// End waits for the end, and returns the last of it.
	End(ctx context.Context) (collect.Status, error)
	// Run reports whether what is watched is a run, which has an end; when a run
	// answers no more, it is over as well.
	Run() bool
}

// Options say what is watched and how.
type Options struct {
	Source   Source
	Interval time.Duration
	Filter   string    // series whose name has this; empty: all
	Out      io.Writer // lines, and the last figures of a run that has ended
	Width    int       // columns of the last figures; 0: 80
}

// event is news of the source.
type event struct {
	status collect.Status
	err    error // there is no status
	over   bool  // nothing comes after it
	crash  *crash
}

// crash is a panic of a goroutine that is not the caller's.
type crash struct {
	value any
	stack []byte
}

// follower asks a source again and again.
type follower struct {
	o      Options
	events chan event
	cancel context.CancelFunc
	wait   sync.WaitGroup
}

// follow begins to ask; stop ends it.
func follow(ctx context.Context, o Options) *follower {
	ctx, cancel := context.WithCancel(ctx)
	f := &follower{o: o, events: make(chan event), cancel: cancel}
	f.start(ctx, f.asking)
	f.start(ctx, f.waiting)
	return f
}

// start runs work whose panic is an event: who owns the terminal must give it back
// first.
func (f *follower) start(ctx context.Context, work func(context.Context)) {
	f.wait.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				f.send(ctx, event{crash: &crash{p, debug.Stack()}})
			}
		}()
		work(ctx)
	})
}

func (f *follower) stop() {
	f.cancel()
	f.wait.Wait()
}

func (f *follower) send(ctx context.Context, e event) {
	select {
	case f.events <- e:
	case <-ctx.Done():
	}
}

// asking asks at each interval, the first one from now.
func (f *follower) asking(ctx context.Context) {
	tick := time.NewTicker(f.o.Interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s, err := f.o.Source.Status(ctx)
		if err != nil && f.o.Source.Run() && ctx.Err() == nil {
			return // whoever waits for the end knows more
		}
		f.send(ctx, event{status: s, err: err})
	}
}

// waiting waits for the end.
func (f *follower) waiting(ctx context.Context) {
	s, err := f.o.Source.End(ctx)
	if err != nil && !f.o.Source.Run() {
		return
	}
	f.send(ctx, event{status: s, err: err, over: true})
}

// over says how a run ended, nothing where it is not known to have.
func over(e event, h *History) string {
	switch {
	case e.err != nil:
		return "the run is gone, and has not said how it ended"
	case h.Now.Ended:
		return "ended with exit status " + collect.Quantity(float64(h.Now.Exit), "") + " after " + span(h.uptime())
	}
	return ""
}
