package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

func reads(t *testing.T, s baseline.Store, runs []collect.Run) {
	WantIDs(t, s, "e", "d", "c", "b", "a")
	WantIDs(t, s, "e", "d", "c", "b", "a") // a listing can be had again
	t.Run("get", func(t *testing.T) { gets(t, s, runs) })
	t.Run("find", func(t *testing.T) { finds(t, s) })
	t.Run("stop", func(t *testing.T) { stops(t, s) })
}

func gets(t *testing.T, s baseline.Store, runs []collect.Run) {
	want := map[string]collect.Run{}
	for _, r := range runs {
		want[r.ID] = r
	}
	for e, err := range s.List(t.Context(), baseline.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Origin != want[e.ID].Origin {
			t.Errorf("List gave %+v, want %+v", e.Origin, want[e.ID].Origin)
		}
		if e.Where == "" {
			t.Errorf("the entry of run %s does not say where it is", e.ID)
		}
		r, err := s.Get(t.Context(), e)
		if err != nil {
			t.Fatalf("Get(%s): %v", e.ID, err)
		}
		if diff := cmp.Diff(want[e.ID], r); diff != "" {
			t.Errorf("Get(%s) differs (-want +got):\n%s", e.ID, diff)
		}
		views(t, s, e, Line(t, r))
	}
	if r, err := s.Get(t.Context(), baseline.Entry{Ref: "elsewhere"}); err == nil {
		t.Errorf("Get of a foreign entry = %+v, want an error", r)
	}
}

func views(t *testing.T, s baseline.Store, e baseline.Entry, want string) {
	lines, ok := s.(baseline.LineStore)
	if !ok {
		t.Fatalf("%T is no baseline.LineStore", s)
	}
	mine := errors.New("mine")
	err := lines.View(t.Context(), e, func(text []byte) error {
		if string(text) != want {
			t.Errorf("View(%s) shows %.200q, want %.200q", e.ID, text, want)
		}
		return mine
	})
	if !errors.Is(err, mine) {
		t.Errorf("View(%s) = %v, want what read returned", e.ID, err)
	}
}

func finds(t *testing.T, s baseline.Store) {
	for prefix, want := range map[string]string{"latest": "e", "c": "c"} {
		if e, err := baseline.Find(t.Context(), s, prefix); err != nil || e.ID != want {
			t.Errorf("Find(%q) = %q, %v, want %q", prefix, e.ID, err, want)
		}
	}
	if e, err := baseline.Find(t.Context(), s, "nosuch"); err == nil {
		t.Errorf("Find(nosuch) = %+v, want an error", e)
	}
}

func stops(t *testing.T, s baseline.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	var last error
	for e, err := range s.List(ctx, baseline.Filter{}) {
		if last = err; err == nil {
			got = append(got, e.ID)
		}
		cancel()
	}
	if len(got) != 1 || !errors.Is(last, context.Canceled) {
		t.Errorf("a canceled listing gave %q and then %v, want one run and %v", got, last, context.Canceled)
	}
	for e := range s.List(t.Context(), baseline.Filter{}) {
		if e.ID != "e" {
			t.Errorf("the newest run is %q, want e", e.ID)
		}
		break
	}
}

// oddRepository is a name that no pattern has as it stands.
const oddRepository = `a/[b]*\?\\ é`

// filters holds that no run is left out that fits. Those that do not may be there.
func filters(t *testing.T, s baseline.Store) {
	var runs []collect.Run
	for i, o := range []collect.Origin{
		{ID: "r1", Repository: "o/r", Branch: "main", Job: "unit", Type: "test"},
		{ID: "r2", Repository: "o/r", Branch: "dev", Job: "unit", Type: "test"},
		{ID: "r3", Repository: "o/s", Branch: "main", Job: "lint", Type: "test"},
		{ID: "r4", Repository: "p/r", Branch: "main", Job: "unit", Type: "build"},
		{ID: "r5", Repository: "o/r", Branch: "main", Name: "perf", Job: "unit", Type: "test"},
		{ID: "r6"},
		{ID: "r7", Repository: "o/r_x%", Branch: "main", Job: "unit", Type: "test"},
		{ID: "r8", Repository: "group/sub/name", Branch: "main", Job: "unit", Type: "test"},
		{ID: "r9", Repository: oddRepository, Branch: "main", Job: "unit", Type: "test"},
	} {
		o.Time = noon.Add(time.Duration(i) * 24 * time.Hour)
		runs = append(runs, collect.Run{Origin: o, Metrics: []collect.Metric{Value("m", float64(i))}})
	}
	Fill(t, s, runs...)
	slices.Reverse(runs)
	for _, f := range []baseline.Filter{
		{Repositories: []string{"o/r"}}, {Repositories: []string{"o/*"}}, {Repositories: []string{"*/r", "o/s"}}, {Repositories: []string{"o/r_?%"}},
		{Repositories: []string{"group/sub/name"}}, {Repositories: []string{"group/*/*"}}, {Repositories: []string{baseline.PatternOf(oddRepository)}}, {Repositories: []string{"o/*", baseline.PatternOf(oddRepository)}},
		{Suite: &baseline.Suite{Repository: oddRepository, Job: "unit", Type: "test"}}, {Suite: &baseline.Suite{Repository: oddRepository, Job: "unit"}, Repositories: []string{baseline.PatternOf(oddRepository)}},
		{Suite: &baseline.Suite{Repository: "o/r", Job: "unit", Type: "test"}}, {Suite: &baseline.Suite{Name: "perf"}}, {Suite: &baseline.Suite{Type: "build"}},
		{Branch: "main"}, {Branch: "none"}, {ID: "r"}, {ID: "r3"}, {ID: "%"},
		{Since: noon.Add(48 * time.Hour)}, {Until: noon.Add(48 * time.Hour)}, {Since: noon.Add(24 * time.Hour), Until: noon.Add(24 * time.Hour)},
		{Repositories: []string{"o/r"}, Branch: "main", Until: noon.Add(time.Hour)},
	} {
		var want, got []string
		for _, r := range runs {
			if f.Fits(r.Origin) {
				want = append(want, r.ID)
			}
		}
		for e, err := range s.List(t.Context(), f) {
			if err != nil {
				t.Fatalf("List of %+v: %v", f, err)
			}
			if f.Fits(e.Origin) {
				got = append(got, e.ID)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the runs that fit %+v differ (-want +got):\n%s", f, diff)
		}
	}
}
