package tools

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestCandidate(t *testing.T) {
	t.Parallel()
	// Ten values of 1 and ten of 3: 2 / 20 times 100 distances of 2.
	y := slices.Concat(slices.Repeat([]float64{1}, 10), slices.Repeat([]float64{3}, 10))
	if got, want := candidate(y, 0, 20), (place{10, 20}); got.at != want.at || math.Abs(got.q-want.q) > 1e-12 {
		t.Errorf("candidate = %+v, want %+v", got, want)
	}
	if got := candidate(y, 8, 20); got.at != 10 {
		t.Errorf("candidate of a part = %+v, want one at 10", got)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	// Population variances of 2/3 make t = 3 / (2/3) = 4.5, and with 4 degrees of
	// freedom p = 1 - 3/4 t/sqrt(1+t^2/4) (1 - t^2/(12 (1+t^2/4))).
	want := 1 - 0.75*(4.5/math.Sqrt(6.0625))*(1-20.25/72.75)
	got := compare([]float64{1, 2, 3, 4, 5, 6}, 0, 3, 6)
	if math.Abs(got.p-want) > 1e-12 || got.before != 2 || got.after != 5 || got.change() != 1.5 {
		t.Errorf("compare = %+v with a change of %v, want p = %v from 2 to 5, 150 %%", got, got.change(), want)
	}
	if got := compare([]float64{1, 1, 2, 2}, 0, 2, 4); got.p != 0 {
		t.Errorf("levels without noise that differ have p = %v, want 0", got.p)
	}
	if got := compare([]float64{1, 1, 1, 1}, 0, 2, 4); got.p != 1 {
		t.Errorf("equal levels without noise have p = %v, want 1", got.p)
	}
	if got := compare([]float64{1, 9}, 0, 1, 2); got.p != 1 {
		t.Errorf("one value against one has p = %v, want 1", got.p)
	}
}

func TestChangePoints(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	level := func(n int, x float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = x * (1 + 0.01*rng.NormFloat64())
		}
		return out
	}
	y := slices.Concat(level(30, 10), level(40, 12), level(25, 11.6))
	at := func(leastChange float64) (places []int) {
		for _, c := range ChangePoints(y, 0.001, leastChange) {
			places = append(places, c.At)
		}
		return places
	}
	if got := at(0); !slices.Equal(got, []int{30, 70}) {
		t.Errorf("change points at %v, want 30 and 70", got)
	}
	if got := at(0.05); !slices.Equal(got, []int{30}) {
		t.Errorf("change points of 5 %% at %v, want 30", got)
	}
}

func TestOtavaAlertsOnTheNewestAlone(t *testing.T) {
	t.Parallel()
	alerts := Otava(0.001, 0)
	past := []float64{10, 10.1, 9.9, 10, 10.1, 9.9, 10, math.NaN(), 9.9, 10.1, 10}
	for _, row := range []struct {
		name   string
		last   []float64
		newest int
		lower  bool
		want   bool
	}{
		{"a jump at the head", []float64{20}, 0, true, true},
		{"for the better", []float64{5}, 0, true, false},
		{"more is better", []float64{5}, 0, false, true},
		{"a jump one run ago", []float64{20, 20}, 0, true, false},
		{"of which the newest two count", []float64{20, 20}, 2, true, true},
		{"nothing", []float64{10}, 3, true, false},
	} {
		y := append(slices.Clone(past), row.last...)
		s := Series{Past: y[:len(y)-1], Head: y[len(y)-1], Lower: row.lower, Newest: row.newest}
		if got := alerts(s); got != row.want {
			t.Errorf("%s: alerts = %v, want %v", row.name, got, row.want)
		}
	}
}

func TestFilled(t *testing.T) {
	t.Parallel()
	got := Filled([]float64{math.NaN(), 1, math.NaN(), math.NaN(), 2, math.NaN()})
	if want := []float64{1, 1, 1, 1, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("Filled = %v, want %v", got, want)
	}
}
