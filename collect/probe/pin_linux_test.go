package probe_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/plumbline-ci/plumbline/collect/probe"
)

// TestPin asks a command which CPUs it may use.
func TestPin(t *testing.T) {
	var mine unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mine); err != nil {
		t.Fatal(err)
	}
	cpu := 0
	for !mine.IsSet(cpu) {
		cpu++
	}
	unpin, err := probe.Pin([]int{cpu})
	if err != nil {
		t.Fatal(err)
	}
	pinned := allowed(t)
	unpin()
	if want := strconv.Itoa(cpu); pinned != want {
		t.Errorf("a pinned command may use CPUs %s, want %s", pinned, want)
	}
	if after := allowed(t); mine.Count() > 1 && after == pinned {
		t.Errorf("after unpin a command may still only use CPUs %s", after)
	}
	if _, err := probe.Pin([]int{1 << 20}); err == nil {
		t.Error("Pin to CPU 1048576 succeeded")
	}
}

func allowed(t *testing.T) string {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := probe.Run(context.Background(), probe.Command{Args: []string{"cat", "/proc/self/status"}, Stdout: out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return strings.TrimSpace(v)
		}
	}
	t.Fatalf("no Cpus_allowed_list in %s", text)
	return ""
}
