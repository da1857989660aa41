package probe

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkSampleTree50 takes one sample of a tree of 50 processes. At one
// sample a second, 1 cpu-ms/op is 0.1 % of a core.
func BenchmarkSampleTree50(b *testing.B) {
	const processes = 50
	m := newMeter(nil)
	defer m.close()
	c := exec.Command("/bin/sh", "-c", `i=1; while [ $i -lt "$0" ]; do sh -c 'echo; read x' <&3 & i=$((i+1)); done; wait`, itoa(processes))
	// Closing our end of their input ends them all.
	in, hold, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	started, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	c.ExtraFiles, c.Stdout = []*os.File{in}, w
	if err := m.start(c); err != nil {
		b.Fatal(err)
	}
	defer c.Wait()
	defer hold.Close()
	_ = in.Close()
	if _, err := io.ReadFull(started, make([]byte, processes-1)); err != nil {
		b.Fatal(err)
	}
	if _, ok := m.sample(c.Process.Pid); !ok {
		b.Fatal("the tree cannot be seen")
	}
	members := 0
	for _, e := range m.tree.known {
		if e.kind == member {
			members++
		}
	}
	if members != processes {
		b.Fatalf("%d processes are seen, want %d", members, processes)
	}
	b.ReportAllocs()
	before := ownTime()
	for b.Loop() {
		m.sample(c.Process.Pid)
	}
	b.ReportMetric((ownTime()-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(len(m.tree.known)), "processes")
}

// BenchmarkTrue is the plain command beside the measured one, with and without
// a control group and a copy of the output.
func BenchmarkTrue(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command("true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	c := Command{Args: []string{"true"}}
	measured := func(c Command, p plan) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if _, err := run(b.Context(), c, p); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("processes", measured(c, plan{}))
	b.Run("group", measured(c, standard()))
	c.Tee, c.Quiet = io.Discard, true
	b.Run("tee", measured(c, standard()))
}

// BenchmarkWholeProcess measures true in a fresh process each time, and tells
// the most memory that one of them had.
func BenchmarkWholeProcess(b *testing.B) {
	path := filepath.Join(b.TempDir(), "measured")
	args := helperArgs(b, "measure", path, "true")
	var peak int64
	for b.Loop() {
		if err := exec.Command(args[0], args[1:]...).Run(); err != nil {
			b.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		var m measured
		if err := json.Unmarshal(text, &m); err != nil {
			b.Fatal(err)
		}
		peak = max(peak, m.OwnPeak)
	}
	b.ReportMetric(float64(peak)/mega, "peak-MB")
}

// BenchmarkOutput is the cost of a byte of output on its way.
func BenchmarkOutput(b *testing.B) {
	const size = 64 << 20
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	b.SetBytes(size)
	for b.Loop() {
		c := Command{Args: []string{"head", "-c", itoa(size), "/dev/zero"}, Tee: io.Discard, Stdout: null, Interval: time.Second}
		if _, err := Run(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}
