package store

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
)

// TestMain lets the test binary be a process that appends or deletes runs.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PLUMBLINE_TEST_DELETE_FROM"); dir != "" {
		if err := deleteRuns(dir, os.Getenv("PLUMBLINE_TEST_BACKWARD") != ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv("PLUMBLINE_TEST_APPEND_TO"); dir != "" {
		if err := appendRuns(dir, os.Getenv("PLUMBLINE_TEST_RUNS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// appendRuns appends runs of one process, one by one. It begins when standard
// input ends, which it does for all processes at once.
func appendRuns(dir, runs string) error {
	var process, n int
	if _, err := fmt.Sscanf(runs, "%d %d", &process, &n); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	s, err := OpenDir(dir)
	if err != nil {
		return err
	}
	for i := range n {
		if err := s.Put(context.Background(), processRun(process, i)); err != nil {
			return fmt.Errorf("process %d, run %d: %w", process, i, err)
		}
	}
	return nil
}

// processRun makes the i-th run of a process. Most are small, one in 500 has
// 5 MB.
func processRun(process, i int) collect.Run {
	size := 60 + i*7919%1800
	switch {
	case i%500 == 499:
		size = 5_000_000
	case i%100 == 50:
		size = 500_000
	case i%20 == 10:
		size = 50_000
	}
	id := fmt.Sprintf("p%d-%04d", process, i)
	return collect.Run{
		Origin: collect.Origin{
			ID: id, Time: noon.Add(time.Duration(i) * time.Second),
			Operation: strings.Repeat(id+" ", size/len(id))[:size],
		},
		Metrics: []collect.Metric{{Name: "m", Value: float64(i)}},
	}
}

// start starts processes that append n runs each and returns a function that
// waits for them.
func start(t *testing.T, dir string, processes, n int) (wait func()) {
	t.Helper()
	return storetest.Processes(t, processes, func(p int) []string {
		return []string{"PLUMBLINE_TEST_APPEND_TO=" + dir, fmt.Sprintf("PLUMBLINE_TEST_RUNS=%d %d", p, n)}
	})
}

// newest lists the newest n runs, or all there are.
func newest(t *testing.T, s baseline.Store, n int) (found []baseline.Entry) {
	t.Helper()
	for e, err := range s.List(t.Context(), baseline.Filter{}) {
		if err != nil {
			t.Errorf("List while others write: %v", err)
			return nil
		}
		if found = append(found, e); len(found) == n {
			break
		}
	}
	return found
}

func TestProcessesLoseNothing(t *testing.T) {
	const processes = 8
	n := 1000
	if testing.Short() {
		n = 60
	}
	dir := filepath.Join(t.TempDir(), "store")
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	wait := start(t, dir, processes, n)
	done := make(chan struct{})
	go func() { wait(); close(done) }()
	looks := 0
	for running := true; running; looks++ {
		select {
		case <-done:
			running = false
		default:
		}
		for _, e := range newest(t, s, 20) {
			if r, err := s.Get(t.Context(), e); err != nil || r.ID != e.ID {
				t.Errorf("Get(%s) while others write = run %q, %v", e.ID, r.ID, err)
			}
		}
	}
	t.Logf("read %d times while %d processes wrote", looks, processes)

	f, err := os.Open(filepath.Join(dir, "2025-05-30.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	next := make([]int, processes)
	for r, err := range collect.NewReader(f, "store").Runs() {
		if err != nil {
			t.Fatal(err)
		}
		var p, i int
		if _, err := fmt.Sscanf(r.ID, "p%d-%d", &p, &i); err != nil || i != next[p] {
			t.Fatalf("run %q is where run %d of its process should be", r.ID, next[p])
		}
		next[p]++
		want := processRun(p, i)
		if r.Operation != want.Operation || r.Metrics[0].Value != want.Metrics[0].Value {
			t.Fatalf("run %q is not what was written", r.ID)
		}
	}
	for p := range next {
		if next[p] != n {
			t.Errorf("process %d has %d runs in the store, want %d", p, next[p], n)
		}
	}
}

func TestDeleteWhileOthersWrite(t *testing.T) {
	const processes, n = 4, 50
	dir := filepath.Join(t.TempDir(), "store")
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	wait := start(t, dir, processes, n)
	done := make(chan struct{})
	go func() { wait(); close(done) }()
	gone := map[string]bool{}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		for _, e := range newest(t, s, 3) {
			if err := s.Delete(t.Context(), e.ID); err != nil {
				t.Fatal(err)
			}
			gone[e.ID] = true
		}
	}
	if len(gone) == 0 {
		t.Fatal("nothing was deleted")
	}
	left := 0
	for _, e := range newest(t, s, processes*n+1) {
		if left++; gone[e.ID] {
			t.Errorf("run %q is there, and was deleted", e.ID)
		}
	}
	if left != processes*n-len(gone) {
		t.Errorf("%d runs are left of %d less %d, want %d", left, processes*n, len(gone), processes*n-len(gone))
	}
}
