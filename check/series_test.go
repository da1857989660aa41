package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Ranks are those that sorting the values gives, whatever their lowest bits are.
func TestRanks(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 2))
	next := func(x float64, steps int) float64 { return math.Float64frombits(math.Float64bits(x) + uint64(steps)) }
	draws := map[string]func() float64{
		"normal":        rng.NormFloat64,
		"tied":          func() float64 { return float64(rng.IntN(7) - 3) },
		"apart by bits": func() float64 { return next(3.25, rng.IntN(200)) },
		"below by bits": func() float64 { return -next(3.25, rng.IntN(200)) },
		"around 0": func() float64 {
			return math.Copysign(float64(rng.IntN(3))*math.SmallestNonzeroFloat64, float64(rng.IntN(2))-0.5)
		},
		"as large as it is": func() float64 { return math.Copysign(math.MaxFloat64, rng.NormFloat64()) },
	}
	for name, draw := range draws {
		for _, n := range []int{0, 1, 2, 3, 63, 64, 65, 100, 1000} {
			s := series{y: make([]float64, n), rank: make([]int32, n)}
			for i := range s.y {
				s.y[i] = draw()
			}
			s.rankAll(make([]uint64, n+1))
			sorted := slices.Clone(s.y)
			slices.Sort(sorted)
			sorted = slices.CompactFunc(sorted, func(a, b float64) bool { return a == b })
			for i, y := range s.y {
				if want := slices.IndexFunc(sorted, func(x float64) bool { return x == y }); int(s.rank[i]) != want {
					t.Fatalf("%s, %d values: %v has rank %d, want %d", name, n, y, s.rank[i], want)
				}
			}
		}
	}
}
