package servicetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Tmux is a terminal with a shell in it, whose prompt is "$ ".
type Tmux struct {
	Dir string // the shell's folder, of the test alone

	t      testing.TB
	socket string
}

// StartTmux starts a terminal of a size. Env are variables of the shell, as
// KEY=VALUE, beside those of the test.
func StartTmux(t testing.TB, width, height int, env ...string) *Tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("needs a terminal: tmux is not installed")
	}
	dir, err := os.MkdirTemp("", "tmux") // a short path
	if err != nil {
		t.Fatal(err)
	}
	m := &Tmux{Dir: dir, t: t, socket: filepath.Join(dir, "socket")}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen was:\n%s", m.Screen())
		}
		_ = m.command("kill-server").Run()
		os.RemoveAll(dir)
	})
	rc := filepath.Join(dir, "rc") // a shell of root's does not take the prompt from its environment
	if err := os.WriteFile(rc, []byte("PS1='$ '\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-f", os.DevNull, "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), "-c", dir}
	for _, e := range append([]string{"ENV=" + rc, "HISTFILE="}, env...) {
		args = append(args, "-e", e)
	}
	if out, err := m.command(append(args, "sh", "-i")...).CombinedOutput(); err != nil {
		t.Fatalf("tmux does not begin: %v\n%s", err, out)
	}
	m.Wait("$")
	return m
}

func (m *Tmux) command(args ...string) *exec.Cmd {
	cmd := exec.Command("tmux", append([]string{"-u", "-S", m.socket}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=")
	return cmd
}

func (m *Tmux) run(args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Keys presses keys by tmux's names of them, such as Enter and C-c.
func (m *Tmux) Keys(keys ...string) {
	m.t.Helper()
	m.run(append([]string{"send-keys"}, keys...)...)
}

// Type types a line.
func (m *Tmux) Type(line string) {
	m.t.Helper()
	m.run("send-keys", "-l", line)
	m.Keys("Enter")
}

// Screen is what the terminal shows, without empty lines at its end.
func (m *Tmux) Screen() string {
	out, _ := m.command("capture-pane", "-p").CombinedOutput()
	return strings.TrimRight(string(out), "\n")
}

// Colors is the screen with the sequences of its colours.
func (m *Tmux) Colors() string { m.t.Helper(); return m.run("capture-pane", "-p", "-e") }

// Wait waits until the screen has a text, and returns the screen.
func (m *Tmux) Wait(text string) string {
	m.t.Helper()
	return m.until("has "+strconv.Quote(text), func(s string) bool { return strings.Contains(s, text) })
}

// Prompt waits until the last line of the screen is an empty prompt.
func (m *Tmux) Prompt() string {
	m.t.Helper()
	return m.until("ends with a prompt", func(s string) bool { return s == "$" || strings.HasSuffix(s, "\n$") })
}

func (m *Tmux) until(what string, ok func(screen string) bool) string {
	m.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if s := m.Screen(); ok(s) {
			return s
		}
	}
	m.t.Fatalf("want a screen that %s:\n%s", what, m.Screen())
	return ""
}

// Resize gives the terminal another size.
func (m *Tmux) Resize(width, height int) {
	m.t.Helper()
	m.run("resize-window", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height))
}

// State is what a program must leave as it was: the modes of the terminal, whether
// the cursor is seen and whether there is another screen before the usual one.
func (m *Tmux) State() string {
	m.t.Helper()
	tty := strings.TrimSpace(m.run("display-message", "-p", "#{pane_tty}"))
	flags := m.run("display-message", "-p", "alternate #{alternate_on} cursor #{cursor_flag} keypad #{keypad_flag} #{keypad_cursor_flag} wrap #{wrap_flag} mouse #{mouse_any_flag}")
	f, err := os.Open(tty)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	stty := exec.Command("stty", "-a")
	stty.Stdin = f
	out, err := stty.CombinedOutput()
	if err != nil {
		m.t.Fatalf("stty: %v\n%s", err, out)
	}
	return flags + string(out)
}
