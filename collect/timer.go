package collect

import (
	"context"
	"time"
)

// Timer is a histogram of durations, in seconds. A nil Timer takes nothing.
type Timer struct{ h Histogram }

func newTimer() *Timer {
	t := new(Timer)
	t.h.init()
	return t
}

// Stopwatch is one duration under way. Its zero value measures nothing.
type Stopwatch struct {
	timer *Timer
	start time.Duration // since epoch
}

// epoch is what durations are measured from: since a time in the past takes one
// reading of one clock, and time.Now takes two.
var epoch = time.Now()

// Start begins a duration, which Stop ends:
//
//	defer t.Start().Stop()
func (t *Timer) Start() Stopwatch {
	if t == nil {
		return Stopwatch{}
	}
	return Stopwatch{t, time.Since(epoch)}
}

// Stop takes the duration since Start and returns it. Each call takes one.
func (s Stopwatch) Stop() time.Duration {
	if s.timer == nil {
		return 0
	}
	d := time.Since(epoch) - s.start
	s.timer.Observe(d)
	return d
}

// Observe takes a duration that was measured elsewhere.
func (t *Timer) Observe(d time.Duration) {
	if t != nil {
		t.h.observe(float64(d) / float64(time.Second))
	}
}

// Time measures a function, also one that panics.
func (t *Timer) Time(f func()) {
	defer t.Start().Stop()
	f()
}

// TimeContext measures a function that may fail and returns its error. It is
// taken like any other; count errors where they matter.
func (t *Timer) TimeContext(ctx context.Context, f func(context.Context) error) error {
	defer t.Start().Stop()
	return f(ctx)
}

// Snapshot returns the durations so far, in seconds.
func (t *Timer) Snapshot() Distribution {
	if t == nil {
		return Distribution{}
	}
	return t.h.Snapshot()
}
