package check

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestWagerByHand plays a few bets whose stakes can be worked out on paper: with
// z = 1, then z = -2, the bounded loss.
func TestWagerByHand(t *testing.T) {
	t.Parallel()
	w := newWager(0, 1)
	w.bet(0.3, math.NaN()) // no scale: z is 1
	w.bet(-9, 1)           // bounded to -2
	want := 0.0
	for _, c := range boldness {
		want += (1 + math.Tanh(c)) * (1 - math.Tanh(2*c)) / float64(len(boldness))
	}
	if got := w.evidence(); math.Abs(got-want) > 1e-12 {
		t.Errorf("evidence = %v, want %v", got, want)
	}
	w.bet(0, 1) // a difference of exactly mu says nothing
	if got := w.evidence(); math.Abs(got-want) > 1e-12 {
		t.Errorf("evidence after a tie = %v, want %v", got, want)
	}
}

// TestWagerIsFair takes differences of any size and all ways their signs can
// fall: the mean of the stakes must be 1, whatever the sizes. This is what the
// error rates stand on.
func TestWagerIsFair(t *testing.T) {
	t.Parallel()
	const n = 12
	rng := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		var size [n]float64
		for i := range size {
			size[i] = math.Exp(3 * rng.NormFloat64()) // far from normal
		}
		mean := 0.0
		for signs := range 1 << n {
			l, w := ledger{}, newWager(0.7, 1)
			for i, x := range size {
				if signs>>i&1 == 1 {
					x = -x
				}
				w.bet(0.7+x, l.add(0.7+x))
			}
			mean += w.evidence() / (1 << n)
		}
		if math.Abs(mean-1) > 1e-9 {
			t.Fatalf("the mean stake over all signs of %v is %v, want 1", size, mean)
		}
	}
}

// TestClosedTesting holds the shortcut against all groups of a small family.
func TestClosedTesting(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		all := make([]float64, 1+rng.IntN(7))
		for i := range all {
			all[i] = math.Exp(3 * rng.NormFloat64())
			if rng.IntN(4) == 0 && i > 0 {
				all[i] = all[i-1] // ties
			}
		}
		e := newEvidences(all)
		for i, x := range all {
			want := math.Inf(1)
			for set := range 1 << len(all) {
				if set>>i&1 == 0 {
					continue
				}
				sum, n := 0.0, 0
				for j, y := range all {
					if set>>j&1 == 1 {
						sum, n = sum+y, n+1
					}
				}
				want = min(want, sum/float64(n))
			}
			if got := e.adjusted(x); math.Abs(got-want) > 1e-9*want {
				t.Fatalf("adjusted(%v) in %v = %v, want %v", x, all, got, want)
			}
			if refuted, enough := want >= 20, x >= e.need(x, 20)-1e-9; refuted != enough && math.Abs(want-20) > 1e-6 {
				t.Fatalf("%v in %v: refuted %v, but it needs %v", x, all, refuted, e.need(x, 20))
			}
		}
	}
}

// TestPairsNeededFits holds the forecasts against the simulations that they were
// fitted to.
func TestPairsNeededFits(t *testing.T) {
	t.Parallel()
	const runs = 600
	for _, c := range []struct{ distance, alpha float64 }{{0.35, 0.05}, {0.7, 0.05}, {1.4, 0.05}, {0.5, 0.01}, {0.5, 0.2}} {
		var took []int
		for i := range runs {
			rng := rand.New(rand.NewPCG(uint64(i), 9))
			l, w := ledger{}, newWager(c.distance, -1)
			n := 0
			for ; n < 5 || w.evidence() < 1/c.alpha; n++ {
				x := rng.NormFloat64()
				w.bet(x, l.add(x))
			}
			took = append(took, n)
		}
		within := func(pairs float64) (share float64) {
			for _, n := range took {
				if float64(n) <= pairs {
					share += 1.0 / runs
				}
			}
			return share
		}
		half, nine := within(pairsHalf(c.distance, c.alpha)), within(pairsNeeded(c.distance, c.alpha))
		if math.Abs(half-0.5) > 0.12 || math.Abs(nine-0.9) > 0.07 {
			t.Errorf("at a distance of %g and a rate of %g the forecasts hold in %.2f and %.2f of the cases, want 0.5 and 0.9", c.distance, c.alpha, half, nine)
		}
	}
}
