package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Keep says which runs pruning keeps: those that at least one of its rules
// wants. One more rule, or a larger number in one, never keeps fewer. Without a
// rule that could say what goes, Holds aside, it keeps all.
//
// The newest of a suite and branch stay whatever the rules say, and so does the
// newest that did not fail: else nothing could be compared any more. It is not so
// for the runs of pull requests, which are no baseline for anything.
type Keep struct {
	// Last keeps the newest so many runs of each suite and branch.
	Last int
	// Within keeps the runs that are no older than this.
	Within time.Duration
	// One run of each period of a suite and branch, in UTC. A week is that of
	// ISO 8601, which begins on Monday.
	Hourly, Daily, Weekly, Monthly, Yearly Thin
	// Holds keep what else must stay.
	Holds []Hold
}

// Hold keeps runs that something refers to, or that the user wants for ever.
type Hold struct {
	// Fits says which runs it is for. Where it is for a re-run, it is for the run
	// that this belongs to.
	Fits func(run collect.Origin) bool
	// Newest and Oldest keep so many of those of each suite and branch; where both
	// are 0, all stay.
	Newest, Oldest int
	// Why is the reason that a run stays for, for people.
	Why string
}

// Fate is what pruning does to a run.
type Fate struct {
	Entry
	Kept bool
	// Reasons say why, for people: of a run that stays, what each of the rules says
	// that want it; of one that goes, why each of the rules does not. There is
	// always one.
	Reasons []string
}

// Plan says of each run, in the order in which they come, whether it is kept.
// The order does not matter. Ages are counted back from now. A re-run goes and
// stays with the run that it was to confirm, where that one is among the runs.
// Plan changes nothing.
func (k Keep) Plan(runs []Entry, now time.Time) []Fate {
	p := &plan{keep: k, now: now, runs: runs, lead: leads(runs), fates: make([]Fate, len(runs))}
	for i := range runs {
		p.fates[i].Entry = runs[i]
	}
	if !k.Limits() {
		for i := range p.fates {
			p.stays(i, "no rule says what goes")
		}
		return p.fates
	}
	for _, runs := range p.groups() {
		p.decide(runs)
	}
	for lead, reruns := range p.reruns {
		for _, i := range reruns {
			p.follow(i, lead)
		}
	}
	return p.fates
}

// Limits reports whether a rule says what goes. To hold something is no reason
// for all else to go.
func (k Keep) Limits() bool {
	return k.Last > 0 || k.Within > 0 || slices.ContainsFunc(k.thins(), func(t thin) bool { return !t.none() })
}

// plan is a Plan under way. Runs are known by their index.
type plan struct {
	keep Keep
	now  time.Time
	runs []Entry
	lead []int // of each run, the run that it goes and stays with: mostly itself
	// reruns are the runs that go and stay with another, by that one.
	reruns map[int][]int
	fates  []Fate
}

// group is what one counts the newest runs of. A fork may call its branch as it
// likes, so that runs of pull requests are counted apart.
type group struct {
	Suite
	branch string
	pull   bool
}

func groupOf(o collect.Origin) group {
	g := group{SuiteOf(o), o.Branch, pullRequest(Query{}, o) != ""}
	if g.Name != "" {
		g.Job = "" // as for the choice of a baseline, the name takes its place
	}
	return g
}

// groups gathers the runs that belong to no other by suite and branch, each
// newest first, and the others in reruns.
func (p *plan) groups() map[group][]int {
	groups := map[group][]int{}
	p.reruns = map[int][]int{}
	for i, lead := range p.lead {
		if i != lead {
			p.reruns[lead] = append(p.reruns[lead], i)
			continue
		}
		g := groupOf(p.runs[i].Origin)
		groups[g] = append(groups[g], i)
	}
	for _, runs := range groups {
		slices.SortFunc(runs, func(a, b int) int { return compareAge(p.runs[a], p.runs[b]) })
	}
	return groups
}

// compareAge orders runs newest first. Where the times are the same it must not
// be left to the order of a listing which run is the newest.
func compareAge(a, b Entry) int {
	return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.Attempt, a.Attempt), cmp.Compare(b.ID, a.ID))
}

// decide applies all rules to the runs of a suite and branch, newest first.
func (p *plan) decide(runs []int) {
	p.keepNewest(runs)
	var missed [][]string // by rule, then by run: why it is not kept
	if p.keep.Last > 0 {
		missed = append(missed, p.keepLast(runs))
	}
	if p.keep.Within > 0 {
		missed = append(missed, p.keepWithin(runs))
	}
	for _, t := range p.keep.thins() {
		if !t.none() {
			missed = append(missed, p.thin(runs, t))
		}
	}
	for _, h := range p.keep.Holds {
		p.hold(runs, h)
	}
	for k, i := range runs {
		if p.fates[i].Kept {
			continue
		}
		for _, m := range missed {
			p.fates[i].Reasons = append(p.fates[i].Reasons, m[k])
		}
	}
}

func (p *plan) keepLast(runs []int) (missed []string) {
	the := fmt.Sprintf("one of the newest %d of its suite and branch", p.keep.Last)
	for _, i := range runs[:min(p.keep.Last, len(runs))] {
		p.stays(i, the)
	}
	return slices.Repeat([]string{"not " + the}, len(runs))
}

func (p *plan) keepWithin(runs []int) (missed []string) {
	older := "older than " + days(p.keep.Within)
	young := "not " + older
	for _, i := range runs {
		if p.age(i) <= p.keep.Within {
			p.stays(i, young)
		}
	}
	return slices.Repeat([]string{older}, len(runs))
}

// keepNewest keeps what must not go from a suite and branch.
func (p *plan) keepNewest(runs []int) {
	if groupOf(p.runs[runs[0]].Origin).pull {
		return
	}
	p.stays(runs[0], "the newest of its suite and branch")
	if sound := p.soundest(runs); sound != runs[0] {
		p.stays(sound, "the newest of its suite and branch that did not fail")
	}
}

// soundest is the newest run that did not fail, or else the newest.
func (p *plan) soundest(runs []int) int {
	for _, i := range runs {
		if sound(p.runs[i].Origin) {
			return i
		}
	}
	return runs[0]
}

// hold keeps the runs of a suite and branch that something refers to.
func (p *plan) hold(runs []int, h Hold) {
	var fit []int
	for _, i := range runs {
		also := func(j int) bool { return h.Fits(p.runs[j].Origin) }
		if also(i) || slices.ContainsFunc(p.reruns[i], also) {
			fit = append(fit, i)
		}
	}
	for nth, i := range fit {
		if h.Newest <= 0 && h.Oldest <= 0 || nth < h.Newest || len(fit)-nth <= h.Oldest {
			p.stays(i, h.Why)
		}
	}
}

func (p *plan) age(i int) time.Duration { return p.now.Sub(p.runs[i].Time) }

func (p *plan) stays(i int, reason string) {
	p.fates[i].Kept = true
	p.fates[i].Reasons = append(p.fates[i].Reasons, reason)
}

// follow gives a re-run the fate of the run that it belongs to.
func (p *plan) follow(i, lead int) {
	f, verb := &p.fates[i], "goes"
	if f.Kept = p.fates[lead].Kept; f.Kept {
		verb = "stays"
	}
	f.Reasons = []string{fmt.Sprintf("belongs to run %s, which %s", p.runs[lead].ID, verb)}
}
