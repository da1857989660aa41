package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// calm is a history without a change of code: noise, of which some stays from
// run to run, on machines that come in eras.
type calm struct {
	name          string
	metrics, runs int
	sd, stays     float64 // deviation, and the correlation of neighbours
	eras          float64 // deviation of what all timings of an era have in common
	heavy         bool
}

var calms = []calm{
	{name: "independent", metrics: 8, runs: 80, sd: 0.03},
	{name: "heavy tails", metrics: 8, runs: 80, sd: 0.03, heavy: true},
	{name: "spells", metrics: 8, runs: 100, sd: 0.03, stays: 0.3},
	{name: "runner eras", metrics: 12, runs: 100, sd: 0.02, eras: 0.1},
	{name: "eras and spells", metrics: 20, runs: 60, sd: 0.02, stays: 0.3, eras: 0.1},
	{name: "30 runs", metrics: 8, runs: 30, sd: 0.03},
	{name: "one metric", metrics: 1, runs: 60, sd: 0.03},
}

func (w calm) history(rng *rand.Rand) baseline.Baseline {
	b := baseline.Baseline{Runs: make([]collect.Origin, w.runs)}
	for i := range b.Runs {
		b.Runs[i].ID, b.Runs[i].Commit = fmt.Sprint("run", i), fmt.Sprint("commit", i)
	}
	effect := make([]float64, w.runs)
	for i := range effect {
		if i > 0 && rng.IntN(15) > 0 {
			effect[i] = effect[i-1]
		} else {
			effect[i] = w.eras * rng.NormFloat64()
		}
	}
	tail := heavy(w.sd)
	for j := range w.metrics {
		col := make([]float64, w.runs)
		last := w.sd * rng.NormFloat64()
		for i := range col {
			fresh := w.sd * rng.NormFloat64()
			if w.heavy {
				fresh = tail(rng)
			}
			last = w.stays*last + math.Sqrt(1-w.stays*w.stays)*fresh
			col[i] = 100 * math.Exp(last+effect[i])
		}
		b.Metrics = append(b.Metrics, metric(fmt.Sprintf("job%d.seconds", j), 0))
		b.Values = append(b.Values, col)
	}
	return b
}

// TestTrendFalseAlarms holds what the trend promises: the share of clean
// histories that fail is no more than the configured rate.
func TestTrendFalseAlarms(t *testing.T) {
	const histories = 300
	for _, w := range calms {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(7, uint64(len(w.name))))
			failed := 0
			for range histories {
				if check.Trend(w.history(rng), check.Thresholds{}, check.TrendOptions{}).Fails {
					failed++
				}
			}
			t.Logf("%d of %d clean histories fail", failed, histories)
			if bound := binomialBound(histories, 0.05); failed > bound {
				t.Errorf("%d of %d clean histories fail, want %d at most", failed, histories, bound)
			}
		})
	}
}

// worse makes one metric worse by a factor that depends on the run.
func worse(b baseline.Baseline, metric int, by func(i int) float64) {
	for i := range b.Values[metric] {
		b.Values[metric][i] *= by(i)
	}
}

// TestTrendFinds asks for what the trend is for: of many histories most must
// fail for the metric that got worse.
func TestTrendFinds(t *testing.T) {
	t.Parallel()
	const histories = 40
	w := calm{metrics: 8, runs: 100, sd: 0.02}
	for _, row := range []struct {
		name  string
		by    func(i int) float64
		least int
		creep bool
	}{
		{"three runs of 15 %", func(i int) float64 { return 1 + 0.15*at(i >= 97) }, 36, false},
		{"fifteen runs of 4 %", func(i int) float64 { return 1 + 0.04*at(i >= 85) }, 25, false},
		{"a ramp of 10 % over 50 runs", func(i int) float64 { return 1 + 0.1*min(1, max(0, float64(i-50)/50)) }, 28, true},
	} {
		rng := rand.New(rand.NewPCG(3, 4))
		found, creeping := 0, 0
		for range histories {
			b := w.history(rng)
			worse(b, 3, row.by)
			r := check.Trend(b, check.Thresholds{}, check.TrendOptions{})
			at := slices.IndexFunc(r.Shifts, func(s check.Shift) bool { return s.Gates && s.Name == "job3.seconds" })
			if at >= 0 {
				found++
				if r.Shifts[at].Creep {
					creeping++
				}
			}
		}
		t.Logf("%s: found in %d of %d histories, as a creep in %d", row.name, found, histories, creeping)
		if found < row.least {
			t.Errorf("%s: found in %d of %d histories, want %d", row.name, found, histories, row.least)
		}
		if row.creep && creeping == 0 {
			t.Errorf("%s: never found as a creep", row.name)
		}
	}
}

func at(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// A shift of all timings is said once, and a metric that got better does not fail.
func TestTrendAllTimings(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 4))
	b := calm{metrics: 10, runs: 80, sd: 0.02}.history(rng)
	for j := range b.Metrics {
		worse(b, j, func(i int) float64 { return 1 + 0.2*at(i >= 65) })
	}
	worse(b, 2, func(i int) float64 { return 1 - 0.4*at(i >= 30) })
	r := check.Trend(b, check.Thresholds{}, check.TrendOptions{})
	var names []string
	for _, s := range r.Shifts {
		names = append(names, s.Name+" "+string(s.Status))
	}
	slices.Sort(names)
	want := []string{"job2.seconds improved", check.RunEffect + " suspect"}
	if r.Fails || r.Verdict != check.SuspectRun || !slices.Equal(names, want) {
		t.Errorf("verdict %s, fails %v, shifts %q; want suspect, not failing, %q", r.Verdict, r.Fails, names, want)
	}
}

// TestTrendRange holds what a shift says: where it is, how large, and since when.
func TestTrendRange(t *testing.T) {
	t.Parallel()
	b := calm{metrics: 3, runs: 60, sd: 0.005}.history(rand.New(rand.NewPCG(9, 9)))
	worse(b, 1, func(i int) float64 { return 1 + 0.1*at(i >= 50) })
	r := check.Trend(b, check.Thresholds{}, check.TrendOptions{})
	if len(r.Shifts) != 1 {
		t.Fatalf("%d shifts, want 1: %+v", len(r.Shifts), r.Shifts)
	}
	s := r.Shifts[0]
	if s.BeforeAt != 50 || s.AfterAt != 51 || s.Before.Commit != "commit49" || s.After.Commit != "commit50" || s.Lasting != 10 {
		t.Errorf("between %s (%d) and %s (%d) since %d runs, want commit49 (50), commit50 (51), 10", s.Before.Commit, s.BeforeAt, s.After.Commit, s.AfterAt, s.Lasting)
	}
	if !(s.Low < 10 && 10 < s.High && s.High-s.Low < 3) || math.Abs(s.DeltaPct-10) > 1.5 {
		t.Errorf("%+.1f %%, 95 %%: %.1f to %.1f; want an interval around 10", s.DeltaPct, s.Low, s.High)
	}
	if r = check.Trend(b, check.Thresholds{Limit: &check.Limit{Value: 15}}, check.TrendOptions{}); r.Fails {
		t.Error("a shift of 10 % fails under a limit of 15 %")
	}
	if r = check.Trend(b, check.Thresholds{}, check.TrendOptions{Newest: 9}); r.Fails || len(r.Shifts) != 1 {
		t.Errorf("a shift 10 runs ago, with the newest 9 to gate: fails %v, %d shifts; want it listed only", r.Fails, len(r.Shifts))
	}
}

// An accepted level is no news, where it is found as a step, in the newest runs or
// as a creep. What is worse than it is.
func TestTrendAccepted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		by      func(i int) float64
		since   string
		ceiling float64
		fails   bool
	}{
		{"a step", func(i int) float64 { return 1 + 0.1*at(i >= 90) }, "commit90", 20, false},
		{"the newest runs", func(i int) float64 { return 1 + 0.1*at(i >= 97) }, "commit97", 20, false},
		{"past its ceiling", func(i int) float64 { return 1 + 0.1*at(i >= 90) }, "commit90", 5, true},
		{"another step since", func(i int) float64 { return 1 + 0.1*at(i >= 60) + 0.1*at(i >= 90) }, "commit60", 20, true},
		{"another in the newest runs", func(i int) float64 { return 1 + 0.1*at(i >= 90) + 0.1*at(i >= 97) }, "commit90", 20, true},
		{"steps that add up", func(i int) float64 { return 1 + 0.01*float64(max(0, min(i-40, 8))) }, "commit50", 20, false},
	} {
		b := calm{metrics: 3, runs: 100, sd: 0.005}.history(rand.New(rand.NewPCG(9, 9)))
		worse(b, 1, row.by)
		th := check.Thresholds{Accepted: []check.Acceptance{{
			Waiver: check.Waiver{Metric: "job1.*", Ceiling: &check.Limit{Value: row.ceiling}, Reason: "new checksum"},
			Since:  check.Since{Text: row.since, Commit: row.since},
		}}}
		if plain := check.Trend(b, check.Thresholds{}, check.TrendOptions{}); !plain.Fails && row.name != "steps that add up" {
			t.Errorf("%s: passes without the accepted level", row.name)
		}
		r := check.Trend(b, th, check.TrendOptions{})
		if r.Fails != row.fails {
			t.Errorf("%s: fails %v, want %v: %+v", row.name, r.Fails, row.fails, r.Shifts)
		}
		for _, s := range r.Shifts {
			if !row.fails && (s.Status == check.Regressed && s.Gates || s.Status == check.Waived && !strings.Contains(s.Reason, "accepted since "+row.since+": new checksum")) {
				t.Errorf("%s: %s, %q", row.name, s.Status, s.Reason)
			}
		}
	}
}
