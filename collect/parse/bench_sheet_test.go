package parse

import (
	"fmt"
	"math"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// TestBenchEstimate shows that samples win over what a tool made of them,
// whichever file is read first.
func TestBenchEstimate(t *testing.T) {
	estimate, samples := NewSheet(""), NewSheet("")
	estimate.benchEstimate("a", nsPerOp, 7)
	estimate.benchEstimate("b", nsPerOp, 8)
	estimate.benchEstimate("c", nsPerOp, math.Inf(1))
	samples.benchAs("a", nsPerOp, 5, 6)
	samples.benchAs("d", nsPerOp)
	for _, order := range [][]*Sheet{{estimate, samples}, {samples, estimate}} {
		all := NewSheet("")
		for _, s := range order {
			again := NewSheet("")
			for name, m := range s.custom {
				again.benchAs(name[len("bench/"):len("bench/")+1], nsPerOp, m.Samples...)
			}
			for name, m := range s.estimates {
				again.benchEstimate(name[len("bench/"):len("bench/")+1], nsPerOp, m.Samples[0])
			}
			all.Merge(again)
		}
		got := ""
		for _, m := range all.Metrics() {
			got += fmt.Sprintf("%s %v %v; ", m.Name, m.Value, m.Samples)
		}
		if want := "bench/a.ns_per_op 5.5 [5 6]; bench/b.ns_per_op 8 []; "; got != want {
			t.Errorf("metrics %s, want %s", got, want)
		}
	}
}

func TestBenchTagged(t *testing.T) {
	s := NewSheet("")
	s.benchTagged("Sort", collect.Tags{"n.max": "10", "by": "a,b\n"}, measureOf("us"), 1, 2)
	m := s.Metrics()[0]
	if want := "bench/Sort.ns_per_op[by=a,b ,n_max=10]"; m.Name != want || m.Value != 1500 {
		t.Errorf("%s = %v, want %s = 1500", m.Name, m.Value, want)
	}
}

func TestFewer(t *testing.T) {
	var times []float64
	for i := range 2500 {
		times = append(times, float64(i))
	}
	got := fewer(times, 1000)
	if len(got) != 1000 || got[0] != 0.5 || got[1] != 3 || got[999] != 2498 {
		t.Errorf("fewer = %v of %v... to %v, want 1000 of 0.5, 3... to 2498", len(got), got[:2], got[len(got)-1])
	}
	if got := fewer(times[:1000], 1000); len(got) != 1000 || got[999] != 999 {
		t.Errorf("fewer of 1000 = %v, want them", got)
	}
}
