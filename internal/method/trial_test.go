package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// noisy is a history of timings with 2 % of noise.
func noisy(rng *rand.Rand, metrics, runs int) history {
	h := history{runs: runs}
	for j := range metrics {
		column := make([]float64, runs)
		for i := range column {
			column[i] = float64(j+1) * math.Exp(0.02*rng.NormFloat64())
		}
		h.metrics = append(h.metrics, collect.Metric{Name: string(rune('a' + j)), Unit: "ms", Better: collect.Lower})
		h.columns = append(h.columns, column)
	}
	return h
}

// numbered is a history whose values tell the run.
func numbered(runs int) history {
	h := history{runs: runs, metrics: []collect.Metric{{Name: "up", Unit: "MB", Better: collect.Lower}, {Name: "down", Unit: "op/s", Better: collect.Higher}}}
	for range h.metrics {
		column := make([]float64, runs)
		for i := range column {
			column[i] = 100 + float64(i)
		}
		h.columns = append(h.columns, column)
	}
	return h
}

func TestAt(t *testing.T) {
	t.Parallel()
	h := numbered(80)
	h.columns[0][70], h.columns[1][70] = math.NaN(), math.NaN() // has nothing in common with the head
	h.columns[0][69] = math.NaN()                               // has half
	got, ok := at(&h, 75)
	if !ok {
		t.Fatal("no trial of run 75")
	}
	past := got.past[1]
	if len(past) != window || past[0] != 124 || past[window-1] != 174 || slices.Contains(past, 170) {
		t.Errorf("past = %v, want the newest 50 without run 70, oldest first", past)
	}
	if got.looks[0][0] != 175 || got.looks[2][1] != 177 {
		t.Errorf("looks = %v, want runs 75 to 77", got.looks)
	}
	if _, ok := at(&h, leastRuns-1); ok {
		t.Error("a head with 19 runs before it has a trial")
	}
	h.columns[1][76] = math.NaN()
	if got, _ = at(&h, 75); len(got.metrics) != 1 || got.metrics[0].Name != "up" {
		t.Errorf("metrics = %v, want that which both looks have", got.metrics)
	}
}

func TestShuffled(t *testing.T) {
	t.Parallel()
	h := numbered(400)
	rng := rand.New(rand.NewPCG(3, 4))
	rising := 0
	for range 200 {
		got, ok := shuffled(&h, rng)
		if !ok {
			t.Fatal("no trial")
		}
		all := append(slices.Clone(got.past[0]), got.looks[0][0], got.looks[1][0], got.looks[2][0])
		if least, most := spread(all); most-least >= block {
			t.Fatalf("values from %v to %v, want those of %d successive runs", least, most, block)
		}
		slices.Sort(all)
		if len(slices.Compact(all)) != window+3 {
			t.Fatal("a run is in the trial twice")
		}
		if got.looks[0][0] > median(got.past[0]) {
			rising++
		}
	}
	if rising < 75 || rising > 125 { // 3.5 deviations of a fair coin
		t.Errorf("%d of 200 heads are above the middle of their past, want about half", rising)
	}
}

func TestInOrder(t *testing.T) {
	t.Parallel()
	h := numbered(60)
	rng := rand.New(rand.NewPCG(3, 4))
	first, last := h.runs, 0
	for range 500 {
		got, ok := inOrder(&h, rng)
		if !ok {
			t.Fatal("no trial")
		}
		first, last = min(first, got.run), max(last, got.run)
		if got.past[0][len(got.past[0])-1] != got.looks[0][0]-1 {
			t.Fatal("the newest run of the past is not the one before the head")
		}
	}
	if first != leastRuns || last != h.runs-lastsRuns-1 {
		t.Errorf("heads are runs %d to %d, want 20 to 54", first, last)
	}
}

func TestWorse(t *testing.T) {
	t.Parallel()
	h := numbered(60)
	before, _ := at(&h, 50)
	got := before.worse(0.1, 0, 1)
	if got.looks[0][0] != 165 || got.looks[1][0] != 166 {
		t.Errorf("a counted metric of 150 and 151 is %v and %v when 10 %% worse, want 165 and 166", got.looks[0][0], got.looks[1][0])
	}
	if before.looks[0][0] != 150 {
		t.Error("the trial that was made worse has changed itself")
	}
	measured, _ := at(&h, 40)
	measured.past[1][0] += 0.5 // measured, and not counted
	if got := measured.worse(0.1, 1).looks[0][1]; got != 127.272727 {
		t.Errorf("140 op/s are %v when 10 %% worse, want 127.272727", got)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	h := numbered(80)
	got, _ := at(&h, 70)
	got = got.next().next()
	if past := got.past[0]; past[0] != 122 || past[window-1] != 171 || len(got.looks) != 1 || got.looks[0][0] != 172 {
		t.Errorf("past = %v, looks = %v, want runs 22 to 71 and 72", past, got.looks)
	}
	if got.newest != 3 || len(got.base.Runs) != window || got.base.Values[0][window-1] != 171 {
		t.Errorf("newest = %d with %d baseline runs, want 3 with %d", got.newest, len(got.base.Runs), window)
	}
}

func TestTrialBaseline(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	tr := trial{metrics: make([]collect.Metric, 3), past: [][]float64{{1, nan, nan}, {2, 2, nan}, {3, 3, 3}}}
	if b := tr.baseline(); len(b.Runs) != 2 || b.Values[2][1] != 3 {
		t.Errorf("baseline = %v, want the two runs that have half of the metrics", b.Values)
	}
}
