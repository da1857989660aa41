package sqlite

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// TestMain lets the test binary be a process that stores runs.
func TestMain(m *testing.M) {
	if path := os.Getenv("PLUMBLINE_TEST_SQLITE"); path != "" {
		if err := putRuns(path, os.Getenv("PLUMBLINE_TEST_PROCESS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv("PLUMBLINE_TEST_SQLITE_USE"); path != "" {
		if err := use(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// use reads a file, tries to change it, and prints what came of it.
func use(path string) error {
	s, err := Open(Prefix + path)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, ids := context.Background(), []string(nil)
	for e, err := range s.List(ctx, baseline.Filter{}) {
		if err != nil {
			fmt.Println("list:", err)
			continue
		}
		if ids = append(ids, e.ID); e.ID == "b" {
			r, err := s.Get(ctx, e)
			if err != nil {
				return err
			}
			fmt.Println("metric:", r.Metrics[0].Value)
		}
	}
	fmt.Println("list:", strings.Join(ids, " "))
	fmt.Println("put:", s.Put(ctx, storetest.Run("c", 2)))
	fmt.Println("delete:", s.Delete(ctx, "a"))
	return nil
}

const eachProcess = 25

// putRuns begins when standard input ends, which it does for all processes at once.
func putRuns(path, process string) error {
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	s, err := Open(Prefix + path)
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range eachProcess {
		r := storetest.Run(fmt.Sprintf("p%s-%03d", process, i), i, storetest.Value("m", float64(i)), storetest.Value("n", 1))
		if err := s.Put(context.Background(), r); err != nil {
			return fmt.Errorf("process %s, run %d: %w", process, i, err)
		}
	}
	return nil
}

// Several processes make the file, write and read at once, and none loses a run.
func TestProcesses(t *testing.T) {
	t.Parallel()
	const processes = 6
	path := filepath.Join(t.TempDir(), "runs.db")
	wait := storetest.Processes(t, processes, func(p int) []string {
		return []string{"PLUMBLINE_TEST_SQLITE=" + path, fmt.Sprint("PLUMBLINE_TEST_PROCESS=", p)}
	})
	s := open(t, path)
	storetest.Fill(t, s, storetest.Run("mine", 0))
	for range 10 {
		if _, bad := storetest.Listing(t, s, baseline.Filter{}); len(bad) > 0 {
			t.Errorf("List while others write: %v", bad)
		}
	}
	wait()
	if ids, bad := storetest.Listing(t, s, baseline.Filter{}); len(ids) != processes*eachProcess+1 || len(bad) > 0 {
		t.Errorf("%d runs are there and %v, want %d", len(ids), bad, processes*eachProcess+1)
	}
}
