package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

var noon = time.Date(2025, 5, 30, 12, 0, 0, 0, time.UTC)

// run makes a run that began so many minutes after noon.
func run(id string, minutes int, metrics ...collect.Metric) collect.Run {
	return collect.Run{
		Origin:  collect.Origin{ID: id, Time: noon.Add(time.Duration(minutes) * time.Minute), Branch: "main"},
		Metrics: metrics,
	}
}

func line(t testing.TB, r collect.Run) string {
	t.Helper()
	text, err := collect.AppendRecord(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, path string, texts ...string) {
	t.Helper()
	text := []byte(strings.Join(texts, ""))
	if strings.HasSuffix(path, ".gz") {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		text = b.Bytes()
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// listing is what a store lists: ids, and the errors about lines.
func listing(t testing.TB, s baseline.Store) (ids []string, bad []error) {
	t.Helper()
	for e, err := range s.List(context.Background()) {
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

func wantIDs(t testing.TB, s baseline.Store, want ...string) {
	t.Helper()
	got, bad := listing(t, s)
	if diff := cmp.Diff(want, got); diff != "" || len(bad) > 0 {
		t.Errorf("List differs (-want +got), with errors %v:\n%s", bad, diff)
	}
}

func value(name string, x float64) collect.Metric { return collect.Metric{Name: name, Value: x} }

// stores are all stores. Each makes one that holds the given runs, which come
// in no order; readOnly ones cannot be changed afterwards.
var stores = []struct {
	name     string
	readOnly bool
	open     func(t *testing.T, runs []collect.Run) baseline.Store
}{
	{name: "dir", open: func(t *testing.T, runs []collect.Run) baseline.Store {
		path := filepath.Join(t.TempDir(), "store")
		if err := collect.Append(t.Context(), path, runs...); err != nil {
			t.Fatal(err)
		}
		s, err := OpenDir(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}},
	{name: "dir of long files", open: func(t *testing.T, runs []collect.Run) baseline.Store {
		path := t.TempDir()
		long := strings.Repeat(" ", nearBytes/(len(runs)+1)+1) + "\n"
		text := map[string]string{}
		for _, r := range runs {
			day := r.Time.Format("2006-01-02") + ".jsonl"
			text[day] += long + line(t, r)
		}
		for day := range text {
			write(t, filepath.Join(path, day), text[day], strings.Repeat(" ", nearBytes)+"\n")
		}
		s, err := OpenDir(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}},
	{name: "dir of other files", open: func(t *testing.T, runs []collect.Run) baseline.Store {
		path := t.TempDir()
		var lines []string
		for _, r := range runs {
			lines = append(lines, line(t, r))
		}
		half := len(lines) / 2
		write(t, filepath.Join(path, "imported.jsonl"), lines[:half]...)
		write(t, filepath.Join(path, "imported.jsonl.gz"), lines[half:]...)
		write(t, filepath.Join(path, "notes.txt"), "no record")
		s, err := OpenDir(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}},
	{name: "file", readOnly: true, open: openAs("history.jsonl")},
	{name: "gzip file", readOnly: true, open: openAs("history.gz")},
	{name: "zip", readOnly: true, open: zipOf},
}

func openAs(name string) func(t *testing.T, runs []collect.Run) baseline.Store {
	return func(t *testing.T, runs []collect.Run) baseline.Store {
		path := filepath.Join(t.TempDir(), name)
		var lines []string
		for _, r := range runs {
			lines = append(lines, line(t, r))
		}
		write(t, path, lines...)
		s, err := Open(filepath.Dir(path) + "/./" + name) // as people type it
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// history are runs of three days, in no order.
func history() []collect.Run {
	full := run("c", 2, collect.Metric{Name: "m", Value: 2, Unit: "s", Better: collect.Higher, Samples: []float64{1, 2, 3}, Tags: collect.Tags{"k": "v"}})
	full.Runner = collect.Runner{OS: "linux", Cores: 4}
	full.Success = collect.Succeeded
	return []collect.Run{
		run("e", 2000, value("m", 5)), run("b", 1, value("m", 1)), full,
		run("a", -2000, value("m", 4)), run("d", 3, value("m", 3)),
	}
}

// TestStores is the conformance suite.
func TestStores(t *testing.T) {
	t.Parallel()
	for _, tt := range stores {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			runs := history()
			s := tt.open(t, runs)
			wantIDs(t, s, "e", "d", "c", "b", "a")
			wantIDs(t, s, "e", "d", "c", "b", "a") // a listing can be had again
			t.Run("get", func(t *testing.T) { testGet(t, s, runs) })
			t.Run("find", func(t *testing.T) { testFind(t, s) })
			t.Run("stop", func(t *testing.T) { testStop(t, s) })
			if tt.readOnly {
				testReadOnly(t, s)
			} else {
				testChange(t, s)
			}
		})
	}
}

func testGet(t *testing.T, s baseline.Store, runs []collect.Run) {
	want := map[string]collect.Run{}
	for _, r := range runs {
		want[r.ID] = r
	}
	for e, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Origin != want[e.ID].Origin {
			t.Errorf("List gave %+v, want %+v", e.Origin, want[e.ID].Origin)
		}
		r, err := s.Get(t.Context(), e)
		if err != nil {
			t.Fatalf("Get(%s): %v", e.ID, err)
		}
		if diff := cmp.Diff(want[e.ID], r); diff != "" {
			t.Errorf("Get(%s) differs (-want +got):\n%s", e.ID, diff)
		}
		mine := errors.New("mine")
		err = s.(baseline.LineStore).View(t.Context(), e, func(text []byte) error {
			if want := strings.TrimSuffix(line(t, r), "\n"); string(text) != want {
				t.Errorf("View(%s) shows %q, want %q", e.ID, text, want)
			}
			return mine
		})
		if err != mine {
			t.Errorf("View(%s) = %v, want what read returned", e.ID, err)
		}
	}
	if r, err := s.Get(t.Context(), baseline.Entry{Ref: "elsewhere"}); err == nil {
		t.Errorf("Get of a foreign entry = %+v, want an error", r)
	}
}

func testFind(t *testing.T, s baseline.Store) {
	for prefix, want := range map[string]string{"latest": "e", "c": "c"} {
		if e, err := baseline.Find(t.Context(), s, prefix); err != nil || e.ID != want {
			t.Errorf("Find(%q) = %q, %v, want %q", prefix, e.ID, err, want)
		}
	}
	if e, err := baseline.Find(t.Context(), s, "nosuch"); err == nil {
		t.Errorf("Find(nosuch) = %+v, want an error", e)
	}
}

func testStop(t *testing.T, s baseline.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	var last error
	for e, err := range s.List(ctx) {
		if last = err; err == nil {
			got = append(got, e.ID)
		}
		cancel()
	}
	if len(got) != 1 || !errors.Is(last, context.Canceled) {
		t.Errorf("a canceled listing gave %q and then %v, want one run and %v", got, last, context.Canceled)
	}
	for e := range s.List(t.Context()) {
		if e.ID != "e" {
			t.Errorf("the newest run is %q, want e", e.ID)
		}
		break
	}
}

func testReadOnly(t *testing.T, s baseline.Store) {
	put, del := s.Put(t.Context(), run("x", 0)), s.Delete(t.Context(), "a")
	for _, err := range []error{put, del} {
		if err == nil || !strings.Contains(err.Error(), "is read-only; want a store") {
			t.Errorf("a change of a read-only store gave %v, want an error that says so", err)
		}
	}
	wantIDs(t, s, "e", "d", "c", "b", "a")
}

func testChange(t *testing.T, s baseline.Store) {
	var stale []baseline.Entry
	for e, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		stale = append(stale, e)
	}
	if err := s.Delete(t.Context(), "b", "e", "nosuch"); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, s, "d", "c", "a")
	for _, e := range stale {
		r, err := s.Get(t.Context(), e)
		if gone := e.ID == "b" || e.ID == "e"; gone != (err != nil) || !gone && r.ID != e.ID {
			t.Errorf("Get(%s) after Delete = run %q, %v", e.ID, r.ID, err)
		}
	}
	if err := s.Put(t.Context(), run("f", 1)); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, s, "d", "c", "f", "a")
	if err := s.Delete(t.Context(), "a", "c", "d", "f"); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, s)
	if err := s.Put(t.Context(), run("g", 1)); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, s, "g")
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "f.jsonl")
	write(t, file, line(t, run("a", 0)))
	if _, err := OpenDir(file); err == nil || !strings.Contains(err.Error(), "it is a file; a store is a folder") {
		t.Errorf("OpenDir of a file: %v", err)
	}
	if _, err := OpenFile(dir); err == nil || !strings.Contains(err.Error(), "it is a folder; want a file") {
		t.Errorf("OpenFile of a folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nosuch")); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("Open of nothing: %v", err)
	}
	for path, want := range map[string]string{dir: "*store.Dir", file: "*store.File"} {
		if s, err := Open(path); err != nil || fmt.Sprintf("%T", s) != want {
			t.Errorf("Open(%s) = %T, %v, want %s", path, s, err, want)
		}
	}
	missing, err := OpenDir(filepath.Join(dir, "later"))
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, missing)
	if err := missing.Put(t.Context(), run("a", 0)); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, missing, "a")
}
