package check_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// real is the newest runs of a real history, as columns.
type real struct {
	metrics []collect.Metric
	values  [][]float64
	runs    int
	origins []collect.Origin
}

const realRuns = 120

// readReal reads a history of the corpus beside the project.
func readReal(t *testing.T, name string) real {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "shared", "corpus", name))
	if err != nil {
		t.Skipf("the corpus of real histories is not beside the project: %v", err)
	}
	defer file.Close()
	var runs []collect.Run
	for r, err := range collect.NewReader(file, name).Runs() {
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	return columns(runs[max(0, len(runs)-realRuns):])
}

func columns(runs []collect.Run) real {
	h := real{runs: len(runs)}
	at := make(map[string]int)
	for i, r := range runs {
		h.origins = append(h.origins, r.Origin)
		for _, m := range r.Metrics {
			j, ok := at[m.Name]
			if !ok {
				j = len(h.metrics)
				at[m.Name] = j
				h.metrics = append(h.metrics, m)
				h.values = append(h.values, steady(len(runs), math.NaN()))
			}
			h.values[j][i] = m.Value
		}
	}
	return h
}

// shuffled takes a head run and a baseline of up to 50 from the history in
// random order, so that no run is any worse than another. Metrics that the head
// has not are left out.
func (h real) shuffled(rng *rand.Rand) (collect.Run, baseline.Baseline) {
	order := rng.Perm(h.runs)
	head := run()
	past := order[1:min(len(order), 51)]
	b := baseline.Baseline{Runs: make([]collect.Origin, len(past))}
	for j, m := range h.metrics {
		if m.Value = h.values[j][order[0]]; math.IsNaN(m.Value) {
			continue
		}
		head.Metrics = append(head.Metrics, m)
		col := make([]float64, len(past))
		for i, r := range past {
			col[i] = h.values[j][r]
		}
		b.Metrics, b.Values = append(b.Metrics, m), append(b.Values, col)
	}
	return head, b
}

// TestRealHistories holds the promise on real noise: outliers, slow machines,
// rounding and series that come and go. It also asks for what the gate is for.
func TestRealHistories(t *testing.T) {
	onceIsEnough(t)
	files := []string{
		"gofiber-utils.jsonl.gz", "lambdaclass-cairo-vm-benchmark.jsonl.gz", "arctic-hen7-sycamore-benchmark.jsonl.gz",
		"brave-adblock-rust-rust-benchmark.jsonl.gz", "rocicorp-replicache-bundle-sizes-bundle-sizes.jsonl.gz", "dprint-jsonc-parser-benchmark.jsonl.gz",
	}
	const each = 40
	alerted, doubled, runs := 0, 0, 0
	for _, name := range files {
		h := readReal(t, name)
		rng := rand.New(rand.NewPCG(uint64(len(name)), 1))
		for range each {
			head, b := h.shuffled(rng)
			runs++
			if check.Compare([]collect.Run{head}, b, check.Thresholds{}).Fails {
				alerted++
			}
			m := &head.Metrics[rng.IntN(len(head.Metrics))]
			m.Value *= 2
			if m.Direction() == collect.Higher {
				m.Value /= 4
			}
			if find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), m.Name).Status == check.Regressed {
				doubled++
			}
		}
	}
	t.Logf("%d of %d runs alert; %d of as many doublings are found", alerted, runs, doubled)
	if bound := binomialBound(runs, 0.05); alerted > bound {
		t.Errorf("%d of %d real runs in random order fail, want %d at most", alerted, runs, bound)
	}
	if doubled < runs/2 {
		t.Errorf("%d of %d doublings found, want half of them", doubled, runs)
	}
}
