package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// measure runs a helper and gives what it wrote to standard output.
func measure(t *testing.T, args ...string) (Result, []byte) {
	t.Helper()
	var out bytes.Buffer
	r, err := Run(t.Context(), Command{Args: helperArgs(t, args...), Tee: &out, Quiet: true})
	if err != nil {
		t.Fatalf("Run(%q) = %v", args, err)
	}
	return r, out.Bytes()
}

func TestStatus(t *testing.T) {
	for _, want := range []int{0, 3, 255} {
		r, _ := measure(t, "exit", itoa(want))
		if r.Status != want || r.Signal != nil {
			t.Errorf("exit %d: status %d, signal %v", want, r.Status, r.Signal)
		}
		success := 0.0
		if want == 0 {
			success = 1
		}
		if got, ok := figures(r)["x.success"]; got != success || !ok {
			t.Errorf("exit %d: success %v, want %v", want, got, success)
		}
	}
}

func TestNotStarted(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	for _, c := range []struct {
		name    string
		command Command
		want    int
		skip    bool
	}{
		{"unknown name", Command{Args: []string{"no-such-program"}}, 127, false},
		{"missing path", Command{Args: []string{filepath.Join(dir, "missing")}}, 127, false},
		{"not executable", Command{Args: []string{plain}}, 126, runtime.GOOS == "windows"},
		{"not executable, in PATH", Command{Args: []string{"plain"}}, 126, runtime.GOOS == "windows"},
		{"a folder", Command{Args: []string{dir}}, 126, runtime.GOOS == "windows"},
		{"no folder to run in", Command{Args: []string{os.Args[0]}, Dir: filepath.Join(dir, "none")}, 125, false},
		{"nothing", Command{}, 125, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.skip {
				t.Skip("files have no permission to be executed here")
			}
			c.command.Tee = io.Discard
			_, err := Run(t.Context(), c.command)
			var start *StartError
			if !errors.As(err, &start) || start.Status() != c.want {
				t.Errorf("Run(%q) = %v, want a StartError of status %d", c.command.Args, err, c.want)
			}
			if len(c.command.Args) > 0 && !strings.Contains(err.Error(), c.command.Args[0]) {
				t.Errorf("error %q does not name the program", err)
			}
		})
	}
}

func TestProgramFromPath(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, filepath.Join(dir, "helper.exe")); err != nil {
		t.Skipf("no link to the program: %v", err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	args := helperArgs(t, "exit", "5")
	args[0] = "helper.exe"
	r, err := Run(t.Context(), Command{Args: args})
	if err != nil || r.Status != 5 {
		t.Errorf("Run(%q) = status %d, %v, want 5", args, r.Status, err)
	}
}

func TestOutputIsExact(t *testing.T) {
	const size = 10 << 20
	want := make([]byte, size)
	if _, err := io.ReadFull(noise(), want); err != nil {
		t.Fatal(err)
	}
	var tee bytes.Buffer
	user := collectPipe(t)
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "bytes", itoa(size)), Tee: &tee, Stdout: user.w})
	if err != nil || r.Status != 0 {
		t.Fatalf("Run() = status %d, %v", r.Status, err)
	}
	if !bytes.Equal(tee.Bytes(), want) {
		t.Errorf("the Tee got %d bytes, which are not the %d that were written", tee.Len(), size)
	}
	if got := user.bytes(); !bytes.Equal(got, want) {
		t.Errorf("the user got %d bytes, which are not the %d that were written", len(got), size)
	}
}

func TestInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		_, _ = io.WriteString(w, "1 2\n40 2\n")
		_ = w.Close()
	}()
	var out bytes.Buffer
	_, err = Run(t.Context(), Command{Args: helperArgs(t, "sum"), Stdin: r, Tee: &out, Quiet: true})
	if got := out.String(); err != nil || got != "3\n42\n" {
		t.Errorf("the command wrote %q, %v", got, err)
	}
}

func TestEnvAndDir(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh here")
	}
	var out bytes.Buffer
	dir := t.TempDir()
	_, err := Run(t.Context(), Command{
		Args: []string{"/bin/sh", "-c", `echo "$A"; pwd -P`}, Env: []string{"A=b c"}, Dir: dir, Tee: &out, Quiet: true,
	})
	real, _ := filepath.EvalSymlinks(dir)
	if got, want := out.String(), "b c\n"+real+"\n"; err != nil || got != want {
		t.Errorf("the command wrote %q, %v, want %q", got, err, want)
	}
}

// stubborn is a Tee that fails after its first chunk.
type stubborn struct{ writes int }

func (s *stubborn) Write(b []byte) (int, error) {
	s.writes++
	if s.writes > 1 {
		return 0, errors.New("full")
	}
	return len(b), nil
}

func TestTeeFails(t *testing.T) {
	const size = 4 << 20
	user, tee := collectPipe(t), &stubborn{}
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "bytes", itoa(size)), Tee: tee, Stdout: user.w})
	if err != nil || r.Status != 0 {
		t.Fatalf("Run() = status %d, %v", r.Status, err)
	}
	if got := len(user.bytes()); got != size {
		t.Errorf("the user got %d bytes, want %d", got, size)
	}
	if tee.writes != 2 {
		t.Errorf("the Tee was written to %d times, want 2: one that fails is left alone", tee.writes)
	}
}

// gate is a Tee that takes nothing until it is opened.
type gate struct {
	open chan struct{}
	bytes.Buffer
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	return g.Buffer.Write(b)
}

func TestTeeBlocks(t *testing.T) {
	const size, early = 4 << 20, 64 << 10
	tee := &gate{open: make(chan struct{})}
	user := collectPipe(t)
	user.at(early, func() { close(tee.open) }) // the user sees output first
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "bytes", itoa(size)), Tee: tee, Stdout: user.w})
	if err != nil || r.Status != 0 {
		t.Fatalf("Run() = status %d, %v", r.Status, err)
	}
	if user, tee := user.bytes(), tee.Bytes(); len(user) != size || !bytes.Equal(user, tee) {
		t.Errorf("user got %d bytes and Tee %d, want the same %d", len(user), len(tee), size)
	}
}

func TestQueueIsBounded(t *testing.T) {
	tee := &gate{open: make(chan struct{})}
	q := newQueue(tee)
	for range maxLag {
		q.put(q.buffer()[:1])
	}
	if q.made != maxLag {
		t.Errorf("%d buffers for %d chunks that wait", q.made, maxLag)
	}
	close(tee.open)
	for range 1000 {
		q.put(q.buffer()[:1])
	}
	q.close()
	if q.made != maxLag || tee.Len() != maxLag+1000 {
		t.Errorf("%d buffers were made, want %d; %d bytes arrived, want %d", q.made, maxLag, tee.Len(), maxLag+1000)
	}
}

func TestQuietWithoutTee(t *testing.T) {
	user := collectPipe(t)
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "bytes", "10"), Quiet: true, Stdout: user.w})
	if err != nil || r.Status != 0 || len(user.bytes()) != 0 {
		t.Errorf("Run() = status %d, %v; the user got %q, want nothing", r.Status, err, user.bytes())
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tee := &trigger{word: "ready", do: cancel}
	r, err := run(ctx, Command{Args: helperArgs(t, "wait"), Tee: tee, Quiet: true}, plan{kill: time.Minute, output: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if r.Wall <= 0 || !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "told to end") }) {
		t.Errorf("notes %q, wall %v: want a note and a measurement", r.Notes, r.Wall)
	}
}

func TestMetricsAreAbsentWhenNotMeasured(t *testing.T) {
	r := Result{Wall: time.Second}
	var names []string
	for _, m := range r.Metrics("build") {
		names = append(names, m.Name)
	}
	want := []string{"build.seconds", "build.success", "cpu.user_seconds", "cpu.system_seconds"}
	if !slices.Equal(names, want) {
		t.Errorf("metrics of a result without readings: %q, want %q", names, want)
	}
	r.PeakRSS = reading(2_500_000)
	if got := figures(r)["ram.peak_mb"]; got != 2.5 {
		t.Errorf("ram.peak_mb = %v, want 2.5", got)
	}
}
