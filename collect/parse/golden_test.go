package parse

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/*/*.golden")

// inputs returns the files of testdata by format. The files are written by
// hand after what the tools write, each with one thing to see.
func inputs(t testing.TB) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, f := range Formats() {
		files, err := filepath.Glob(filepath.Join("testdata", f.Name, "*.in"))
		if err != nil || len(files) == 0 {
			t.Fatalf("format %s has no testdata/%s/*.in (%v)", f.Name, f.Name, err)
		}
		all[f.Name] = files
	}
	return all
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestGolden reads every input and compares its metrics, or its error, with the
// golden file.
func TestGolden(t *testing.T) {
	for format, files := range inputs(t) {
		for _, file := range files {
			t.Run(filepath.ToSlash(file), func(t *testing.T) {
				got := render(file, format, read(t, file))
				golden := strings.TrimSuffix(file, ".in") + ".golden"
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want := strings.ReplaceAll(string(read(t, golden)), "\r\n", "\n")
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("metrics (-want +got, -update rewrites):\n%s", d)
				}
			})
		}
	}
}

// render writes one metric a line, or the error.
func render(file, format string, data []byte) string {
	sheet := NewSheet("")
	if _, err := File(bytes.NewReader(data), filepath.Base(file), format, sheet); err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, m := range sheet.Metrics() {
		fmt.Fprintf(&b, "%s = %v", m.Name, m.Value)
		if m.Unit != "" {
			fmt.Fprintf(&b, " %s", m.Unit)
		}
		if m.Better != 0 {
			fmt.Fprintf(&b, ", better %s", m.Better)
		}
		if m.Samples != nil {
			fmt.Fprintf(&b, ", samples %v", m.Samples)
		}
		for _, k := range slices.Sorted(maps.Keys(m.Tags)) {
			fmt.Fprintf(&b, ", %s=%s", k, m.Tags[k])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestOthersRefuse shows each format the files of all others: it must neither
// take them for its own nor make figures of them.
func TestOthersRefuse(t *testing.T) {
	for owner, files := range inputs(t) {
		for _, file := range files {
			data := read(t, file)
			for _, f := range Formats() {
				if f.Name == owner {
					continue
				}
				if f.Match(&Head{Name: filepath.Base(file), Bytes: data[:min(len(data), HeadBytes)]}) {
					t.Errorf("%s matches %s", f.Name, file)
				}
				sheet := NewSheet("")
				if _, err := File(bytes.NewReader(data), file, f.Name, sheet); err == nil {
					t.Errorf("%s reads %s: %v, want an error", f.Name, file, sheet.Metrics())
				}
			}
		}
	}
}

// TestDetect finds the format of each input by its content alone.
func TestDetect(t *testing.T) {
	for owner, files := range inputs(t) {
		for _, file := range files {
			f, ok := Detect("", read(t, file))
			if !ok || f.Name != owner {
				t.Errorf("Detect(%s) = %q, %v, want %s", file, f.Name, ok, owner)
			}
		}
	}
}
