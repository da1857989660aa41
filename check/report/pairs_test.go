package report

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// pairPage measures n pairs on a simulated machine where head is slower by a
// factor.
func pairPage(n int, noise, factor float64, benches ...string) PairPage {
	rng := rand.New(rand.NewPCG(1, 2))
	side := func(factor float64) []collect.Metric {
		s := factor * math.Exp(noise*rng.NormFloat64())
		ms := []collect.Metric{
			{Name: "command.seconds", Unit: "s", Value: s},
			{Name: "cpu.user_seconds", Unit: "s", Value: factor * math.Exp(noise/9*rng.NormFloat64())},
			{Name: "ram.peak_mb", Unit: "MB", Value: 12},
		}
		for _, b := range benches {
			ms = append(ms, collect.Metric{Name: b, Unit: "ns/op", Value: 1000 * s})
		}
		return ms
	}
	pairs := check.NewPairs(check.Thresholds{}, check.PairOptions{Clock: "command.seconds"})
	for range n {
		pairs.Add(side(1), side(factor))
	}
	return PairPage{
		PairResult: pairs.Result(), Ended: EndedClear, Took: 90 * time.Second, Each: 4 * time.Second, Budget: 10 * time.Minute,
		Base: Side{Ref: "main\x1b[31m", Commit: strings.Repeat("ab", 20)}, Head: Side{Commit: strings.Repeat("cd", 20), Dirty: true},
		Seed: math.MaxUint64, Clock: "command.seconds", Allowed: n, Warmup: 1, MinPairs: 5, MaxPairs: n,
	}
}

func TestPairGoldens(t *testing.T) {
	t.Parallel()
	const long = "bench/example.com/an/organisation/of/long/names/"
	open := pairPage(12, 0.3, 1)
	open.Ended = EndedByPairs
	same := pairPage(12, 0.001, 1)
	same.Head.Commit, same.Head.Dirty = same.Base.Commit, false
	few := pairPage(3, 0.01, 1)
	few.Ended = EndedByBudget
	for name, page := range map[string]PairPage{
		"slow": pairPage(20, 0.02, 1.05), "open": open, "same": same, "few": few,
		"bench": pairPage(12, 0.004, 1.05, long+"one.A/size=10.ns_per_op", long+"one.B.ns_per_op", long+"one.B.us_per_item", long+"two.C.ns_per_op"),
	} {
		for width, at := range map[int]string{80: ".txt", 120: ".wide.txt"} {
			o := TextOptions{Width: width, All: width > 100}
			golden(t, "pairs."+name+at, func(w io.Writer) error { return PairText(w, page, o) })
		}
		var b bytes.Buffer
		if err := PairText(&b, page, TextOptions{Width: 80}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if columns(strings.TrimSpace(line)) > 80 {
				t.Errorf("%s: the line %q has more than 80 columns", name, line)
			}
		}
	}
	golden(t, "pairs.color.txt", func(w io.Writer) error {
		return PairText(w, pairPage(20, 0.02, 1.05), TextOptions{Width: 100, Color: true})
	})
}

// JSON is the object of check with one more key.
func TestPairJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := PairJSON(&b, pairPage(6, 0.001, 1.05)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict string
		Metrics []struct{ Name string }
		AB      struct {
			Base    struct{ Ref string }
			Pairs   int
			Seconds float64
			Seed    string
			Ended   string
			Changes []struct {
				Name     string
				DeltaPct [2]*float64 `json:"delta_pct"`
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "regression" || got.AB.Pairs != 6 || got.AB.Seconds != 90 || got.AB.Seed != "18446744073709551615" || got.AB.Ended != "clear" {
		t.Errorf("JSON says %+v", got)
	}
	for i, m := range got.Metrics {
		if got.AB.Changes[i].Name != m.Name {
			t.Errorf("change %d is of %q, want %q", i, got.AB.Changes[i].Name, m.Name)
		}
	}
	if c := got.AB.Changes[0].DeltaPct; c[0] == nil || *c[0] < 2 || *c[0] > 5 {
		t.Errorf("the change is at least %v, want between 2 and 5", c[0])
	}
}

func TestChangePct(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0 %", 0.123: "+0.12 %", -1.26: "-1.3 %", 12.6: "+13 %", 1234: "+1,234 %", 0.0049: "0 %", -0.056: "-0.06 %",
		math.Inf(1): "", math.NaN(): "",
	} {
		if got := changePct(v); got != want {
			t.Errorf("changePct(%g) = %q, want %q", v, got, want)
		}
	}
}
