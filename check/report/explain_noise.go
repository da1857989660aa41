package report

import (
	"fmt"
	"math"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// arithmetic tells the test against noise, so that it can be redone.
func (p *printer) arithmetic(e *check.Explanation) {
	n := e.Noisy
	if n.EffectPct != 0 {
		p.labeled("effect", fmt.Sprintf("%s %% of this metric is the whole run's, as %d timings together tell; it is taken out before the test",
			collect.Signed(n.EffectPct, 2), n.Timings))
	}
	p.labeled("distance", distance(e))
	p.labeled("noise", percent4(n.Scale)+", "+noiseText(e))
	width := fmt.Sprintf("%s x %s for a level of %s (the root of 1 + 1.57/%d)",
		percent4(n.Scale), collect.Figures(n.Spread, 4), plural(n.Settled, "run"), n.Settled)
	if n.Stretch > 1.0005 {
		width += " x " + collect.Figures(n.Stretch, 4) + " for what is not known of the run effect"
	}
	if math.Abs(n.Unrest-1) > 0.0005 {
		width += " x " + collect.Figures(n.Unrest, 4) + " as the run's other timings scatter " +
			map[bool]string{false: "less", true: "more"}[n.Unrest > 1] + " than usual"
	}
	if s := e.Comparison.Samples; s != nil && s.Widened > 1.0005 {
		width += " x " + collect.Figures(s.Widened, 4) + " for what its own samples say"
	}
	p.labeled("width", width+" = "+percent4(n.Width))
	if math.IsInf(n.Threshold, 1) {
		p.labeled("threshold", fmt.Sprintf("none: only %s of this family tell how large noise gets", plural(n.PastRuns, "past run")))
		return
	}
	p.labeled("threshold", fmt.Sprintf("%s, which %s of clean runs exceed with any metric of this family (%s): %s",
		collect.Figures(n.Threshold, 4), pct(100*n.Alpha), plural(n.Metrics, "noisy metric"), thresholdText(n)))
	than := "not more than"
	if n.Z > n.Threshold {
		than = "more than"
	}
	p.labeled("test", fmt.Sprintf("z = %s %% / %s %% = %s, %s the threshold %s",
		collect.Signed(100*n.Residual, 4), collect.Figures(100*n.Width, 4), collect.Figures(n.Z, 4), than, collect.Figures(n.Threshold, 4)))
	if n.Z > n.Threshold && !n.Worse {
		p.labeled("", "but its own value is no worse than the level: it fell behind, and that is no regression")
	}
	if finite(n.Agreed) {
		p.labeled("re-runs", fmt.Sprintf("those that must agree reach z = %s; the threshold for them is %s", collect.Figures(n.Agreed, 4), collect.Figures(n.Together, 4)))
	}
}

func percent4(x float64) string { return collect.Figures(100*x, 4) + " %" }

// distance tells how far the head is from the level, so that it can be redone.
func distance(e *check.Explanation) string {
	n, c := e.Noisy, &e.Comparison
	s := percent4(n.Distance) + " of the typical size; worse is positive"
	if n.Logarithm {
		worse, better := c.Head, c.Baseline
		if c.Better == collect.Higher {
			worse, better = better, worse
		}
		s = fmt.Sprintf("ln(%s / %s) = %s, where ln is the natural logarithm and worse is positive", exactly(worse, c.Unit), exactly(better, c.Unit), percent4(n.Distance))
	}
	if n.Effect != 0 {
		s += fmt.Sprintf("; less %s for the run effect = %s", percent4(n.Effect), percent4(n.Residual))
	}
	return s
}

// noiseText tells what says how far runs scatter, and which run where it is one.
func noiseText(e *check.Explanation) string {
	n := e.Noisy
	switch n.ScaleFrom {
	case check.FromDeviation:
		return fmt.Sprintf("1.4826 times the median distance of %s from the level before each", plural(n.Tail.Of, "past run"))
	case check.FromStep:
		return "from the steps that its values come in"
	case check.FromLeast:
		return "the least that is assumed, since past runs scatter less"
	}
	rank := "second largest"
	if n.Tail.Of < 4 {
		rank = "largest"
	}
	s := fmt.Sprintf("since %s was %s off the level that it was judged by, the %s distance of %s; normal noise has %s times its scale there, and %s / %s = %s",
		runLabel(e.Runs[n.Tail.Run].Origin), percent4(n.Tail.Distance), rank, plural(n.Tail.Of, "past run"),
		collect.Figures(n.Tail.Scales, 4), percent4(n.Tail.Distance), collect.Figures(n.Tail.Scales, 4), percent4(n.Scale))
	if n.Deviation > 0 {
		s += ". The middle of these distances alone would make it " + percent4(n.Deviation)
	}
	switch {
	case n.Tail.Fresh:
		s += ". That run began the shift, when nobody could know that it would last: a run may again be as far off by itself"
	case e.Runs[n.Tail.Run].Old:
		s += ". That run is from before the shift: a new level does not end such outliers"
	}
	return s
}

func thresholdText(n *check.Noisy) string {
	switch n.ThresholdFrom {
	case check.FromRank:
		whole, part := math.Modf(n.Rank)
		rank := fmt.Sprintf("number %.0f", whole)
		if part > 0 {
			rank = fmt.Sprintf("%s of the way from number %.0f to number %.0f", collect.Figures(100*part, 3)+" %", whole, whole+1)
		}
		return fmt.Sprintf("%s of the largest z of each of %s", rank, plural(n.PastRuns, "past run"))
	case check.FromGauss:
		return fmt.Sprintf("what chance alone makes; the largest z of %s are below it", plural(n.PastRuns, "past run"))
	}
	return fmt.Sprintf("read from the tail of the largest z of each of %s, which are too few for a rank", plural(n.PastRuns, "past run"))
}
