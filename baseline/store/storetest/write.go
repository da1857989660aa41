package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

func changes(t *testing.T, s baseline.Store) {
	Fill(t, s, History()...)
	changesFilled(t, s)
}

func changesFilled(t *testing.T, s baseline.Store) {
	var stale []baseline.Entry
	for e, err := range s.List(t.Context(), baseline.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		stale = append(stale, e)
	}
	if err := s.Delete(t.Context(), "b", "e", "nosuch"); err != nil {
		t.Fatal(err)
	}
	WantIDs(t, s, "d", "c", "a")
	for _, e := range stale {
		r, err := s.Get(t.Context(), e)
		if gone := e.ID == "b" || e.ID == "e"; gone != (err != nil) || !gone && r.ID != e.ID {
			t.Errorf("Get(%s) after Delete = run %q, %v", e.ID, r.ID, err)
		}
	}
	Fill(t, s, Run("f", 1))
	WantIDs(t, s, "d", "c", "f", "a")
	if err := s.Delete(t.Context(), "a", "c", "d", "f"); err != nil {
		t.Fatal(err)
	}
	WantIDs(t, s)
	Fill(t, s, Run("g", 1))
	WantIDs(t, s, "g")
}

func isEmpty(t *testing.T, s baseline.Store) {
	WantIDs(t, s)
	if _, err := baseline.Find(t.Context(), s, baseline.Latest); err == nil || !strings.Contains(err.Error(), "no runs yet") {
		t.Errorf("Find(latest) in an empty store = %v, want an error that says there are no runs", err)
	}
	if err := s.Delete(t.Context(), "nosuch"); err != nil {
		t.Errorf("Delete in an empty store: %v", err)
	}
	WantIDs(t, s)
}

// again holds that a run is delivered once however often it is put, and that another
// one under its id is not lost in silence: the store refuses it, or each listing
// tells of it, and then the newest counts.
func again(t *testing.T, s baseline.Store) {
	r := Run("a", 0, Value("m", 1))
	Fill(t, s, r, Run("b", 1), r)
	WantIDs(t, s, "b", "a")
	stays, goes := []string{"b", "a"}, []string{"a", "b"}
	for _, minutes := range []int{5, 0} { // a later one, and one of the same time
		other := Run("a", minutes, Value("m", 2))
		err := s.Put(t.Context(), other)
		ids, bad := Listing(t, s, baseline.Filter{})
		switch {
		case err != nil:
			if !strings.Contains(err.Error(), "with other content") || !slices.Equal(ids, stays) || len(bad) > 0 {
				t.Errorf("another run a is refused with %v, and then there are %v and %v; want that it has other content, and %v", err, ids, bad, stays)
			}
		case len(bad) == 0 || !strings.Contains(bad[0].Error(), `run "a" is also at `) || !slices.Equal(ids, stays) && (minutes == 0 || !slices.Equal(ids, goes)):
			t.Errorf("another run a is taken, and then there are %v and %v; want one a and an error about the other", ids, bad)
		}
		if err := s.Delete(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		WantIDs(t, s, "b")
		Fill(t, s, r)
	}
}

// atOnce holds that runs which are put together are as if each was put.
func atOnce(t *testing.T, s baseline.Store) {
	before := Run("f", 4, Value("m", 6))
	Fill(t, s, before)
	for _, runs := range [][]collect.Run{History(), nil} {
		if err := baseline.PutAll(t.Context(), s, runs); err != nil {
			t.Fatal(err)
		}
	}
	WantIDs(t, s, "e", "f", "d", "c", "b", "a")
	gets(t, s, append(History(), before))
}

// strange holds that a run comes back as it went in, whatever is in it.
func strange(t *testing.T, s baseline.Store) {
	r := Run(`../id with 'quotes', "these" / and % é 漢`, 0,
		collect.Metric{Name: "bench/<script>[k='v' or 1=1;--]", Value: 1e300, Unit: "s"},
		collect.Metric{Name: "tiny", Value: 5e-324}, collect.Metric{Name: "minus", Value: -0.1})
	r.Repository, r.Branch, r.Job, r.Name = "o/r'; drop table run; --", "feature/ä b", "unit (1, \"x\")", "näme/../..\\x"
	r.Time = noon.Add(123456 * time.Microsecond) // as fine as a record has it
	r.Extra = map[string]json.RawMessage{"note": json.RawMessage(`{"a":[1,2,{"b":null}]}`)}
	Fill(t, s, r)
	gets(t, s, []collect.Run{r})
	if err := s.Delete(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	WantIDs(t, s)
}

// large holds that a run of many metrics and samples comes back whole.
func large(t *testing.T, s baseline.Store) {
	r := Run("large", 0)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		m := collect.Metric{Name: fmt.Sprintf("bench/%d.ns_per_op", i), Unit: "ns", Better: collect.Lower}
		for range 9 {
			m.Samples = append(m.Samples, random.Float64())
		}
		m.Value = m.Samples[4]
		r.Metrics = append(r.Metrics, m)
	}
	Fill(t, s, r, Run("small", 1))
	e, err := baseline.Find(t.Context(), s, "large")
	if err != nil {
		t.Fatal(err)
	}
	views(t, s, e, Line(t, r))
}

// writers holds that none of many who write at once loses a run.
func writers(t *testing.T, s baseline.Store) {
	const each, all = 5, 8
	var wait sync.WaitGroup
	for w := range all {
		wait.Go(func() {
			for i := range each {
				if err := s.Put(t.Context(), Run(fmt.Sprintf("w%d-%d", w, i), i, Value("m", float64(w)))); err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wait.Wait()
	ids, bad := Listing(t, s, baseline.Filter{})
	if len(ids) != each*all || len(bad) > 0 {
		t.Errorf("%d runs are there and %v, want %d", len(ids), bad, each*all)
	}
}

// many holds the order over more runs than one page of anything has.
func many(t *testing.T, s baseline.Store) {
	const runs = 300
	want := make([]string, runs)
	order := rand.New(rand.NewPCG(3, 4)).Perm(runs)
	for i := range runs {
		want[runs-1-i] = fmt.Sprintf("run-%03d", i)
	}
	all := make([]collect.Run, 0, runs)
	for _, i := range order {
		all = append(all, Run(fmt.Sprintf("run-%03d", i), i*97, Value("m", float64(i))))
	}
	fillAtOnce(t, s, all)
	got, bad := Listing(t, s, baseline.Filter{})
	if diff := cmp.Diff(want, got); diff != "" || len(bad) > 0 {
		t.Errorf("List differs (-want +got), with errors %v:\n%s", bad, diff)
	}
}

// fillAtOnce is Fill by several writers, which is faster where each waits for a
// server.
func fillAtOnce(t *testing.T, s baseline.Store, runs []collect.Run) {
	t.Helper()
	var wait sync.WaitGroup
	for part := range slices.Chunk(runs, (len(runs)+15)/16) {
		wait.Go(func() {
			for _, r := range part {
				if err := s.Put(t.Context(), r); err != nil {
					t.Errorf("Put(%s): %v", r.ID, err)
				}
			}
		})
	}
	wait.Wait()
}

func canceled(t *testing.T, s baseline.Store) {
	Fill(t, s, Run("a", 0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, Run("b", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put under a canceled context = %v, want that it says so", err)
	}
	if err := s.Delete(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete under a canceled context = %v, want that it says so", err)
	}
	WantIDs(t, s, "a")
}
