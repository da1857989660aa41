package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// machines slow each of twelve timings by a share of its own: from half of the
// run's effect to one and a half of it.
func machines(rng *rand.Rand, effect, code float64) []float64 {
	row := make([]float64, 12)
	for j := range row {
		share := 0.5 + float64(j)/11
		row[j] = 100 * math.Exp(share*effect+code+0.01*rng.NormFloat64())
	}
	return row
}

// TestSlowdownOrMachine gives both the same median of the timings: code that slows all timings
// alike stands out in one look, a machine that slows each as machines did before
// does not, though the one is no slower than the other.
func TestSlowdownOrMachine(t *testing.T) {
	const slower = 0.12
	cleared := 0
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 21))
		b := baseline.Baseline{Runs: make([]collect.Origin, 50), Values: make([][]float64, 12)}
		for j := range b.Values {
			b.Metrics = append(b.Metrics, metric(fmt.Sprintf("job%d.seconds", j), 0))
		}
		for range b.Runs {
			for j, x := range machines(rng, 0.1*rng.NormFloat64(), 0) {
				b.Values[j] = append(b.Values[j], x)
			}
		}
		judged := func(row []float64) check.Comparison {
			r := check.Compare([]collect.Run{world{}.look(row)}, b, check.Thresholds{})
			return find(t, r, check.RunEffect)
		}
		if got := judged(machines(rng, 0, slower)); got.Status != check.Suspect || math.Abs(math.Log(got.Head)-slower) > 0.04 {
			t.Errorf("seed %d: slow code is %s at %gx (%s), want suspect at %.2fx", seed, got.Status, got.Head, got.Reason, math.Exp(slower))
		}
		got := judged(machines(rng, slower, 0))
		if got.Status == check.Unchanged {
			cleared++
		}
		if math.Abs(math.Log(got.Head)) > 0.04 {
			t.Errorf("seed %d: a slow machine is %s at %gx (%s), want about 1x", seed, got.Status, got.Head, got.Reason)
		}
	}
	if cleared < 8 {
		t.Errorf("%d of 10 slow machines are no suspects, want 8 at least", cleared)
	}
}
