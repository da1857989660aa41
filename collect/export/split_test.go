package export

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestSplitCSV(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "metrics")
	names := []string{
		"build.seconds", "step.seconds[job=a]", "step.seconds[job=b]", "bench/Fib10.ns_per_op", "../../etc/passwd", ".hidden", "", "con.x", "Load", "load",
		"ログイン", strings.Repeat("x", 300), strings.Repeat("x", 301), "a\x00b",
	}
	var all []collect.Run
	for i := range 3 {
		r := collect.Run{Origin: collect.Origin{ID: fmt.Sprint("r", i)}}
		for k, name := range names {
			r.Metrics = append(r.Metrics, collect.Metric{Name: name, Value: float64(k)})
		}
		all = append(all, r)
	}
	for range 2 { // the second time files are there
		if err := SplitCSV(dir, each(all, nil)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(files), len(names)-1; got != want {
		t.Errorf("%d files, want %d: %v", got, want, files)
	}
	rows := 0
	for _, f := range files {
		if f.Name() != strings.ToValidUTF8(f.Name(), "") || len(f.Name()) > 255 || strings.HasPrefix(f.Name(), ".") {
			t.Errorf("a file is called %q", f.Name())
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(string(text), "\n")
		if want := 4; f.Name() == "step.seconds.csv" && lines != 7 || f.Name() != "step.seconds.csv" && lines != want {
			t.Errorf("%s has %d lines", f.Name(), lines)
		}
		if !strings.HasPrefix(string(text), strings.Join(csvHead, ",")+"\n") {
			t.Errorf("%s does not begin with its columns", f.Name())
		}
		rows += lines - 1
	}
	if rows != 3*len(names) {
		t.Errorf("%d rows, want %d", rows, 3*len(names))
	}

	// What fails leaves what was there.
	broken := errors.New("torn")
	if err := SplitCSV(dir, each(all[:1], broken)); !errors.Is(err, broken) {
		t.Errorf("SplitCSV returns %v, want %v", err, broken)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "build.seconds.csv")); strings.Count(string(text), "\n") != 4 {
		t.Errorf("after an error build.seconds.csv is %q", text)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

// More is written than is kept in memory.
func TestSplitCSVWritesOnTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := collect.Run{Origin: collect.Origin{ID: strings.Repeat("r", 4000)}}
	for i := range 10 {
		run.Metrics = append(run.Metrics, collect.Metric{Name: fmt.Sprint("m", i), Value: 1})
	}
	all := make([]collect.Run, 1000)
	for i := range all {
		all[i] = run
	}
	if err := SplitCSV(dir, each(all, nil)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "m7.csv"))
	if err != nil || strings.Count(string(text), "\n") != 1001 {
		t.Errorf("m7.csv has %d lines, %v, want 1001", strings.Count(string(text), "\n"), err)
	}
}
