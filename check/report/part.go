package report

import (
	"cmp"
	"slices"
	"sort"

	"github.com/plumbline-ci/plumbline/check"
)

// State is what a part of a comment says in a word: a verdict, or that nothing
// was judged.
type State string

// The states, the most severe first.
const (
	StateRegression   State = "regression"
	StateSuspect      State = "suspect"
	StateInconclusive State = "inconclusive"
	StateUnjudged     State = "nothing judged"
	StatePass         State = "pass"
)

var states = []State{StateRegression, StateSuspect, StateInconclusive, StateUnjudged, StatePass}

// Stamp says whose part of a comment it is, and of when.
type Stamp struct {
	Suite    string `json:"suite"`
	Workflow string `json:"workflow"` // its file; a suite's name is one of its workflow
	Commit   string `json:"commit"`   // the head of the pull request
	Run      int64  `json:"run"`      // the workflow run's id, which grows with time
	Number   int    `json:"number"`   // of the run within its workflow
	Attempt  int    `json:"attempt"`
}

// sameSuite reports whether two stamps are of the same part.
func (s Stamp) sameSuite(o Stamp) bool { return s.Suite == o.Suite && s.Workflow == o.Workflow }

// after reports whether s is of a newer run or attempt than o. The numbers of
// runs tell within a workflow, their ids everywhere.
func (s Stamp) after(o Stamp) bool {
	by := cmp.Compare(s.Run, o.Run)
	if s.Workflow == o.Workflow {
		by = cmp.Or(cmp.Compare(s.Number, o.Number), by)
	}
	return cmp.Or(by, cmp.Compare(s.Attempt, o.Attempt)) > 0
}

// Part is what one suite says in a comment that several share.
type Part struct {
	Stamp
	State   State
	Changed bool // something is worth a comment: worse, better, missing, not to be judged

	says string // the headline
	run  string // its address
	page *Page  // nil for a part that stands in an earlier comment
	text string // of such a part
}

// NewPart is a suite's part with the figures that a comment shows of its page.
func NewPart(s Stamp, p Page) Part {
	p = p.digest()
	return Part{Stamp: s, State: p.State(), Changed: p.changed(), says: p.headline(element), run: p.Links.Run, page: &p}
}

// State is what the page says in a word.
func (p *Page) State() State {
	if p.Result.Verdict == check.Pass && p.tally.judged == 0 {
		return StateUnjudged
	}
	return State(p.Result.Verdict)
}

// changed reports whether there is something to tell that was not so before.
func (p *Page) changed() bool {
	by := p.tally.by
	return p.State() != StatePass || by[check.Regressed]+by[check.Suspect]+by[check.Improved]+by[check.Missing]+by[check.Waived] > 0
}

// body is the part below its headline, in at most so many bytes.
func (p *Part) body(most int) string {
	if p.page != nil {
		return p.page.body(most)
	}
	if len(p.text) > most {
		return ""
	}
	return p.text
}

// Merge joins the fresh parts, one of which is own, with those of the comment as
// it stands. Of two parts of one suite the newer run's stays, and parts about
// older commits go. Where the comment tells of a newer commit, stale says so, and
// it is to be left as it is.
func Merge(own Stamp, fresh, kept []Part) (parts []Part, stale bool) {
	for _, k := range kept {
		if k.Commit != own.Commit && k.after(own) {
			return nil, true
		}
	}
	for _, p := range append(slices.Clone(fresh), kept...) {
		if p.Commit != own.Commit {
			continue
		}
		switch i := slices.IndexFunc(parts, func(x Part) bool { return x.sameSuite(p.Stamp) }); {
		case i < 0:
			parts = append(parts, p)
		case p.after(parts[i].Stamp):
			parts[i] = p
		}
	}
	sort.Slice(parts, func(i, j int) bool {
		a, b := &parts[i], &parts[j]
		return cmp.Or(cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.Workflow, b.Workflow)) < 0
	})
	return parts, false
}

// weight is how much room a part may have, compared with others.
func (p *Part) weight() int {
	if p.State == StateRegression || p.State == StateSuspect {
		return 10
	}
	return 1
}

// severity is how far at the end of states a part is.
func (p *Part) severity() int { return slices.Index(states, p.State) }
