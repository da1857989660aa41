package check

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Acceptance makes a level that got worse on purpose the new baseline of the
// metrics that it fits: only runs since then make their level. What the values
// scatter by is known from before.
type Acceptance struct {
	// Waiver holds while no run since then shows the change, as in the pull
	// request that brings it. Its ceiling counts from the level before.
	Waiver
	Since Since
}

// Since is where an accepted level begins.
type Since struct {
	Text   string    // as the user wrote it
	Commit string    // its first seven digits or more, in lower case; empty: Time counts
	Time   time.Time // the first moment that counts
	// Within has the commits that contain Commit, itself among them. Nil: nobody
	// could tell, and only runs of that very commit are recognised.
	Within map[string]bool
}

// acceptance is what an Acceptance means for this comparison.
type acceptance struct {
	*Acceptance
	cut     int    // the baseline runs from here on are since then
	why     string // it does not hold; empty: it does
	judged  []string
	idle    []string // metrics that it fits and does nothing for
	pending []string // metrics that it fits, that no run since shows, and that did not get worse
}

// resolveAccepted finds where in the baseline each accepted level begins.
func (c *comparer) resolveAccepted() {
	for i := range c.t.Accepted {
		a := &acceptance{Acceptance: &c.t.Accepted[i]}
		since, head := &a.Since, c.looks[0].Origin
		a.cut = slices.IndexFunc(c.b.Runs, since.Has)
		if a.cut < 0 {
			a.cut = c.rows()
		}
		switch {
		case a.expired(c.t.Now):
			a.why = "it ended on " + a.Until.Format(time.DateOnly)
		case since.Commit == "" && !since.Has(head):
			a.why = "the head run is from before that"
		case since.Commit != "" && since.Within != nil && !since.Has(head):
			a.why = "the head does not contain that commit"
		case since.Commit != "" && a.cut == c.rows() && !since.Has(head):
			a.why = "neither the head nor a baseline run is of that commit; name the commit of a run, or a day"
		case a.cut == 0 && c.rows() > 0:
			a.why = "the whole baseline is since then; the entry can go"
		}
		c.accepted = append(c.accepted, a)
	}
}

// Has reports whether a run is of the time since.
func (s *Since) Has(o collect.Origin) bool {
	if s.Commit == "" {
		return !o.Time.Before(s.Time)
	}
	return o.Commit != "" && (s.Within[o.Commit] || strings.HasPrefix(strings.ToLower(o.Commit), s.Commit))
}

// acceptedLevel is the newest accepted level of a metric that holds, or nil.
func (c *comparer) acceptedLevel(name string) *acceptance {
	var found *acceptance
	for _, a := range c.accepted {
		switch {
		case !Match(a.Metric, name):
		case a.why != "":
			a.idle = append(a.idle, name)
		case found == nil || a.cut > found.cut:
			found = a
		}
	}
	return found
}

// accept lets a metric pass whose accepted change is not in the baseline yet. It
// is false where the entry does not decide, and the metric is judged as any.
func (c *comparer) accept(i int) bool {
	out, p := &c.out[i], c.plans[i]
	a := p.accepted
	if a == nil || p.level == Off || out.Runs == 0 {
		return false
	}
	if !c.awaited(i) {
		a.judged = append(a.judged, out.Name)
		out.Reason += "; the level is accepted since " + a.Since.Text
		return false
	}
	switch worse := out.Status == Regressed || out.Status == Suspect; {
	case !worse:
		a.pending = append(a.pending, out.Name)
	case !math.IsNaN(p.broken(out.Head)):
		out.Reason += "; an accepted level lifts no budget"
	case !a.covers(out, p):
		out.Reason += fmt.Sprintf("; past the ceiling of the level accepted since %s, %s", a.Since.Text, a.Ceiling)
	default:
		out.set(Waived, a.text()+"; "+out.Reason)
		return true
	}
	return false
}

func (a *acceptance) text() string {
	s := "accepted since " + a.Since.Text
	if a.Reason != "" {
		s += ": " + a.Reason
	}
	if a.Issue != 0 {
		s += fmt.Sprintf(" (#%d)", a.Issue)
	}
	return s
}

// awaited reports whether the baseline does not show an accepted change yet:
// no run since then has the metric, or these are few and no worse than what was
// before, as runs are that came between the pull request's first day and its
// merge.
func (c *comparer) awaited(i int) bool {
	col := c.column(i, c.out[i].Name)
	cut := min(c.plans[i].accepted.cut, len(col))
	before, since := measured(col[:cut]), measured(col[cut:])
	switch {
	case len(since) == 0:
		return true
	case len(before) == 0 || len(since) >= c.t.MinRuns:
		return false
	}
	for k := range c.tracks {
		if t := &c.tracks[k]; t.at == i {
			return t.before == t.before && t.level-t.before <= t.scale
		}
	}
	last := since[len(since)-1]
	return (last-before[len(before)-1])*sign(c.plans[i].better) <= 0
}

// acceptNotes tell what the accepted levels did, so that none works unseen.
func (c *comparer) acceptNotes() {
	for _, a := range c.accepted {
		add := func(names []string, state string) {
			if len(names) > 0 {
				c.notes = append(c.notes, listed(names, state))
			}
		}
		add(a.judged, fmt.Sprintf("judged by the runs since then: %s", a.text()))
		add(a.pending, fmt.Sprintf("no worse than before, though worse was %s", a.text()))
		add(a.idle, fmt.Sprintf("not judged by the level accepted since %s: %s", a.Since.Text, a.why))
	}
}
