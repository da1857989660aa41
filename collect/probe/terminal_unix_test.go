//go:build unix

package probe

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// openUser opens a terminal for a user who reads on the first file. Output is
// not processed, so that bytes can be compared.
func openUser(t *testing.T) (user, terminal *os.File) {
	t.Helper()
	user, terminal, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal can be opened here: %v", err)
	}
	t.Cleanup(func() { _ = user.Close(); _ = terminal.Close() })
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 33, Cols: 101}); err != nil {
		t.Fatal(err)
	}
	modes, err := unix.IoctlGetTermios(int(terminal.Fd()), getModes)
	if err != nil {
		t.Fatal(err)
	}
	modes.Oflag &^= unix.OPOST
	if err := unix.IoctlSetTermios(int(terminal.Fd()), setModes, modes); err != nil {
		t.Fatal(err)
	}
	return user, terminal
}

func TestTerminalIsPassedThrough(t *testing.T) {
	user, terminal := openUser(t)
	const want = "terminal 101x33\n\r\n\x00\x04\xff"
	got := make(chan string, 1)
	go func() {
		b := make([]byte, len(want))
		n, _ := io.ReadFull(user, b)
		got <- string(b[:n])
	}()
	var tee bytes.Buffer
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "tell"), Tee: &tee, Stdout: terminal})
	if err != nil || r.Status != 0 || len(r.Notes) != 0 {
		t.Fatalf("Run() = status %d, notes %q, %v", r.Status, r.Notes, err)
	}
	if tee.String() != want {
		t.Errorf("the Tee got %q, want %q", tee.String(), want)
	}
	if got := <-got; got != want {
		t.Errorf("the user got %q, want %q", got, want)
	}
}

func TestTerminalOutputIsExact(t *testing.T) {
	const size = 2 << 20
	user, terminal := openUser(t)
	got := make(chan []byte, 1)
	go func() {
		b := make([]byte, size)
		n, _ := io.ReadFull(user, b)
		got <- b[:n]
	}()
	var tee bytes.Buffer
	r, err := Run(t.Context(), Command{Args: helperArgs(t, "bytes", itoa(size)), Tee: &tee, Stdout: terminal})
	if err != nil || r.Status != 0 {
		t.Fatalf("Run() = status %d, %v", r.Status, err)
	}
	want := make([]byte, size)
	if _, err := io.ReadFull(noise(), want); err != nil {
		t.Fatal(err)
	}
	if user := <-got; !bytes.Equal(user, want) || !bytes.Equal(tee.Bytes(), want) {
		t.Errorf("user got %d bytes, Tee %d, want the %d that were written", len(user), tee.Len(), size)
	}
}

func TestTerminalChangesSize(t *testing.T) {
	_, terminal := openUser(t)
	ours, command, err := openTerminal(terminal)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer command.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 50, Cols: 132}); err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	s := listen() // who gets the signal is ourselves
	defer s.stop()
	s.pass(p, unix.SIGWINCH, &output{terminal: terminal, from: ours})
	if rows, cols, err := pty.Getsize(command); err != nil || rows != 50 || cols != 132 {
		t.Errorf("the command's terminal is %dx%d, %v, want 132x50", cols, rows, err)
	}
}

func TestQuietIsNoTerminal(t *testing.T) {
	_, terminal := openUser(t)
	var tee bytes.Buffer
	_, err := Run(t.Context(), Command{Args: helperArgs(t, "tell"), Tee: &tee, Stdout: terminal, Quiet: true})
	if err != nil || tee.String() != "no terminal" {
		t.Errorf("the command wrote %q, %v", tee.String(), err)
	}
}

// session runs a helper under a shell of its own with a terminal. Each line that
// comes goes to react, which may type an answer.
func session(t *testing.T, args []string, react func(line string, runner *exec.Cmd, keyboard io.Writer)) (status int, lines []string) {
	t.Helper()
	user, terminal := openUser(t)
	modes, err := unix.IoctlGetTermios(int(terminal.Fd()), getModes)
	if err != nil {
		t.Fatal(err)
	}
	modes.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(terminal.Fd()), setModes, modes); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(args[0], args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = terminal, terminal, terminal
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = terminal.Close()
	for s := bufio.NewScanner(user); s.Scan(); {
		lines = append(lines, s.Text())
		react(s.Text(), c, user)
	}
	_ = c.Wait()
	return c.ProcessState.ExitCode(), lines
}

// runnerArgs are a shell that runs plumbline's part around a helper.
func runnerArgs(t *testing.T, helper ...string) []string {
	exe := helperArgs(t, "shell")
	args := append(exe, exe[0], "measure", filepath.Join(t.TempDir(), "measured"), exe[0])
	return append(args, helper...)
}

func TestKeyboardInterruptComesOnce(t *testing.T) {
	asked := false
	status, lines := session(t, runnerArgs(t, "wait"), func(line string, c *exec.Cmd, keyboard io.Writer) {
		switch {
		case line == "ready":
			_, _ = keyboard.Write([]byte{3}) // control C
		case line == unix.SIGINT.String() && !asked:
			asked = true
			// The runner has its own by now, and passes signals on in order. It
			// leads the group.
			_ = unix.Kill(foregroundOf(t, keyboard.(*os.File)), unix.SIGTERM)
		}
	})
	if status != 1 {
		t.Errorf("the command got %d interrupts, want 1; output %q", status, lines)
	}
}

// foregroundOf gives the process group that a terminal's keyboard signals.
func foregroundOf(t *testing.T, terminal *os.File) int {
	t.Helper()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	if err != nil {
		t.Fatal(err)
	}
	return group
}

func TestKeyboardStop(t *testing.T) {
	typed := false
	status, lines := session(t, runnerArgs(t, "stop"), func(line string, _ *exec.Cmd, keyboard io.Writer) {
		switch {
		case line == "ready" && !typed:
			typed = true
			_, _ = keyboard.Write([]byte{26}) // control Z
		case strings.HasPrefix(line, "shell:"):
			_, _ = io.WriteString(keyboard, "went on\n\x04") // control D: the end
		}
	})
	want := []string{"ready", "shell: the command stopped", "went on"}
	if strings.Join(lines, "|") != strings.Join(want, "|") || status != 0 {
		t.Errorf("status %d, lines %q, want %q", status, lines, want)
	}
}
