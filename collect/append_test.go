package collect

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tiny makes a run of the given id.
func tiny(id string) Run {
	return Run{Origin: Origin{ID: id, Time: noon}, Metrics: []Metric{{Name: "m", Value: 1}}}
}

// readIDs reads a record file: the ids of its runs and the errors about lines.
func readIDs(t testing.TB, path string) (ids []string, bad []error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r, err := range NewReader(f, filepath.Base(path)).Runs() {
		if err != nil {
			bad = append(bad, err)
			continue
		}
		ids = append(ids, r.ID)
	}
	return ids, bad
}

func wantFile(t testing.TB, path string, ids string, bad ...string) {
	t.Helper()
	gotIDs, gotBad := readIDs(t, path)
	if got := strings.Join(gotIDs, " "); got != ids {
		t.Errorf("%s has runs %q, want %q", filepath.Base(path), got, ids)
	}
	if len(gotBad) != len(bad) {
		t.Fatalf("%s has bad lines %v, want %d", filepath.Base(path), gotBad, len(bad))
	}
	for i := range bad {
		if gotBad[i].Error() != bad[i] {
			t.Errorf("%s has the bad line\n%v, want\n%s", filepath.Base(path), gotBad[i], bad[i])
		}
	}
}

func TestAppendByDay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "store")
	late := tiny("late")
	late.Time = time.Date(2025, 5, 30, 23, 30, 0, 0, time.FixedZone("", -3600)) // 31 May in UTC
	if err := Append(t.Context(), dir, tiny("a"), late, tiny("b")); err != nil {
		t.Fatal(err)
	}
	if err := Append(t.Context(), dir, tiny("c")); err != nil {
		t.Fatal(err)
	}
	if err := Append(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "2025-05-30.jsonl"), "a b c")
	wantFile(t, filepath.Join(dir, "2025-05-31.jsonl"), "late")
}

func TestAppendEndsATornLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "2025-05-30.jsonl")
	half := encode(t, tiny("half"))
	half = half[:len(half)-5]
	if err := os.WriteFile(path, []byte(encode(t, tiny("a"))+half), 0o666); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "a", "2025-05-30.jsonl: line 2 is torn (no newline at its end): the run was not written completely")
	if err := Append(t.Context(), dir, tiny("b"), tiny("c")); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "a b c", `2025-05-30.jsonl: line 2: byte 74: want ':' behind a name, have the end`)
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	nan := tiny("nan")
	nan.Metrics[0].Value = math.NaN()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		dir  string
		runs []Run
		want string
	}{
		{t.Context(), file, []Run{tiny("a")}, "it is a file; a store is a folder of record files"},
		{t.Context(), filepath.Join(dir, "no", "store"), []Run{tiny("a")}, `no" does not exist; make it, or correct the path`},
		{t.Context(), filepath.Join(file, "store"), []Run{tiny("a")}, filepath.Join(file, "store")},
		{t.Context(), filepath.Join(dir, "s"), []Run{tiny("a"), nan}, `encode run "nan": metric "m": want a finite number, have NaN; 0 of 2 runs are stored`},
		{done, filepath.Join(dir, "t"), []Run{tiny("a")}, "context canceled"},
	} {
		err := Append(tt.ctx, tt.dir, tt.runs...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Append to %s = %v, want an error with %q", tt.dir, err, tt.want)
		}
	}
	wantFile(t, filepath.Join(dir, "s", "2025-05-30.jsonl"), "")
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("the file in the store's place has %q, %v", text, err)
	}
}

// fullDisk is a file on a disk that has room for so many bytes more.
type fullDisk struct {
	*os.File
	room    *int
	syncErr error
}

func (f fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), *f.room)
	*f.room -= n
	n, err := f.File.Write(p[:n])
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return n, err
}

func (f fullDisk) Sync() error { return errors.Join(f.syncErr, f.File.Sync()) }

func TestAppendTakesBackWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	size := len(encode(t, tiny("a")))
	for room := range 2*size + 1 {
		dir := t.TempDir()
		path := filepath.Join(dir, "2025-05-30.jsonl")
		torn := encode(t, tiny("before")) + `{"run_id":`
		if err := os.WriteFile(path, []byte(torn), 0o666); err != nil {
			t.Fatal(err)
		}
		a := appender{open: func(path string) (recordFile, error) {
			f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
			return fullDisk{File: f, room: &room}, err
		}}
		// One byte more ends the torn line, so even two whole runs do not fit.
		err := a.append(t.Context(), dir, []Run{tiny("a"), tiny("b")})
		if !errors.Is(err, syscall.ENOSPC) || !strings.HasSuffix(err.Error(), "; 0 of 2 runs are stored") {
			t.Fatalf("Append = %v, want that the disk is full", err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != torn {
			t.Fatalf("the file has %q, %v, want what it had: %q", text, err, torn)
		}
	}
}

// mostWritten remembers the longest write.
type mostWritten struct {
	recordFile
	most *int
}

func (m mostWritten) Write(p []byte) (int, error) {
	*m.most = max(*m.most, len(p))
	return m.recordFile.Write(p)
}

func TestAppendWritesALongRunInPieces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "2025-05-30.jsonl")
	if err := os.WriteFile(path, []byte("torn"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := tiny("long")
	for i := range 100_000 {
		r.Metrics = append(r.Metrics, Metric{Name: fmt.Sprintf("metric.%d", i), Value: float64(i)})
	}
	most := 0
	a := appender{open: func(path string) (recordFile, error) {
		f, err := openRecordFile(path)
		return mostWritten{f, &most}, err
	}}
	if err := a.append(t.Context(), dir, []Run{tiny("a"), r, tiny("b")}); err != nil {
		t.Fatal(err)
	}
	want := "torn\n" + encode(t, tiny("a")) + encode(t, r) + encode(t, tiny("b"))
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("the file has %d bytes, %v, want %d, or they differ", len(got), err, len(want))
	}
	if most > 2*pieceBytes {
		t.Errorf("wrote %d bytes in one piece", most)
	}
}

func TestAppendTakesBackWhatMayNotBeOnTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken, room := errors.New("input/output error"), 1<<20
	a := appender{open: func(path string) (recordFile, error) {
		f, err := openRecordFile(path)
		return fullDisk{File: f.(*os.File), room: &room, syncErr: broken}, err
	}}
	if err := a.append(t.Context(), dir, []Run{tiny("a")}); !errors.Is(err, broken) {
		t.Errorf("Append = %v, want %v", err, broken)
	}
	wantFile(t, filepath.Join(dir, "2025-05-30.jsonl"), "")
}

func TestAppendToAFullDisk(t *testing.T) {
	t.Parallel()
	dir := tmpfs(t, "size=64k")
	big := tiny("big")
	big.Operation = strings.Repeat("x", 40<<10)
	if err := Append(t.Context(), dir, big); err != nil {
		t.Fatal(err)
	}
	err := Append(t.Context(), dir, big)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), filepath.Join(dir, "2025-05-30.jsonl")) {
		t.Errorf("Append = %v, want that the disk is full and which file it was", err)
	}
	wantFile(t, filepath.Join(dir, "2025-05-30.jsonl"), "big")
	if err := Append(t.Context(), dir, tiny("small")); err != nil {
		t.Errorf("Append of what still fits: %v", err)
	}
	wantFile(t, filepath.Join(dir, "2025-05-30.jsonl"), "big small")
}

func TestAppendToAReadOnlyFolder(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"file system": tmpfs(t, "ro"), "new folder in it": filepath.Join(tmpfs(t, "ro"), "store")} {
		err := Append(t.Context(), dir, tiny("a"))
		if err == nil || !strings.Contains(err.Error(), "a store must be writable: mount it so, or choose another path") ||
			!strings.Contains(err.Error(), dir) {
			t.Errorf("%s: Append = %v, want an error that names %s and says what would be right", name, err, dir)
		}
	}
}

// tmpfs mounts an empty file system for the test.
func tmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := mountTmpfs(dir, options); err != nil {
		t.Skipf("needs to mount a file system, which %s does not let this user do: %v", runtime.GOOS, err)
	}
	t.Cleanup(func() {
		if err := unmount(dir); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := Lock(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 3)
	done := make(chan error)
	go func() {
		runlock, err := RLock(t.Context(), dir)
		order <- "reader"
		runlock()
		done <- err
	}()
	order <- "writer"
	unlock()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if first, second := <-order, <-order; first != "writer" || second != "reader" {
		t.Errorf("%s came first, then %s", first, second)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("interrupted"))
	if _, err := RLock(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("RLock of a canceled context = %v", err)
	}
}
