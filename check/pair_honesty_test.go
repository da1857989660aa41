package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// bench is a simulated machine: how much longer than usual, as a logarithm, a
// measurement takes that begins now.
type bench struct {
	name string
	next func(rng *rand.Rand) func(at int) float64
}

// memoryless makes a machine whose measurements do not depend on each other.
func memoryless(noise func(*rand.Rand) float64) func(*rand.Rand) func(int) float64 {
	return func(rng *rand.Rand) func(int) float64 {
		return func(int) float64 { return noise(rng) }
	}
}

// benches are machines that unsettle a test: with outliers, with a memory, that
// grow slower, that are slow in spells, on which the second of two is slower, and
// with a clock of one per cent.
var benches = []bench{
	{"gaussian", memoryless(gaussian(0.02))},
	{"heavy tails", memoryless(heavy(0.02))},
	{"spikes", memoryless(spiky(0.02))},
	{"drift", func(rng *rand.Rand) func(int) float64 {
		slope := 0.002 * rng.NormFloat64()
		return func(at int) float64 { return slope*float64(at) + 0.02*rng.NormFloat64() }
	}},
	{"autocorrelated", func(rng *rand.Rand) func(int) float64 {
		x := 0.0
		return func(int) float64 {
			x = 0.9*x + 0.02*rng.NormFloat64()
			return x
		}
	}},
	{"two speeds", func(rng *rand.Rand) func(int) float64 {
		slow := 0.0
		return func(int) float64 {
			if rng.IntN(8) == 0 {
				slow = 0.15 - slow
			}
			return slow + 0.01*rng.NormFloat64()
		}
	}},
	{"second is slower", func(rng *rand.Rand) func(int) float64 {
		return func(at int) float64 { return 0.05*float64(at%2) + 0.02*rng.NormFloat64() }
	}},
	{"coarse clock", memoryless(func(rng *rand.Rand) float64 { return math.Round(2*rng.NormFloat64()) / 100 })},
}

// trial is what one simulated comparison came to.
type trial struct {
	pairs int
	check.PairResult
}

// spec is a simulated comparison: base and head on a machine, head slower by a
// factor, looked at after every pair.
type spec struct {
	bench   bench
	factor  float64
	limit   float64 // per cent
	most    int     // pairs
	metrics int
	rate    float64 // false alarms; 0 is the default
}

func (s spec) run(seed uint64) trial {
	rng := rand.New(rand.NewPCG(seed, uint64(len(s.bench.name))))
	p := check.NewPairs(check.Thresholds{
		FalseAlarmRate: s.rate, Limit: &check.Limit{Value: s.limit},
		Rules: []check.Rule{{Match: "**", Level: check.Fail}},
	}, check.PairOptions{})
	machine := make([]func(int) float64, max(s.metrics, 1))
	for j := range machine {
		machine[j] = s.bench.next(rng)
	}
	measure := func(at int, factor float64) (ms []collect.Metric) {
		for j, m := range machine {
			ms = append(ms, metric(fmt.Sprintf("job%d.seconds", j), 10*factor*math.Exp(m(at))))
		}
		return ms
	}
	n := 0
	for n < s.most && !p.Clear() {
		var base, head []collect.Metric
		if rng.IntN(2) == 0 {
			base = measure(2*n, 1)
			head = measure(2*n+1, s.factor)
		} else {
			head = measure(2*n, s.factor)
			base = measure(2*n+1, 1)
		}
		p.Add(base, head)
		n++
	}
	return trial{n, p.Result()}
}

// tally runs a comparison many times.
func (s spec) tally(runs int) (verdicts map[check.Verdict]int, pairs []int, all []trial) {
	verdicts = make(map[check.Verdict]int)
	for i := range runs {
		t := s.run(uint64(i))
		verdicts[t.Verdict]++
		pairs = append(pairs, t.pairs)
		all = append(all, t)
	}
	slices.Sort(pairs)
	return verdicts, pairs, all
}

// TestPairsFalseAlarms holds the promise: with a look after each pair, a head
// that is no worse, or worse by no more than the limit, is called a regression
// no more often than the rate, whatever the noise; and one that is worse by the
// limit is passed no more often.
func TestPairsFalseAlarms(t *testing.T) {
	const runs = 250
	for _, b := range benches {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			for _, factor := range []float64{1, 1.02} {
				s := spec{bench: b, factor: factor, limit: 2, most: 150}
				v, _, all := s.tally(runs)
				bound := binomialBound(runs, 0.05)
				if got := v[check.Regression]; got > bound {
					t.Errorf("%d of %d heads that are %g times base regress at a limit of 2 %%, want %d at most", got, runs, factor, bound)
				}
				if got := v[check.Pass]; factor > 1 && got > bound {
					t.Errorf("%d of %d heads that are worse by the limit pass, want %d at most", got, runs, bound)
				}
				low, high := misses(all, 100*(factor-1))
				if low > bound || high > bound {
					t.Errorf("the bounds exclude a factor of %g from below %d times, from above %d times, want %d at most", factor, low, high, bound)
				}
				t.Logf("factor %g: %d regress, %d pass of %d; bounds miss %d and %d", factor, v[check.Regression], v[check.Pass], runs, low, high)
			}
		})
	}
}

// misses counts the intervals, as they stood when measuring stopped, that the
// true change is not in.
func misses(all []trial, truePct float64) (low, high int) {
	for _, t := range all {
		if c := t.Changes[0]; c.LowPct > truePct+1e-9 {
			low++
		} else if c.HighPct < truePct-1e-9 {
			high++
		}
	}
	return low, high
}

// TestPairsFamily holds the promise for whole families: it is of the run, not of
// each metric.
func TestPairsFamily(t *testing.T) {
	onceIsEnough(t)
	t.Parallel()
	const runs = 200
	for _, b := range []bench{benches[0], benches[1], benches[5]} {
		s := spec{bench: b, factor: 1.02, limit: 2, most: 40, metrics: 10}
		v, _, _ := s.tally(runs)
		if bound := binomialBound(runs, 0.05); v[check.Regression] > bound || v[check.Pass] > bound {
			t.Errorf("%s: %d regress, %d pass of %d with 10 metrics at the limit, want %d at most", b.name, v[check.Regression], v[check.Pass], runs, bound)
		}
		t.Logf("%s: %v", b.name, v)
	}
}

// TestPairsFalseAlarmsCanFail makes sure that the tests above can: at a rate of
// one half the same comparisons are past the bounds.
func TestPairsFalseAlarmsCanFail(t *testing.T) {
	onceIsEnough(t)
	const runs = 400
	s := spec{bench: benches[0], factor: 1.02, limit: 2, most: 150, rate: 0.5}
	v, _, _ := s.tally(runs)
	if bound := binomialBound(runs, 0.05); v[check.Regression] <= bound || v[check.Pass] <= bound {
		t.Errorf("%v of %d at a rate of 0.5 pass for a rate of 0.05, whose bound is %d", v, runs, bound)
	}
}

// power is what a comparison must reach.
type power struct {
	spec
	want        check.Verdict
	share       float64 // of the runs, with that verdict
	half, most9 int     // pairs in the median and in nine of ten runs, at most
}

// TestPairsPower holds what a user gets for the time: on a command with 2 %
// noise, so 2.8 % a pair.
func TestPairsPower(t *testing.T) {
	onceIsEnough(t)
	t.Parallel()
	const runs = 200
	g, h := benches[0], benches[1]
	for _, p := range []power{
		{spec{bench: g, factor: 1, limit: 1, most: 300}, check.Pass, 0.97, 68, 150},
		{spec{bench: g, factor: 1.03, limit: 1, most: 300}, check.Regression, 0.99, 22, 44},
		{spec{bench: g, factor: 1.05, limit: 1, most: 300}, check.Regression, 0.99, 9, 16},
		{spec{bench: g, factor: 1.10, limit: 1, most: 300}, check.Regression, 0.99, 6, 7},
		{spec{bench: g, factor: 1, limit: 2, most: 300}, check.Pass, 0.98, 22, 44},
		{spec{bench: g, factor: 1.01, limit: 2, most: 300}, check.Pass, 0.97, 72, 150},
		{spec{bench: g, factor: 1.03, limit: 2, most: 300}, check.Regression, 0.97, 72, 150},
		{spec{bench: g, factor: 1.05, limit: 2, most: 300}, check.Regression, 0.99, 14, 27},
		{spec{bench: g, factor: 1.10, limit: 2, most: 300}, check.Regression, 0.99, 6, 7},
		{spec{bench: g, factor: 1.01, limit: 0.5, most: 600}, check.Regression, 0.90, 270, 600},
		{spec{bench: h, factor: 1.03, limit: 1, most: 300}, check.Regression, 0.97, 48, 100},
		{spec{bench: benches[4], factor: 1.03, limit: 1, most: 300}, check.Regression, 0.98, 25, 55},
		{spec{bench: g, factor: 1.03, limit: 1, most: 300, metrics: 20}, check.Regression, 0.99, 15, 22},
	} {
		v, pairs, _ := p.tally(runs)
		half, nine := pairs[runs/2], pairs[runs*9/10]
		if got := float64(v[p.want]) / runs; got < p.share || half > p.half || nine > p.most9 {
			t.Errorf("%s, %+.0f %% at a limit of %g %%, %d metrics: %s in %.3f, %d pairs in the median, %d in nine of ten; want %.2f, %d, %d at most",
				p.bench.name, 100*(p.factor-1), p.limit, max(p.metrics, 1), p.want, got, half, nine, p.share, p.half, p.most9)
		}
		t.Logf("%-14s %+3.0f %% limit %g %% metrics %2d: median %3d, 90 %% %3d pairs, %v", p.bench.name, 100*(p.factor-1), p.limit, max(p.metrics, 1), half, nine, v)
	}
}
