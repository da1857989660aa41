package cli

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// contest measures pairs until the answer is clear, or as long as it may.
type contest struct {
	o       *abOptions
	pairs   *check.Pairs
	measure func(ctx context.Context, side int) ([]collect.Metric, error)
	now     func() time.Time
	coin    *rand.Rand
	// What follows may be left as it is.
	stopped  func() bool
	warn     func(format string, args ...any)
	progress func(n int)

	begin  time.Time
	took   time.Duration // all pairs
	warmed time.Duration // one warm-up of both sides
	end    report.Ending
	warned bool
}

func newContest(o *abOptions, measure func(context.Context, int) ([]collect.Metric, error), now func() time.Time) *contest {
	c := &contest{
		o: o, measure: measure, now: now,
		coin:     rand.New(rand.NewPCG(o.seed, 0)),
		stopped:  func() bool { return false },
		warn:     func(string, ...any) {},
		progress: func(int) {},
	}
	c.pairs = check.NewPairs(o.thresholds, check.PairOptions{Clock: c.clock(), Decides: o.metrics, Min: o.minPairs})
	return c
}

// run measures. That a signal ended it is no error once there are pairs.
func (c *contest) run(ctx context.Context) error {
	c.begin = c.now()
	err := c.warmUp(ctx)
	if n := c.allowed(); err == nil && n < c.o.minPairs && c.warmed > 0 {
		c.warn("%s", report.TooFew(c.warmed, n, c.o.minPairs))
	}
	for err == nil && c.goOn() {
		err = c.pair(ctx)
	}
	if errors.Is(err, errStopped) && c.pairs.Len() > 0 {
		c.end, err = report.EndedBySignal, nil
	}
	return err
}

func (c *contest) warmUp(ctx context.Context) error {
	for range c.o.warmup {
		start := c.now()
		for side := range sideNames {
			if _, err := c.measure(ctx, side); err != nil {
				return err
			}
		}
		c.warmed = c.now().Sub(start)
	}
	return nil
}

// goOn decides whether to measure another pair.
func (c *contest) goOn() bool {
	n := c.pairs.Len()
	switch {
	case c.pairs.Clear():
		c.end = report.EndedClear
	case c.stopped():
		c.end = report.EndedBySignal
	case c.o.maxPairs > 0 && n >= c.o.maxPairs:
		c.end = report.EndedByPairs
	case c.now().Sub(c.begin)+c.pairTime() > c.o.budget:
		c.end = report.EndedByBudget
	default:
		c.forecast()
		return true
	}
	return false
}

// pairTime is how long a pair takes: the mean so far, or what the warm-up took.
func (c *contest) pairTime() time.Duration {
	if n := c.pairs.Len(); n > 0 {
		return c.took / time.Duration(n)
	}
	return c.warmed
}

// pair measures both sides, in an order that is a fair coin's: what the test of
// check.Pairs stands on.
func (c *contest) pair(ctx context.Context) error {
	start := c.now()
	first := c.coin.IntN(2)
	var ms [2][]collect.Metric
	for _, side := range [...]int{first, 1 - first} {
		var err error
		if ms[side], err = c.measure(ctx, side); err != nil {
			return err
		}
	}
	c.took += c.now().Sub(start)
	c.pairs.Add(ms[sideBase], ms[sideHead])
	c.progress(1)
	return nil
}

// allowed is how many pairs there can be in all.
func (c *contest) allowed() int {
	n := c.pairs.Len()
	if each := c.pairTime(); each > 0 {
		n += int(max(0, c.o.budget-c.now().Sub(c.begin)) / each)
	}
	if c.o.maxPairs > 0 {
		n = min(n, c.o.maxPairs)
	}
	return n
}

// enoughToForecast is how many pairs tell their noise well enough; few of them
// may be wrong by a factor.
const enoughToForecast = 10

// forecast warns, once there is something to go by, where the machine is too
// noisy for what was asked.
func (c *contest) forecast() {
	n, allowed := c.pairs.Len(), c.allowed()
	if c.warned || n < c.o.minPairs || n < min(enoughToForecast, allowed-1) {
		return
	}
	c.warned = true
	if r := c.pairs.Result(); r.Needed > allowed {
		c.warn("%s", report.TooNoisy(r, allowed))
	}
}

// page is the comparison set out for reading, but for what was compared.
func (c *contest) page() report.PairPage {
	return report.PairPage{
		PairResult: c.pairs.Result(), Ended: c.end, Took: c.took, Each: c.pairTime(), Budget: c.o.budget, Seed: c.o.seed,
		Clock: c.clock(), Alpha: c.o.thresholds.FalseAlarmRate, Allowed: c.allowed(),
		Warmup: c.o.warmup, MinPairs: c.o.minPairs, MaxPairs: c.o.maxPairs,
	}
}

// clock is the metric that is the command's own time.
func (c *contest) clock() string { return c.o.typ + ".seconds" }
