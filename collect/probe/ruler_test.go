package probe

import (
	"math"
	"runtime"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestNoise(t *testing.T) {
	n := StartNoise()
	found := map[string]collect.Metric{}
	for _, m := range n.Metrics() {
		found[m.Name] = m
		if m.Better != collect.None || math.IsNaN(m.Value) || m.Value < 0 {
			t.Errorf("%+v, want a figure that is neither good nor bad", m)
		}
	}
	r := found[RulerName]
	if len(r.Samples) < 2 || len(r.Samples) > 2*rulerRounds || r.Unit != "s" || !(r.Value > 0) {
		t.Errorf("the ruler is %+v, want rounds from both sides", r)
	}
	if runtime.GOOS != "linux" {
		return
	}
	for _, name := range []string{"system.steal_percent", "system.context_switches_per_s"} {
		if _, ok := found[name]; !ok {
			t.Errorf("%s was not measured", name)
		}
	}
}

// TestRulerWork holds the work itself, which may not change: its time is compared
// with that of earlier runs.
func TestRulerWork(t *testing.T) {
	t.Parallel()
	table := make([]uint64, rulerWords)
	for i := range table {
		table[i] = uint64(i)
	}
	const wantFirst, wantSecond = 0xd0959eda100bc534, 0x31a0b32637503504
	first := rulerRound(table)
	if second := rulerRound(table); first != wantFirst || second != wantSecond {
		t.Errorf("the work ends with %#x and %#x, want %#x and %#x", first, second, uint64(wantFirst), uint64(wantSecond))
	}
}

func BenchmarkRuler(b *testing.B) {
	for b.Loop() {
		rulerWork()
	}
}
