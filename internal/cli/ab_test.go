package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// machine is a simulated machine for a contest: its clock moves only by what is
// measured on it.
type machine struct {
	at     time.Time
	rng    *rand.Rand
	noise  float64
	factor float64 // how much slower head is
	order  []int   // the sides in the order they ran
	fail   error   // what the next measurement fails with
	takes  time.Duration
}

func newMachine(noise, factor float64) *machine {
	return &machine{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), rng: rand.New(rand.NewPCG(1, 2)), noise: noise, factor: factor, takes: time.Second}
}

func (m *machine) measure(_ context.Context, side int) ([]collect.Metric, error) {
	if m.fail != nil {
		return nil, m.fail
	}
	m.order = append(m.order, side)
	s := math.Exp(m.noise * m.rng.NormFloat64())
	if side == sideHead {
		s *= m.factor
	}
	m.at = m.at.Add(m.takes)
	return []collect.Metric{
		{Name: "command.seconds", Unit: "s", Value: s},
		{Name: "cpu.user_seconds", Unit: "s", Value: 0.9 * s},
		{Name: "ram.peak_mb", Unit: "MB", Value: 12},
	}, nil
}

func (m *machine) now() time.Time { return m.at }

func (m *machine) contest(o abOptions) *contest {
	o.typ = "command"
	if o.budget == 0 {
		o.budget = time.Hour
	}
	o.minPairs, o.warmup = 5, 1
	return newContest(&o, m.measure, m.now)
}

func TestContestEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		m       *machine
		o       abOptions
		end     report.Ending
		verdict check.Verdict
		pairs   int // 0: any
	}{
		{"slower", newMachine(0.02, 1.1), abOptions{}, report.EndedClear, check.Regression, 0},
		{"the same", newMachine(0.02, 1), abOptions{}, report.EndedClear, check.Pass, 0},
		{"faster", newMachine(0.02, 0.9), abOptions{}, report.EndedClear, check.Pass, 0},
		{"too noisy for its pairs", newMachine(0.3, 1), abOptions{maxPairs: 12}, report.EndedByPairs, check.InconclusiveRun, 12},
		// 2 s of warming up and 9 pairs of 2 s: a tenth would end at 22 s.
		{"too noisy for its time", newMachine(0.3, 1), abOptions{budget: 21 * time.Second}, report.EndedByBudget, check.InconclusiveRun, 9},
		{"no time for a pair", newMachine(0.02, 2), abOptions{budget: 3 * time.Second}, report.EndedByBudget, check.InconclusiveRun, 0},
	} {
		k := c.m.contest(c.o)
		if err := k.run(context.Background()); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r := k.pairs.Result()
		if k.end != c.end || r.Verdict != c.verdict || c.pairs > 0 && r.Pairs != c.pairs {
			t.Errorf("%s: ended by %s after %d pairs with %s, want %s, %d, %s", c.name, k.end, r.Pairs, r.Verdict, c.end, c.pairs, c.verdict)
		}
		if ran := len(c.m.order); ran != 2*r.Pairs+2 {
			t.Errorf("%s: ran the command %d times for %d pairs and a warm-up", c.name, ran, r.Pairs)
		}
	}
}

// TestContestOrder holds that each pair has both sides, in an order that is
// random, and the same again for the same seed.
func TestContestOrder(t *testing.T) {
	t.Parallel()
	order := func(seed uint64) []int {
		m := newMachine(0.3, 1.02)
		k := m.contest(abOptions{seed: seed, maxPairs: 200})
		if err := k.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		return m.order[2:]
	}
	one := order(1)
	baseFirst := 0
	for i := 0; i < len(one); i += 2 {
		if one[i] == one[i+1] {
			t.Fatalf("pair %d measured side %d twice", i/2, one[i])
		}
		if one[i] == sideBase {
			baseFirst++
		}
	}
	if n := len(one) / 2; n != 200 || baseFirst < 70 || baseFirst > 130 {
		t.Errorf("base was first in %d of %d pairs, want about half of 200", baseFirst, n)
	}
	if !slices.Equal(one, order(1)) || slices.Equal(one, order(2)) {
		t.Error("a seed does not tell the order")
	}
}

// TestContestInterrupted holds that a signal leaves what is known so far, and
// that before the first pair there is nothing.
func TestContestInterrupted(t *testing.T) {
	t.Parallel()
	m := newMachine(0.3, 1)
	k := m.contest(abOptions{})
	k.progress = func(int) {
		if k.pairs.Len() == 7 {
			m.fail = errStopped
		}
	}
	if err := k.run(context.Background()); err != nil || k.end != report.EndedBySignal || k.pairs.Len() != 7 {
		t.Errorf("ended by %s after %d pairs with %v, want a signal after 7", k.end, k.pairs.Len(), err)
	}
	m = newMachine(0.3, 1)
	m.fail = errStopped
	if err := m.contest(abOptions{}).run(context.Background()); !errors.Is(err, errStopped) {
		t.Errorf("interrupted in the warm-up: %v, want %v", err, errStopped)
	}
	m = newMachine(0.3, 1)
	k = m.contest(abOptions{})
	k.stopped = func() bool { return k.pairs.Len() == 3 }
	if err := k.run(context.Background()); err != nil || k.end != report.EndedBySignal || k.pairs.Len() != 3 {
		t.Errorf("between pairs: ended by %s after %d pairs with %v, want a signal after 3", k.end, k.pairs.Len(), err)
	}
}

// TestContestForecast holds the warning about a machine that is too noisy, and
// that a quiet one gets none.
func TestContestForecast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		noise float64
		want  string
	}{
		{0.04, "a pair of command.seconds) it takes about "},
		{0.002, ""},
	} {
		var said []string
		k := newMachine(c.noise, 1.02).contest(abOptions{maxPairs: 30})
		k.warn = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
		if err := k.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if c.want == "" && len(said) > 0 || c.want != "" && (len(said) != 1 || !strings.Contains(said[0], c.want) || !strings.HasSuffix(said[0], "the budget allows 30")) {
			t.Errorf("at a noise of %g it said %q, want one with %q", c.noise, said, c.want)
		}
	}
}

// TestContestTooLong holds what is said where there is no time to decide.
func TestContestTooLong(t *testing.T) {
	t.Parallel()
	m := newMachine(0.02, 1)
	k := m.contest(abOptions{budget: 9 * time.Second})
	var said []string
	k.warn = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if err := k.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := "a pair takes about 2 s: the budget allows 3, and it takes 5 at least to decide"
	if len(said) != 1 || said[0] != want || k.pairs.Len() != 3 {
		t.Errorf("after %d pairs it said %q, want %q", k.pairs.Len(), said, want)
	}
}

func TestParseCPUs(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]int{"": nil, "1": {1}, "0-2,5": {0, 1, 2, 5}, "3, 4": {3, 4}} {
		if got, err := parseCPUs(s); err != nil || !slices.Equal(got, want) {
			t.Errorf("parseCPUs(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"a", "1-", "-1", "2-1", "1,,2", "99999999"} {
		if got, err := parseCPUs(s); err == nil {
			t.Errorf("parseCPUs(%q) = %v, want an error", s, got)
		}
	}
}
