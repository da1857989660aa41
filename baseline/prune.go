package baseline

import (
	"fmt"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Keep says which runs pruning keeps: those that at least one of its rules
// wants. The zero Keep keeps all.
type Keep struct {
	// Last keeps the newest so many runs of each suite and branch.
	Last int
	// Within keeps the runs that are no older than this.
	Within time.Duration
}

// Fate is what pruning does to a run, and why.
type Fate struct {
	Entry
	Kept   bool
	Reason string
}

// Plan says of each run whether it is kept. The runs come newest first; ages
// are counted back from now. Plan changes nothing.
func (k Keep) Plan(runs []Entry, now time.Time) []Fate {
	fates := make([]Fate, len(runs))
	seen := map[suite]int{}
	for i, e := range runs {
		s := suiteOf(e.Origin)
		seen[s]++
		fates[i] = Fate{Entry: e}
		fates[i].Kept, fates[i].Reason = k.fate(seen[s], now.Sub(e.Time))
	}
	return fates
}

// fate decides about the nth newest run of a suite.
func (k Keep) fate(nth int, age time.Duration) (kept bool, reason string) {
	switch {
	case k == Keep{}:
		return true, "no rule says what goes"
	case k.Last > 0 && nth <= k.Last:
		return true, fmt.Sprintf("one of the newest %d of its suite and branch", k.Last)
	case k.Within > 0 && age <= k.Within:
		return true, "not older than " + days(k.Within)
	case k.Within <= 0:
		return false, fmt.Sprintf("not one of the newest %d of its suite and branch", k.Last)
	}
	return false, "older than " + days(k.Within)
}

// suite is what one counts the newest runs of.
type suite struct{ name, job, kind, branch string }

func suiteOf(o collect.Origin) suite {
	s := suite{o.Name, o.Job, o.Type, o.Branch}
	if s.name != "" {
		s.job = "" // as for the choice of a baseline, the name takes its place
	}
	return s
}
