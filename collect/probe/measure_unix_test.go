//go:build unix

package probe

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what a result says that the tree used.
func cpuTime(r Result) time.Duration { return r.User + r.System }

// wantCPU checks a time against what the burning processes know that they used.
// They end a little after they looked, and start before they can. One that is
// just about to end is counted in steps of /proc, rounded down.
func wantCPU(t *testing.T, r Result, least, slack time.Duration) {
	t.Helper()
	least -= 20 * time.Millisecond
	if got := cpuTime(r); got < least || got > least+slack {
		t.Errorf("%v of processor time, want %v to %v", got, least, least+slack)
	}
}

// everyWay runs a test with a control group where one can be made, and without.
func everyWay(t *testing.T, test func(t *testing.T, p plan)) {
	t.Run("group", func(t *testing.T) { test(t, standard()) })
	t.Run("processes", func(t *testing.T) { test(t, plan{output: time.Minute, kill: time.Minute}) })
}

func TestOrphanIsCounted(t *testing.T) {
	if !adoptsOrphans {
		t.Skip("orphans cannot be waited for on this system")
	}
	everyWay(t, func(t *testing.T, p plan) {
		const used = 300 * time.Millisecond
		args := helperArgs(t, "orphan", used.String())
		// Without samples, nobody but who adopts the orphan knows of it.
		r, err := run(t.Context(), Command{Args: args, Tee: io.Discard, Quiet: true, Interval: time.Hour}, p)
		if err != nil || r.Status != 0 {
			t.Fatalf("status %d, %v", r.Status, err)
		}
		wantCPU(t, r, used, used) // the programs around it start three times
	})
}

func TestShortChildrenAreCounted(t *testing.T) {
	everyWay(t, func(t *testing.T, p plan) {
		const n, each = 30, 10 * time.Millisecond
		args := helperArgs(t, "many", itoa(n), each.String())
		r, err := run(t.Context(), Command{Args: args, Interval: time.Hour, Tee: io.Discard}, p)
		if err != nil {
			t.Fatal(err)
		}
		wantCPU(t, r, n*each, 3*n*each) // to start so many takes its own time, more where all is slow
	})
}

func TestKilled(t *testing.T) {
	for _, s := range []syscall.Signal{unix.SIGKILL, unix.SIGTERM, unix.SIGUSR1} {
		r, err := Run(t.Context(), Command{Args: []string{"/bin/sh", "-c", "kill -" + itoa(int(s)) + " $$"}})
		if err != nil || r.Status != 128+int(s) || r.Signal != s {
			t.Errorf("killed by %v: status %d, signal %v, %v", s, r.Status, r.Signal, err)
		}
	}
}

func TestTrap(t *testing.T) {
	for _, c := range []struct {
		name string
		send syscall.Signal
	}{
		{"TERM", unix.SIGTERM}, {"HUP", unix.SIGHUP}, {"USR1", unix.SIGUSR1}, {"USR2", unix.SIGUSR2}, {"INT", unix.SIGINT},
	} {
		if signal.Ignored(c.send) { // by nohup, say: then no command can trap it either
			t.Logf("%s is ignored here", c.name)
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if foreground() && c.send == unix.SIGINT {
				t.Skip("the tests run at a terminal, where the keyboard sends this")
			}
			// The command waits for input that never comes, so only the signal
			// can end it.
			in, hold, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Close()
			defer in.Close()
			tee := &trigger{word: "ready", do: func() { _ = unix.Kill(os.Getpid(), c.send) }}
			script := "trap 'echo caught; exit 7' " + c.name + "; echo ready; while :; do :; done"
			r, err := Run(t.Context(), Command{Args: []string{"/bin/sh", "-c", script}, Stdin: in, Tee: tee, Quiet: true})
			if err != nil || r.Status != 7 || !strings.HasSuffix(tee.seen.String(), "caught\n") {
				t.Errorf("status %d, output %q, %v, want 7 and caught", r.Status, tee.seen.String(), err)
			}
		})
	}
}

func TestCanceledCommandIsKilled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tee := &trigger{word: "ready", do: cancel}
	script := "trap '' TERM; echo ready; while :; do :; done"
	r, err := run(ctx, Command{Args: []string{"/bin/sh", "-c", script}, Tee: tee, Quiet: true}, plan{kill: time.Millisecond})
	if err != nil || r.Status != 137 || r.Signal != unix.SIGKILL {
		t.Errorf("status %d, signal %v, %v, want 137 by SIGKILL", r.Status, r.Signal, err)
	}
}

func TestLastWordsOfCanceledCommand(t *testing.T) {
	const size = 60_000 // what a pipe holds without a reader
	ctx, cancel := context.WithCancel(t.Context())
	tee := &trigger{word: "ready", do: cancel}
	script := `trap 'head -c "$0" /dev/zero; exit 9' TERM; echo ready; while :; do :; done`
	r, err := run(ctx, Command{Args: []string{"/bin/sh", "-c", script, itoa(size)}, Tee: tee, Quiet: true}, plan{kill: time.Minute, output: time.Minute})
	if err != nil || r.Status != 9 {
		t.Fatalf("status %d, %v, want 9", r.Status, err)
	}
	if got := len(strings.TrimPrefix(tee.seen.String(), "ready\n")); got != size {
		t.Errorf("%d bytes of last words arrived, want %d", got, size)
	}
}

func TestInterruptEndsTheWaitForOutput(t *testing.T) {
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	defer in.Close()
	ctx, cancel := context.WithCancel(t.Context())
	// The child that is left speaks when the command has ended, as it waits for
	// that; then it holds the output for good.
	tee := &trigger{word: "late", do: cancel}
	script := `exec 3<&0; (while kill -0 $$ 2>/dev/null; do :; done; echo late; exec cat <&3) 2>/dev/null & exit 0`
	r, err := run(ctx, Command{Args: []string{"/bin/sh", "-c", script}, Stdin: in, Tee: tee, Quiet: true}, plan{output: time.Hour})
	if err != nil || r.Status != 0 {
		t.Fatalf("status %d, %v", r.Status, err)
	}
	if tee.seen.String() != "late\n" {
		t.Errorf("the Tee got %q", tee.seen.String())
	}
}

func TestClosedOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	go func() {
		_, _ = io.CopyN(io.Discard, r, 1000)
		_ = r.Close()
	}()
	got, err := Run(t.Context(), Command{Args: helperArgs(t, "endless"), Tee: io.Discard, Stdout: w})
	if err != nil || got.Status != 141 || got.Signal != unix.SIGPIPE {
		t.Errorf("status %d, signal %v, %v, want 141 by SIGPIPE", got.Status, got.Signal, err)
	}
	if len(got.Notes) != 0 {
		t.Errorf("notes %q: a reader that has enough is nothing to note", got.Notes)
	}
}

// A Go program ends when it writes to its own standard output that is closed.
func TestOwnOutputIsClosed(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	defer w.Close()
	path := filepath.Join(t.TempDir(), "measured")
	args := helperArgs(t, "measure", path)
	c := exec.Command(args[0], "measure", path, args[0], "endless")
	c.Stdout, c.Stderr = w, os.Stderr
	_ = c.Run()
	if _, err := os.Stat(path); err != nil || c.ProcessState.ExitCode() != 141 {
		t.Errorf("%v, %v: want status 141 and a measurement", c.ProcessState, err)
	}
}

func TestFullDiskIsNoted(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no full device: %v", err)
	}
	defer full.Close()
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "endless"), Tee: io.Discard, Stdout: full})
	if err != nil || r.Status != 141 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "no space") {
		t.Errorf("status %d, notes %q, %v", r.Status, r.Notes, err)
	}
}

// linger leaves a child of the command behind, that ends when the test does.
func linger(t *testing.T, how string, p plan) (Result, *trigger, *os.File) {
	t.Helper()
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	t.Cleanup(func() { _ = hold.Close() })
	tee := &trigger{word: "late", do: func() { _ = hold.Close() }}
	if how == "speaking" {
		how = "output"
		if _, err := io.WriteString(hold, "late"); err != nil {
			t.Fatal(err)
		}
	}
	r, err := run(t.Context(), Command{Args: helperArgs(t, "linger", how), Stdin: in, Tee: tee, Quiet: true}, p)
	if err != nil || r.Status != 0 {
		t.Fatalf("Run() = status %d, %v", r.Status, err)
	}
	return r, tee, hold
}

func TestOutlivingChildIsLeftAndNoted(t *testing.T) {
	if !adoptsOrphans {
		t.Skip("only the command's own children are known on this system")
	}
	r, _, hold := linger(t, "silent", plan{output: time.Hour})
	if want := []string{"1 process was still running when the command ended"}; !slices.Equal(r.Notes, want) {
		t.Errorf("notes %q, want %q", r.Notes, want)
	}
	// It still reads what we write, so nobody killed it.
	if _, err := io.WriteString(hold, "x"); err != nil {
		t.Errorf("the child that was left is gone: %v", err)
	}
}

func TestHeldOutputIsGivenUp(t *testing.T) {
	r, _, _ := linger(t, "output", plan{output: time.Millisecond})
	if !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "still holds its output") }) {
		t.Errorf("notes %q do not tell of the output that was held", r.Notes)
	}
}

func TestLateOutputIsPassedOn(t *testing.T) {
	r, tee, _ := linger(t, "speaking", plan{output: time.Hour})
	if tee.seen.String() != "late" {
		t.Errorf("the Tee got %q, want what the child wrote after the command's end", tee.seen.String())
	}
	if slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "holds its output") }) {
		t.Errorf("notes %q: the output was closed in time", r.Notes)
	}
}

func TestWrittenBytes(t *testing.T) {
	const mb = 20
	path := filepath.Join(t.TempDir(), "written")
	r, _ := measure(t, "store", path, itoa(mb))
	if r.Status != 0 {
		t.Fatalf("status %d", r.Status)
	}
	if !r.Written.Measured {
		t.Skip("this system does not count the bytes that are written")
	}
	if r.Written.Value == 0 {
		t.Skipf("the file system of %s does not count the bytes that are written", path)
	}
	if least := float64(mb << 20); r.Written.Value < least || r.Written.Value > 2*least {
		t.Errorf("%.1f MB written, want %.1f and little more", r.Written.Value/mega, least/mega)
	}
}

func TestPeakMemory(t *testing.T) { wantPeak(t, 200) }

// wantPeak measures a command that takes so much memory. The runner is a process
// of its own, because this one may have had more than the command.
func wantPeak(t *testing.T, mb int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "measured")
	args := helperArgs(t, "measure", path)
	if err := exec.Command(args[0], "measure", path, args[0], "alloc", itoa(mb)).Run(); err != nil {
		t.Fatal(err)
	}
	var m measured
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	// The kernel's count is behind by some pages, and the race detector doubles
	// what a program has.
	least := float64(mb<<20) / 1e6 * 0.98
	if got := m.Metrics["ram.peak_mb"]; got < least || got > least*2.5 {
		t.Errorf("ram.peak_mb = %v, want %v and not much more", got, least)
	}
}

func TestScriptWithoutFirstLine(t *testing.T) {
	if !runsScripts {
		t.Skip("the system's own exec decides here")
	}
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte("exit $#\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	everyWay(t, func(t *testing.T, p plan) {
		r, err := run(t.Context(), Command{Args: []string{path, "a", "b"}}, p)
		if err != nil || r.Status != 2 {
			t.Errorf("status %d, %v, want 2 as a shell gives", r.Status, err)
		}
	})
}
