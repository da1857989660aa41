package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// restless is a value of a metric that scatters, or is still but for a few moves,
// or never moves.
func restless(rng *rand.Rand, j int) float64 {
	x := 100.0
	switch j % 5 {
	case 0:
		x *= math.Exp(0.03 * rng.NormFloat64())
	case 1: // still, and moved now and then
		if rng.IntN(9) == 0 {
			x *= 1 + 0.1*(rng.Float64()-0.5)
		}
	case 2: // small steps
		x = 10 + float64(rng.IntN(8)/7)
	case 3:
		if rng.IntN(12) == 0 {
			x = 0
		}
	}
	return x
}

// restlessCase is a history with such metrics, and looks of which some got worse
// or better.
func restlessCase(rng *rand.Rand) ([]collect.Run, baseline.Baseline) {
	names := []string{"a.seconds", "b.seconds", "c_mb", "d.seconds", "e_mb", "f_per_s", "g_mb", "h.items", "i_pct", "j.failed", "k.seconds", "l_mb"}
	values := make(map[string][]float64)
	runs := 6 + rng.IntN(60)
	looks := make([]collect.Run, 1+rng.IntN(3))
	for j, name := range names {
		for range runs {
			values[name] = append(values[name], restless(rng, j))
		}
		worse := math.Exp([]float64{0, 0.01, 0.05, 0.3}[rng.IntN(4)] * rng.NormFloat64())
		for k := range looks {
			m := metric(name, restless(rng, j)*worse)
			m.Better = []collect.Direction{collect.Lower, collect.Higher}[j/2%2]
			looks[k].Metrics = append(looks[k].Metrics, m)
		}
	}
	return looks, history(values)
}

// TestLimitOnlyMakesMilder asks that a limit never makes an alert that would not
// be without it, whatever it counts in.
func TestLimitOnlyMakesMilder(t *testing.T) {
	alerts, let := 0, 0
	for seed := range uint64(600) {
		rng := rand.New(rand.NewPCG(seed, 31))
		looks, b := restlessCase(rng)
		limit := check.Limit{Value: 20 * rng.Float64() * rng.Float64(), Kind: check.LimitKind(rng.IntN(3))}
		confirm := rng.IntN(2)
		free := check.Compare(looks, b, check.Thresholds{Confirm: confirm})
		limited := check.Compare(looks, b, check.Thresholds{Confirm: confirm, Limit: &limit})
		for _, m := range free.Metrics {
			if m.Name == check.RunEffect {
				continue
			}
			got := find(t, limited, m.Name)
			was, is := alarm(m.Status), alarm(got.Status)
			if is > was {
				t.Errorf("seed %d: %s is %s (%s), and under the limit %s it is %s (%s)", seed, m.Name, m.Status, m.Reason, &limit, got.Status, got.Reason)
			}
			if was > 0 {
				alerts++
			}
			if is < was {
				let++
			}
		}
	}
	if alerts < 500 || let < 100 {
		t.Errorf("%d alerts, of which limits let %d through: the histories are too tame", alerts, let)
	}
}

// alarm orders the statuses by how loud they are.
func alarm(s check.Status) int {
	switch s {
	case check.Suspect:
		return 1
	case check.Regressed:
		return 2
	}
	return 0
}

// TestLimitWithoutNoise holds a limit against a metric that is still but for a
// few moves, or has none at all.
func TestLimitWithoutNoise(t *testing.T) {
	moved := steady(30, 100)
	moved[10], moved[20] = 104, 102
	tests := []struct {
		name   string
		past   []float64
		head   float64
		limit  float64
		want   check.Status
		reason string
		seen   float64 // the smallest detectable change
	}{
		{"never moved, past the limit", steady(30, 100), 103.1, 3, check.Regressed, "same in all 30", 3},
		{"never moved, at the limit", steady(30, 100), 103, 3, check.Unchanged, "within the limit of 3%", 3},
		{"moved as far before", moved, 105, 3, check.Unchanged, "no more than 1.5 times what they moved by before", 5.62},
		{"past all moves, within the limit", moved, 107, 8, check.Unchanged, "within the limit of 8%", 8},
		{"past all moves and the limit", moved, 107, 3, check.Regressed, "most of the 30", 5.62},
		{"within both", moved, 102, 3, check.Unchanged, "within the limit of 3%", 5.62},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := metric("a_mb", tt.head)
			b := history(map[string][]float64{"a_mb": tt.past})
			got := find(t, check.Compare([]collect.Run{run(m)}, b, check.Thresholds{Limit: &check.Limit{Value: tt.limit}}), "a_mb")
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Status, got.Reason, tt.want, tt.reason)
			}
			if seen := fmt.Sprintf("%.3g", got.MinDetectablePct); seen != fmt.Sprintf("%.3g", tt.seen) {
				t.Errorf("a change of %s %% can be seen, want %.3g %%", seen, tt.seen)
			}
		})
	}
}
