package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// unruly is a history of all that makes windows differ: shifts, ties, gaps, zeros,
// outliers, runs of few metrics, commits measured again, machines.
func unruly(seed uint64, runs int) shelf {
	rng := rand.New(rand.NewPCG(seed, 11))
	machines := []collect.Runner{{}, {CPUModel: "EPYC", Cores: 4}, {CPUModel: "Xeon", Cores: 4}}[:1+rng.IntN(3)]
	levels := make([]float64, 9)
	for j := range levels {
		levels[j] = math.Exp(6 * rng.Float64())
	}
	var s shelf
	for i := range runs {
		kind := rng.IntN(len(machines))
		r := collect.Run{Origin: collect.Origin{
			ID: fmt.Sprintf("run-%03d", i), Branch: "main", Commit: fmt.Sprint(i - i%5/4), Runner: machines[kind],
			Time: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
		}}
		shared := 0.03*rng.NormFloat64() + 0.2*float64(kind/2)
		for j := range levels {
			if rng.IntN(40) == 0 {
				levels[j] *= math.Exp(0.3 * rng.NormFloat64())
			}
			x := levels[j] * math.Exp(shared+0.02*rng.NormFloat64())
			switch {
			case rng.IntN(50) == 0:
				x *= 2
			case j == 0:
				x = float64(rng.IntN(3)) * 0.01 // also zero
			case j == 1 || j == 2:
				x = math.Round(x*float64(j)) / float64(j)
			case j == 3 && i%60 < 30:
				x = math.Round(levels[j]) // still for a while
			}
			if rng.IntN(12) != 0 && (j != 4 || i%50 > 12) {
				r.Metrics = append(r.Metrics, metric(fmt.Sprintf("job%d.seconds", j), x))
			}
		}
		if rng.IntN(15) == 0 {
			r.Metrics = r.Metrics[:2]
		}
		s = append(s, r)
	}
	return s
}

// repeat gives most runs since the 20th samples, of some metrics, which lie further
// apart in some runs than in others.
func (s shelf) repeat(rng *rand.Rand) shelf {
	for i := 20; i < len(s); i++ {
		wide := 0.02 * math.Exp(rng.NormFloat64())
		if rng.IntN(6) == 0 {
			continue
		}
		for j := range s[i].Metrics {
			m := &s[i].Metrics[j]
			for range rng.IntN(3) * (2 + j%3) {
				m.Samples = append(m.Samples, m.Value*math.Exp(wide*rng.NormFloat64()))
			}
			if len(m.Samples) > 0 {
				m.Value = collect.Median(m.Samples)
			}
		}
	}
	return s
}

// rule measures a ruler in most runs since the 25th.
func (s shelf) rule(rng *rand.Rand) shelf {
	for i := 25; i < len(s); i++ {
		if rng.IntN(10) != 0 {
			slow := math.Exp(0.1*rng.NormFloat64() + float64(rng.IntN(50)/49))
			for j := range s[i].Metrics {
				s[i].Metrics[j].Value *= slow
			}
			s[i].Metrics = append(s[i].Metrics, metric(ruled.Ruler, 50*slow))
		}
	}
	return s
}

// told is what a backtest says of a history.
type told struct {
	Alerts               []check.Comparison
	Failing              int
	Judged, Inconclusive map[string]int
	Detectable           map[string]float64
}

func tell(b check.BacktestResult) told {
	got := told{Failing: b.AlertingRuns, Judged: map[string]int{}, Inconclusive: map[string]int{}, Detectable: map[string]float64{}}
	for _, a := range b.Alerts {
		got.Alerts = append(got.Alerts, a.Comparison)
	}
	for _, m := range b.Metrics {
		got.Judged[m.Name], got.Inconclusive[m.Name], got.Detectable[m.Name] = m.Judged, m.Inconclusive, m.MinDetectablePct
	}
	return got
}

// byCheck finds out the same with check, which knows nothing of a replay.
func (s shelf) byCheck(t *testing.T, th check.Thresholds, o check.BacktestOptions) told {
	want := told{Judged: map[string]int{}, Inconclusive: map[string]int{}, Detectable: map[string]float64{}}
	seen := map[string][]float64{}
	for i := 6; i < len(s); i++ {
		head := s[i]
		q := baseline.Query{Head: head.Origin, Runs: o.Runs, MaxAge: o.MaxAge, Runner: o.Runner}
		for _, m := range head.Metrics {
			q.Metrics = append(q.Metrics, m.Name)
		}
		r := check.Compare([]collect.Run{head}, s[:i].fetch(t, q), th)
		if r.Fails {
			want.Failing++
		}
		for _, c := range r.Metrics {
			if c.Level != check.Fail || c.Name == check.RunEffect {
				continue
			}
			if c.Status != check.New && c.Status != check.Missing {
				want.Judged[c.Name]++
			}
			if c.Status == check.Inconclusive {
				want.Inconclusive[c.Name]++
			}
			if x := float64(float32(c.MinDetectablePct)); x-x == 0 {
				seen[c.Name] = append(seen[c.Name], x)
			}
			if c.Status == check.Regressed {
				want.Alerts = append(want.Alerts, c)
			}
		}
	}
	for name := range want.Judged {
		want.Inconclusive[name] += 0
		want.Detectable[name] = math.NaN()
		if xs := seen[name]; len(xs) > 0 {
			slices.Sort(xs)
			want.Detectable[name] = xs[(len(xs)-1)/2]/2 + xs[len(xs)/2]/2
		}
	}
	return want
}

// A replay shares what one window has in common with the next. No figure of any
// verdict may differ for that.
func TestBacktestIsCheckToTheLastDigit(t *testing.T) {
	onceIsEnough(t)
	t.Parallel()
	alerts, repeated, normalised := 0, 0, 0
	for seed := range uint64(24) {
		rng := rand.New(rand.NewPCG(seed, 12))
		s := unruly(seed, 70+rng.IntN(80))
		o := check.BacktestOptions{
			Runs: 15 + rng.IntN(110), MaxAge: time.Duration(rng.IntN(2)*60*24) * time.Hour,
			Runner: []baseline.RunnerRule{"", baseline.RequireRunner, baseline.AnyRunner}[rng.IntN(3)],
		}
		var limits check.Thresholds
		if seed%4 == 3 {
			limits.Accepted = []check.Acceptance{{
				Waiver: check.Waiver{Metric: "job1*"}, Since: check.Since{Text: "a commit", Commit: s[50].Commit},
			}, {
				Waiver: check.Waiver{Metric: "*"}, Since: check.Since{Text: "a day", Time: s[60].Time},
			}}
		}
		if seed%2 == 0 {
			s = s.repeat(rng)
		}
		if seed%3 == 0 {
			limits.Ruler, s = ruled.Ruler, s.rule(rng)
		}
		if seed%5 == 0 {
			limits.Limit = &check.Limit{Value: 3}
		}
		got, want := tell(check.Backtest(s.whole(t), limits, o)), s.byCheck(t, limits, o)
		for _, c := range want.Alerts {
			alerts++
			if c.Samples != nil && c.Samples.Head > 1 {
				repeated++
			}
			if c.NormalisedBy != "" {
				normalised++
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("seed %d, %+v: the replay differs from check (-check +replay):\n%s", seed, o, diff)
		}
	}
	if alerts < 30 || repeated < 5 || normalised < 5 {
		t.Errorf("only %d alerts, %d with samples, %d normalised: the histories are too tame", alerts, repeated, normalised)
	}
}
