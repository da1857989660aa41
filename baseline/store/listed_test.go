package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// TestAHistoryIsReadOnceForAllListings lists a file of history as often as a check
// does: the runs of the default branches, those of the same machine, and all, to
// say why they are few.
func TestAHistoryIsReadOnceForAllListings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"h.jsonl", "h.jsonl.gz"} {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, line(t, padded("a", 1, 10_000)), "hello\n", line(t, padded("b", 2, 10_000)), line(t, padded("a", 1, 20_000)))
		f, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		read := countReads(&f.files)
		want, wantBad := listing(t, f)
		first := read.Load()
		for range 3 {
			got, bad := listing(t, f)
			if fmt.Sprint(got) != fmt.Sprint(want) || fmt.Sprint(bad) != fmt.Sprint(wantBad) || len(got) != 2 || len(bad) != 2 {
				t.Errorf("%s: listed again: %v with errors %v, want %v with %v", name, got, bad, want, wantBad)
			}
		}
		if again := read.Load() - first; again > 3*8 { // whether it is compressed is looked at each time
			t.Errorf("%s: three more listings read %d bytes, want none but the first ones (the first listing read %d)", name, again, first)
		}
	}
}

func TestAHistoryThatChangesIsReadAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.jsonl")
	old := line(t, padded("a", 1, 10_000))
	write(t, path, old)
	if err := os.Chtimes(path, noon, noon); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, f, "a")
	write(t, path, strings.Replace(old, `"a"`, `"b"`, 1)) // as long as before
	if err := os.Chtimes(path, noon, noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, f, "b")
	write(t, path, old, line(t, padded("c", 2, 10_000)))
	wantIDs(t, f, "c", "a")
}

// TestShortLinesAreNotRemembered: they are as fast to read, and there may be millions.
func TestShortLinesAreNotRemembered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.jsonl")
	var runs []collect.Run
	for i := range 500 {
		runs = append(runs, run(fmt.Sprint("r", i), i))
	}
	var text strings.Builder
	for _, r := range runs {
		text.WriteString(line(t, r))
	}
	write(t, path, text.String())
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if ids, bad := listing(t, f); len(ids) != len(runs) || len(bad) > 0 {
			t.Fatalf("listed %d runs with errors %v, want %d", len(ids), bad, len(runs))
		}
	}
	if len(f.files.lists) > 0 {
		t.Errorf("%d lines of some 100 bytes are remembered, want none", len(runs))
	}
}
