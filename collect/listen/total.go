package listen

import (
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// total is a series whose sender adds up by itself, as OTLP and Prometheus do,
// in one or more streams: one for each process that sends it.
type total struct {
	base    string
	tags    collect.Tags
	unit    collect.Unit
	streams map[string]*stream
}

// stream is one sender's count since it began.
type stream struct {
	last point
	// before is what it had before the run, or what it lost when it began anew.
	before point
}

// point is a state: of a counter only the sum, of a histogram all of it.
type point struct {
	sum, count float64
	bins       map[float64]bin // by their upper bound
	quantiles  map[float64]float64
	min, max   float64
	bounded    bool // min and max are known
	counter    bool // it has a sum alone
	falls      bool // which may also fall
}

// bin is a bucket of a histogram, from and to which values it holds n.
type bin struct{ from, n float64 }

func (p *point) add(o point, sign float64) {
	p.sum, p.count, p.counter, p.falls = p.sum+sign*o.sum, p.count+sign*o.count, p.counter || o.counter, p.falls || o.falls
	for to, b := range o.bins {
		if p.bins == nil {
			p.bins = map[float64]bin{}
		}
		p.bins[to] = bin{b.from, p.bins[to].n + sign*b.n}
	}
	if sign > 0 && o.bounded {
		if !p.bounded {
			p.min, p.max, p.bounded = o.min, o.max, true
		}
		p.min, p.max = math.Min(p.min, o.min), math.Max(p.max, o.max)
	}
	if sign > 0 && o.quantiles != nil {
		p.quantiles = o.quantiles
	}
}

// mostStreams bounds the senders of one series.
const mostStreams = 1000

// stream returns that of a sender, nil where there are too many.
func (t *total) stream(key string) *stream {
	s := t.streams[key]
	if s == nil && len(t.streams) < mostStreams {
		s = &stream{}
		t.streams[key] = s
	}
	return s
}

// set takes the state of a stream that counts from its own beginning on. One
// that has less than before began anew.
func (s *stream) set(p point) {
	if p.counter && !p.falls && p.sum < s.last.sum || p.count < s.last.count {
		s.before.add(s.last, -1)
	}
	s.last = p
}

// grown is what the streams grew by.
func (t *total) grown() (all point) {
	for _, s := range t.streams {
		all.add(s.last, 1)
		all.add(s.before, -1)
	}
	return all
}

// metrics are what the streams grew by.
func (t *total) metrics() []collect.Metric {
	all := t.grown()
	if all.counter {
		return []collect.Metric{{Name: collect.Name(t.base, t.tags), Value: all.sum, Unit: t.unit}}
	}
	if !(all.count > 0) {
		return nil
	}
	var ms []collect.Metric
	put := func(suffix string, v float64, unit collect.Unit) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			ms = append(ms, collect.Metric{Name: collect.Name(t.base+suffix, t.tags), Value: v, Unit: unit})
		}
	}
	put(".count", all.count, "")
	put(".mean", all.sum/all.count, t.unit)
	for _, q := range []struct {
		suffix string
		at     float64
	}{{".p50", 0.5}, {".p90", 0.9}, {".p95", 0.95}, {".p99", 0.99}} {
		if v, ok := all.quantiles[q.at]; ok {
			put(q.suffix, v, t.unit)
		} else if len(all.bins) > 0 {
			put(q.suffix, all.quantile(q.at), t.unit)
		}
	}
	if all.bounded {
		put(".max", all.max, t.unit)
	}
	return ms
}

// quantile finds a quantile as Prometheus' histogram_quantile does: straight
// between the bounds of its bucket, and of the last one, which has no end, its
// beginning.
func (p *point) quantile(q float64) float64 {
	uppers := make([]float64, 0, len(p.bins))
	n := 0.0
	for to, b := range p.bins {
		uppers = append(uppers, to)
		n += b.n
	}
	slices.Sort(uppers)
	rank := q * n
	for _, to := range uppers {
		b := p.bins[to]
		if rank > b.n {
			rank -= b.n
			continue
		}
		from := b.from
		if p.bounded {
			from, to = math.Max(from, p.min), math.Min(to, p.max)
		}
		switch {
		case math.IsInf(from, -1):
			return to
		case math.IsInf(to, 1):
			return from
		}
		return from + (to-from)*rank/b.n
	}
	return math.NaN()
}
