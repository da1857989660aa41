package storetest

import (
	"os"
	"os/exec"
	"testing"
)

// Processes starts so many processes of this test binary, whose TestMain knows
// them by their environment. Their standard input ends at the same moment, when
// all are there. The function that it returns waits for them.
func Processes(t *testing.T, n int, env func(process int) []string) (wait func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	gate, open, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmds := make([]*exec.Cmd, n)
	for p := range cmds {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), env(p)...)
		cmd.Stdin, cmd.Stderr = gate, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds[p] = cmd
	}
	gate.Close()
	open.Close()
	return func() {
		for p, cmd := range cmds {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v", p, err)
			}
		}
	}
}
