package watch

import (
	"math"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

const (
	mostMoments = 600                    // of the curves: more than a screen is wide
	leastSpan   = 200 * time.Millisecond // over less than this a load is made of steps
)

// History is what was seen of a program so far. The zero value has seen nothing.
type History struct {
	Now collect.Status

	before map[string]float64 // what rates are of, at the status before
	rates  map[string]float64
	loads  curve // per cent of a core
	memory curve // bytes
	used   collect.Usage
}

// curve is the course of one figure.
type curve struct {
	values []float64
	most   float64
}

func (c *curve) add(v float64) {
	if len(c.values) >= mostMoments {
		c.values = append(c.values[:0], c.values[1:]...)
	}
	c.values = append(c.values, v)
	c.most = max(c.most, v)
}

// last returns the newest values, at most so many.
func (c *curve) last(n int) []float64 { return c.values[max(0, len(c.values)-n):] }

// now is the newest value, NaN where there is none.
func (c *curve) now() float64 {
	if len(c.values) == 0 {
		return math.NaN()
	}
	return c.values[len(c.values)-1]
}

// Add takes a status. One of a program that began anew begins a new history.
func (h *History) Add(s collect.Status) {
	if !s.Started.Equal(h.Now.Started) || s.PID != h.Now.PID {
		*h = History{}
	}
	span := s.Time.Sub(h.Now.Time).Seconds()
	if h.before != nil && span <= 0 {
		h.Now = s // asked twice at one moment: there is no rate between
		return
	}
	at, rates := make(map[string]float64, len(s.Series)), make(map[string]float64, len(s.Series))
	for i := range s.Series {
		one := &s.Series[i]
		v, ok := counted(one)
		if !ok {
			continue
		}
		at[one.Name], rates[one.Name] = v, math.NaN()
		if h.before != nil {
			// What was not there before began with nothing.
			rates[one.Name] = (v - h.before[one.Name]) / span
		}
	}
	h.Now, h.before, h.rates = s, at, rates
	h.use(s.Usage)
}

// counted is what a series' rate is of.
func counted(s *collect.SeriesStatus) (v float64, ok bool) {
	switch s.Kind {
	case collect.KindCounter, collect.KindUpDown:
		return s.Value, true
	case collect.KindHistogram, collect.KindSummary:
		return float64(s.Count), true
	}
	return 0, false
}

// use takes the moments that are new into the curves.
func (h *History) use(all []collect.Usage) {
	for _, u := range all {
		span := u.Time.Sub(h.used.Time)
		switch {
		case h.used.Time.IsZero():
			h.used = u
			h.memory.add(float64(u.RSS))
		case span >= leastSpan:
			h.loads.add(max(0, (u.CPU-h.used.CPU)/span.Seconds()*100))
			h.memory.add(float64(u.RSS))
			h.used = u
		}
	}
}

// rate is what a series grows by in a second, NaN where that is not known yet.
func (h *History) rate(s *collect.SeriesStatus) float64 {
	if r, ok := h.rates[s.Name]; ok {
		return r
	}
	return math.NaN()
}

// errors are all errors that were counted, and how many come in a second.
func (h *History) errors() (n, rate float64) {
	for i := range h.Now.Series {
		if s := &h.Now.Series[i]; s.Errors {
			n += s.Value
			rate += h.rate(s)
		}
	}
	return n, rate
}

// uptime is how long the program runs by its own clock.
func (h *History) uptime() time.Duration { return h.Now.Time.Sub(h.Now.Started) }
