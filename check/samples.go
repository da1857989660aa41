package check

import (
	"fmt"
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// Samples tells how far the samples inside a run lie apart from how far runs do.
// The run stays the unit: samples of one run share its machine and its minute,
// so they say nothing of how runs differ, and never stand in for runs. What they
// can say is that a head is less certain than baseline runs were.
type Samples struct {
	// Head and Baseline are how many samples the head run has, and the middle one
	// of the baseline's runs; 1: nothing was repeated.
	Head, Baseline int
	// HeadPct and BaselinePct are the robust standard deviation of one sample in
	// its run, in per cent: of the head, and of the middle baseline run. NaN where
	// nothing was repeated.
	HeadPct, BaselinePct float64
	// RunsPct is that of runs around their level, without the run effect: as they
	// are, with so many samples in each. BetweenPct is what of it is left with
	// samples without end. NaN where the metric was not judged from history.
	RunsPct, BetweenPct float64
	// Widened is how many times as far the head may be off for what its own samples
	// say; never below 1.
	Widened float64
}

// With is what RunsPct would be with n samples in each run.
func (s *Samples) With(n int) float64 {
	inside := s.RunsPct*s.RunsPct - s.BetweenPct*s.BetweenPct
	return math.Hypot(s.BetweenPct, math.Sqrt(inside)*errorOfMedian(n)/errorOfMedian(s.Baseline))
}

// onePct is the deviation of one sample, of the baseline where it is known.
func (s *Samples) onePct() float64 {
	if finite(s.BaselinePct) {
		return s.BaselinePct
	}
	return s.HeadPct
}

// errorOfMedian is the standard error of the median of n samples, as a part of the
// deviation of one.
func errorOfMedian(n int) float64 { return min(1, math.Sqrt(1.57/float64(max(n, 1)))) }

// Parts of the variance of runs that samples may have before more of them pay.
const (
	littleInside = 0.1
	mostInside   = 0.5
	moreSamples  = 4 // times as many are proposed
)

// Advice says whether more repetitions or more runs would make a comparison
// sharper; empty where nobody knows.
func (s *Samples) Advice() string {
	one := s.onePct()
	if !finite(one) || !(s.RunsPct > 0) || !finite(s.BetweenPct) {
		return ""
	}
	told := fmt.Sprintf("runs differ by ±%s %%, samples inside a run by ±%s %%: ", sdText(s.RunsPct), sdText(one))
	inside := one * errorOfMedian(s.Baseline) / s.RunsPct
	n := moreSamples * s.Baseline
	more := fmt.Sprintf("%d repetitions in each would bring runs to ±%s %%", n, sdText(s.With(n)))
	switch share := inside * inside; {
	case share < littleInside:
		return told + "more repetitions will not help, more runs will"
	case share < mostInside:
		return told + fmt.Sprintf("%s, and no number of them below ±%s %%", more, sdText(s.BetweenPct))
	}
	return told + more
}

// samples is what the samples of one metric say, on the way.
type samples struct {
	looks  []collect.Scatter
	middle int       // samples of the middle baseline run
	usual  float64   // the deviation of one sample in the middle run of those that tell it
	worst  float64   // the standard error that nine of ten of these runs keep
	runs   int       // that tell
	loose  []float64 // by look: how many times as wide its own samples make it
}

// samplesOf reads what the samples of a metric say; false where it has none. Runs
// that col lacks do not count. It is the i-th of the head run. What it says of the
// looks is good until the next call.
func (c *comparer) samplesOf(i int, m collect.Metric, col []float64) (s samples, any bool) {
	var past []collect.Scatter
	if c.b.Scatter != nil {
		if j, ok := c.columnOf(m.Name, i); ok && j < len(c.b.Scatter) {
			past = c.b.Scatter[j]
		}
	}
	looks := c.lookSamples(i, m.Name)
	if looks == nil && !slices.ContainsFunc(past, repeated) {
		return s, false
	}
	s = samples{looks: looks, usual: math.NaN()}
	counts, parts, errors := c.scratch.counts[:0], c.scratch.parts[:0], c.scratch.errors[:0]
	for i, x := range col {
		if !finite(x) {
			continue
		}
		one := collect.Scatter{Samples: 1, Part: float32(math.NaN())}
		if i < len(past) && past[i].Samples > 1 {
			one = past[i]
		}
		counts = append(counts, float64(one.Samples))
		if part := float64(one.Part); finite(part) {
			parts, errors = append(parts, part), append(errors, part*errorOfMedian(int(one.Samples)))
		}
	}
	c.scratch.counts, c.scratch.parts, c.scratch.errors = counts, parts, errors
	if len(counts) > 0 {
		s.middle = int(nth(counts, (len(counts)-1)/2))
	}
	if s.runs = len(parts); s.runs > 0 {
		s.usual = median(parts)
		slices.Sort(errors)
		s.worst = errors[(9*len(errors)+9)/10-1]
	}
	return s, true
}

// scratch is memory that samplesOf uses again.
type scratch struct {
	counts, parts, errors []float64
	looks                 []collect.Scatter
}

// lookSamples are the scatters of the looks, good until the next call; nil where
// none has two samples.
func (c *comparer) lookSamples(i int, name string) []collect.Scatter {
	if c.replay != nil {
		return c.replay.headSamples(int(c.replay.order[i]))
	}
	looks := append(c.scratch.looks[:0], c.looks[0].ScatterOf(i))
	for k, names := range c.again {
		one := collect.Scatter{}
		if j, ok := names[name]; ok {
			one = c.looks[k+1].ScatterOf(j)
		}
		looks = append(looks, one)
	}
	c.scratch.looks = looks
	if !slices.ContainsFunc(looks, repeated) {
		return nil
	}
	return looks
}

func repeated(s collect.Scatter) bool { return s.Samples > 1 }

// headSamples are those of the run that is replayed, in a column.
func (v *replayed) headSamples(j int) []collect.Scatter {
	if j >= len(v.scatter) || v.head >= len(v.scatter[j]) || !repeated(v.scatter[j][v.head]) {
		return nil
	}
	return v.scatter[j][v.head : v.head+1]
}

// told are the samples before any test.
func (s *samples) told() Samples {
	nan := math.NaN()
	told := Samples{Head: 1, Baseline: s.middle, HeadPct: nan, BaselinePct: 100 * s.usual, RunsPct: nan, BetweenPct: nan, Widened: 1}
	if s.looks != nil && s.looks[0].Samples > 1 {
		told.Head, told.HeadPct = int(s.looks[0].Samples), 100*float64(s.looks[0].Part)
	}
	return told
}

// tell keeps what was told.
func (c *comparer) tell(s Samples) *Samples {
	const atOnce = 146 // fill a piece of memory of 8 KiB
	if len(c.told) == cap(c.told) {
		c.told = make([]Samples, 0, atOnce)
	}
	c.told = append(c.told, s)
	return &c.told[len(c.told)-1]
}

// loosen widens the looks whose own samples say that they are less certain than
// baseline runs were: the variance that they have more than those is added. It
// never narrows anything.
func (t *track) loosen(told *Samples) {
	s := t.samples
	for k := range s.loose {
		s.loose[k] = 1
		if width := t.scale * t.spread * t.stretch[k]; width > 0 {
			s.loose[k] = math.Sqrt(1 + s.excess(k, t.scale)/(width*width))
		}
	}
	told.Widened = s.loose[0]
	told.RunsPct = 100 * t.noise
	if one := told.onePct() * errorOfMedian(told.Baseline); finite(one) {
		told.BetweenPct = math.Sqrt(max(0, told.RunsPct*told.RunsPct-one*one))
	}
}

// excess is the variance that a look has for its samples beyond what baseline
// runs have: because they lie further apart than in nine of ten of those, or
// because they are fewer. Where too few baseline runs tell, what a look may have
// is all that runs scatter.
func (s *samples) excess(look int, scale float64) float64 {
	one := collect.Scatter{Samples: 1, Part: float32(math.NaN())}
	if s.looks != nil && s.looks[look].Samples > 1 {
		one = s.looks[look]
	}
	worst := s.worst
	if s.runs < leastRuns {
		worst = scale
	}
	excess := 0.0
	if own := float64(one.Part) * errorOfMedian(int(one.Samples)); finite(own) {
		excess = max(excess, own*own-worst*worst)
	}
	if s.runs >= leastRuns {
		few, usual := s.usual*errorOfMedian(int(one.Samples)), s.usual*errorOfMedian(s.middle)
		excess = max(excess, few*few-usual*usual)
	}
	return excess
}

// loose is how many times as wide the samples of a look make it.
func (t *track) loose(look int) float64 {
	if t.samples == nil {
		return 1
	}
	return t.samples.loose[look]
}

// unsure says that a metric of the gate stands out for the worse but for what its
// own samples say: it is neither found nor excluded.
func (c *comparer) unsure(t *track, b bar) bool {
	return t.samples != nil && c.plans[t.at].level == Fail && t.moved(1) &&
		t.z(0)*t.loose(0) > b.first && c.counts(t, 1, t.head[0])
}

// leastTold is the widening that a reader should know of.
const leastTold = 1.1

// looseText says why less is known of the head than of baseline runs.
func (c *Comparison) looseText() string {
	s := c.Samples
	if s == nil || s.Widened < leastTold {
		return ""
	}
	if s.Head < s.Baseline {
		return fmt.Sprintf("; %s where baseline runs have %d, so it is less certain", sampleCount(s.Head), s.Baseline)
	}
	if !finite(s.BaselinePct) {
		return fmt.Sprintf("; its own samples lie ±%s %% apart, so it is less certain", sdText(s.HeadPct))
	}
	return fmt.Sprintf("; its own samples lie ±%s %% apart and those of baseline runs ±%s %%, so it is less certain",
		sdText(s.HeadPct), sdText(s.BaselinePct))
}

// noRunsText says that samples do not make up for runs.
func (c *Comparison) noRunsText() string {
	if c.Samples == nil {
		return ""
	}
	return fmt.Sprintf("; samples inside a run (%d in the head) do not stand in for runs", c.Samples.Head)
}

// fewRuns is the reason of the last metric that had too few runs: where one has,
// most have, and as few.
type fewRuns struct {
	runs, of int
	head     int // samples of the head; 0: neither it nor a run has any
	text     string
}

// fewRunsReason says that there are too few runs, and that samples do not make up
// for them.
func (c *comparer) fewRunsReason(out *Comparison) string {
	head := 0
	if out.Samples != nil {
		head = out.Samples.Head
	}
	if f := &c.few; f.text == "" || f.runs != out.Runs || f.of != c.rows() || f.head != head {
		*f = fewRuns{out.Runs, c.rows(), head, fewRunsText(out.Runs, c.rows(), c.t.MinRuns) + out.noRunsText()}
	}
	return c.few.text
}

func sampleCount(n int) string {
	if n == 1 {
		return "it has 1 sample"
	}
	return fmt.Sprintf("it has %d samples", n)
}

// sdText is a deviation in three figures.
func sdText(x float64) string { return collect.Figures(x, 3) }
