package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

var noon = time.Date(2025, 5, 30, 12, 0, 0, 0, time.UTC)

// Run makes a run that began so many minutes after a certain noon.
func Run(id string, minutes int, metrics ...collect.Metric) collect.Run {
	return collect.Run{
		Origin:  collect.Origin{ID: id, Time: noon.Add(time.Duration(minutes) * time.Minute), Branch: "main"},
		Metrics: metrics,
	}
}

// Value makes a metric.
func Value(name string, x float64) collect.Metric { return collect.Metric{Name: name, Value: x} }

// Line is the record of a run, without the end of the line.
func Line(t testing.TB, r collect.Run) string {
	t.Helper()
	text, err := collect.AppendRecord(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), "\n")
}

// Listing is what a store lists: ids, and the errors about single runs.
func Listing(t testing.TB, s baseline.Store, f baseline.Filter) (ids []string, bad []error) {
	t.Helper()
	for e, err := range s.List(context.Background(), f) {
		var fault *collect.LineError
		switch {
		case errors.As(err, &fault):
			bad = append(bad, err)
		case err != nil:
			t.Fatalf("List: %v", err)
		default:
			ids = append(ids, e.ID)
		}
	}
	return ids, bad
}

// WantIDs holds that a store lists these runs, in this order, and no error.
func WantIDs(t testing.TB, s baseline.Store, want ...string) {
	t.Helper()
	got, bad := Listing(t, s, baseline.Filter{})
	if diff := cmp.Diff(want, got); diff != "" || len(bad) > 0 {
		t.Errorf("List differs (-want +got), with errors %v:\n%s", bad, diff)
	}
}

// History are five runs of three days, in no order; newest first they are e, d, c,
// b, a.
func History() []collect.Run {
	full := Run("c", 2, collect.Metric{Name: "m", Value: 2, Unit: "s", Better: collect.Higher, Samples: []float64{1, 2, 3}, Tags: collect.Tags{"k": "v"}})
	full.Runner = collect.Runner{OS: "linux", Cores: 4}
	full.Success = collect.Succeeded
	return []collect.Run{
		Run("e", 2000, Value("m", 5)), Run("b", 1, Value("m", 1)), full,
		Run("a", -2000, Value("m", 4)), Run("d", 3, Value("m", 3)),
	}
}

// Fill puts runs into a store.
func Fill(t testing.TB, s baseline.Store, runs ...collect.Run) {
	t.Helper()
	for _, r := range runs {
		if err := s.Put(t.Context(), r); err != nil {
			t.Fatalf("Put(%s): %v", r.ID, err)
		}
	}
}

// Suite holds a store that can be written to against what baseline.Store says.
// Each call of open makes an empty one, apart from all others.
func Suite(t *testing.T, open func(t *testing.T) baseline.Store) {
	tests := map[string]func(t *testing.T, s baseline.Store){
		"reads": func(t *testing.T, s baseline.Store) {
			runs := History()
			Fill(t, s, runs...)
			reads(t, s, runs)
		},
		"changes": changes, "empty": isEmpty, "again": again, "at once": atOnce, "strange": strange, "large": large,
		"writers": writers, "many": many, "filters": filters, "canceled": canceled, "questions": questions,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// Filled is Suite for what tests fill in ways of their own: open makes a store of
// the given runs.
func Filled(t *testing.T, open func(t *testing.T, runs []collect.Run) baseline.Store) {
	runs := History()
	s := open(t, runs)
	reads(t, s, runs)
	changesFilled(t, s)
}

// ReadOnly holds a store that cannot be changed against what baseline.Store says.
func ReadOnly(t *testing.T, open func(t *testing.T, runs []collect.Run) baseline.Store) {
	runs := History()
	s := open(t, runs)
	reads(t, s, runs)
	put, del := s.Put(t.Context(), Run("x", 0)), s.Delete(t.Context(), "a")
	for _, err := range []error{put, del} {
		if err == nil || !strings.Contains(err.Error(), "is read-only; want a store") {
			t.Errorf("a change of a read-only store gave %v, want an error that says so", err)
		}
	}
	WantIDs(t, s, "e", "d", "c", "b", "a")
}
