package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// wild are values that break arithmetic, among some that do not.
var wild = []float64{
	0, math.Copysign(0, -1), 1, 1, 1, 2, 10, -1, 0.1, 1e300, -1e300, math.MaxFloat64, -math.MaxFloat64,
	5e-324, -5e-324, 1e-310, math.NaN(), math.Inf(1), math.Inf(-1), 9007199254740993, 1e22,
}

// TestTotal feeds what no measurement is: Compare answers all the same, and what
// it says holds together.
func TestTotal(t *testing.T) {
	statuses := make(map[check.Status]int)
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 9))
		looks, b, thresholds := wildCase(rng)
		r := check.Compare(looks, b, thresholds)
		counted, off := 0, 0
		for _, n := range r.Counts {
			counted += n
		}
		for _, m := range r.Metrics {
			statuses[m.Status]++
			if m.Level == check.Off {
				off++
			}
			if problem := incoherent(m); problem != "" {
				t.Fatalf("seed %d: %s: %+v", seed, problem, m)
			}
		}
		if counted+off != len(r.Metrics) {
			t.Fatalf("seed %d: %d counted and %d off of %d metrics", seed, counted, off, len(r.Metrics))
		}
		if (r.Verdict == check.Regression) && !r.Fails || (r.Verdict != check.Pass) != (len(r.Gated) > 0) {
			t.Fatalf("seed %d: verdict %s, fails %v, gated by %q", seed, r.Verdict, r.Fails, r.Gated)
		}
	}
	for _, s := range []check.Status{check.Regressed, check.Suspect, check.Improved, check.Unchanged, check.New, check.Missing, check.Inconclusive, check.Waived} {
		if statuses[s] == 0 {
			t.Errorf("no metric was ever %s: the cases are too tame", s)
		}
	}
}

func wildCase(rng *rand.Rand) ([]collect.Run, baseline.Baseline, check.Thresholds) {
	runs := []int{0, 1, 3, 6, 7, 12, 19, 20, 25, 60, 130}[rng.IntN(11)]
	var b baseline.Baseline
	for range runs {
		b.Runs = append(b.Runs, collect.Origin{})
	}
	pick := func() float64 { return wild[rng.IntN(len(wild))] }
	looks := make([]collect.Run, 1+rng.IntN(4))
	for j := range rng.IntN(9) {
		m := metric(fmt.Sprintf("%c%d%s", 'a'+rune(rng.IntN(3)), j, []string{".seconds", "_mb", "_pct", "", ".failed"}[rng.IntN(5)]), 0)
		m.Better = collect.Direction(rng.IntN(4))
		col := make([]float64, max(0, runs+[]int{0, 0, 0, -2, 3}[rng.IntN(5)]))
		calm := rng.IntN(2) == 0
		for i := range col {
			col[i] = pick()
			if calm {
				col[i] = math.Exp(0.1 * rng.NormFloat64())
			}
		}
		if rng.IntN(4) > 0 {
			b.Metrics, b.Values = append(b.Metrics, m), append(b.Values, col)
			inside := make([]collect.Scatter, len(col)*(j%2))
			for i := range inside {
				inside[i] = collect.NewScatter([]float64{pick(), pick(), pick()}[rng.IntN(3):])
			}
			b.Scatter = append(b.Scatter, inside)
		}
		for k := range looks {
			m.Samples = nil
			for range rng.IntN(4) * (j % 2) {
				m.Samples = append(m.Samples, pick())
			}
			if m.Value = pick(); rng.IntN(5) > 0 {
				looks[k].Metrics = append(looks[k].Metrics, m)
			}
		}
	}
	if rng.IntN(5) == 0 {
		b.Metrics = append(b.Metrics, metric("without a column", 1))
	}
	t := check.Thresholds{
		FalseAlarmRate: []float64{0, 0.01, 0.5, -1, math.NaN(), 7}[rng.IntN(6)], MinRuns: rng.IntN(9) - 1, Confirm: rng.IntN(4) - 1,
		OnInconclusive: []check.Action{"", check.ActWarn, check.ActFail}[rng.IntN(3)], OnMissing: []check.Action{"", check.ActPass, check.ActFail}[rng.IntN(3)],
	}
	if rng.IntN(2) == 0 {
		t.Limit = &check.Limit{Value: math.Abs(pick()), Kind: check.LimitKind(rng.IntN(3)), Unit: "kB"}
		t.Rules = []check.Rule{{Match: "a*", Level: check.Off}, {Match: "b*", Max: number(pick()), Min: number(pick())}}
		ceiling := []*check.Limit{nil, {Value: 1e3}, t.Limit}[rng.IntN(3)]
		t.Waivers = []check.Waiver{{Metric: "c*", Ceiling: ceiling, Until: time.Date(rng.IntN(2), 1, 1, 0, 0, 0, 0, time.UTC)}}
	}
	return looks, b, t
}

// incoherent says what no comparison may show.
func incoherent(m check.Comparison) string {
	share := func(x float64) bool { return math.IsNaN(x) || x > 0 && x <= 1 }
	switch {
	case m.Reason == "":
		return "no reason"
	case m.Status == "":
		return "no status"
	case m.Better == collect.Unknown:
		return "no direction"
	case !share(m.P) || !share(m.Q) || m.Q < m.P:
		return "P or Q is no probability"
	case m.Low > m.High || math.IsInf(m.Low, 0) || math.IsInf(m.High, 0):
		return "the interval is none"
	case m.MinDetectablePct < 0 || math.IsInf(m.MinDetectablePct, 0) || math.IsInf(m.DeltaPct, 0):
		return "a percentage is out of range"
	case m.Status == check.Regressed && m.Level == check.Off:
		return "off, and regressed"
	}
	return ""
}
