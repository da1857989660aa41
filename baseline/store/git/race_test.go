package git

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// TestMain lets the test binary be a job that puts runs.
func TestMain(m *testing.M) {
	if name := os.Getenv("PLUMBLINE_TEST_JOB"); name != "" {
		if err := job(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// eachJob is how many runs a job puts.
const eachJob = 1

// job puts runs into the store of the working folder. It begins when standard
// input ends, which it does for all jobs at once.
func job(name string) (err error) {
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	s, err := Open("git:perf")
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range eachJob {
		r := storetest.Run(fmt.Sprintf("%s-%d", name, i), i, storetest.Value("m", 1))
		r.Repository = "o/r"
		if err := s.Put(context.Background(), r); err != nil {
			return err
		}
	}
	return nil
}

// startJob starts a job in a folder.
func startJob(t *testing.T, name, dir string, gate *os.File) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Dir, cmd.Stdin = dir, gate
	cmd.Env = append(os.Environ(), "PLUMBLINE_TEST_JOB="+name, "TMPDIR="+t.TempDir())
	cmd.Stderr = &strings.Builder{}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// TestJobs holds that 20 jobs at once lose nothing, each a process with a shallow
// checkout of its own, though a pruning goes on meanwhile.
func TestJobs(t *testing.T) {
	t.Parallel()
	const jobs = 20
	h := serveHTTP(t)
	prune := openIn(t, h.checkout(t), "git:perf")
	storetest.Fill(t, prune, storetest.Run("old-0", 0), storetest.Run("old-1", 1), storetest.Run("kept", 2))
	gate, open, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var cmds []*exec.Cmd
	for i := range jobs {
		cmds = append(cmds, startJob(t, fmt.Sprintf("job%02d", i), h.checkout(t), gate))
	}
	gate.Close()
	open.Close()
	for i := range 2 {
		if err := prune.Delete(t.Context(), fmt.Sprintf("old-%d", i)); err != nil {
			t.Errorf("Delete while others put: %v", err)
		}
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a job: %v: %s", err, cmd.Stderr)
		}
	}
	ids, bad := storetest.Listing(t, openIn(t, h.checkout(t), "git:perf"), baseline.Filter{})
	if want := jobs*eachJob + 1; len(ids) != want || len(bad) > 0 {
		t.Errorf("%d runs are there and %v, want %d", len(ids), bad, want)
	}
	git(t, h.remote, "fsck", "--strict")
}

// TestKilled holds that a job that is killed while it pushes harms nobody.
func TestKilled(t *testing.T) {
	t.Parallel()
	h := serveHTTP(t)
	s := openIn(t, h.checkout(t), "git:perf")
	storetest.Fill(t, s, storetest.Run("before", 0))
	came, killed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.onPush(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		once.Do(func() { close(came) })
		<-killed
		serve.ServeHTTP(w, r)
	})
	in, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := startJob(t, "killed", h.checkout(t), in)
	<-came
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	close(killed)
	h.onPush(nil)
	storetest.Fill(t, s, storetest.Run("after", 3))
	ids, bad := storetest.Listing(t, s, baseline.Filter{})
	if got := strings.Join(ids, " "); got != "after before" && got != "after killed-0 before" || len(bad) > 0 {
		t.Errorf("the store has %q and %v, want after, before and perhaps the first run of the killed job", ids, bad)
	}
	git(t, h.remote, "fsck", "--strict")
}

// TestBrokenPush holds that a push counts once whatever becomes of it: lost on the
// way there, or on the way back.
func TestBrokenPush(t *testing.T) {
	t.Parallel()
	for name, served := range map[string]bool{"before it is served": false, "after it was served": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serveHTTP(t)
			s := openIn(t, h.checkout(t), "git:perf")
			storetest.Fill(t, s, storetest.Run("a", 0))
			var pushes atomic.Int32
			h.onPush(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
				// The first request only asks whether the password is right.
				if r.ContentLength == 4 || pushes.Add(1) > 2 {
					serve.ServeHTTP(w, r)
					return
				}
				if served {
					serve.ServeHTTP(discard{http.Header{}}, r)
				}
				panic(http.ErrAbortHandler)
			})
			storetest.Fill(t, s, storetest.Run("b", 1))
			storetest.WantIDs(t, openIn(t, h.checkout(t), "git:perf"), "b", "a")
			if err := s.Delete(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			storetest.WantIDs(t, s, "b")
			if n := git(t, h.remote, "show", "perf:2025-05-30.jsonl"); strings.Count(n, "run_id") != 1 {
				t.Errorf("the file has %s, want the run b once", n)
			}
		})
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// TestWaiting holds that a run that waits for its turn does not wait for longer
// than its own context, and that others are put when the one before them gives up.
func TestWaiting(t *testing.T) {
	t.Parallel()
	h := serveHTTP(t)
	s := openIn(t, h.checkout(t), "git:perf")
	storetest.Fill(t, s, storetest.Run("a", 0))
	came, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.onPush(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		once.Do(func() {
			close(came)
			<-free
			panic(http.ErrAbortHandler)
		})
		serve.ServeHTTP(w, r)
	})
	first, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := s.Put(first, storetest.Run("b", 1)); err == nil {
			t.Error("Put whose context ended = nil, want an error")
		}
	})
	<-came
	wait.Go(func() {
		if err := s.Put(t.Context(), storetest.Run("c", 2)); err != nil {
			t.Errorf("Put behind one that gave up: %v", err)
		}
	})
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.Put(short, storetest.Run("d", 3)); err == nil {
		t.Error("Put that waits longer than its context = nil, want an error")
	}
	stop()
	close(free)
	wait.Wait()
	ids, bad := storetest.Listing(t, s, baseline.Filter{})
	// That git was told to end does not say how far it had come.
	if got := strings.Join(ids, " "); got != "c a" && got != "c b a" || len(bad) > 0 {
		t.Errorf("the store has %q and %v, want c, a and perhaps b", ids, bad)
	}
}
