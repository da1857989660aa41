package store

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
)

// run makes a run that began so many minutes after noon.
func run(id string, minutes int, metrics ...collect.Metric) collect.Run {
	return storetest.Run(id, minutes, metrics...)
}

var noon = time.Date(2025, 5, 30, 12, 0, 0, 0, time.UTC)

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
	return storetest.Listing(t, s, baseline.Filter{})
}

func wantIDs(t testing.TB, s baseline.Store, want ...string) {
	t.Helper()
	storetest.WantIDs(t, s, want...)
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

// TestStores runs the conformance suite.
func TestStores(t *testing.T) {
	t.Parallel()
	for _, tt := range stores {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.readOnly {
				storetest.ReadOnly(t, tt.open)
			} else {
				storetest.Filled(t, tt.open)
			}
		})
	}
	t.Run("new dir", func(t *testing.T) {
		t.Parallel()
		storetest.Suite(t, func(t *testing.T) baseline.Store {
			s, err := OpenDir(filepath.Join(t.TempDir(), "store"))
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
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
