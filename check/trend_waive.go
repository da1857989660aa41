package check

import (
	"fmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// resolveAccepted finds where the accepted levels begin that hold.
func (w *trender) resolveAccepted() {
	last := w.h.Runs[len(w.h.Runs)-1]
	c := &comparer{looks: []collect.Run{{Origin: last}}, b: w.h, t: w.t}
	c.resolveAccepted()
	for _, a := range c.accepted {
		if a.why == "" {
			w.levels = append(w.levels, a)
		}
	}
}

// accepted is the newest accepted level of a metric, or nil.
func (w *trender) accepted(name string) *acceptance {
	var found *acceptance
	for _, a := range w.levels {
		if Match(a.Metric, name) && (found == nil || a.cut > found.cut) {
			found = a
		}
	}
	return found
}

// accept lets a shift pass to an accepted level, of which its first run is one of
// the first. Where a shift begins is known to leastSide runs. A level is also what
// later shifts are for the worse of: those are judged as any.
func (w *trender) accept(s *Shift) {
	if s.Status != Regressed {
		return
	}
	for _, a := range w.levels {
		if !Match(a.Metric, s.Name) || abs(s.AfterAt-1-w.skipped-a.cut) > leastSide {
			continue
		}
		if w.covers(&a.Waiver, s) {
			s.Status, s.Reason = Waived, joined(a.text(), s.Reason)
			return
		}
		s.Reason = joined(s.Reason, fmt.Sprintf("past the ceiling of the level accepted since %s, %s", a.Since.Text, a.Ceiling))
	}
}

// waive lets a known shift pass.
func (w *trender) waive(s *Shift) {
	if s.Status != Regressed && s.Status != Suspect {
		return
	}
	c := comparer{t: w.t}
	at := c.waiver(s.Name)
	if at < 0 {
		return
	}
	switch waiver := &w.t.Waivers[at]; {
	case waiver.expired(w.t.Now):
		s.Reason = joined(s.Reason, "its waiver has expired")
	case !w.covers(waiver, s):
		s.Reason = joined(s.Reason, fmt.Sprintf("past the ceiling of its waiver, %s", waiver.Ceiling))
	default:
		s.Status, s.Reason = Waived, joined(waiver.text(), s.Reason)
	}
}

func (w *trender) covers(waiver *Waiver, s *Shift) bool {
	p := w.t.plan(collect.Metric{Name: s.Name, Unit: s.Unit, Better: s.Better})
	return waiver.covers(&Comparison{Head: s.To, Baseline: s.From, Unit: s.Unit, Better: s.Better}, &p)
}

// joined puts two reasons together, either of which may be empty.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func abs(x int) int { return max(x, -x) }
