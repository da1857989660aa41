package check

import (
	"math"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Explanation is the comparison of one metric with all that it stands on.
type Explanation struct {
	Comparison Comparison
	Result     Result // of the whole run
	Looks      []float64
	Measured   []float64      // the looks before the ruler of NormalisedBy; nil: there is none
	Runs       []ExplainedRun // the baseline, oldest first
	Method     Method
	// Rule is the pattern of the user's rule that applies, and BuiltIn that of
	// plumbline's own where it adds anything; empty: none.
	Rule, BuiltIn string
	Waiver        *Waiver // the one that fits, expired or not
	// Accepted is the accepted level that holds; nil: none. FromAccepted says that
	// the level begins with it, and not with a later shift.
	Accepted     *Acceptance
	FromAccepted bool
	Noisy        *Noisy // of ByNoise
	// Bound is how far a value may be from the level of a metric without noise,
	// in per cent of it. NaN where Method is another.
	Bound float64
	// Levels are those that the metric was at over the baseline, oldest first, as
	// they are seen from now: the last is what the head is compared with. None
	// where no level was looked for.
	Levels []Stretch
	// Allowed is the value past which a change is more than limit and budget
	// allow; NaN: neither says.
	Allowed float64
}

// Method is how a metric was judged.
type Method string

// The methods.
const (
	NotTested Method = ""      // there was nothing to test, or not enough; Reason says what
	ByCount   Method = "count" // exactly, by the newest run
	ByLevel   Method = "level" // exactly, by the level of values that do not move
	ByNoise   Method = "noise" // by how far its values scatter
)

// ExplainedRun is one baseline run as it was used.
type ExplainedRun struct {
	collect.Origin
	Value    float64 // NaN: not measured
	Measured float64 // where NormalisedBy names a ruler: the value before that; else NaN
	Adjusted float64 // without the run effect; NaN where none was taken out
	Z        float64 // how far it stood out when it came; NaN: it was not judged
	Old      bool    // from before the last lasting shift
	Other    bool    // measured on another kind of machine than the head
	Level    bool    // one of those whose median is the level
	Samples  collect.Scatter
}

// Noisy is the arithmetic of a test against noise. Widths and scales are parts of
// the level: 0.03 is 3 % of it.
type Noisy struct {
	Shifted bool // the level has a start within the window
	// EffectPct is what the whole run did to this metric, in per cent of its
	// value: taken out. Timings is how many metrics tell that, and Beta how much
	// of the run effect this one takes.
	EffectPct, Beta float64
	Timings         int
	Effect          float64 // the same as a part of Distance
	Distance        float64 // of the head from the level, for the worse; Residual is what is left without Effect
	Logarithm       bool    // distances are natural logarithms of ratios, else parts of the typical size
	Settled         int     // runs that the level is the median of
	Residual        float64 // the head's distance from the level, for the worse, effect taken out
	Scale           float64
	ScaleFrom       Source
	Deviation       float64 // the scale that the middle of the distances gives
	Tail            Tail
	Spread, Stretch float64 // for what is not known of the level and of the effect
	Unrest          float64 // how far the other timings of the head run scatter, in parts of what is usual
	Width           float64 // of the four, and of what the head's own samples say
	Z               float64 // Residual / Width
	Worse           bool    // the head's own value is worse than the level; else Z alone is no regression
	Threshold       float64 // that Z has to pass
	ThresholdFrom   Source
	Rank            float64 // of FromRank: the so-and-so-many largest, with 2.25 a quarter of the way from the 2nd to the 3rd
	PastRuns        int     // whose largest z made the threshold
	Metrics         int     // that share it
	Alpha           float64 // of clean runs may pass it
	// Agreed is what the looks that must agree reach, and Together what it has to
	// pass. NaN with a single look.
	Agreed, Together float64
}

// Tail is the past run whose distance says how far single runs go astray: the
// second largest there is, the largest of fewer than four.
type Tail struct {
	Run      int     // of Explanation.Runs
	Distance float64 // from the level that it was judged by, without the run effect, as a part of the level
	Of       int     // past runs that were judged
	Scales   float64 // how many scales normal noise has there
	Fresh    bool    // the run is one of the first after the shift that the level begins with
}

// Source says which of several rules gave a figure.
type Source string

// The sources of a scale and of a threshold.
const (
	FromDeviation Source = "deviation" // 1.4826 times the median deviation
	FromTail      Source = "tail"      // the second largest deviation, or the Pareto tail of the largest z
	FromStep      Source = "step"      // the steps that values come in
	FromLeast     Source = "least"     // the least that a scale may be
	FromRank      Source = "rank"      // one of the largest past z
	FromGauss     Source = "gauss"     // what chance alone makes of so many metrics
)

// Explain compares as Compare does and tells all about one metric; false where
// neither the head run nor the baseline has it.
func Explain(looks []collect.Run, b baseline.Baseline, t Thresholds, name string) (Explanation, bool) {
	c := compared(looks, b, t)
	for i := range c.out {
		if c.out[i].Name == name {
			e := c.explain(i)
			e.Result = c.result() // last: it reorders
			return e, true
		}
	}
	return Explanation{}, false
}

// explain gathers what the stages left about a metric.
func (c *comparer) explain(i int) Explanation {
	out := &c.out[i]
	e := Explanation{Comparison: *out, Looks: c.valuesOf(i), Bound: math.NaN(), Allowed: c.plans[i].allowed(out)}
	e.Rule, e.BuiltIn = c.t.matching(out.Name)
	if at := c.waiver(out.Name); at >= 0 {
		e.Waiver = &c.t.Waivers[at]
	}
	if a := c.plans[i].accepted; a != nil {
		e.Accepted = a.Acceptance
	}
	col, raw := c.column(i, out.Name), readings{}
	if out.NormalisedBy != "" {
		raw = c.readings(i, out.Name)
		e.Measured = raw.looks
	}
	for k, o := range c.b.Runs {
		nan := math.NaN()
		r := ExplainedRun{Origin: o, Value: nan, Measured: nan, Adjusted: nan, Z: nan}
		r.Other = baseline.OtherMachine(c.looks[0].Runner, o.Runner)
		if k < len(col) {
			r.Value = col[k]
		}
		if k < len(raw.col) {
			r.Measured = raw.col[k]
		}
		if j, ok := c.columnOf(out.Name, i); ok && j < len(c.b.Scatter) && k < len(c.b.Scatter[j]) {
			r.Samples = c.b.Scatter[j][k]
		}
		e.Runs = append(e.Runs, r)
	}
	if t := c.trackOf(i); t != nil {
		c.explainTrack(&e, t)
		return e
	}
	if c.plans[i].exact && out.Runs > 0 && finite(out.Head) && out.Level != Off {
		e.Method = ByCount
		e.Levels = lasting(col, out.Baseline)
	}
	return e
}

// matching are the patterns of the rules that apply to a name.
func (t *Thresholds) matching(name string) (user, own string) {
	for _, r := range t.Rules {
		if Match(r.Match, name) {
			user = r.Match
			break
		}
	}
	for _, b := range builtins {
		if Match(b.match, name) {
			return user, b.match
		}
	}
	return user, ""
}
