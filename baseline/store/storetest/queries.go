package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// asked are runs of several repositories, suites and branches.
func asked() (runs []collect.Run) {
	for i, o := range []collect.Origin{
		{Repository: "o/r", Branch: "main", Job: "unit", Type: "test"},
		{Repository: "o/r", Branch: "dev", Job: "unit", Type: "test"},
		{Repository: "o/r", Branch: "main", Job: "unit", Type: "test"},
		{Repository: "o/s", Branch: "main", Job: "unit", Type: "test"},
		{Repository: "o/r", Branch: "main", Name: "perf", Job: "a", Type: "bench"},
		{Repository: "o/r", Branch: "main", Name: "perf", Job: "b", Type: "bench"},
		{Repository: "", Branch: "", Job: "unit", Type: "test"},
		{Repository: "p/r", Branch: "main", Job: "unit", Type: "test"},
		{Repository: oddRepository, Branch: "main", Job: "unit", Type: "test"},
	} {
		o.ID, o.Time = fmt.Sprint("q", i), noon.Add(time.Duration(i)*36*time.Hour)
		r := collect.Run{Origin: o, Metrics: []collect.Metric{
			{Name: "build.seconds", Value: float64(i) + 0.25, Unit: "s"},
			{Name: `100%_odd\[Case=A'b"]`, Value: -float64(i)},
		}}
		if o.Name == "perf" {
			r.Metrics = append(r.Metrics, collect.Metric{Name: "bench/Fib.mb_per_s", Value: 1e300, Unit: "MB/s", Better: collect.Higher})
		}
		runs = append(runs, r)
	}
	return runs
}

// questions holds what a store answers across runs, by itself or from its records.
func questions(t *testing.T, s baseline.Store) {
	x := baseline.NewIndex(s, 1<<20)
	if g, err := x.Groups(t.Context(), baseline.Filter{}); err != nil || len(g) > 0 {
		t.Errorf("Groups of an empty store = %v, %v, want none", g, err)
	}
	if s, err := x.Series(t.Context(), baseline.Filter{}, "build.seconds", 10); err != nil || len(s.Points) > 0 {
		t.Errorf("Series of an empty store = %v, %v, want none", s, err)
	}
	runs := asked()
	Fill(t, s, runs...)
	slices.Reverse(runs)
	for _, f := range []baseline.Filter{
		{}, {Repositories: []string{"o/r"}}, {Repositories: []string{"o/*"}}, {Repositories: []string{"none/none"}}, {Branch: "main"},
		{Suite: &baseline.Suite{Repository: "o/r", Job: "unit", Type: "test"}}, {Suite: &baseline.Suite{Repository: "o/r", Name: "perf", Type: "bench"}},
		{Repositories: []string{"o/r", "o/s"}, Branch: "dev"}, {Repositories: []string{baseline.PatternOf(oddRepository)}},
	} {
		groups(t, x, f, runs)
		for _, metric := range []string{"build.seconds", "bench/Fib.mb_per_s", `100%_odd\[Case=A'b"]`, "nosuch"} {
			for _, most := range []int{2, 100} {
				history{x, f, runs, most}.holds(t, metric)
			}
		}
	}
	for _, f := range []baseline.Filter{{Since: noon.Add(72 * time.Hour)}, {Until: noon.Add(72 * time.Hour)}, {Since: noon.Add(72 * time.Hour), Until: noon.Add(108 * time.Hour)}} {
		history{x, f, runs, 100}.holds(t, "build.seconds")
	}
	asksNames(t, x)
	part := baseline.NewIndex(baseline.Only(s, []string{"o/*"}), 1<<20)
	history{part, baseline.Filter{Repositories: []string{"p/r"}}, nil, 100}.holds(t, "build.seconds")
	all := slices.Clone(runs)
	runs = slices.DeleteFunc(runs, func(r collect.Run) bool { return !strings.HasPrefix(r.Repository, "o/") })
	history{part, baseline.Filter{}, runs, 100}.holds(t, "build.seconds")
	alone := baseline.Filter{Repositories: []string{baseline.PatternOf(oddRepository)}}
	part = baseline.NewIndex(baseline.Only(s, alone.Repositories), 1<<20)
	history{part, alone, all, 100}.holds(t, "build.seconds")
}

func groups(t *testing.T, x *baseline.Index, f baseline.Filter, runs []collect.Run) {
	t.Helper()
	got, err := x.Groups(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	want := map[baseline.Group]baseline.Group{}
	for _, r := range runs {
		if !f.Fits(r.Origin) {
			continue
		}
		key := baseline.Group{Suite: baseline.SuiteOf(r.Origin), Branch: r.Branch}
		if key.Name != "" {
			key.Job = ""
		}
		g, ok := want[key]
		if !ok {
			g = key
		}
		g.Add(baseline.Group{Runs: 1, Oldest: r.Time, Newest: r.Time})
		want[key] = g
	}
	var all []baseline.Group
	for _, g := range want {
		all = append(all, g)
	}
	order := func(a, b baseline.Group) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	slices.SortFunc(all, order)
	slices.SortFunc(got, order)
	if diff := gocmp.Diff(all, got); diff != "" {
		t.Errorf("Groups of %+v differ (-want +got):\n%s", f, diff)
	}
}

// history are the runs of a store, newest first, and a question about them.
type history struct {
	x    *baseline.Index
	f    baseline.Filter
	runs []collect.Run
	most int
}

// holds holds the series of a metric against the runs.
func (h history) holds(t *testing.T, metric string) {
	t.Helper()
	var want baseline.Series
	for _, r := range h.runs {
		if m, ok := r.Metric(metric); ok && h.f.Fits(r.Origin) && len(want.Points) < h.most {
			want.Metric = baseline.MetricName{Name: m.Name, Unit: m.Unit, Better: m.Direction()}
			want.Points = append(want.Points, baseline.Point{Origin: r.Origin, Value: m.Value})
		}
	}
	got, err := h.x.Series(t.Context(), h.f, metric, h.most)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Points) == 0 {
		want.Metric, got.Metric = baseline.MetricName{}, baseline.MetricName{}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("Series of %q in %+v differs (-want +got):\n%s", metric, h.f, diff)
	}
}

func asksNames(t *testing.T, x *baseline.Index) {
	const odd, build, bench = `100%_odd\[Case=A'b"]`, "build.seconds", "bench/Fib.mb_per_s"
	unit := &baseline.Suite{Repository: "o/r", Job: "unit", Type: "test"}
	for _, row := range []struct {
		f    baseline.Filter
		q    baseline.NameQuery
		want []string
	}{
		{baseline.Filter{}, baseline.NameQuery{Most: 10}, []string{odd, bench, build}},
		{baseline.Filter{}, baseline.NameQuery{Most: 2}, []string{odd, bench}},
		{baseline.Filter{}, baseline.NameQuery{Most: 10, After: odd}, []string{bench, build}},
		{baseline.Filter{}, baseline.NameQuery{Most: 10, Words: []string{"FIB", "mb"}}, []string{bench}},
		{baseline.Filter{}, baseline.NameQuery{Most: 10, Words: []string{"%_O"}}, []string{odd}},
		{baseline.Filter{}, baseline.NameQuery{Most: 10, Words: []string{`\[case=a'`}}, []string{odd}},
		{baseline.Filter{}, baseline.NameQuery{Most: 10, Words: []string{"build", "none"}}, nil},
		{baseline.Filter{Repositories: []string{"o/s"}}, baseline.NameQuery{Most: 10}, []string{odd, build}},
		{baseline.Filter{Repositories: []string{baseline.PatternOf(oddRepository)}}, baseline.NameQuery{Most: 10}, []string{odd, build}},
		{baseline.Filter{Suite: unit, Repositories: []string{"o/r"}}, baseline.NameQuery{Most: 10}, []string{odd, build}},
	} {
		names, err := x.Names(t.Context(), row.f, row.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range names {
			got = append(got, n.Name)
			if n.Name == bench && (n.Unit != "MB/s" || n.Better != collect.Higher) {
				t.Errorf("%s is in %q, better %v; want MB/s, higher", n.Name, n.Unit, n.Better)
			}
		}
		if diff := gocmp.Diff(row.want, got); diff != "" {
			t.Errorf("Names of %+v in %+v differ (-want +got):\n%s", row.q, row.f, diff)
		}
	}
}
