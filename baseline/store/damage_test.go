package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// counted is a file that counts the bytes that are read of it.
type counted struct {
	*os.File
	n *atomic.Int64
}

func (c counted) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.File.ReadAt(p, offset)
	c.n.Add(int64(n))
	return n, err
}

func countReads(f *files) *atomic.Int64 {
	var n atomic.Int64
	f.open = func(path string) (file, error) {
		f, err := os.Open(path)
		return counted{f, &n}, err
	}
	return &n
}

// padded is a run whose line takes about so many bytes.
func padded(id string, minutes, size int) collect.Run {
	r := run(id, minutes, value("m", 1))
	r.Operation = strings.Repeat("x", size)
	return r
}

// damaged is a day's file where every kind of line that cannot be read stands
// between runs. It holds a to e.
func damaged(t *testing.T, filler string) (text string, bad []string) {
	t.Helper()
	whole := line(t, run("e", 5))
	text = line(t, run("a", 1)) + "hello\n" +
		line(t, run("b", 2)) + strings.Replace(line(t, run("nan", 3, value("m", 1))), ":1}", ":NaN}", 1) +
		"\n \t\r\n" + filler + strings.Replace(line(t, run("c", 3)), "\n", "\r\n", 1) +
		`{"timestamp":"2025-05-30T12:00:00Z","metrics":{}}` + "\n" +
		line(t, run("d", 4)) + line(t, run("b", 2)) + line(t, run("b", 2, value("m", 7))) +
		whole + whole[:len(whole)/2]
	return text, []string{
		`line 2: no JSON object: it begins with "hello"`,
		`line 4: metric "m"`,
		`run_id is missing`,
		`is torn (no newline at its end): the run was not written completely`,
		`run "b" is also at `, // the first line of b; the second is the same
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, filler string }{
		{"day", "2025-05-30.jsonl", ""},
		{"long day", "2025-05-30.jsonl", strings.Repeat(" ", nearBytes) + "\n"},
		{"other file", "history.jsonl", ""},
		{"compressed", "2025-05-30.jsonl.gz", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text, want := damaged(t, tt.filler)
			path := filepath.Join(dir, tt.file)
			write(t, path, text)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := OpenDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			got, bad := listing(t, s)
			if diff := cmp.Diff([]string{"e", "d", "c", "b", "a"}, got); diff != "" {
				t.Errorf("List differs (-want +got):\n%s", diff)
			}
			wantErrors(t, bad, want, path, tt.filler == "")
			b, err := baseline.Find(t.Context(), s, "b")
			if err != nil {
				t.Fatal(err)
			}
			if r, err := s.Get(t.Context(), b); err != nil || len(r.Metrics) != 1 {
				t.Errorf("Get(b) = %+v, %v, want the line that was written last", r, err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("reading changed the file: %v", err)
			}
		})
	}
}

// wantErrors compares errors with what they must contain, in any order. All
// must name the file, and the line where lines can be counted.
func wantErrors(t *testing.T, got []error, want []string, path string, counted bool) {
	t.Helper()
	for _, err := range got {
		var fault *collect.LineError
		if !errors.As(err, &fault) || fault.File != path || (fault.Line > 0) != counted {
			t.Errorf("the error %q names the line %+v of no file", err, fault)
		}
	}
	for _, w := range want {
		if !counted {
			_, w, _ = strings.Cut(w, "line")
			w = strings.TrimLeft(w, " 0123456789:")
		}
		n := 0
		for _, err := range got {
			if strings.Contains(err.Error(), w) {
				n++
			}
		}
		if n == 0 {
			t.Errorf("no error has %q: %q", w, got)
		}
	}
	// The same line is there three times, and two of the lines differ from the
	// newest one.
	if len(got) != len(want)+1 {
		t.Errorf("there are %d errors, want %d: %q", len(got), len(want)+1, got)
	}
}

func TestDeleteKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"2025-05-30.jsonl", "2025-05-30.jsonl.gz"} {
		dir := t.TempDir()
		text, _ := damaged(t, "\xef\xbb\xbf\n")
		write(t, filepath.Join(dir, name), "\xef\xbb\xbf", text)
		s, err := OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), "a", "b", "c", "e"); err != nil {
			t.Fatal(err)
		}
		want := text
		for _, r := range []collect.Run{run("a", 1), run("b", 2), run("b", 2), run("b", 2, value("m", 7)), run("e", 5)} {
			want = strings.Replace(want, line(t, r), "", 1)
		}
		want = strings.Replace(want, strings.Replace(line(t, run("c", 3)), "\n", "\r\n", 1), "", 1)
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for l, err := range collect.NewReader(f, name).Lines() {
			if err != nil {
				t.Fatal(err)
			}
			got.WriteString(string(l.Text) + "\n")
		}
		f.Close()
		var wantLines strings.Builder
		for l, err := range collect.NewReader(strings.NewReader(want), name).Lines() {
			if err != nil {
				t.Fatal(err)
			}
			wantLines.WriteString(string(l.Text) + "\n")
		}
		if diff := cmp.Diff(wantLines.String(), got.String()); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
		left, err := filepath.Glob(filepath.Join(dir, ".delete-*"))
		if len(left) > 0 || err != nil {
			t.Errorf("Delete left %q behind, %v", left, err)
		}
	}
}

// lastDay makes a file of 10 GB, nearly all of it a hole, with runs at its end.
func lastDay(t *testing.T, runs int) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "2025-05-30.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var tail strings.Builder
	tail.WriteString("\n")
	for i := range runs {
		tail.WriteString(line(t, padded(fmt.Sprint("r", i), i, 2000)))
	}
	const hole = 10 << 30
	if err := f.Truncate(hole); err != nil {
		t.Skipf("needs a file system with sparse files: %v", err)
	}
	if _, err := f.WriteAt([]byte(tail.String()), hole); err != nil {
		t.Skipf("needs a file system with sparse files: %v", err)
	}
	return dir
}

func TestTenGigabytesAreReadFromTheEnd(t *testing.T) {
	t.Parallel()
	d, err := OpenDir(lastDay(t, 3000))
	if err != nil {
		t.Fatal(err)
	}
	read := countReads(&d.files)
	found := newest(t, d, 20)
	if len(found) != 20 || found[0].ID != "r2999" || found[19].ID != "r2980" {
		t.Fatalf("the newest runs are %v, want r2999 to r2980", found)
	}
	if n := read.Load(); n < 20*2000 || n > nearBytes+nearBytes/4 {
		t.Errorf("read %d bytes for the newest 20 runs, want about %d", n, nearBytes)
	}
	read.Store(0)
	if r, err := d.Get(t.Context(), found[19]); err != nil || r.ID != "r2980" || read.Load() > 3000 {
		t.Errorf("Get = run %q, %v, with %d bytes read, want r2980 with its line's", r.ID, err, read.Load())
	}
	b, err := baseline.Fetch(t.Context(), d, baseline.Query{Head: found[0].Origin, Runs: 20})
	if err != nil || len(b.Runs) != 20 || read.Load() > nearBytes+nearBytes/2 {
		t.Errorf("Fetch = %d runs, %v, with %d bytes read", len(b.Runs), err, read.Load())
	}
}

func TestReadOnlyStoreIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "2025-05-30.jsonl"), line(t, run("a", 0)))
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, s, "a")
	if made, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(made) > 0 {
		t.Errorf("reading made %q in the store, %v", made, err)
	}
}

// TestLockedStore holds the lock, as a writer does that is in the middle of a
// line, and expects that nobody reads meanwhile.
func TestLockedStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "2025-05-30.jsonl")
	whole := line(t, run("a", 0))
	unlock, err := collect.Lock(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, whole[:10])
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(chan error)
	go func() {
		defer close(seen)
		for _, err := range s.List(ctx, baseline.Filter{}) {
			seen <- err
		}
	}()
	select {
	case err := <-seen:
		t.Errorf("List gave %v while a line was being written", err)
	default:
		cancel()
		if err := <-seen; !errors.Is(err, context.Canceled) {
			t.Errorf("List = %v, want that it waited until it was canceled", err)
		}
	}
	write(t, path, whole)
	unlock()
	wantIDs(t, s, "a")
}
