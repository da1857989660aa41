package check

import (
	"math"
	"testing"
)

// The figures of these tests are published; where they are R's, its help page or
// function is named.

func TestNormalQuantile(t *testing.T) {
	// qnorm of R 4 with 7 figures; the middle ones are in every table.
	tests := []struct{ p, want float64 }{
		{0.5, 0}, {0.75, 0.6744898}, {0.9, 1.2815516}, {0.95, 1.6448536}, {0.975, 1.9599640},
		{0.99, 2.3263479}, {0.995, 2.5758293}, {0.999, 3.0902323}, {0.025, -1.9599640},
		{1e-6, -4.7534243}, {1e-10, -6.3613409}, {1e-100, -21.2734535},
	}
	for _, tt := range tests {
		if got := normalQuantile(tt.p); math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("normalQuantile(%g) = %.7f, want %.7f", tt.p, got, tt.want)
		}
		if got := upperQuantile(tt.p); math.Abs(got+tt.want) > 1e-6 {
			t.Errorf("upperQuantile(%g) = %.7f, want %.7f", tt.p, got, -tt.want)
		}
	}
	for _, p := range []float64{-1, 0, 1, 2, math.Inf(1)} {
		if got := normalQuantile(p); !finite(got) {
			t.Errorf("normalQuantile(%g) = %g, want a finite number", p, got)
		}
	}
}

func TestFalseDiscovery(t *testing.T) {
	// Benjamini and Hochberg (1995), section 3.2: the thrombolysis study, of whose
	// 15 hypotheses the procedure rejects the first four at 0.05. The adjusted
	// values are p.adjust(p, "BH") in R.
	p := []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
	}
	want := []float64{
		0.0015, 0.0030, 0.0095, 0.035625, 0.0603, 0.06385714, 0.06385714, 0.0645, 0.0765,
		0.4860, 0.58118182, 0.714875, 0.75323077, 0.81321429, 1,
	}
	// The order of the hypotheses must not matter, nor those that were not tested.
	shuffled := []int{7, 0, 14, 3, 9, 1, 12, 5, 2, 13, 4, 8, 11, 6, 10}
	in, q := make([]float64, 0, 16), make([]float64, 16)
	for _, i := range shuffled {
		in = append(in, p[i])
	}
	falseDiscovery(append(in, math.NaN()), q)
	rejected := 0
	for k, i := range shuffled {
		if math.Abs(q[k]-want[i]) > 1e-7 {
			t.Errorf("q of p = %g is %.8f, want %.8f", p[i], q[k], want[i])
		}
		if q[k] <= 0.05 {
			rejected++
		}
	}
	if rejected != 4 {
		t.Errorf("%d hypotheses rejected at 0.05, want 4", rejected)
	}
	if !math.IsNaN(q[15]) {
		t.Errorf("q of a test that was not made is %g, want NaN", q[15])
	}
}

func TestRankSum(t *testing.T) {
	// ?wilcox.test in R: Hollander and Wolfe (1973), 69f, W = 35 without ties, so
	// z = (35 - 25) / sqrt(10*5*16/12); and Ozone in May and August from the data
	// set airquality, W = 127.5 and p = 0.0001208 with ties and R's continuity
	// correction of 0.5.
	hollander := [2][]float64{
		{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46},
		{1.15, 0.88, 0.90, 0.74, 1.21},
	}
	ozone := [2][]float64{
		{41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37},
		{39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85},
	}
	if got, want := rankSumZOf(hollander), 10/math.Sqrt(10*5*16/12.0); math.Abs(got-want) > 1e-12 {
		t.Errorf("z of Hollander and Wolfe's data is %g, want %g", got, want)
	}
	z := rankSumZOf(ozone)
	corrected := z * (338 - 127.5 - 0.5) / (338 - 127.5)
	if p := math.Erfc(corrected / math.Sqrt2); math.Abs(p-0.0001208) > 5e-8 {
		t.Errorf("p of Ozone in May and August is %.7f, want 0.0001208", p)
	}
}

func rankSumZOf(groups [2][]float64) float64 {
	all := append(append([]float64{}, groups[0]...), groups[1]...)
	h := newHistorian(len(all), len(all))
	h.load(&track{sign: 1, plain: 1, col: all, count: len(all)})
	for range all {
		h.add()
	}
	return h.rankSumZ(len(groups[0]))
}

func TestMedianSelects(t *testing.T) {
	sizes := []int{511, 512, 513, 640, 1000, 1777}
	for n := 1; n < 200; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		for _, stride := range []int{1, 7, 13, n - 1, 0} { // sorted, mixed, backwards, all equal
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = float64(i * stride % n)
			}
			want := referenceMedian(xs)
			if got := median(xs); got != want {
				t.Fatalf("median of %d values at stride %d = %g, want %g", n, stride, got, want)
			}
		}
	}
}

// referenceMedian counts instead of selecting.
func referenceMedian(xs []float64) float64 {
	low, high := math.NaN(), math.NaN()
	for _, x := range xs {
		below, equal := 0, 0
		for _, y := range xs {
			if y < x {
				below++
			} else if y == x {
				equal++
			}
		}
		if k := (len(xs) - 1) / 2; below <= k && k < below+equal {
			low = x
		}
		if k := len(xs) / 2; below <= k && k < below+equal {
			high = x
		}
	}
	return (low + high) / 2
}

func TestUpperTail(t *testing.T) {
	// Hill (1975): draws at the quantiles of a Pareto tail of index 1/2 give that
	// index back, and the extrapolated quantile with it.
	draws := make([]float64, 15)
	for i := range draws {
		draws[i] = math.Pow((float64(i)+0.5)/15, -0.5)
	}
	if got := tailIndex(draws[:tailRuns], draws[tailRuns]); math.Abs(got-0.5) > 0.06 {
		t.Errorf("tail index of a Pareto tail of 0.5 is %g", got)
	}
	tests := []struct {
		alpha float64
		want  float64
	}{
		{0.5, draws[7]}, {0.125, draws[1]}, {0.0625, draws[0]}, // (n+1) alpha whole: that draw
		{0.01, math.Pow(0.01, -0.5)}, // beyond the largest: the tail
	}
	for _, tt := range tests {
		if got := upperTail(draws, tt.alpha); math.Abs(got/tt.want-1) > 0.1 {
			t.Errorf("upperTail(%g) = %g, want %g", tt.alpha, got, tt.want)
		}
	}
}
