package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// contrastOf is one of noise in which a pattern of its own slows each timing.
func contrastOf(rng *rand.Rand, runs, timings int) (*contrast, effect) {
	c := &contrast{}
	e := effect{past: make([]float64, runs)}
	for j := range timings {
		t := &track{past: make([]float64, runs), name: string(rune('a' + j))}
		c.tracks, c.scales = append(c.tracks, t), append(c.scales, 1)
	}
	for i := range e.past {
		machine := rng.NormFloat64()
		row := make([]float64, timings)
		for j, t := range c.tracks {
			t.past[i] = rng.NormFloat64() + machine*float64(j)/float64(timings)
			row[j] = t.past[i]
		}
		e.past[i] = median(row)
	}
	c.fit(&e, someRuns(runs))
	return c, e
}

func someRuns(n int) []int {
	runs := make([]int, n)
	for i := range runs {
		runs[i] = i
	}
	return runs
}

// A run's oddity without itself is what a contrast that was fitted on the other
// runs says of it; for that the others' weight must be as if there were as many.
func TestOddityLeavesTheRunOut(t *testing.T) {
	const runs, timings = 12, 7
	c, e := contrastOf(rand.New(rand.NewPCG(1, 2)), runs, timings)
	for i := range runs {
		// The run left out adds nothing to X'X: a row of zeros.
		without := &contrast{scales: c.scales}
		rest := effect{past: slices.Clone(e.past)}
		rest.past[i] = 0
		for _, track := range c.tracks {
			clone := *track
			clone.past = slices.Clone(track.past)
			clone.past[i] = 0
			without.tracks = append(without.tracks, &clone)
		}
		without.fit(&rest, someRuns(runs))
		row := c.rows[i]
		slower := dot(without.weights, row) / without.weight
		want := without.oddity(row) - without.weight*slower*slower
		if math.Abs(c.past[i]-slower) > 1e-9 || math.Abs(c.odd[i]-want) > 1e-9 {
			t.Errorf("run %d: slowdown %g and oddity %g, want %g and %g as the other runs tell", i, c.past[i], c.odd[i], slower, want)
		}
	}
}

// What slows all timings alike makes a run no odder; what scatters them does.
func TestDoubtIsOfTheScatter(t *testing.T) {
	c, _ := contrastOf(rand.New(rand.NewPCG(3, 4)), 30, 8)
	usual := median(slices.Clone(c.odd))
	doubt := func(change func(j int) float64) float64 {
		row := slices.Clone(c.rows[5])
		for j := range row {
			row[j] += change(j)
		}
		slower := dot(c.weights, row) / c.weight
		return c.doubt(c.oddity(row)-c.weight*slower*slower, usual)
	}
	as := doubt(func(int) float64 { return 0 })
	if slow := doubt(func(int) float64 { return 7 }); math.Abs(slow-as) > 1e-9 {
		t.Errorf("doubt of a run with all timings slower alike = %g, want %g as without", slow, as)
	}
	if odd := doubt(func(j int) float64 { return float64(5 - 10*(j%2)) }); odd < 1.5*as {
		t.Errorf("doubt of a run with its timings up and down = %g, want far more than the usual run's %g", odd, as)
	}
}

// The level of the slowdown is that of the runs since the last shift, and of no
// run before it.
func TestSlowdownLevelIsOfTheRunsSinceTheShift(t *testing.T) {
	const runs, since = 30, 12
	rng := rand.New(rand.NewPCG(5, 6))
	c, _ := contrastOf(rng, runs, 8)
	for _, track := range c.tracks {
		track.sign, track.since, track.level, track.col = 1, runs-since, math.Log(100), make([]float64, runs)
	}
	for i := range runs {
		effect := 0.2 // of the code before the shift
		if i >= runs-since {
			effect = 0.03
		}
		for _, track := range c.tracks {
			track.col[i] = 100 * math.Exp(effect)
		}
	}
	if got, n := c.level(); math.Abs(got-0.03) > 1e-9 || n != since {
		t.Errorf("level = %g of %d runs, want 0.03 of the %d since the shift", got, n, since)
	}
	for _, track := range c.tracks {
		track.since = runs - (leastSide - 1)
	}
	if got, n := c.level(); got != 0 || n != 0 {
		t.Errorf("level of %d runs = %g of %d, want none: they are too few", leastSide-1, got, n)
	}
}

func TestPairedMiddle(t *testing.T) {
	for _, test := range []struct {
		xs   []float64
		want float64
	}{
		{[]float64{2}, 2},
		{[]float64{1, 2, 3, 4}, 2.5},
		{[]float64{0, 0, 1, 1, 1e9}, 1}, // of the fifteen means seven are less than 1 and five more
	} {
		if got := pairedMiddle(test.xs); got != test.want {
			t.Errorf("pairedMiddle(%v) = %g, want %g", test.xs, got, test.want)
		}
	}
}
