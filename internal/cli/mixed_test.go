package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
)

var goldenLine = regexp.MustCompile(`(?m)^(.+?) = (\S+)`)

// TestCollectMixed reads one file of each format in one call: every metric that
// one of them makes alone is there, and tests add up.
func TestCollectMixed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want, tests, files := map[string]bool{}, 0.0, 0
	for _, f := range parse.Formats() {
		inputs, err := filepath.Glob(filepath.Join("..", "..", "collect", "parse", "testdata", f.Name, "*.in"))
		if err != nil {
			t.Fatal(err)
		}
		for _, input := range inputs {
			golden := read(t, strings.TrimSuffix(input, ".in")+".golden")
			if strings.HasPrefix(golden, "error:") || golden == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, f.Name+".result"), []byte(read(t, input)), 0o666); err != nil {
				t.Fatal(err)
			}
			for _, m := range goldenLine.FindAllStringSubmatch(golden, -1) {
				if !strings.Contains(m[1], ".in.") { // a file that names its benchmark by its own path
					want[m[1]] = true
				}
				if m[1] == "test.item_count" {
					n, _ := strconv.ParseFloat(m[2], 64)
					tests += n
				}
			}
			files++
			break
		}
	}
	if files < 20 {
		t.Fatalf("%d formats have a good input, want at least 20", files)
	}
	var out, errs bytes.Buffer
	status := Main(t.Context(), Env{
		Args:  []string{"collect", "--path", filepath.Join(dir, "store"), "--output", "-", filepath.Join(dir, "*.result")},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: time.Now,
	})
	run, err := collect.Decode(bytes.TrimSpace(out.Bytes()))
	if status != 0 || err != nil {
		t.Fatalf("status %d, %v: %s", status, err, errs.String())
	}
	got := map[string]float64{}
	for _, m := range run.Metrics {
		got[m.Name] = m.Value
	}
	for name := range want {
		if _, there := got[name]; !there {
			t.Errorf("%s is missing among %d metrics of %d files", name, len(got), files)
		}
	}
	if got["test.item_count"] != tests {
		t.Errorf("test.item_count = %v, want the sum %v", got["test.item_count"], tests)
	}
	t.Logf("%d formats, %d metrics", files, len(got))
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}
