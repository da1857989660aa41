package collect

import (
	"math"
	"runtime"
	"sync/atomic"
)

// Gauge is a value that is measured anew each time: a queue's depth, a
// temperature. It knows the current value and the smallest, largest and mean of
// all that it was set to. A nil Gauge takes nothing.
type Gauge struct {
	cells []gaugeCell
	wrong atomic.Int64
	_     [64]byte      // so that who writes last takes cells from nobody's cache
	last  atomic.Uint32 // the stripe that has the current value
	_     [60]byte
}

// gaugeCell is one stripe. Its value is its lock too: who swaps the value for
// held has the stripe until it stores a value. So two atomic operations set all
// figures, and not one for each.
type gaugeCell struct {
	now       atomic.Uint64 // float64
	count     int64
	sum       float64
	low, high float64
	_         [24]byte
}

// held is a NaN that no arithmetic makes.
const held = 0x7ff8_dead_dead_dead

// lock returns the bits of the value that the stripe has.
func (c *gaugeCell) lock() uint64 {
	if u := c.now.Swap(held); u != held {
		return u
	}
	return c.wait()
}

// wait takes the stripe when its holder, who needs it for nanoseconds, is done.
// It looks before it swaps, so that the holder keeps the line.
func (c *gaugeCell) wait() uint64 {
	for {
		for range 30 {
			if c.now.Load() == held {
				continue
			}
			if u := c.now.Swap(held); u != held {
				return u
			}
		}
		runtime.Gosched() // it may be the holder who waits for a processor
	}
}

// put takes a value into the figures. The lock is held.
func (c *gaugeCell) put(x float64) {
	c.count++
	c.sum += x
	if x < c.low {
		c.low = x
	}
	if x > c.high {
		c.high = x
	}
}

func newGauge() *Gauge {
	g := &Gauge{cells: make([]gaugeCell, stripes)}
	for i := range g.cells {
		g.cells[i].low, g.cells[i].high = math.Inf(1), math.Inf(-1)
	}
	return g
}

// Set sets the current value. What is not finite is left out and counted (see
// Recorder.Problems). Who sets it reads back what it set, unless another one set
// it since. Where several set it at once, one of them sets it last: each is
// counted, and the current value is the last one of one of them.
func (g *Gauge) Set(x float64) {
	if g == nil {
		return
	}
	if x-x != 0 {
		g.wrong.Add(1)
		return
	}
	at := stripe() & uintptr(len(g.cells)-1)
	c := &g.cells[at]
	c.lock()
	c.put(x)
	c.now.Store(math.Float64bits(x))
	if g.last.Load() != uint32(at) {
		g.last.Store(uint32(at))
	}
}

// Add changes the current value by x.
func (g *Gauge) Add(x float64) {
	if g == nil {
		return
	}
	for {
		at := g.last.Load()
		c := &g.cells[at]
		now := c.lock()
		if g.last.Load() != at {
			c.now.Store(now) // the value is another stripe's by now
			continue
		}
		next := math.Float64frombits(now) + x
		if next-next != 0 {
			c.now.Store(now)
			g.wrong.Add(1)
			return
		}
		c.put(next)
		c.now.Store(math.Float64bits(next))
		return
	}
}

// GaugeStats are what a gauge was set to.
type GaugeStats struct {
	Value          float64 // the current one
	Min, Max, Mean float64
	Count          int64 // how often it was set; all else is 0 where it was not
}

// Stats returns the statistics so far. While others write it may be a value
// ahead in one figure of what it is in another.
func (g *Gauge) Stats() GaugeStats {
	var s GaugeStats
	if g == nil {
		return s
	}
	total := 0.0
	last := int(g.last.Load())
	s.Min, s.Max = math.Inf(1), math.Inf(-1)
	for i := range g.cells {
		c := &g.cells[i]
		now := c.lock()
		n, sum, low, high := c.count, c.sum, c.low, c.high
		c.now.Store(now)
		s.Min, s.Max = min(s.Min, low), max(s.Max, high)
		s.Count += n
		total += sum
		if i == last {
			s.Value = math.Float64frombits(now)
		}
	}
	if s.Count == 0 {
		return GaugeStats{}
	}
	s.Mean = min(max(total/float64(s.Count), s.Min), s.Max)
	return s
}
