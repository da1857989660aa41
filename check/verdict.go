package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// result orders the comparisons, counts them and draws the verdict.
func (c *comparer) result() Result {
	r := Result{Head: c.looks[0].Origin, Baseline: c.window(), Metrics: c.out, Counts: make(map[Status]int)}
	for _, t := range c.effect.telling { // before the order changes
		r.telling = append(r.telling, telling{c.out[t.at].Name, t.noise})
	}
	confirmed := c.confirmNotes()
	sortByImportance(r.Metrics)
	for _, s := range statuses {
		r.Counts[s] = 0
	}
	for i := range r.Metrics {
		if r.Metrics[i].Level != Off {
			r.Counts[r.Metrics[i].Status]++
		}
	}
	c.draw(&r)
	r.Notes = slices.Concat(confirmed, c.notes, c.windowNotes(r.Baseline))
	c.plainVerdict(&r)
	return r
}

// importance is what comparisons are put in order by, but for their names.
type importance struct {
	rank, at int32
	size     float64
}

// sortByImportance puts comparisons in order. They are large, so that each is
// moved once only, to its place.
func sortByImportance(cs []Comparison) {
	order := make([]importance, len(cs))
	named := true // in the order of their names, as records are: then places tell which is first
	for i := range cs {
		order[i] = importance{int32(rank(&cs[i])), int32(i), size(&cs[i])}
		named = named && (i == 0 || cs[i-1].Name < cs[i].Name)
	}
	slices.SortFunc(order, func(a, b importance) int {
		switch {
		case a.rank != b.rank:
			return int(a.rank - b.rank)
		case a.size > b.size:
			return -1
		case a.size < b.size:
			return 1
		case named:
			return int(a.at - b.at)
		}
		return strings.Compare(cs[a.at].Name, cs[b.at].Name)
	})
	for start := range order {
		first := cs[start]
		to := start
		for int(order[to].at) != start {
			from := int(order[to].at)
			cs[to], order[to].at = cs[from], int32(to) // which is done with it
			to = from
		}
		cs[to], order[to].at = first, int32(to)
	}
}

var statuses = []Status{Regressed, Suspect, Missing, Waived, Improved, New, Inconclusive, Unchanged}

// rank puts what gates first, then what only warns, then the rest.
func rank(c *Comparison) int {
	at := slices.Index(statuses, c.Status)
	switch {
	case c.Level == Off:
		return 2 * len(statuses)
	case c.Level == Warn && (c.Status == Regressed || c.Status == Suspect):
		return at + 2 // after both at the level that gates
	case c.Status == Regressed || c.Status == Suspect:
		return at
	}
	return at + 2
}

// size is how large a change is, for order within a status. Away from 0 a change
// has no per cent and counts as the largest.
func size(c *Comparison) float64 {
	switch {
	case !math.IsNaN(c.DeltaPct):
		return math.Abs(c.DeltaPct)
	case c.Head != c.Baseline && finite(c.Head) && finite(c.Baseline):
		return math.MaxFloat64
	}
	return 0
}

// draw sets the verdict, its reasons, and whether the run fails.
func (c *comparer) draw(r *Result) {
	by, judged := newRolls(), false
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if m.Level != Fail || m.Status == New {
			continue
		}
		judged = judged || m.Status != Missing && m.Status != Inconclusive
		switch m.Status {
		case Regressed, Suspect, Missing, Inconclusive:
			by[m.Status].add(m.Name)
		}
	}
	r.Verdict = Pass
	if n := by[Regressed]; n.count > 0 {
		r.Verdict, r.Fails = Regression, true
		r.Gated = append(r.Gated, n.listed("regressed"))
	}
	if n := by[Missing]; n.count > 0 && c.t.OnMissing == ActFail {
		r.Verdict, r.Fails = Regression, true
		r.Gated = append(r.Gated, n.listed("missing"))
	}
	if n := by[Suspect]; n.count > 0 {
		r.Verdict = cmp.Or(notPass(r.Verdict), SuspectRun)
		r.Gated = append(r.Gated, n.listed("suspect"))
	}
	n := by[Inconclusive]
	asked := c.t.OnInconclusive == ActFail
	if n.count > 0 && (asked || !judged) {
		r.Verdict = cmp.Or(notPass(r.Verdict), InconclusiveRun)
		r.Fails = r.Fails || asked
		r.Gated = append(r.Gated, n.listed("inconclusive"))
	}
	c.warn(by)
}

// notPass is v, or nothing where it is Pass.
func notPass(v Verdict) Verdict {
	if v == Pass {
		return ""
	}
	return v
}

// warn tells of states that the configuration wants told but not gated.
func (c *comparer) warn(by rolls) {
	if n := by[Missing]; n.count > 0 && c.t.OnMissing == ActWarn {
		c.notes = append(c.notes, n.listed("missing"))
	}
	if n := by[Inconclusive]; n.count > 0 && c.t.OnInconclusive == ActWarn {
		c.notes = append(c.notes, n.listed("inconclusive"))
	}
}

// rolls are those that a verdict is drawn from.
type rolls map[Status]*roll

func newRolls() rolls { return rolls{Regressed: {}, Suspect: {}, Missing: {}, Inconclusive: {}} }

// roll counts metrics. There may be any number, and only the first few are named.
type roll struct {
	count int
	first [listedNames]string
}

const listedNames = 3

func (r *roll) add(name string) {
	if r.count < listedNames {
		r.first[r.count] = name
	}
	r.count++
}

// listed is a count in words, with the first few names.
func (r *roll) listed(state string) string {
	shown := strings.Join(r.first[:min(r.count, listedNames)], ", ")
	if r.count == 1 {
		return fmt.Sprintf("%s is %s", shown, state)
	}
	if more := r.count - listedNames; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%d metrics are %s: %s", r.count, state, shown)
}

// listed is what a roll of the names says.
func listed(names []string, state string) string {
	var r roll
	for _, name := range names {
		r.add(name)
	}
	return r.listed(state)
}

// window describes the baseline.
func (c *comparer) window() Window {
	runs := c.b.Runs
	w := Window{Runs: len(runs)}
	if len(runs) == 0 {
		return w
	}
	w.Branch = runs[0].Branch
	w.Oldest, w.Newest = runs[0].Time, runs[len(runs)-1].Time
	w.NewestCommit = runs[len(runs)-1].Commit
	head := baseline.Machine(c.looks[0].Runner)
	for i := range runs {
		if runs[i].Branch != w.Branch {
			w.Branch = ""
		}
		switch {
		case baseline.OtherMachine(head, runs[i].Runner):
			w.OtherRunner++
		case head != (collect.Runner{}) && baseline.Machine(runs[i].Runner) == head:
			w.SameRunner++
		}
	}
	return w
}

// firstRun is the note where there was nothing to find.
const firstRun = "there is no baseline yet: this run is the first of its kind that later ones can be compared with"

// windowNotes tell what limits the trust in the baseline.
func (c *comparer) windowNotes(w Window) []string {
	var notes []string
	if w.Runs == 0 {
		notes = append(notes, firstRun)
	}
	notes = append(notes, c.machineNotes(w)...)
	if c.b.SameCommit && w.Runs > 0 {
		notes = append(notes, "all baseline runs are of the head's own commit: they show its noise, not a change")
	}
	for _, l := range c.b.Left {
		what := "stored runs"
		if l.Runs == 1 {
			what = "stored run"
		}
		notes = append(notes, fmt.Sprintf("%d %s left out: %s", l.Runs, what, l.Reason))
	}
	return notes
}
