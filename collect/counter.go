package collect

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// Counter is a number that only grows: requests, bytes sent, cache hits. A nil
// Counter, as a disabled recorder gives, counts nothing.
type Counter struct {
	cells []cell
	used  atomic.Uint32 // a bit for each stripe that was written to: reading skips the others
	wrong atomic.Int64  // operations that a counter does not have
}

// cell is one stripe of a counter. Whole numbers and others are added apart,
// because an integer can be added without looking first.
type cell struct {
	whole atomic.Int64
	part  atomic.Uint64 // float64
	_     [48]byte
}

func newCounter() *Counter { return &Counter{cells: make([]cell, stripes)} }

// Inc adds one.
func (c *Counter) Inc() {
	if c != nil {
		at := stripe() & uintptr(len(c.cells)-1)
		c.cells[at].whole.Add(1)
		if c.used.Load()>>at&1 == 0 {
			c.used.Or(1 << at)
		}
	}
}

// Add adds x, which is zero or more: what would lower the counter is left out
// and counted (see Recorder.Problems). For what goes both ways there is
// UpDownCounter.
func (c *Counter) Add(x float64) {
	if c == nil {
		return
	}
	if !(x >= 0 && x <= math.MaxFloat64) {
		c.wrong.Add(1)
		return
	}
	c.add(x)
}

func (c *Counter) add(x float64) {
	at := stripe() & uintptr(len(c.cells)-1)
	if n := int64(x); float64(n) == x && n < 1<<53 && n > -1<<53 {
		c.cells[at].whole.Add(n)
	} else {
		addFloat(&c.cells[at].part, x)
	}
	if c.used.Load()>>at&1 == 0 {
		c.used.Or(1 << at)
	}
}

// Value is what was counted so far.
func (c *Counter) Value() float64 {
	if c == nil {
		return 0
	}
	whole, part := int64(0), 0.0
	for used := c.used.Load(); used != 0; used &= used - 1 {
		at := &c.cells[bits.TrailingZeros32(used)]
		whole += at.whole.Load()
		part += math.Float64frombits(at.part.Load())
	}
	return float64(whole) + part
}

// UpDownCounter is a number that grows and shrinks by steps: jobs under way,
// open connections. What is measured anew each time is a Gauge's. A nil
// UpDownCounter counts nothing.
type UpDownCounter struct{ Counter }

// Inc adds one.
func (c *UpDownCounter) Inc() { c.Add(1) }

// Dec takes one away.
func (c *UpDownCounter) Dec() { c.Add(-1) }

// Add adds x, which may be negative. What is not finite is left out and counted.
func (c *UpDownCounter) Add(x float64) {
	switch {
	case c == nil:
	case !finite(x):
		c.wrong.Add(1)
	default:
		c.add(x)
	}
}

// Value is what is left of all steps.
func (c *UpDownCounter) Value() float64 {
	if c == nil {
		return 0
	}
	return c.Counter.Value()
}
