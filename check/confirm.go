package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Confirmation says what re-runs made of a metric that stood out in the head run.
type Confirmation string

// The confirmations. Empty: it did not stand out, or nothing ran again.
const (
	Confirmed   Confirmation = "confirmed" // the re-runs agree
	Cleared     Confirmation = "cleared"   // they do not
	Unconfirmed Confirmation = "open"      // they could not decide, or more are asked for
)

// Suspects are the names of the metrics that gate and wait for a re-run.
func (r *Result) Suspects() []string {
	var names []string
	for i := range r.Metrics {
		if m := &r.Metrics[i]; m.Status == Suspect && m.Level == Fail {
			names = append(names, m.Name)
		}
	}
	return names
}

const (
	controls = 8 // timings that a re-run of a part measures beside the suspects, at the least
	perOne   = 2 // and for each suspect
)

// Wanted are the metrics that a re-run must measure to decide about the suspects:
// these and, where timings have a run effect, enough of the calmest others to
// tell what the machine did to this run. Only those count that can be chosen. It
// is false where all must run again.
func (r *Result) Wanted(can func(name string) bool) (names []string, part bool) {
	names = r.Suspects()
	if slices.ContainsFunc(names, func(s string) bool { return s == RunEffect || !can(s) }) {
		return nil, false
	}
	others := slices.DeleteFunc(slices.Clone(r.telling), func(t telling) bool {
		return slices.Contains(names, t.name) || !can(t.name)
	})
	if len(r.telling) < 2 {
		return names, true // there is no run effect
	}
	most := max(controls, perOne*len(names))
	if len(others) < most {
		return nil, false
	}
	slices.SortFunc(others, func(a, b telling) int { return cmp.Or(cmp.Compare(a.noise, b.noise), cmp.Compare(a.name, b.name)) })
	for _, t := range others[:most] {
		names = append(names, t.name)
	}
	return names, true
}

// telling is a timing that the run effect is read from.
type telling struct {
	name  string
	noise float64
}

// Measured reports whether a run has a figure for each of the names.
func Measured(run collect.Run, names []string) bool {
	for _, name := range names {
		if m, ok := run.Metric(name); !ok || !finite(m.Value) {
			return false
		}
	}
	return true
}

// Looks chooses the looks at a head run: itself, and of the re-runs that were
// made to confirm it, in the order of their time, those that measured what was
// suspect by then. So a verdict after the last re-run is the one that is given
// whenever the run is judged again. The thresholds ask for at least as many
// re-runs as there were that should have decided, failed ones too.
func Looks(head collect.Run, reruns []collect.Run, b baseline.Baseline, t Thresholds) ([]collect.Run, Thresholds) {
	looks, asked := []collect.Run{head}, 0
	trial := t
	trial.Confirm = max(t.Confirm, len(reruns))
	for i := range reruns {
		if reruns[i].Success == collect.Failed {
			asked++
			continue
		}
		r := Compare(looks, b, trial)
		if !Measured(reruns[i], slices.DeleteFunc(r.Suspects(), func(s string) bool { return s == RunEffect })) {
			continue
		}
		looks = append(looks, reruns[i])
		asked++
	}
	t.Confirm = max(t.Confirm, asked)
	return looks, t
}

// confirm notes what the looks at a metric came to.
func (c *comparer) confirm(out *Comparison, s finding) {
	if len(c.looks) < 2 {
		return
	}
	switch s {
	case changed:
		out.Confirmation = Confirmed
	case suspected:
		out.Confirmation = Unconfirmed
	case gone:
		out.Confirmation = Cleared
	}
}

// confirmNotes tell what re-runs made of the metrics that gate.
func (c *comparer) confirmNotes() []string {
	by := make(map[Confirmation][]string)
	for i := range c.out {
		if out := &c.out[i]; out.Level == Fail && out.Confirmation != "" {
			by[out.Confirmation] = append(by[out.Confirmation], out.Name)
		}
	}
	n := len(c.looks) - 1
	reruns := "1 re-run"
	if n != 1 {
		reruns = fmt.Sprintf("%d re-runs", n)
	}
	var notes []string
	add := func(kind Confirmation, state string) {
		if len(by[kind]) > 0 {
			notes = append(notes, listed(by[kind], state))
		}
	}
	add(Confirmed, "confirmed by "+reruns)
	add(Cleared, "cleared by "+reruns+", which did not agree")
	add(Unconfirmed, "not confirmed: the re-runs could not decide")
	return notes
}
