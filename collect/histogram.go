package collect

import (
	"math"
	"sync/atomic"
)

// Histogram tells how values are distributed: response sizes, durations. Each
// power of two is divided into 32 buckets, so that a quantile is within 3.2 % of
// the true one however the values are spread. Values from 1e-12 to 1e19 are told
// apart; what is smaller, zero and below counts as the smallest of all. Sum, Min
// and Max are exact but for rounding. A nil Histogram takes nothing.
type Histogram struct {
	low, high bound
	cells     []buckets
	wrong     atomic.Int64
}

const (
	subBits    = 5
	perOctave  = 1 << subBits
	lowOctave  = -40 // 2^-40 is 9e-13
	highOctave = 64
	octaves    = highOctave - lowOctave
)

// buckets is one stripe: counts by octave, each made when it is first needed.
type buckets struct {
	sum   atomic.Uint64 // float64
	under atomic.Int64
	made  [2]atomic.Uint64 // a bit for each octave that may have a page
	pages [octaves]atomic.Pointer[page]
	_     [32]byte
}

type page [perOctave]atomic.Int64

func newHistogram() *Histogram {
	h := new(Histogram)
	h.init()
	return h
}

// init makes the stripes: half as many as elsewhere, because each is large.
func (h *Histogram) init() { h.cells = make([]buckets, max(stripes/2, 1)) }

// Observe takes a value. What is not finite is left out and counted (see
// Recorder.Problems).
func (h *Histogram) Observe(x float64) {
	if h == nil {
		return
	}
	if x-x != 0 {
		h.wrong.Add(1)
		return
	}
	h.observe(x)
}

func (h *Histogram) observe(x float64) {
	h.low.lower(x)
	h.high.raise(x)
	c := &h.cells[stripe()&uintptr(len(h.cells)-1)]
	addFloat(&c.sum, x)
	// The exponent and the first bits of the mantissa number the buckets.
	// The bits before those of x: a bucket has its high end and not its low one.
	at := int64((math.Float64bits(x)-1)>>(52-subBits)) - (1023+lowOctave)<<subBits
	if x <= 0 || at < 0 {
		c.under.Add(1)
		return
	}
	at = min(at, octaves*perOctave-1)
	p := c.pages[at>>subBits].Load()
	if p == nil {
		p = c.newPage(at >> subBits)
	}
	p[at&(perOctave-1)].Add(1)
}

func (b *buckets) newPage(octave int64) *page {
	b.made[octave>>6].Or(1 << (octave & 63)) // first: who adds to a page is read from then on
	b.pages[octave].CompareAndSwap(nil, new(page))
	return b.pages[octave].Load()
}

// Distribution is what a histogram holds at one time.
type Distribution struct {
	Count    int64
	Sum      float64
	Min, Max float64 // 0 where there is no value
	// Buckets are those with values, ascending.
	Buckets []Bucket
}

// Bucket counts the values above the one before it up to High.
type Bucket struct {
	High  float64
	Count int64
}

// Snapshot returns what was observed so far. While others write, a value may be
// in the buckets and not yet in the sum, or the other way round.
func (h *Histogram) Snapshot() Distribution {
	if h == nil {
		return Distribution{}
	}
	return h.read(nil)
}

// read is Snapshot with room for the buckets, which may be on the stack.
func (h *Histogram) read(room []Bucket) Distribution {
	d := Distribution{Buckets: room}
	under, made := int64(0), [2]uint64{}
	for i := range h.cells {
		c := &h.cells[i]
		d.Sum += math.Float64frombits(c.sum.Load())
		under += c.under.Load()
		made[0] |= c.made[0].Load()
		made[1] |= c.made[1].Load()
	}
	d.Min, _ = h.low.load()
	d.Max, _ = h.high.load()
	if under > 0 {
		d.Count, d.Buckets = under, append(d.Buckets, Bucket{lowest, under})
	}
	var counts [perOctave]int64
	for o := range octaves {
		if made[o>>6]>>(o&63)&1 == 0 || !h.octave(o, &counts) {
			continue
		}
		for i, n := range counts {
			if n > 0 {
				d.Count, d.Buckets = d.Count+n, append(d.Buckets, Bucket{bucketHigh(o*perOctave + i), n})
			}
		}
	}
	return d
}

// octave adds up the counts of an octave, if it has any.
func (h *Histogram) octave(o int, counts *[perOctave]int64) (some bool) {
	for i := range h.cells {
		c := &h.cells[i]
		if c.made[o>>6].Load()>>(o&63)&1 == 0 {
			continue
		}
		p := c.pages[o].Load()
		if p == nil {
			continue
		}
		if !some {
			*counts, some = [perOctave]int64{}, true
		}
		for k := range p {
			counts[k] += p[k].Load()
		}
	}
	return some
}

// bucketHigh is the value that ends a bucket.
func bucketHigh(i int) float64 {
	octave, sub := i/perOctave+lowOctave, i%perOctave
	return math.Ldexp(1+float64(sub+1)/perOctave, octave)
}

// Quantile is the value below which a share q of the values lies, from 0 to 1,
// within 3.2 %: the values of a bucket are taken to lie evenly in it. It is NaN
// where there is no value.
func (d *Distribution) Quantile(q float64) float64 {
	if d.Count == 0 || math.IsNaN(q) {
		return math.NaN()
	}
	rank := max(int64(math.Ceil(min(max(q, 0), 1)*float64(d.Count))), 1)
	seen := int64(0)
	for _, b := range d.Buckets {
		if seen += b.Count; seen < rank {
			continue
		}
		switch {
		case rank == d.Count || b.High >= bucketHigh(octaves*perOctave-1):
			return d.Max
		case rank == 1 || b.High <= lowest:
			return d.Min
		}
		above := (float64(seen-rank) + 0.5) / float64(b.Count)
		return min(max(b.High-bucketWidth(b.High)*above, d.Min), d.Max)
	}
	return d.Max
}

// bucketWidth is how wide the bucket is that ends with high.
func bucketWidth(high float64) float64 {
	mantissa, octave := math.Frexp(high)
	if mantissa == 0.5 {
		octave-- // the last of its octave
	}
	return math.Ldexp(1, octave-1) / perOctave
}

// lowest ends the bucket of all that is too small to be told apart.
var lowest = math.Ldexp(1, lowOctave)

// Mean is the mean of the values, 0 where there is none.
func (d *Distribution) Mean() float64 {
	if d.Count == 0 {
		return 0
	}
	return d.Sum / float64(d.Count)
}
