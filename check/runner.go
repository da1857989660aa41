package check

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// likeWithLike leaves of a column what may be compared with the head. Where the
// baseline has runs on other kinds of machine, a metric that depends on the
// machine loses their values, and apart says why what is left is too little.
func (c *comparer) likeWithLike(m collect.Metric, col []float64) (like []float64, apart string) {
	if c.ruler.normalises(m.Name, m.Unit) && col != nil {
		return col, c.lackOf(m.Name, col) // machines do not matter any more
	}
	if c.b.Alike <= 0 || !dependsOnMachine(m.Name, m.Unit) {
		return col, ""
	}
	head := c.looks[0].Runner
	like = slices.Clone(col)
	for i := range like {
		if baseline.OtherMachine(head, c.b.Runs[i].Runner) {
			like[i] = math.NaN()
		}
	}
	have, all := count(like), count(col)
	if have == all || have >= c.b.Alike {
		c.apart = c.apart || have < all
		return like, ""
	}
	return like, apartText(have, all, c.b.Alike, head)
}

// forgetOthers takes runs on other kinds of machine out of what the family
// showed in the past: without its timings such a run has few metrics that may
// stand out, and the threshold for all of them would come out too low.
func (c *comparer) forgetOthers() {
	if !c.apart {
		return
	}
	for i, r := range c.b.Runs[c.old:] {
		if !baseline.OtherMachine(c.looks[0].Runner, r.Runner) {
			continue
		}
		for k := range c.tracks {
			c.tracks[k].past[i] = math.NaN()
		}
	}
}

// dependsOnMachine reports whether another machine gives another value for the
// same code: times and rates over time, and what a process takes of processor,
// memory and disk. Sizes of files, counts and coverage are the code's own.
func dependsOnMachine(name string, u collect.Unit) bool {
	if isTiming(name, u) {
		return true
	}
	area, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"cpu", "ram", "io", "system"}, area)
}

// machineNotes tell how far the baseline's runs are of the head's kind of machine.
// Those that do not say theirs are counted apart: nobody knows.
func (c *comparer) machineNotes(w Window) []string {
	if baseline.Machine(c.looks[0].Runner) == (collect.Runner{}) {
		return nil
	}
	var notes []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			notes = append(notes, fmt.Sprintf("1 of %s %s", baselineRuns(w.Runs), one))
		case n > 1:
			notes = append(notes, fmt.Sprintf("%d of %s %s", n, baselineRuns(w.Runs), many))
		}
	}
	add(w.OtherRunner, "comes from another kind of machine", "come from another kind of machine")
	add(w.Runs-w.SameRunner-w.OtherRunner, "does not say its machine; it counts as of the head's kind",
		"do not say their machine; they count as of the head's kind")
	return notes
}

func apartText(have, all, need int, head collect.Runner) string {
	few := fmt.Sprintf("only %d of %s are", have, baselineRuns(all))
	switch have {
	case 0:
		few = fmt.Sprintf("none of %s is", baselineRuns(all))
	case 1:
		few = fmt.Sprintf("only 1 of %s is", baselineRuns(all))
	}
	return fmt.Sprintf("%s on this kind of machine (%s); %d are needed to compare what depends on it", few, machineText(head), need)
}

// machineText names a machine as its owner would: the processor where it is
// known.
func machineText(r collect.Runner) string {
	words := []string{r.CPUModel}
	if r.CPUModel == "" {
		words = []string{strings.TrimSpace(r.OS + " " + r.Arch)}
	}
	if words[0] == "" {
		words = nil
	}
	switch {
	case r.Cores == 1:
		words = append(words, "1 core")
	case r.Cores > 1:
		words = append(words, fmt.Sprintf("%d cores", r.Cores))
	}
	return strings.Join(words, ", ")
}

// Elsewhere says of each run whether it was measured on another kind of machine
// than a run is.
func Elsewhere(run collect.Origin, runs []collect.Origin) []bool {
	out := make([]bool, len(runs))
	for i := range runs {
		out[i] = baseline.OtherMachine(run.Runner, runs[i].Runner)
	}
	return out
}
