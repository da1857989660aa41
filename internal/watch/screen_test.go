//go:build unix

package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// viewEnv makes the test's program a viewer of a pretended source.
const viewEnv = "WATCH_TEST_VIEW"

func TestMain(m *testing.M) {
	if mode := os.Getenv(viewEnv); mode != "" {
		os.Exit(viewer(mode))
	}
	goleak.VerifyTestMain(m)
}

func viewer(mode string) int {
	if err := os.WriteFile("pid", []byte(strconv.Itoa(os.Getpid())), 0o666); err != nil {
		return 9
	}
	o := Options{Source: &pretended{mode: mode, end: make(chan struct{})}, Interval: 50 * time.Millisecond, Out: os.Stdout}
	if err := Screen(context.Background(), o); err != nil {
		fmt.Println("error:", err)
		return 3
	}
	return 0
}

// pretended is a source that does what a mode says.
type pretended struct {
	mode  string
	asked atomic.Int64
	end   chan struct{}
}

func (p *pretended) Run() bool { return p.mode != "recorder" }

func (p *pretended) Status(context.Context) (collect.Status, error) {
	n := int(p.asked.Add(1))
	s := service(90 + n)
	s.Name = "shopd \x1b]0;pwned\a\u202e\x1b[31mred"
	switch {
	case p.mode == "crash" && n == 10:
		panic("boom")
	case p.mode == "never":
		return s, errors.New("nobody is there")
	case p.mode == "recorder" && n > 5 && n < 15:
		return s, errors.New("it is away")
	case p.mode == "end" && n == 10, p.mode == "gone" && n == 10:
		close(p.end)
	}
	return s, nil
}

func (p *pretended) End(ctx context.Context) (collect.Status, error) {
	select {
	case <-ctx.Done():
		return collect.Status{}, ctx.Err()
	case <-p.end:
	}
	s := service(200)
	if s.Ended, s.Exit = true, 7; p.mode == "gone" {
		return s, errors.New("gone")
	}
	return s, nil
}

// viewing is a terminal in which the viewer runs, and how it was before.
type viewing struct {
	*servicetest.Tmux
	screen, state string
}

func view(t *testing.T, width, height int, mode string, env ...string) *viewing {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := servicetest.StartTmux(t, width, height, append([]string{"LC_ALL=C.UTF-8", "NO_COLOR="}, env...)...)
	if err := os.Symlink(program, filepath.Join(m.Dir, "view")); err != nil {
		t.Fatal(err)
	}
	m.Type("echo what was here before")
	m.Wait("\nwhat was here before")
	v := &viewing{Tmux: m, screen: m.Prompt(), state: m.State()}
	m.Type(viewEnv + "=" + mode + " ./view; echo status $?")
	return v
}

// pid is the viewer's.
func (v *viewing) pid(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(v.Dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// left holds the terminal against how it was before, and wants the exit status.
func (v *viewing) left(t *testing.T, status string) string {
	t.Helper()
	v.Wait("\nstatus " + status)
	after := v.Prompt()
	if !strings.HasPrefix(after, v.screen) && strings.Count(after, "\n") < 20 {
		t.Errorf("the screen is\n%s\nand was\n%s", after, v.screen)
	}
	if got := v.State(); got != v.state {
		t.Errorf("the terminal is\n%s\nand was\n%s", got, v.state)
	}
	return after
}

func TestTerminalSizes(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			v := view(t, size[0], size[1], "run")
			screen := v.Wait("q quit")
			lines := strings.Split(screen, "\n")
			if len(lines) != size[1] || !strings.HasPrefix(lines[0], " shopd ]0;pwned[31mred"[:min(22, size[0]-20)]) || !strings.Contains(lines[0], "up 1m 3") || !strings.HasPrefix(lines[1], " CPU  ") || !strings.Contains(lines[1], "█") {
				t.Errorf("the screen is\n%s", screen)
			}
			v.Keys("q")
			v.left(t, "0")
		})
	}
}

func TestTerminalResizes(t *testing.T) {
	t.Parallel()
	v := view(t, 80, 24, "run")
	v.Wait("q quit")
	for _, size := range [][2]int{{120, 40}, {40, 12}, {20, 6}, {80, 24}} {
		v.Resize(size[0], size[1])
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			lines := strings.Split(v.Screen(), "\n")
			if len(lines) == size[1] && strings.HasPrefix(lines[3], " 30 series, ") && strings.HasPrefix(lines[size[1]-1], " q quit") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("at %v the screen is\n%s", size, v.Screen())
			}
		}
	}
	v.Keys("q")
	v.Wait("status 0")
	v.Prompt()
	if got := v.State(); got != v.state {
		t.Errorf("the terminal is\n%s\nand was\n%s", got, v.state)
	}
}

func TestTerminalKeys(t *testing.T) {
	t.Parallel()
	v := view(t, 80, 24, "run")
	v.Wait("q quit")
	v.Keys("?")
	v.Wait("PgUp, PgDn, space  scroll a screen")
	v.Keys("?", "/", "d", "b", ".", "x", "BSpace")
	v.Wait("filter: db._")
	v.Keys("Enter", "s")
	screen := v.Wait("/ filter: db.  s sort: rate")
	if !strings.Contains(screen, "db.query_seconds") || strings.Contains(screen, "http.requests") {
		t.Errorf("filtered by db., the screen is\n%s", screen)
	}
	v.Keys("Escape")
	v.Wait("1-15 of 30")
	v.Keys("PageDown")
	v.Wait("16-")
	v.Keys("Home", "Down")
	v.Wait("2-")
	v.Keys("End", "Up")
	v.Wait("of 30")
	v.Keys("C-c")
	v.left(t, "0")
}

// Whatever ends the viewer, the terminal is as it was.
func TestTerminalIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"terminated": syscall.SIGTERM, "hung up": syscall.SIGHUP, "interrupted": syscall.SIGINT, "quit": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := view(t, 80, 24, "run")
			v.Wait("q quit")
			if during := v.State(); during == v.state {
				t.Errorf("the viewer changes nothing of the terminal:\n%s", during)
			}
			if err := syscall.Kill(v.pid(t), signal); err != nil {
				t.Fatal(err)
			}
			v.left(t, "0")
		})
	}
}

// Stopped by a key or a signal, the viewer gives the terminal back, and takes it
// again when it goes on.
func TestTerminalIsGivenBackMeanwhile(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]func(v *viewing){
		"by a key":    func(v *viewing) { v.Keys("C-z") },
		"by a signal": func(v *viewing) { _ = syscall.Kill(v.pid(t), syscall.SIGTSTP) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := view(t, 80, 24, "run")
			v.Wait("q quit")
			for range 2 {
				during := v.State()
				hold(v)
				v.Wait(fmt.Sprint("status ", 128+int(syscall.SIGSTOP)))
				v.Prompt()
				if got := v.State(); got != v.state {
					t.Errorf("stopped, the terminal is\n%s\nand was\n%s", got, v.state)
				}
				v.Type("clear; fg; echo status $?")
				v.Wait("q quit")
				if got := v.State(); got != during {
					t.Errorf("when it goes on, the terminal is\n%s\nand was\n%s", got, during)
				}
			}
			v.Keys("q")
			v.Wait("status 0")
			v.Prompt()
			if got := v.State(); got != v.state {
				t.Errorf("the terminal is\n%s\nand was\n%s", got, v.state)
			}
		})
	}
}

func TestTerminalAfterCrash(t *testing.T) {
	t.Parallel()
	v := view(t, 160, 60, "crash")
	after := v.left(t, "2")
	if !strings.Contains(after, "panic: boom") || !strings.Contains(after, "(*pretended).Status") {
		t.Errorf("the crash is told as\n%s", after)
	}
}

func TestTerminalAtTheEnd(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{"end": " ended with exit status 7 after 3m 20s", "gone": " the run is gone, and has not said how it ended"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			v := view(t, 100, 40, mode)
			after := v.left(t, "0")
			if !strings.Contains(after, want+"\nstatus 0") || !strings.Contains(after, "http.errors[kind=timeout]") || !strings.Contains(after, "more series\n") {
				t.Errorf("the last figures are\n%s", after)
			}
		})
	}
}

func TestTerminalOfRecorder(t *testing.T) {
	t.Parallel()
	v := view(t, 80, 24, "recorder")
	v.Wait("no answer, asking again: it is away")
	v.Wait("q quit") // it is back
	v.Keys("q")
	v.left(t, "0")
	never := view(t, 80, 24, "never")
	if after := never.left(t, "3"); !strings.Contains(after, "error: nobody is there") {
		t.Errorf("nobody answers:\n%s", after)
	}
}

// Colours are the terminal's own, and none where nobody wants them; a terminal
// without UTF-8 gets curves of ASCII.
func TestTerminalWithoutColors(t *testing.T) {
	t.Parallel()
	red := regexp.MustCompile("\x1b\\[([0-9;]*;)?31m")
	for env, want := range map[string]bool{"NO_COLOR=": true, "NO_COLOR=1": false} {
		v := view(t, 80, 24, "run", env)
		v.Wait("q quit")
		if got := v.Colors(); red.MatchString(got) != want {
			t.Errorf("%s: the screen is\n%q", env, got)
		}
		v.Keys("q")
		v.left(t, "0")
	}
	v := view(t, 80, 24, "run", "LC_ALL=C")
	screen := v.Wait("q quit")
	if strings.ContainsAny(screen, "▁█") || !strings.Contains(screen, "###") || strings.Contains(screen, "??") {
		t.Errorf("in ASCII the screen is\n%s", screen)
	}
	v.Keys("q")
	v.left(t, "0")
}

// The program that the tests start is this one.
func TestViewerNeedsTerminal(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), viewEnv+"=run")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it has no terminal
	out, err := cmd.CombinedOutput()
	if x := (*exec.ExitError)(nil); !errors.As(err, &x) || x.ExitCode() != 3 || !strings.Contains(string(out), "show a screen: ") {
		t.Errorf("without a terminal: %v, %s", err, out)
	}
}
