package check_test

import (
	"math/rand/v2"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func restlessWorld(t *testing.T) world {
	t.Helper()
	for _, w := range worlds {
		if w.restless > 0 {
			return w
		}
	}
	t.Fatal("no world has restless runs")
	return world{}
}

// TestUnrest asks that a calm run is judged by calm runs: a slowdown that would
// be lost in a restless run is found in it, and the noise of a restless run is
// not taken for one.
func TestUnrest(t *testing.T) {
	onceIsEnough(t)
	t.Parallel()
	const runs = 200
	w := restlessWorld(t)
	rng := rand.New(rand.NewPCG(3, 8))
	found, alarms := 0, 0
	for range runs {
		b := w.baseline(rng)
		row := w.scattered(rng, 0, 1)
		row[0] *= 1.2
		if find(t, check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{}), "job0.seconds").Status == check.Regressed {
			found++
		}
		if check.Compare([]collect.Run{w.look(w.scattered(rng, 0, w.restless))}, b, check.Thresholds{}).Fails {
			alarms++
		}
	}
	t.Logf("of %d calm runs +20 %% is found in %d; %d of as many restless runs fail", runs, found, alarms)
	if found < runs*3/4 {
		t.Errorf("+20 %% is found in %d of %d calm runs, want three in four", found, runs)
	}
	// All that chance makes fail may be restless runs, which are one in three.
	if bound := binomialBound(runs, 3*0.05); alarms > bound {
		t.Errorf("%d of %d restless runs fail, want %d at most", alarms, runs, bound)
	}
}

// TestGroupIsNoUnrest makes a quarter of the metrics slower: that is a
// regression, and not a restless run.
func TestGroupIsNoUnrest(t *testing.T) {
	t.Parallel()
	const runs = 100
	w := restlessWorld(t)
	rng := rand.New(rand.NewPCG(4, 8))
	found := 0
	for range runs {
		b := w.baseline(rng)
		row := w.scattered(rng, 0, 1)
		for j := range w.metrics / 4 {
			row[j] *= 1.3
		}
		if check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{}).Fails {
			found++
		}
	}
	if found < runs*9/10 {
		t.Errorf("a quarter of all metrics at +30 %% is found in %d of %d runs, want nine in ten", found, runs)
	}
}

// TestUnrestIsExplained asks for a clearly larger figure for a restless run than
// for a calm one.
func TestUnrestIsExplained(t *testing.T) {
	t.Parallel()
	w := restlessWorld(t)
	rng := rand.New(rand.NewPCG(5, 8))
	for range 20 {
		b := w.baseline(rng)
		unrest := func(scatter float64) float64 {
			e, ok := check.Explain([]collect.Run{w.look(w.scattered(rng, 0, scatter))}, b, check.Thresholds{}, "job0.seconds")
			if !ok || e.Noisy == nil {
				t.Fatal("no arithmetic")
			}
			return e.Noisy.Unrest
		}
		if calm, restless := unrest(1), unrest(w.restless); !(calm < 1.2 && restless > 1.2*calm) {
			t.Errorf("unrest of a calm run is %g, of a restless one %g", calm, restless)
		}
	}
}
