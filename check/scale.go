package check

import "math"

// The scale of a metric is its robust deviation, but never less than what its
// second largest residual says of its tail, than half a per cent, or than what
// the steps of its values hide.
const (
	robust     = 1.4826 // the median deviation of a normal distribution, times this, is its standard deviation
	leastScale = 0.005
	stepShare  = 0.6
	still      = 1e-9 // a metric whose noise is no more than this has none
	// A past z beyond mostZ is a failed measurement: it says that such things
	// happen, but not how far the tail of honest values reaches. Without a bound
	// one value of 1e300 would blind the gate as long as it is in the window.
	mostZ = 50
)

// scaler finds scales; its buffers are reused.
type scaler struct {
	buffer    []float64
	gathered  []float64 // of estimate
	quantiles []float64 // by count: where the second largest of so many normal deviates lies
}

func newScaler(rows int) *scaler {
	s := &scaler{buffer: make([]float64, rows), quantiles: make([]float64, rows+1)}
	for c := range s.quantiles {
		if c >= 2 {
			s.quantiles[c] = max(upperQuantile(1.5/float64(2*c)), 0.3)
		}
	}
	return s
}

// noise is the robust deviation of a track's residuals around 0.
func (s *scaler) noise(t *track) float64 {
	n := 0
	for _, x := range t.past {
		if x == x {
			s.buffer[n] = math.Abs(x)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return robust * median(s.buffer[:n])
}

// noisier reports whether the noise of a track is above a bound. Counting tells,
// but where just half of the residuals are.
func (s *scaler) noisier(t *track, bound float64) bool {
	n, above := 0, 0
	for _, x := range t.past {
		if x == x {
			n++
		}
		if robust*math.Abs(x) > bound {
			above++
		}
	}
	if 2*above == n {
		return s.noise(t) > bound
	}
	return 2*above > n
}

// measure finds the scale of a track, or that it has no noise. A timing has noise
// even where all of it is the run's, as that of the quantiles of one timer may be.
func (s *scaler) measure(t *track) {
	t.noise = s.noise(t)
	top := largest(t.past)
	t.worst = top.first
	if t.exact = t.noise <= still && !t.coarse() && t.beta == 0; !t.exact {
		tail, _ := top.tail()
		t.scale = max(t.leastScale(), tail/s.quantile(top.count))
	}
}

// leastScale is the scale of a track without its tail.
func (t *track) leastScale() float64 {
	least := max(t.noise, stepShare*t.step)
	if t.plain == 0 {
		return max(least, leastScale)
	}
	return max(least, leastScale*math.Abs(t.level))
}

// standardize finds the scale of a track with noise and turns its past residuals
// into z. Each is divided by the scale that the others give: a residual must not
// widen the yardstick that it is measured by.
func (s *scaler) standardize(t *track) {
	if t.exact {
		return
	}
	top, least := largest(t.past), t.leastScale()
	c := top.count
	tail, without := top.tail()
	t.scale = max(least, tail/s.quantile(c))
	kept, changed := max(least, tail/s.quantile(c-1)), max(least, without/s.quantile(c-1))
	for i, x := range t.past {
		if x != x {
			continue
		}
		scale := kept
		if size := math.Abs(x); size >= tail {
			scale = changed
			if size == tail {
				t.tail, t.tailAt = tail, i
			}
		}
		t.past[i] = min(max(x/scale, -mostZ), mostZ)
	}
}

// width is how far a look scatters: the scale, what is not known of the level and
// of the effect of its run, the unrest of its run, and what its own samples say.
func (t *track) width(look int) float64 {
	return t.scale * t.spread * t.stretch[look] * t.unrest[look] * t.loose(look)
}

// z is a look's residual in widths.
func (t *track) z(look int) float64 { return t.head[look] / t.width(look) }

func (s *scaler) quantile(c int) float64 {
	if c < 2 {
		return 0.3
	}
	return s.quantiles[c]
}

// extremes are the largest absolute residuals of a series.
type extremes struct {
	first, second, third float64
	count                int
}

// tail is the residual that stands for the tail, and the one in its place where
// it is left out.
func (e *extremes) tail() (with, without float64) {
	if e.count < 4 {
		return e.first, e.second
	}
	return e.second, e.third
}

func largest(past []float64) extremes {
	var e extremes
	for _, x := range past {
		if x != x {
			continue
		}
		e.count++
		switch x = math.Abs(x); {
		case x > e.first:
			e.first, e.second, e.third = x, e.first, e.second
		case x > e.second:
			e.second, e.third = x, e.second
		case x > e.third:
			e.third = x
		}
	}
	return e
}
