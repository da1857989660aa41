package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMidRanks(t *testing.T) {
	t.Parallel()
	// Two groups of equal values: 2^3-2 + 3^3-3.
	ranks, ties := midRanks([]float64{5, 1, 5, 9, 5, 1})
	if want := []float64{4, 1.5, 4, 6, 4, 1.5}; !slices.Equal(ranks, want) || ties != 30 {
		t.Errorf("midRanks = %v, %v, want %v, 30", ranks, ties, want)
	}
}

func TestShift(t *testing.T) {
	t.Parallel()
	step := slices.Concat(filled(12, 1), filled(20, 3))
	rising := make([]float64, 30) // z of a split in half: 112.5 / sqrt(15*15/12*31) = 4.67
	for i := range rising {
		rising[i] = float64(i)
	}
	for _, row := range []struct {
		name string
		y    []float64
		want int
	}{
		{"a step", step, 12},
		{"a trend that is long enough", rising, 15},
		{"a trend that is too short", rising[:26], 0},
		{"one value", filled(40, 2), 0},
		{"too few on one side", slices.Concat(filled(7, 1), filled(8, 3)), 0},
		{"two steps: the larger first", slices.Concat(filled(20, 1), filled(20, 2), filled(10, 1)), 20},
	} {
		if got := shift(row.y); got != row.want {
			t.Errorf("%s: shift = %d, want %d", row.name, got, row.want)
		}
	}
}

func TestLevelled(t *testing.T) {
	t.Parallel()
	y := slices.Concat(filled(12, 1), filled(12, 3), []float64{math.NaN()}, filled(12, 2))
	y[3], y[30] = 1.5, 1.75
	residual, level := levelled(y)
	if level != 2 {
		t.Errorf("level = %v, want 2, that of the newest stretch", level)
	}
	for i, x := range residual {
		want := map[int]float64{3: 0.5, 24: math.NaN(), 30: -0.25}[i]
		if x != want && !(x != x && want != want) {
			t.Errorf("residual[%d] = %v, want %v", i, x, want)
		}
	}
}

// A clean history has the noise of the real one and not its shifts.
func TestWithoutShifts(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	h := noisy(rng, 6, 100)
	h.metrics[0].Unit = "MB"
	for i := range h.runs {
		machine := 1.0
		if i >= 50 {
			machine = 1.4 // all timings together
		}
		for j := range h.columns {
			if j > 0 {
				h.columns[j][i] *= machine
			}
		}
		if i >= 70 {
			h.columns[2][i] *= 2
		}
		h.columns[3][i] = 7
		h.columns[4][i] = math.Round(100 * h.columns[4][i])
	}
	h.columns[5][80] *= 3
	clean := h.withoutShifts()
	for _, j := range []int{1, 2, 5} {
		old, recent := median(clean.columns[j][:50]), median(clean.columns[j][70:])
		if math.Abs(recent/old-1) > 0.01 || math.Abs(recent/median(h.columns[j][70:])-1) > 0.01 {
			t.Errorf("metric %d: clean levels are %v and %v, want both at the newest, %v", j, old, recent, median(h.columns[j][70:]))
		}
	}
	if x := clean.columns[5]; x[80] < 2.5*x[79] {
		t.Error("the outlier has gone with the shifts")
	}
	if !slices.Equal(clean.columns[3], h.columns[3]) {
		t.Errorf("a metric that never moved does: %v", clean.columns[3])
	}
	if !whole(clean.columns[4]) {
		t.Errorf("a metric that is counted is not whole: %v", clean.columns[4])
	}
	if x := clean.columns[0]; math.Abs(median(x[:50])/median(x[50:])-1) > 0.02 {
		t.Error("a size has moved with the timings")
	}
}
