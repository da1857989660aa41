package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

var (
	epyc = collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4}
	xeon = collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "Intel Xeon 8370C", Cores: 4}
)

// fleet is a history of which the newest runs are on the slow machine of the
// head and all before them on a fast one.
func fleet(runs, slow int, columns map[string][]float64) baseline.Baseline {
	b := history(columns)
	for i := range b.Runs {
		b.Runs[i].Runner = epyc
		if i >= runs-slow {
			b.Runs[i].Runner = xeon
		}
	}
	return b
}

// A timing is twice as slow on the other machine and never regresses for that,
// while what the machine has no part in is judged.
func TestSlowerMachine(t *testing.T) {
	const runs = 31
	onSlow := func(slow int, xs []float64) []float64 {
		for i := runs - slow; i < runs; i++ {
			xs[i] *= 2
		}
		return xs
	}
	for slow := range 10 {
		b := fleet(runs, slow, map[string][]float64{
			"a.seconds":   onSlow(slow, noisy(runs, 10)),
			"b":           onSlow(slow, noisy(runs, 1e6)),
			"ram.peak_mb": onSlow(slow, noisy(runs, 100)),
			"size_mb":     steady(runs, 5),
			"wobbly_mb":   noisy(runs, 100),
			"test.failed": steady(runs, 0),
		})
		b.Alike = 10
		b.Metrics = append(b.Metrics, collect.Metric{Name: "gone.seconds"})
		b.Values = append(b.Values, steady(runs, 1))
		head := run(metric("a.seconds", 20), collect.Metric{Name: "b", Unit: "ns/op", Value: 2e6},
			metric("ram.peak_mb", 200), metric("size_mb", 6), metric("wobbly_mb", 150), metric("test.failed", 1), metric("new.seconds", 1))
		head.Runner = xeon
		r := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		for name, want := range map[string]check.Status{
			"a.seconds": check.Inconclusive, "b": check.Inconclusive, "ram.peak_mb": check.Inconclusive,
			"size_mb": check.Regressed, "wobbly_mb": check.Regressed, "test.failed": check.Regressed,
			"new.seconds": check.New, "gone.seconds": check.Missing,
		} {
			if got := find(t, r, name); got.Status != want {
				t.Errorf("%d of %d runs on the head's machine: %s is %s (%s), want %s", slow, runs, name, got.Status, got.Reason, want)
			}
		}
		if r.Baseline.SameRunner != slow || r.Baseline.OtherRunner != runs-slow || r.Baseline.Runs != runs {
			t.Errorf("%d of %d runs on the head's machine, want %d of %d", r.Baseline.SameRunner, r.Baseline.Runs, slow, runs)
		}
		got := find(t, r, "a.seconds")
		if len(got.History) != slow || got.Runs != slow || slow > 0 && (got.Baseline < 19 || got.Baseline > 21) || slow == 0 && got.Baseline == got.Baseline {
			t.Errorf("the baseline of a.seconds is %g of %d runs, want that of the %d on the head's machine", got.Baseline, got.Runs, slow)
		}
	}
}

func TestApartReason(t *testing.T) {
	tests := []struct {
		name string
		slow int
		head collect.Runner
		want string
	}{
		{"two", 2, xeon, "only 2 of 31 baseline runs are on this kind of machine (Intel Xeon 8370C, 4 cores); 10 are needed"},
		{"one", 1, xeon, "only 1 of 31 baseline runs is on this kind"},
		{"none", 0, xeon, "none of 31 baseline runs is on this kind"},
		{"no model", 2, collect.Runner{OS: "linux", Arch: "arm64", Cores: 1}, "none of 31 baseline runs is on this kind of machine (linux arm64, 1 core)"},
		{"cores alone", 2, collect.Runner{Cores: 8}, "(8 cores)"},
	}
	for _, tt := range tests {
		b := fleet(31, tt.slow, map[string][]float64{"a.seconds": noisy(31, 10)})
		b.Alike = 10
		head := run(metric("a.seconds", 20))
		head.Runner = tt.head
		if got := find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), "a.seconds"); !strings.Contains(got.Reason, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got.Reason, tt.want)
		}
	}
}

// Where nobody asks for like with like, or no run says that it is of another
// machine, the runner changes nothing.
func TestAcrossMachines(t *testing.T) {
	tests := []struct {
		name  string
		alike int
		head  collect.Runner
		past  collect.Runner
	}{
		{"any machine", 0, xeon, epyc},
		{"the head does not say", 10, collect.Runner{}, epyc},
		{"the head says its image alone", 10, collect.Runner{Image: "ubuntu24"}, epyc},
		{"the baseline does not say", 10, xeon, collect.Runner{}},
		{"one kind, two images", 10, xeon, collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "Intel Xeon 8370C", Cores: 4, Image: "ubuntu26"}},
	}
	for _, tt := range tests {
		b := history(map[string][]float64{"a.seconds": noisy(31, 10)})
		for i := range b.Runs {
			b.Runs[i].Runner = tt.past
		}
		b.Alike = tt.alike
		head := run(metric("a.seconds", 20))
		head.Runner = tt.head
		if got := find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), "a.seconds"); got.Status != check.Regressed {
			t.Errorf("%s: %s (%s), want regressed", tt.name, got.Status, got.Reason)
		}
	}
}

// Too few runs of the head's kind do to the verdict what anything inconclusive
// does.
func TestApartGates(t *testing.T) {
	b := fleet(31, 2, map[string][]float64{"a.seconds": noisy(31, 10), "size_mb": steady(31, 5)})
	b.Alike = 10
	head := run(metric("a.seconds", 20), metric("size_mb", 5))
	head.Runner = xeon
	for action, fails := range map[check.Action]bool{check.ActPass: false, check.ActWarn: false, check.ActFail: true} {
		r := check.Compare([]collect.Run{head}, b, check.Thresholds{OnInconclusive: action})
		if r.Fails != fails {
			t.Errorf("on-inconclusive %s: fails %t, want %t (%v)", action, r.Fails, fails, r.Gated)
		}
	}
}

// With enough runs of its kind a timing is judged by these alone, and what the
// machine has no part in by the newest runs of any kind: what was merged since
// the last run of the head's kind is not the head's.
func TestEnoughAlike(t *testing.T) {
	tests := []struct {
		name    string
		seconds float64
		size    float64
		noisy   float64
		want    [3]check.Status
	}{
		{"as its kind", 20, 6, 100, [3]check.Status{check.Unchanged, check.Unchanged, check.Unchanged}},
		{"slower than its kind", 28, 6, 100, [3]check.Status{check.Regressed, check.Unchanged, check.Unchanged}},
		{"as fast as the other kind", 10, 6, 100, [3]check.Status{check.Improved, check.Unchanged, check.Unchanged}},
		{"larger than all", 20, 9, 100, [3]check.Status{check.Unchanged, check.Regressed, check.Unchanged}},
		{"much larger, of a size that wobbles", 20, 6, 150, [3]check.Status{check.Unchanged, check.Unchanged, check.Regressed}},
	}
	for _, tt := range tests {
		seconds, size := noisy(60, 10), steady(60, 5)
		b := history(map[string][]float64{"a.seconds": seconds, "size_mb": size, "wobbly_mb": noisy(60, 100)})
		for i := range b.Runs {
			b.Runs[i].Runner = epyc
			if i%2 == 0 && i < 50 { // the newest ten runs are on the other kind
				b.Runs[i].Runner = xeon
				seconds[i] *= 2
			}
			if i >= 55 {
				size[i] = 6
			}
		}
		b.Alike = 10
		head := run(metric("a.seconds", tt.seconds), metric("size_mb", tt.size), metric("wobbly_mb", tt.noisy))
		head.Runner = xeon
		r := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		for i, name := range []string{"a.seconds", "size_mb", "wobbly_mb"} {
			if got := find(t, r, name); got.Status != tt.want[i] {
				t.Errorf("%s: %s is %s (%s), want %s", tt.name, name, got.Status, got.Reason, tt.want[i])
			}
		}
		if got := find(t, r, "a.seconds"); got.Runs != 25 {
			t.Errorf("%s: judged by %d runs, want the 25 of its kind", tt.name, got.Runs)
		}
	}
}

// Runs that do not say their machine are not said to be of another one.
func TestMachineNotes(t *testing.T) {
	tests := []struct {
		name        string
		other, mute int // of 31 runs
		head        collect.Runner
		want        []string
	}{
		{"all alike", 0, 0, xeon, nil},
		{"the head does not say", 5, 5, collect.Runner{}, nil},
		{"some are mute", 0, 7, xeon, []string{"7 of 31 baseline runs do not say their machine; they count as of the head's kind"}},
		{"one of each", 1, 1, xeon, []string{
			"1 of 31 baseline runs comes from another kind of machine",
			"1 of 31 baseline runs does not say its machine; it counts as of the head's kind",
		}},
		{"both", 12, 3, xeon, []string{
			"12 of 31 baseline runs come from another kind of machine",
			"3 of 31 baseline runs do not say their machine; they count as of the head's kind",
		}},
	}
	for _, tt := range tests {
		b := fleet(31, 31-tt.other, map[string][]float64{"size_mb": steady(31, 5)})
		for i := range tt.mute {
			b.Runs[30-i].Runner = collect.Runner{Image: "ubuntu24"}
		}
		head := run(metric("size_mb", 5))
		head.Runner = tt.head
		r := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		if diff := cmp.Diff(tt.want, r.Notes); diff != "" {
			t.Errorf("%s: notes (-want +got):\n%s", tt.name, diff)
		}
	}
}
