package cli

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
)

// TestContestTarget holds what ab is for: in its ten minutes, on a command with
// 2 % of noise, a slowdown of 3 % is found nine times of ten at least, one of
// 1 % too where that much was asked for, and no change alarms no more often than
// it may. The machine's clock is simulated; all that decides is real: the coin,
// the budget, the looks after each pair.
func TestContestTarget(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit   float64       // per cent
		command time.Duration // takes so long
		factor  float64
		trials  int
		want    check.Verdict // of nine in ten
	}{
		{2, time.Second, 1, 200, check.Pass},
		{2, time.Second, 1.03, 100, check.Regression},
		{1, 5 * time.Second, 1.03, 100, check.Regression},
		{0.2, time.Second, 1.01, 100, check.Regression},
	} {
		verdicts := map[check.Verdict]int{}
		var pairs []int
		for i := range c.trials {
			m := newMachine(0.02, c.factor)
			m.rng, m.takes = rand.New(rand.NewPCG(uint64(i), 3)), c.command
			o := abOptions{budget: 10 * time.Minute, seed: uint64(i)}
			o.thresholds.Limit = &check.Limit{Value: c.limit}
			k := m.contest(o)
			if err := k.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := k.pairs.Result()
			verdicts[r.Verdict]++
			pairs = append(pairs, r.Pairs)
		}
		slices.Sort(pairs)
		t.Logf("limit %g %%, command of %v, %+.0f %%: %v; pairs %d, nine of ten %d", c.limit, c.command, 100*(c.factor-1), verdicts, pairs[c.trials/2], pairs[c.trials*9/10])
		if got := verdicts[c.want]; 10*got < 9*c.trials {
			t.Errorf("limit %g %%, command of %v, %+.0f %%: %s in %d of %d, want nine of ten", c.limit, c.command, 100*(c.factor-1), c.want, got, c.trials)
		}
		if got, most := verdicts[check.Regression], atMost(c.trials, 0.05); c.factor == 1 && got > most {
			t.Errorf("limit %g %%: %d false alarms of %d, want %d at most", c.limit, got, c.trials, most)
		}
	}
}

// atMost is how often something of a chance p comes of n in all but one of a
// thousand cases, by the binomial distribution.
func atMost(n int, p float64) int {
	sum, term := 0.0, math.Pow(1-p, float64(n))
	for k := 0; ; k++ {
		if sum += term; sum >= 0.999 || k == n {
			return k
		}
		term *= float64(n-k) / float64(k+1) * p / (1 - p)
	}
}
