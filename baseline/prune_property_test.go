package baseline

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/plumbline-ci/plumbline/collect"
)

const dayLong = 24 * time.Hour

// drawRuns draws a store: few suites and branches, so that each has several runs,
// times that meet at the borders of periods and are often the same, and re-runs
// of runs that are there, are gone, or are re-runs themselves.
func drawRuns(t *rapid.T) []Entry {
	n := rapid.IntRange(0, 40).Draw(t, "runs")
	runs := make([]Entry, n)
	for i := range runs {
		hours := rapid.IntRange(-3, 24*800).Draw(t, "hours")
		o := collect.Origin{
			ID: fmt.Sprintf("r%02d", i), Time: noon.Add(-time.Duration(hours/6*6) * time.Hour),
			Repository: rapid.SampledFrom([]string{"", "o/r"}).Draw(t, "repository"),
			Branch:     rapid.SampledFrom([]string{"main", "main", "release/1"}).Draw(t, "branch"),
			Name:       rapid.SampledFrom([]string{"", "", "s"}).Draw(t, "name"),
			Event:      rapid.SampledFrom([]string{"push", "push", "pull_request"}).Draw(t, "event"),
			Commit:     rapid.SampledFrom([]string{"aaaaaaa", "bbbbbbb", "ccccccc"}).Draw(t, "commit"),
			Success:    rapid.SampledFrom([]collect.Outcome{collect.Unsaid, collect.Succeeded, collect.Failed}).Draw(t, "success"),
		}
		if rapid.IntRange(0, 4).Draw(t, "again") == 0 {
			o.RerunOf = fmt.Sprintf("r%02d", rapid.IntRange(0, n).Draw(t, "of"))
		}
		runs[i] = Entry{Origin: o}
	}
	return runs
}

func drawThin(t *rapid.T, name string) Thin {
	switch rapid.IntRange(0, 2).Draw(t, name+" by") {
	case 0:
		return Thin{Periods: rapid.IntRange(1, 12).Draw(t, name+" periods")}
	case 1:
		return Thin{Age: time.Duration(rapid.IntRange(1, 900).Draw(t, name+" days")) * dayLong}
	}
	return Thin{}
}

// drawKeep draws rules of which at least one says what goes.
func drawKeep(t *rapid.T) Keep {
	k := Keep{
		Last:   rapid.IntRange(0, 5).Draw(t, "last"),
		Within: time.Duration(rapid.IntRange(0, 400).Draw(t, "within")) * dayLong,
		Hourly: drawThin(t, "hourly"), Daily: drawThin(t, "daily"), Weekly: drawThin(t, "weekly"),
		Monthly: drawThin(t, "monthly"), Yearly: drawThin(t, "yearly"), Holds: drawHolds(t),
	}
	if !k.Limits() {
		k.Last = 1
	}
	return k
}

func drawHolds(t *rapid.T) []Hold {
	var hs []Hold
	for range rapid.IntRange(0, 2).Draw(t, "holds") {
		commit := rapid.SampledFrom([]string{"aaaaaaa", "bbbbbbb"}).Draw(t, "held commit")
		hs = append(hs, Hold{
			Fits:   func(o collect.Origin) bool { return o.Commit == commit },
			Newest: rapid.IntRange(0, 2).Draw(t, "newest"), Oldest: rapid.IntRange(0, 2).Draw(t, "oldest"), Why: "held",
		})
	}
	return hs
}

// more draws rules that want no less than k does.
func more(t *rapid.T, k Keep) Keep {
	k.Last += rapid.IntRange(0, 3).Draw(t, "more last")
	k.Within += time.Duration(rapid.IntRange(0, 100).Draw(t, "more within")) * dayLong
	for _, thin := range []*Thin{&k.Hourly, &k.Daily, &k.Weekly, &k.Monthly, &k.Yearly} {
		n := rapid.IntRange(0, 3).Draw(t, "more of a period")
		switch {
		case thin.none():
			*thin = drawThin(t, "more")
		case thin.Periods > 0:
			thin.Periods += n
		default:
			thin.Age += time.Duration(n) * 30 * dayLong
		}
	}
	k.Holds = append(slices.Clone(k.Holds), drawHolds(t)...)
	return k
}

func staying(fates []Fate) map[string]bool {
	ids := map[string]bool{}
	for _, f := range fates {
		if f.Kept {
			ids[f.ID] = true
		}
	}
	return ids
}

func TestPlanMoreRulesKeepNoFewer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		runs, k := drawRuns(t), drawKeep(t)
		some, all := staying(k.Plan(runs, noon)), staying(more(t, k).Plan(runs, noon))
		for id := range some {
			if !all[id] {
				t.Fatalf("run %s goes under more rules", id)
			}
		}
	})
}

// TestPlanTwice: pruning twice is pruning once.
func TestPlanTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		runs, k := drawRuns(t), drawKeep(t)
		var left []Entry
		for _, f := range k.Plan(runs, noon) {
			if f.Kept {
				left = append(left, f.Entry)
			}
		}
		for _, f := range k.Plan(left, noon) {
			if !f.Kept {
				t.Fatalf("run %s goes the second time: %q", f.ID, f.Reasons)
			}
		}
	})
}

func TestPlanShuffled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		runs, k := drawRuns(t), drawKeep(t)
		want := map[string]string{}
		for _, f := range k.Plan(runs, noon) {
			want[f.ID] = fmt.Sprint(f.Kept, f.Reasons)
		}
		got := map[string]string{}
		for _, f := range k.Plan(rapid.Permutation(runs).Draw(t, "order"), noon) {
			got[f.ID] = fmt.Sprint(f.Kept, f.Reasons)
		}
		if !maps.Equal(got, want) {
			t.Fatalf("in another order the fates are %v, want %v", got, want)
		}
	})
}

// TestPlanKeepsTheNewest: of accepted code, a suite's newest run on a branch stays
// and so does the newest that may be a baseline. All of them have reasons.
func TestPlanKeepsTheNewest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		runs, k := drawRuns(t), drawKeep(t)
		fates := k.Plan(runs, noon)
		newest, sound := map[group]Fate{}, map[group]Fate{}
		for _, f := range fates {
			if len(f.Reasons) == 0 {
				t.Fatalf("the fate of run %s has no reason", f.ID)
			}
			g := groupOf(f.Origin)
			if g.pull || f.RerunOf != "" {
				continue
			}
			if old, ok := newest[g]; !ok || compareAge(f.Entry, old.Entry) < 0 {
				newest[g] = f
			}
			if old, ok := sound[g]; f.Success != collect.Failed && (!ok || compareAge(f.Entry, old.Entry) < 0) {
				sound[g] = f
			}
		}
		for g, f := range newest {
			// An orphaned re-run may be newer still, and is then what has to stay.
			orphan := slices.ContainsFunc(fates, func(o Fate) bool {
				return o.RerunOf != "" && groupOf(o.Origin) == g && compareAge(o.Entry, f.Entry) < 0
			})
			if !f.Kept && !orphan {
				t.Fatalf("run %s is the newest of its suite and branch, and goes: %q", f.ID, f.Reasons)
			}
		}
		for _, f := range sound {
			if !f.Kept {
				t.Fatalf("run %s is the newest of its suite and branch that may be a baseline, and goes: %q", f.ID, f.Reasons)
			}
		}
	})
}

// TestPlanRerunsFollow: a re-run has the fate of the run that it names.
func TestPlanRerunsFollow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fates := drawKeep(t).Plan(drawRuns(t), noon)
		stays := staying(fates)
		for _, f := range fates {
			for _, of := range fates {
				if of.ID == f.RerunOf && stays[of.ID] != f.Kept {
					t.Fatalf("run %s is a re-run of %s; kept are %v and %v", f.ID, of.ID, f.Kept, stays[of.ID])
				}
			}
		}
	})
}

// TestPlanHeldStays: nothing goes that something refers to.
func TestPlanHeldStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := drawKeep(t)
		k.Holds = append(k.Holds, Hold{Fits: func(o collect.Origin) bool { return o.Commit == "ccccccc" }, Why: "pinned"})
		for _, f := range k.Plan(drawRuns(t), noon) {
			if f.Commit == "ccccccc" && !f.Kept {
				t.Fatalf("run %s is pinned and goes: %q", f.ID, f.Reasons)
			}
		}
	})
}
