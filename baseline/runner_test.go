package baseline

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-ci/plumbline/collect"
)

var (
	epyc = collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4, Image: "ubuntu24"}
	xeon = collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "Intel Xeon 8370C", Cores: 4, Image: "ubuntu24"}
)

// fleet makes a store of runs, newest first, from a letter each: e and x are on
// an EPYC and a Xeon, i on an EPYC with a newer image, u do not say, o are on an
// EPYC and of the head's commit, f are on an EPYC and failed.
func fleet(kinds string) *memory {
	m := &memory{}
	for i, kind := range kinds {
		m.runs = append(m.runs, aRun(fmt.Sprintf("%c%d", kind, i), i+1, func(r *collect.Run) {
			switch r.Runner = epyc; kind {
			case 'x':
				r.Runner = xeon
			case 'i':
				r.Runner.Image = "ubuntu26"
			case 'u':
				r.Runner = collect.Runner{}
			case 'o':
				r.Commit = head.Commit
			case 'f':
				r.Success = collect.Failed
			}
		}))
	}
	return m
}

// kinds are the letters of the runs, newest first.
func kinds(runs []collect.Origin) string {
	var b strings.Builder
	for i := range runs {
		b.WriteByte(runs[len(runs)-1-i].ID[0])
	}
	return b.String()
}

func TestRunnerRules(t *testing.T) {
	t.Parallel()
	many := strings.Repeat
	for _, tt := range []struct {
		name, store string
		q           Query
		want        string
		alike, left int // left: on another kind of machine
	}{
		{"any takes all", "exxe", Query{Runner: AnyRunner}, "exxe", 0, 0},
		{"require takes its own", "exxe", Query{Runner: RequireRunner}, "ee", 0, 2},
		{"require, and there are none", "xxx", Query{Runner: RequireRunner}, "", 0, 3},
		{"require searches further back", "xxxeexe", Query{Runner: RequireRunner, Runs: 3}, "eee", 0, 4},
		{"require knows no bound", many("x", 60) + "eee", Query{Runner: RequireRunner, Runs: 3}, "eee", 0, 60},
		{"require keeps who says nothing", "xuxe", Query{Runner: RequireRunner}, "ue", 0, 2},
		{"the image does not matter", "ixei", Query{Runner: RequireRunner}, "iei", 0, 1},
		{"prefer, enough", "xexexe", Query{Runner: PreferRunner, Alike: 3}, "xexexe", 3, 0},
		{"prefer is the default", "xexexe", Query{Alike: 3}, "xexexe", 3, 0},
		{"prefer, too few", "xexexe", Query{Alike: 4}, "xexexe", 4, 0},
		{"prefer, ten are enough", many("x", 50) + many("e", 10), Query{}, many("x", 50) + many("e", 10), 10, 0},
		{"prefer, nine are not", many("x", 50) + many("e", 9), Query{}, many("x", 50), 10, 0},
		{"prefer in a small window", many("xe", 5), Query{Runs: 4}, "xexeee", 4, 0},
		{"prefer, one kind alone is not too few", "eee", Query{}, "eee", 0, 0},
		{"prefer, none", "xxx", Query{}, "xxx", 10, 0},
		{"prefer searches further back", many("x", 20) + "eeee", Query{Runs: 4, Alike: 3}, "xxxxeeee", 3, 0},
		{"prefer does not search all", many("x", 40) + "eeee", Query{Runs: 4, Alike: 3}, "xxxx", 3, 0},
		{"prefer, a verdict needs more than ten", many("x", 15) + many("e", 12), Query{Runs: 20, MinRuns: 12}, many("x", 15) + many("e", 12), 12, 0},
		{"prefer, a verdict needs fewer", many("xe", 10), Query{Runs: 20, MinRuns: 6}, many("xe", 10), 10, 0},
		{"prefer, a verdict needs more than there may be", many("xe", 6), Query{Runs: 6, MinRuns: 20}, many("xe", 3) + many("e", 3), 6, 0},
		{"prefer respects the age", "exeee", Query{Alike: 3, MaxAge: 3 * time.Minute}, "exe", 3, 0},
		{"prefer counts no failed run", "fxefe", Query{Alike: 3}, "xee", 3, 0},
		{"nobody says", "uuu", Query{Runs: 2}, "uu", 0, 0},
		{"who says nothing counts as its own", "uxu", Query{Alike: 2}, "uxu", 2, 0},
		{"nothing but the head's commit", "oooo", Query{Alike: 2}, "oooo", 0, 0},
		{"the head's commit shows no change", "ooxoo", Query{Alike: 2}, "x", 2, 0},
	} {
		tt.q.Head = head
		tt.q.Head.Runner = epyc
		b, err := Fetch(t.Context(), fleet(tt.store), tt.q)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		left := 0
		for _, l := range b.Left {
			if l.Reason == "on another kind of machine" {
				left = l.Runs
			}
		}
		if got := kinds(b.Runs); got != tt.want || b.Alike != tt.alike || left != tt.left {
			t.Errorf("%s: runs %q, alike %d, left out %d; want %q, %d, %d", tt.name, got, b.Alike, left, tt.want, tt.alike, tt.left)
		}
	}
}

// A head that does not say its machine, or its image alone, is compared with all.
func TestHeadWithoutRunner(t *testing.T) {
	t.Parallel()
	for _, r := range []collect.Runner{{}, {Image: "ubuntu24"}} {
		for _, rule := range []RunnerRule{"", PreferRunner, RequireRunner, AnyRunner} {
			q := Query{Head: head, Runner: rule}
			q.Head.Runner = r
			b, err := Fetch(t.Context(), fleet("exue"), q)
			if err != nil || kinds(b.Runs) != "exue" || b.Alike != 0 {
				t.Errorf("%+v, rule %q: runs %q, alike %d, %v; want all and 0", r, rule, kinds(b.Runs), b.Alike, err)
			}
		}
	}
}

// Where all runs are of the head's kind, preferring it reads none of them twice.
func TestPreferReadsOnce(t *testing.T) {
	t.Parallel()
	m := fleet(strings.Repeat("e", 70))
	q := Query{Head: head}
	q.Head.Runner = epyc
	if _, err := Fetch(t.Context(), m, q); err != nil || len(m.read) != 50 {
		t.Errorf("read %d runs, %v, want 50", len(m.read), err)
	}
}

// Runs from further back come before the others, with their values.
func TestPreferPrepends(t *testing.T) {
	t.Parallel()
	m := fleet("xexxee")
	m.runs[2].Metrics = []collect.Metric{{Name: "m", Value: 3}, {Name: "n", Value: 30}}
	q := Query{Head: head, Runs: 3, Alike: 3}
	q.Head.Runner = epyc
	b, err := Fetch(t.Context(), m, q)
	nan := math.NaN()
	want := [][]float64{{6, 5, 3, 2, 1}, {nan, nan, 30, nan, nan}}
	if diff := cmp.Diff(want, b.Values, cmpopts.EquateNaNs()); err != nil || diff != "" || ids(b.Runs) != "e5 e4 x2 e1 x0" {
		t.Errorf("runs %q, %v; values (-want +got):\n%s", ids(b.Runs), err, diff)
	}
}

// What the samples inside runs say comes along, in the order of the runs, from
// further back too; and there is nothing where nothing was repeated.
func TestScatterOfRuns(t *testing.T) {
	t.Parallel()
	fetch := func(m *memory) Baseline {
		q := Query{Head: head, Runs: 3, Alike: 3}
		q.Head.Runner = epyc
		b, err := Fetch(t.Context(), m, q)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	m := fleet("xexxee")
	if b := fetch(m); b.Scatter != nil {
		t.Errorf("without samples: %+v", b.Scatter)
	}
	samples := map[int][]float64{0: {1, 2}, 1: {2, 3, 5}, 5: {7, 8, 9, 9}}
	for i, xs := range samples {
		m.runs[i].Metrics = []collect.Metric{{Name: "m", Value: collect.Median(xs), Samples: xs}, {Name: "n", Value: 1}}
	}
	b := fetch(m)
	none := collect.Scatter{}
	want := [][]collect.Scatter{{collect.NewScatter(samples[5]), none, none, collect.NewScatter(samples[1]), collect.NewScatter(samples[0])}, make([]collect.Scatter, 5)}
	if diff := cmp.Diff(want, b.Scatter); diff != "" || kinds(b.Runs) != "xexee" {
		t.Errorf("runs %q, scatter (-want +got):\n%s", kinds(b.Runs), diff)
	}
	m.runs = m.runs[1:2] // one kind alone
	if diff := cmp.Diff([][]collect.Scatter{{collect.NewScatter(samples[1])}, nil}, fetch(m).Scatter); diff != "" {
		t.Errorf("one run, scatter (-want +got):\n%s", diff)
	}
}
