package collect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The robust deviation of normal samples is right on average, however few.
func TestScatterOfNormalSamples(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 9))
	for n := 2; n <= 12; n++ {
		const runs = 40_000
		sum := 0.0
		for range runs {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = 100 + 0.1*rng.NormFloat64()
			}
			sum += 1000 * float64(NewScatter(xs).Part)
		}
		if got := sum / runs; math.Abs(got-1) > 0.02 {
			t.Errorf("%d samples with a deviation of 1: %.3f on average", n, got)
		}
	}
}

func TestScatter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		samples []float64
		least   float64
		most    float64
	}{
		{"none", nil, 0, 0},
		{"one", []float64{5}, 0, 0},
		{"equal", []float64{5, 5, 5}, 0, 0},
		{"two", []float64{99, 101}, 0.0177, 0.0178}, // 1.196 x 1.4826 x 1 / 100
		{"an absurd one", []float64{99, 100, 101, 100, 1e300}, 0.01, 0.03},
		{"below zero", []float64{-99, -101}, 0.0177, 0.0178},
		{"absurd ones", []float64{1e-300, -math.MaxFloat64, math.MaxFloat64, 1e300}, 1, math.MaxFloat32},
		{"zeros", []float64{0, 0, 0, 1}, 0, 0},
	}
	for _, tt := range tests {
		got := NewScatter(tt.samples)
		if int(got.Samples) != len(tt.samples) || !(float64(got.Part) >= tt.least && float64(got.Part) <= tt.most) {
			t.Errorf("%s: %+v, want a part from %g to %g", tt.name, got, tt.least, tt.most)
		}
		scaled := slices.Clone(tt.samples)
		slices.Reverse(scaled)
		for i := range scaled {
			scaled[i] /= 1024
		}
		if again := NewScatter(scaled); again != got && got.Part != math.MaxFloat32 {
			t.Errorf("%s: %+v turned round and in another unit, want %+v", tt.name, again, got)
		}
	}
	if got := NewScatter([]float64{-1, 0, 0, 1, 1, -1}); got.Part == got.Part {
		t.Errorf("around 0: %+v, want an unknown part", got)
	}
}

// A decoder tells of the last row alone, whatever came before.
func TestDecoderScatter(t *testing.T) {
	t.Parallel()
	var d Decoder
	for _, tt := range []struct {
		more string
		want []Scatter
	}{
		{``, nil},
		{`,"samples":{"n":[1,2,3]}`, []Scatter{{}, NewScatter([]float64{1, 2, 3})}},
		{`,"samples":{"m":[1],"o":[]}`, nil},
		{`,"samples":{"m":[3,4]}`, []Scatter{NewScatter([]float64{3, 4})}},
		{``, nil},
	} {
		if _, _, err := d.Row([]byte(withMetrics(`{"m":1,"n":2}`, tt.more))); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Scatter(), tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.more, d.Scatter(), tt.want)
		}
	}
}

func TestForgetSamples(t *testing.T) {
	t.Parallel()
	r := Run{Metrics: []Metric{{Name: "a", Value: 2, Samples: []float64{1, 2, 4}}, {Name: "b", Value: 3}, {Name: "c", Value: 5, Samples: []float64{5}}}}
	want := []Scatter{r.ScatterOf(0), r.ScatterOf(1), r.ScatterOf(2)}
	if want[0] != NewScatter([]float64{4, 1, 2}) || want[1] != (Scatter{}) || want[2] != (Scatter{Samples: 1}) {
		t.Fatalf("scatter of the samples: %v", want)
	}
	for range 2 { // to forget twice is to forget once
		r.ForgetSamples()
		for i, m := range r.Metrics {
			if got := r.ScatterOf(i); m.Samples != nil || got != want[i] {
				t.Errorf("%s: samples %v, scatter %v, want %v", m.Name, m.Samples, got, want[i])
			}
		}
	}
	plain := Run{Metrics: []Metric{{Name: "b", Value: 3}}}
	if plain.ForgetSamples(); plain.Scatter != nil || plain.ScatterOf(0) != (Scatter{}) {
		t.Errorf("a run without samples: %v", plain.Scatter)
	}
}
