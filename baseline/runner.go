package baseline

import (
	"context"
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// RunnerRule says how the kind of machine that a run was measured on counts.
// Runs that do not say theirs are taken under any rule, and so are all where
// the head does not say its own.
type RunnerRule string

// The rules. Empty means PreferRunner.
const (
	// PreferRunner takes the newest runs, and older ones on the head's kind of
	// machine where the newest have too few. Baseline.Alike then keeps what
	// depends on the machine from being compared across.
	PreferRunner RunnerRule = "prefer"
	// RequireRunner takes no run of another kind of machine.
	RequireRunner RunnerRule = "require"
	// AnyRunner compares across machines.
	AnyRunner RunnerRule = "any"
)

const (
	// enoughAlike is how many runs on the head's kind of machine it takes to
	// compare timings where nobody says: more than a verdict needs at the least,
	// as leaving the other runs out costs power.
	enoughAlike = 10
	// SearchBack bounds, in baselines, how many runs of other kinds of machine
	// are passed by in search of the head's own kind. What lies further back is
	// of old code, and the search would read all of a large store.
	SearchBack = 10

	elsewhere = "on another kind of machine"
)

// Machine is what makes two runners of one kind. Image and kernel change every few
// weeks and leave the machine as it is; memory and place are not said by runs that
// older versions stored.
func Machine(r collect.Runner) collect.Runner {
	return collect.Runner{OS: r.OS, Arch: r.Arch, CPUModel: r.CPUModel, Cores: r.Cores}
}

// OtherMachine reports whether two runners are known to be of different kinds:
// both say what they are, and not the same.
func OtherMachine(a, b collect.Runner) bool {
	a, b = Machine(a), Machine(b)
	return a != b && a != (collect.Runner{}) && b != (collect.Runner{})
}

// otherMachine: how fast a machine is says nothing about the code.
func otherMachine(q Query, run collect.Origin) string {
	if q.Runner == RequireRunner && OtherMachine(q.Head.Runner, run.Runner) {
		return elsewhere
	}
	return ""
}

// EnoughAlike is Baseline.Alike where nobody says: of a baseline of at most so
// many runs, for a verdict that needs minRuns.
func EnoughAlike(runs, minRuns int) int { return min(max(enoughAlike, minRuns), runs) }

// fetchPreferred takes the newest runs of any kind, and where these have too few
// on the head's kind of machine, those that lie further back as well. Leaving
// the others out would compare a size with that of an old run of the head's kind,
// and put down to the head what was merged since.
func fetchPreferred(ctx context.Context, s Store, q Query) (Baseline, error) {
	if q.Alike <= 0 {
		q.Alike = EnoughAlike(q.Runs, q.MinRuns)
	}
	q.Alike = min(max(q.Alike, q.MinRuns), q.Runs)
	q.Runner = AnyRunner
	b, err := fetchOnce(ctx, s, q, 0)
	if err != nil {
		return b, err
	}
	alike := 0
	for i := range b.Runs {
		if !OtherMachine(q.Head.Runner, b.Runs[i].Runner) {
			alike++
		}
	}
	if alike == len(b.Runs) {
		return b, nil
	}
	b.Alike = q.Alike
	if alike >= q.Alike || b.SameCommit {
		return b, nil
	}
	q.Runner = RequireRunner
	like, err := fetchOnce(ctx, s, q, SearchBack*q.Runs)
	if err == nil && len(like.Runs) >= q.Alike && !like.SameCommit {
		b.prepend(like, len(like.Runs)-alike)
	}
	return b, err
}

// prepend puts the oldest runs of another baseline before those of b.
func (b *Baseline) prepend(older Baseline, runs int) {
	columns := make(map[string][]float64, len(older.Metrics))
	for j, m := range older.Metrics {
		columns[m.Name] = older.Values[j]
	}
	b.Runs = append(older.Runs[:runs:runs], b.Runs...)
	for j, m := range b.Metrics {
		col := slices.Repeat([]float64{math.NaN()}, runs)
		copy(col, columns[m.Name])
		b.Values[j] = append(col, b.Values[j]...)
	}
	b.prependScatter(older, runs)
}

func (b *Baseline) prependScatter(older Baseline, runs int) {
	if b.Scatter == nil && older.Scatter == nil {
		return
	}
	columns := make(map[string][]collect.Scatter, len(older.Metrics))
	for j := range older.Scatter {
		columns[older.Metrics[j].Name] = older.Scatter[j]
	}
	newer := b.Scatter
	b.Scatter = make([][]collect.Scatter, len(b.Metrics))
	for j, m := range b.Metrics {
		col := make([]collect.Scatter, len(b.Runs))
		copy(col[:runs], columns[m.Name])
		if newer != nil {
			copy(col[runs:], newer[j])
		}
		b.Scatter[j] = col
	}
}
