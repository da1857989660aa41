package check

import (
	"math"
	"slices"
)

// finding is what the looks say of one side of a test.
type finding int8

const (
	steady    finding = iota // the head run does not stand out
	gone                     // it does, but its re-runs do not agree
	suspected                // it does, and not enough re-runs have spoken
	changed
)

// agree says how the looks at a metric are judged: all that the configuration
// asks for must agree, and with more looks than that so many of them.
func (c *comparer) agree(looks int) looking {
	if looks == 1 {
		return looking{1, 1}
	}
	return looking{looks, min(looks, max(2, c.t.Confirm+1))}
}

// conclude joins the head run's own test with that of all looks.
func (c *comparer) conclude(looks int, first, together bool) finding {
	switch {
	case !first:
		return steady
	case looks > 1 && !together:
		return gone
	case looks <= c.t.Confirm:
		return suspected
	}
	return changed
}

// settle applies a test without chance, such as a budget, to the looks.
func (c *comparer) settle(values []float64, beyond func(float64) bool) finding {
	looks, agreed := 0, 0
	for _, x := range values {
		if finite(x) {
			looks++
			if beyond(x) {
				agreed++
			}
		}
	}
	return c.conclude(looks, beyond(values[0]), agreed >= c.agree(looks).agree)
}

// decide judges all tracks, each level's as a family of its own.
func (c *comparer) decide() {
	c.families = c.families[:0]
	for _, level := range []Level{Fail, Warn} {
		f := c.family(level)
		for i := range c.tracks {
			t := &c.tracks[i]
			if c.plans[t.at].level != level {
				continue
			}
			c.out[t.at].setBaseline(t.base)
			if t.exact {
				c.judgeExact(t)
			} else {
				c.judgeNoisy(f, t)
			}
		}
		c.families = append(c.families, f)
	}
	c.judgeEffect()
}

// family is what is judged together at a level.
func (c *comparer) family(level Level) *family {
	noisy := make([]*track, 0, len(c.tracks))
	for i := range c.tracks {
		if t := &c.tracks[i]; !t.exact && c.plans[t.at].level == level {
			noisy = append(noisy, t)
		}
	}
	f := newFamily(noisy, c.t.FalseAlarmRate, c.rows()-c.old)
	f.level = level
	return f
}

// bar is what a metric must pass to one side: alone and with all its looks.
type bar struct{ first, together float64 }

// bar reads the thresholds of a family. Where re-runs follow or are asked for,
// the head run's own test for the worse casts a wider net: they take out what
// chance made stand out, and what they leave is fewer false alarms than one look
// has, at more power.
func (c *comparer) bar(f *family, l looking, worse bool) bar {
	side := func(n *null) []float64 {
		if worse {
			return n.worse
		}
		return n.better
	}
	alpha := f.alpha
	if l.looks > 1 || worse && c.t.Confirm > 0 {
		alpha = c.net().metrics.rate(1, &c.t)
	}
	n := f.null(looking{1, 1})
	b := bar{first: n.threshold(side(n), alpha)}
	b.together = b.first
	if l.looks > 1 {
		n = f.null(l)
		b.together = n.threshold(side(n), c.net().metrics.rate(l.looks, &c.t))
	}
	return b
}

// bars are those to both sides, which all metrics of the family share.
func (c *comparer) bars(f *family, l looking) (worse, better bar) {
	n := f.null(l)
	if n.bars == nil {
		n.bars = &[2]bar{c.bar(f, l, true), c.bar(f, l, false)}
	}
	return n.bars[0], n.bars[1]
}

func (c *comparer) judgeNoisy(f *family, t *track) {
	out := &c.out[t.at]
	l := c.agree(count(t.looks))
	worse, better := c.bars(f, l)
	if math.IsInf(worse.together, 1) {
		out.set(Inconclusive, fewReplaysText(len(f.runs))+out.noRunsText())
		return
	}
	c.noisyFigures(t, worse)
	s := c.side(t, l, worse, +1)
	c.confirm(out, s)
	switch {
	case s == changed:
		out.set(Regressed, c.noisyText(t))
	case s == suspected:
		out.set(Suspect, c.noisyText(t)+c.confirmText(t.looks))
	case s == gone:
		out.set(Unchanged, c.noisyText(t)+goneText)
	case c.side(t, l, better, -1) >= suspected:
		out.set(Improved, c.noisyText(t))
	case c.unsure(t, worse):
		out.set(Inconclusive, out.change()+" would stand out if its samples were like those of baseline runs"+c.asideText(t))
	case c.blind(t, worse):
		out.set(Inconclusive, c.blindText(t))
	default:
		out.set(Unchanged, c.insideText(t, worse))
	}
}

// blind says that a metric of the gate got worse, and that neither noise nor
// limit would let twice its level, or half where that is worse, stand out: its
// silence means nothing, so it is not called unchanged. Metrics that only warn
// are spared: a report that lists every test of a few milliseconds as unclear
// tells nobody anything.
func (c *comparer) blind(t *track, b bar) bool {
	p := c.plans[t.at]
	if p.level != Fail || t.base == 0 || !(t.head[0] > 0) {
		return false
	}
	if p.limit != nil && p.limit.percent(t.base, c.out[t.at].Unit) > 100 {
		return false // the user wants no less to be seen
	}
	reach := max(b.first, b.together) * t.width(0)
	if t.plain > 0 {
		return reach*t.plain > math.Abs(t.base)
	}
	return reach > math.Ln2
}

// side is what the looks say for the worse (+1) or for the better (-1). The limit
// is a filter after the test: it bounds the change without the run effect.
func (c *comparer) side(t *track, l looking, b bar, d float64) finding {
	first := d*t.z(0) > b.first && c.counts(t, d, t.head[0]) && t.moved(d)
	if l.looks == 1 {
		return c.conclude(1, first, first)
	}
	return c.conclude(l.looks, first, d*t.together(l, d, t.z) > b.together && c.counts(t, d, t.together(l, d, t.residual)))
}

// counts reports whether the limit lets a residual count as a change.
func (c *comparer) counts(t *track, d, u float64) bool {
	limit := c.plans[t.at].limit
	return limit == nil || limit.exceeded(t.base, d*t.worse(u), c.out[t.at].Unit)
}

// moved says that the head's own value, the run effect put back, is on that side
// of its level. A metric that fell behind a run in which all else got faster may
// have got worse behind it, but nobody believes a regression of -5 %.
func (t *track) moved(d float64) bool { return d*(t.head[0]+t.shift) > 0 }

// together is the figure that as many looks as must agree reach, for the worse (d
// = +1) or for the better.
func (t *track) together(l looking, d float64, of func(look int) float64) float64 {
	if l.looks == 1 {
		return of(0)
	}
	var few [8]float64
	xs := few[:0]
	for k, x := range t.looks {
		if finite(x) {
			xs = append(xs, d*of(k))
		}
	}
	slices.Sort(xs)
	return d * xs[len(xs)-l.agree]
}

func (t *track) residual(look int) float64 { return t.head[look] }

// noisyFigures fills the interval and what could have been seen.
func (c *comparer) noisyFigures(t *track, b bar) {
	out, limit := &c.out[t.at], c.plans[t.at].limit
	scale := t.width(0)
	out.interval(t, b.first*scale, t.shift)
	least := ratioPct(t.worse(max(b.first, b.together)*scale), math.Abs(t.base))
	if limit != nil {
		least = max(least, limit.percent(t.base, out.Unit))
	}
	out.MinDetectablePct = least
}

// interval fills Low and High: the level, moved by the run effect, and reach to
// both sides of it.
func (c *Comparison) interval(t *track, reach, effect float64) {
	c.setInterval(t.value(t.level+effect-reach), t.value(t.level+effect+reach))
}

func (c *Comparison) setInterval(a, b float64) {
	if finite(a) && finite(b) {
		c.Low, c.High = min(a, b), max(a, b)
	}
}
