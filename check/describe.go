package check

import (
	"fmt"
	"math"
	"strconv"

	"github.com/plumbline-ci/plumbline/collect"
)

const goneText = "; a re-run did not agree"

func newText(runs int) string {
	switch runs {
	case 0:
		return "there is no baseline run yet"
	case 1:
		return "the baseline run does not have it"
	}
	return fmt.Sprintf("none of the %d baseline runs has it", runs)
}

func offText(rule string) string { return fmt.Sprintf("not judged: %q is off", rule) }

func fewRunsText(have, runs, need int) string {
	return fmt.Sprintf("measured in %d of %s; %d are needed", have, baselineRuns(runs), need)
}

func fewReplaysText(have int) string {
	return fmt.Sprintf("only %d past runs tell how large noise gets; %d are needed", have, leastRuns)
}

func missingText(have, runs int) string {
	return fmt.Sprintf("not in the head run; measured in %d of %s", have, baselineRuns(runs))
}

func baselineRuns(n int) string {
	if n == 1 {
		return "1 baseline run"
	}
	return strconv.Itoa(n) + " baseline runs"
}

func withinText(limit string) string {
	if limit == "" {
		return ""
	}
	return ", within the limit of " + limit
}

// confirmText says what a suspect waits for.
func (c *comparer) confirmText(looks []float64) string {
	missing := c.t.Confirm + 1 - count(looks)
	if missing == 1 {
		return "; one more run must agree"
	}
	return fmt.Sprintf("; %d more runs must agree", missing)
}

func exactText(c *Comparison) string {
	head, base := collect.Distinctly(c.Head, c.Baseline, c.Unit)
	return fmt.Sprintf("%s instead of %s in the newest baseline run", head, base)
}

// stillText tells the change of a metric without noise.
func stillText(c *Comparison, t *track) string {
	s := c.change()
	if t.worst <= still {
		return s + "; it is the same in all " + baselineRuns(c.Runs)
	}
	return s + "; most of the " + baselineRuns(c.Runs) + " are the same"
}

// letThroughText says why a metric without noise that moved is unchanged: the
// limit allows it, or the past does.
func letThroughText(l *Limit, c *Comparison, bound float64) string {
	if bound > 0 && (l == nil || l.exceeded(c.Baseline, math.Abs(c.Head-c.Baseline), c.Unit)) {
		return fmt.Sprintf(", and no more than %s times what they moved by before", strconv.FormatFloat(pastMoves, 'g', -1, 64))
	}
	return withinText(c.Limit)
}

// noisyText tells the change of a metric that left its interval.
func (c *comparer) noisyText(t *track) string {
	out := &c.out[t.at]
	low, high := collect.Distinctly(out.Low, out.High, out.Unit)
	if math.Abs(t.shift) >= leastEffect {
		return fmt.Sprintf("%s, where %s to %s was to be expected of %s and the whole run's %s",
			out.change(), low, high, baselineRuns(out.Runs), t.effectText()) + out.looseText()
	}
	return fmt.Sprintf("%s, where %s show %s to %s", out.change(), baselineRuns(out.Runs), low, high) + c.asideText(t)
}

func (c *comparer) insideText(t *track, b bar) string {
	out := &c.out[t.at]
	if t.z(0) > b.first && !t.moved(1) {
		return out.change() + ", no worse than its level, though it fell behind the other timings" + c.asideText(t)
	}
	if t.z(0) > b.first {
		return c.noisyText(t) + withinText(out.Limit)
	}
	if c.replay != nil {
		return "" // nobody reads it
	}
	// Not Sprintf: this is the text of nearly all metrics of nearly all runs.
	return out.change() + ", within what " + baselineRuns(out.Runs) + " show" + c.asideText(t)
}

// blindText says why what was not seen may be there all the same.
func (c *comparer) blindText(t *track) string {
	out := &c.out[t.at]
	s := out.change() + ", and " + baselineRuns(out.Runs) + " are too few or too noisy to tell: twice as much would not stand out" + c.asideText(t)
	if out.Samples != nil {
		if advice := out.Samples.Advice(); advice != "" {
			s += "; " + advice
		}
	}
	return s
}

// asideText says how much of the change is the whole run's, and whether the head
// is less certain than runs are.
func (c *comparer) asideText(t *track) string {
	loose := c.out[t.at].looseText()
	if math.Abs(t.shift) < leastEffect {
		return loose
	}
	return "; " + t.effectText() + " of it is the whole run's" + loose
}

// effectText is what the run effect does to a metric.
func (t *track) effectText() string { return percent(100 * math.Expm1(t.sign*t.shift)) }

// Change writes by how much the head differs from its baseline: in percentage
// points for a metric in per cent, as a plain difference where a baseline of 0 has
// no per cent. It is empty where either is not known; the unit is as it came.
func (c *Comparison) Change() string {
	diff := c.Head - c.Baseline
	switch {
	case !finite(diff):
		return ""
	case c.Unit.Percent():
		return collect.Signed(diff, 3) + " pp"
	case finite(c.DeltaPct):
		return percent(c.DeltaPct)
	case diff > 0:
		return "+" + collect.Quantity(diff, c.Unit)
	}
	return collect.Quantity(diff, c.Unit)
}

// change is Change in a sentence.
func (c *Comparison) change() string {
	if c.Head == c.Baseline {
		return "no change"
	}
	return c.Change()
}

// percent is a change in per cent, with its sign.
func percent(x float64) string { return collect.Signed(x, 2) + " %" }
