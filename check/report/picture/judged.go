package picture

import (
	"fmt"
	"math"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// Unknown is the message of a badge that has nothing to tell. It is grey: no badge
// is green without data.
const Unknown = "unknown"

// OfMetric is the badge of a metric as it was judged: its value, in a colour that
// says what the rules make of it.
func OfMetric(e *check.Explanation) Badge {
	c := &e.Comparison
	b := Badge{Label: c.Name, Message: Unknown}
	if !finite(c.Head) || c.Status == check.Missing {
		return b
	}
	b.Message = collect.Quantity(c.Head, c.Unit)
	b.Color = worst(byVerdict(c, e.Allowed), byShare(c))
	return b
}

// byVerdict is red for what fails, orange for what might and what only warns, and
// yellow for what is waived or has used up nearly all that it is allowed. What was
// not judged is blue.
func byVerdict(c *check.Comparison, allowed float64) Color {
	switch c.Status {
	case check.Regressed:
		if c.Level == check.Fail {
			return Red
		}
		return Orange
	case check.Suspect:
		return Orange
	case check.Waived:
		return Yellow
	case check.Unchanged, check.Improved:
		if c.Level == check.Off {
			return Blue
		}
		return byRoom(c, allowed)
	}
	return Blue
}

// byRoom tells by how much of the way from the baseline to what is allowed is gone.
func byRoom(c *check.Comparison, allowed float64) Color {
	gone := (c.Head - c.Baseline) / (allowed - c.Baseline)
	switch {
	case !finite(gone) || gone < 0.5:
		return BrightGreen
	case gone < 0.8:
		return Green
	}
	return Yellow
}

// byShare tells how good a percentage is that should be high, such as coverage:
// it may be stable and low. It is empty for all else.
func byShare(c *check.Comparison) Color {
	if !c.Unit.Percent() || c.Better != collect.Higher {
		return ""
	}
	for _, s := range []struct {
		least float64
		color Color
	}{{90, BrightGreen}, {80, Green}, {70, YellowGreen}, {60, Yellow}, {50, Orange}} {
		if c.Head >= s.least {
			return s.color
		}
	}
	return Red
}

// worst is the colour that warns most; an empty one says nothing.
func worst(a, b Color) Color {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// OfVerdict is the badge of a whole run. A run of which nothing could be judged is
// no pass.
func OfVerdict(r *check.Result) Badge {
	b := Badge{Label: r.Head.Name, Message: Unknown}
	if b.Label == "" {
		b.Label = "plumbline"
	}
	regressed := r.Counts[check.Regressed]
	switch {
	case r.Verdict == check.Regression && regressed == 1:
		b.Message, b.Color = "1 regression", Red
	case r.Verdict == check.Regression && regressed > 1:
		b.Message, b.Color = fmt.Sprintf("%d regressions", regressed), Red
	case r.Verdict == check.Regression, r.Fails:
		b.Message, b.Color = string(r.Verdict), Red
	case r.Unread != "":
	case r.Verdict == check.SuspectRun:
		b.Message, b.Color = "suspect", Orange
	case r.Verdict == check.InconclusiveRun:
		b.Message = "inconclusive"
	case r.Counts[check.Unchanged]+r.Counts[check.Improved] > 0:
		b.Message, b.Color = "pass", BrightGreen
	case r.Counts[check.Waived] > 0:
		b.Message, b.Color = "pass", Yellow
	case r.Counts[check.New] > 0:
		b.Message = "no baseline yet"
	}
	return b
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
