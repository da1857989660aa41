package check_test

import (
	"math/rand/v2"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// TestNothingRegressesForTheBetter speeds all timings up but one, which stays
// as it was or gets a little better: it fell behind, and is not called worse.
func TestNothingRegressesForTheBetter(t *testing.T) {
	behind := 0
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		row := w.row(rng)
		for j := 1; j < len(row); j++ {
			row[j] *= 0.6
		}
		for _, f := range []float64{1, 0.99, 0.9} {
			faster := append([]float64{row[0] * f}, row[1:]...)
			m := find(t, check.Compare([]collect.Run{w.look(faster)}, b, check.Thresholds{}), "job0.seconds")
			if m.Head < m.Baseline {
				behind++
				if m.Status == check.Regressed || m.Status == check.Suspect {
					t.Errorf("%s x %g: %s (%s)", name, f, m.Status, m.Reason)
				}
			}
		}
	})
	if behind == 0 {
		t.Error("the metric never was better than its level: the test tells nothing")
	}
}
