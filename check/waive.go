package check

import (
	"fmt"
	"math"
	"time"
)

// soon is when the end of a waiver that is in use becomes news.
const soon = 14 * 24 * time.Hour

// waive lets known regressions pass.
func (c *comparer) waive() {
	told := make(map[int]bool)
	for i := range c.out {
		out := &c.out[i]
		if c.accept(i) {
			continue
		}
		if out.Status != Regressed && out.Status != Suspect {
			continue
		}
		at := c.waiver(out.Name)
		if at < 0 {
			continue
		}
		w := &c.t.Waivers[at]
		switch {
		case w.expired(c.t.Now):
			out.Reason += fmt.Sprintf("; its waiver expired on %s", w.Until.Format(time.DateOnly))
		case !w.covers(out, c.plans[i]):
			out.Reason += fmt.Sprintf("; past the ceiling of its waiver, %s", w.Ceiling)
		default:
			out.set(Waived, w.text()+"; "+out.Reason)
			if !w.Until.IsZero() && !told[at] && w.Until.Sub(c.t.Now) < soon {
				told[at] = true
				c.notes = append(c.notes, fmt.Sprintf("the waiver of %s ends on %s", w.Metric, w.Until.Format(time.DateOnly)))
			}
		}
	}
	c.acceptNotes()
}

// waiver finds the first waiver of a metric that holds, or else the first that
// has expired; -1 where there is none.
func (c *comparer) waiver(name string) int {
	found := -1
	for i := range c.t.Waivers {
		w := &c.t.Waivers[i]
		if !Match(w.Metric, name) {
			continue
		}
		if !w.expired(c.t.Now) {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

func (w *Waiver) expired(now time.Time) bool { return !w.Until.IsZero() && now.After(w.Until) }

// covers reports whether the change is within the ceiling, as seen from the
// baseline and from a budget that is broken.
func (w *Waiver) covers(c *Comparison, p *plan) bool {
	if w.Ceiling == nil {
		return true
	}
	if bound := p.broken(c.Head); !math.IsNaN(bound) && w.Ceiling.exceeded(bound, math.Abs(c.Head-bound), c.Unit) {
		return false
	}
	worse := (c.Head - c.Baseline) * sign(c.Better)
	return math.IsNaN(worse) || !w.Ceiling.exceeded(c.Baseline, worse, c.Unit)
}

func (w *Waiver) text() string {
	s := "waived"
	if !w.Until.IsZero() {
		s += " until " + w.Until.Format(time.DateOnly)
	}
	if w.Reason != "" {
		s += ": " + w.Reason
	}
	if w.Issue != 0 {
		s += fmt.Sprintf(" (#%d)", w.Issue)
	}
	return s
}
