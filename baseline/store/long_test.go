package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// wholeLines hides that a store can read long lines where they are.
type wholeLines struct{ baseline.LineStore }

// TestLongLinesAreReadWhereTheyAre compares a baseline of lines that are too long
// for memory with the one that the same lines give when they are read whole.
func TestLongLinesAreReadWhereTheyAre(t *testing.T) {
	if raced {
		t.Skip("reads hundreds of megabytes in one goroutine: it runs without the race detector")
	}
	t.Parallel()
	padding := strings.Repeat(" ", 32<<20+4<<10)
	metric := func(name string, unit collect.Unit, samples ...float64) collect.Metric {
		return collect.Metric{Name: name, Unit: unit, Better: collect.Lower, Value: collect.Median(samples), Samples: samples}
	}
	text := strings.Builder{}
	for i, metrics := range [][]collect.Metric{
		{metric("a", "s", 1, 2), metric("other", "MB", 5)},
		{metric("gone", "B", 1), metric("neither", "B", 1)}, // not comparable
		{metric("b", "", 3, 4), metric("a", "ms", 2, 3), metric("gone", "kB", 7)},
	} {
		r := run(string(rune('x'+i)), i)
		r.Metrics = metrics
		text.WriteString(strings.TrimSuffix(line(t, r), "}\n") + padding[i<<10:] + "}\n")
	}
	bad := text.Len()
	text.WriteString(`{"run_id":` + padding + "}\n")
	folder := t.TempDir()
	path := filepath.Join(folder, "2025-05-30.jsonl")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	head := run("head", 60)
	file, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := OpenDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(s baseline.Store) baseline.Baseline {
		b, err := baseline.Fetch(t.Context(), s, baseline.Query{Head: head.Origin, Metrics: []string{"a", "b"}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := fetch(wholeLines{file})
	place := strings.NewReplacer(": line 4:", fmt.Sprintf(": the line at byte %d:", bad)) // a folder's lines are not counted
	errs := cmp.Transformer("errors", func(e error) string { return place.Replace(e.Error()) })
	for _, s := range []baseline.LongStore{file, dir, dir} { // of which a store learns
		got := fetch(s)
		if diff := cmp.Diff(want, got, errs, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("the baseline of lines that %T reads in pieces differs (-want +got):\n%s", s, diff)
		}
		if len(got.Runs) != 2 || len(got.Unreadable) != 1 {
			t.Errorf("the baseline has %d runs, and of the rest: %v", len(got.Runs), got.Unreadable)
		}
		viewAll(t, s)
	}
}

// viewAll reads all runs of a store that are too long for memory.
func viewAll(t *testing.T, s baseline.LongStore) {
	t.Helper()
	for e, err := range s.List(t.Context(), baseline.Filter{}) {
		if err != nil {
			continue
		}
		if got, err := s.Get(t.Context(), e); err != nil || got.ID != e.ID {
			t.Errorf("Get of %s = %q, %v", e.ID, got.ID, err)
		}
		if ok, err := s.ViewLong(t.Context(), e, func(l collect.LongLine) error {
			r, err := l.Decode()
			if r.ID != e.ID {
				t.Errorf("ViewLong of %s gives %q: %v", e.ID, r.ID, err)
			}
			return err
		}); !ok || err != nil {
			t.Errorf("ViewLong of %s = %v, %v", e.ID, ok, err)
		}
	}
}
