package check

import (
	"fmt"
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// RunEffect is the name of the comparison that judges the run as a whole: how many
// times as long as usual its timings take alike, beside what its machine does to
// each as machines did in earlier runs.
const RunEffect = "run.effect"

// leastEffect is the smallest run effect that is news, 3 %. One of largeEffect, 10 %,
// is worth a re-run at odds at which a smaller one is not.
var leastEffect, largeEffect = math.Log(1.03), math.Log(1.10)

// suspectOdds is how many clean runs may have a suspect run effect, in parts of the
// false-alarm rate. One look gates nothing; it costs a re-run, of which most clear a
// slow machine. So where re-runs follow there is a net for large ones.
const suspectOdds = 0.5

// judgeEffect tests the slowdown of all timings against those of the past runs.
// One run cannot tell a slow machine from code that makes everything slower, so
// without a re-run that agrees it is suspect at most.
func (c *comparer) judgeEffect() {
	e := &c.effect
	past := e.slow.past
	if e.timings < leastTimings || len(past) < leastRuns || e.head[0] != e.head[0] ||
		slices.ContainsFunc(c.out, func(o Comparison) bool { return o.Name == RunEffect }) {
		return
	}
	p := c.t.plan(effectMetric())
	if p.level == Off {
		return
	}
	looks, sure := e.slow.told()
	l := c.agree(len(looks))
	bar := c.effectBar(l)
	allowed := func(r float64) bool { return p.limit.exceeded(1, math.Expm1(r), "") }
	// Nobody believes that code got slower where most timings are faster than usual.
	first := looks[0] > bar && e.head[0] > 0 && allowed(looks[0])
	least, _ := agreeing(looks, l)
	_, mean := agreeing(sure, l)
	agreed := least > leastEffect && allowed(least) && mean > c.effectBarTogether(l)
	out := newEffect(p, looks[0], past, bar)
	text := fmt.Sprintf("all %d timings of the run together, allowing for what machines did to earlier runs", e.timings)
	c.confirm(&out, c.conclude(len(looks), first, agreed))
	switch {
	case first && l.looks == 1:
		out.set(Suspect, text+". One run cannot tell a slow machine from slow code; a re-run can")
	case first && !agreed:
		out.set(Unchanged, text+goneText)
	case first && len(looks) > c.t.Confirm:
		out.set(Regressed, text+"; the re-run agrees")
	case first:
		out.set(Suspect, text+"; not enough re-runs have agreed")
	default:
		out.set(Unchanged, text)
	}
	c.out, c.plans = append(c.out, out), append(c.plans, &p)
	if math.Abs(e.head[0]) >= leastEffect {
		c.notes = append(c.notes, fmt.Sprintf("this run is %s on all %d timings; that is taken out of each",
			percent(100*math.Expm1(e.head[0])), e.timings))
	}
}

// effectBar is what the head run must pass to be suspect.
func (c *comparer) effectBar(l looking) float64 {
	slow, one := &c.effect.slow, looking{1, 1}
	wide := slow.doubt[0] * slow.spread(1)
	bar := wide * effectTail(slow.past, one, suspectOdds*c.t.FalseAlarmRate)
	if l.looks > 1 || c.t.Confirm > 0 {
		bar = min(bar, max(wide*effectTail(slow.past, one, c.net().effect.rate(1, &c.t)), largeEffect))
	}
	return max(bar, leastEffect)
}

// effectBarTogether is what looks that agree must pass on average, each over its
// doubt.
func (c *comparer) effectBarTogether(l looking) float64 {
	slow := &c.effect.slow
	return slow.spread(l.agree) * effectTail(slow.past, l, c.net().effect.rate(l.looks, &c.t))
}

func effectMetric() collect.Metric {
	return collect.Metric{Name: RunEffect, Unit: "x", Better: collect.Lower}
}

// newEffect is the slowdown as a comparison: a factor on the time that all timings
// take, with 1 for a usual run.
func newEffect(p plan, r float64, past []float64, bar float64) Comparison {
	m := effectMetric()
	m.Value = math.Exp(r)
	out := newComparison(m, &p)
	out.setBaseline(1)
	reached := 1
	for _, x := range past {
		out.History = append(out.History, math.Exp(x))
		if x >= r {
			reached++
		}
	}
	out.Runs = len(past)
	out.P = float64(reached) / float64(len(past)+1)
	out.Q = out.P // a family of its own
	out.Low, out.High = math.Exp(-bar), math.Exp(bar)
	out.MinDetectablePct = 100 * math.Expm1(bar)
	if p.limit != nil {
		out.MinDetectablePct = max(out.MinDetectablePct, p.limit.percent(1, ""))
	}
	return out
}

// agreeing are the least and the mean effect of as many looks as must agree.
func agreeing(effects []float64, l looking) (least, mean float64) {
	sorted := slices.Sorted(slices.Values(effects))
	top := sorted[len(sorted)-l.agree:]
	for _, x := range top {
		mean += x / float64(len(top))
	}
	return top[0], mean
}

// effectTail is what the mean effect of clean looks exceeds with the given
// probability, read from the past runs as if each, with others after it at every
// even distance, had been the looks: a re-run may meet any machine.
func effectTail(past []float64, l looking, alpha float64) float64 {
	var draws []float64
	looks := make([]float64, l.looks)
	for apart := 1; l.windows(len(past), apart) > 0; apart++ {
		for i := range l.windows(len(past), apart) {
			for k := range looks {
				looks[k] = past[i+k*apart]
			}
			_, mean := agreeing(looks, l)
			draws = append(draws, mean)
		}
		if l.looks == 1 {
			break
		}
	}
	if len(draws) < leastRuns {
		return math.Inf(1)
	}
	slices.Sort(draws)
	slices.Reverse(draws)
	return upperTail(draws, alpha)
}
