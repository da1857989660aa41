package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// importedFiles are the files that the page on import speaks of.
func importedFiles() map[string]string {
	var entries, runs, records strings.Builder
	for i := range 8 {
		fmt.Fprintf(&entries, `%s{"commit":{"id":"c%d"},"date":%d,"tool":"go","benches":[{"name":"BenchmarkA","value":%d,"unit":"ns/op"}]}`, sep(i), i, 1700000000000+i*86400000, 100+i%3)
		fmt.Fprintf(&runs, `%s{"Version":"c%d","Date":%d,"Suites":[{"Pkg":"p","Benchmarks":[{"Name":"BenchmarkA","NsPerOp":%d}]}]}`, sep(i), i, 1700000000+i*86400, 100+i%3)
		fmt.Fprintf(&records, `{"time":%d,"metrics":{"cpu":{"load":%d}}}`+"\n", 1700000000+i*86400, 1+i%3)
	}
	data := `window.BENCHMARK_DATA = {"repoUrl":"https://github.com/o/r","entries":{"Go Benchmark":[` + entries.String() + "]}}"
	return map[string]string{"data.js": data, "gh-pages/dev/bench/data.js": data, "benchmarks.json": "[" + runs.String() + "]", "records.jsonl": records.String()}
}

// TestImportPage runs each command of the page on import, and holds its table
// against what the program reads.
func TestImportPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "docs", "import.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, h := range parse.Histories() {
		row := "| `" + h.Name + "` | "
		for i, alias := range h.Aliases {
			row += strings.Repeat(", ", min(i, 1)) + "`" + alias + "`"
		}
		if !strings.Contains(page, strings.TrimRight(row, " ")+" ") {
			t.Errorf("the page has no row %s", row)
		}
	}
	t.Chdir(t.TempDir())
	for name, data := range importedFiles() {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wants := map[string]string{
		"--dry-run": "8 new, 0 already there, from 2023-11-14 to 2023-11-21; nothing was stored", "--package": "0 new, 8 already there",
		"--suite": "8 new, 0 already there", "history.jsonl": "8", "--type": "8 new, 0 already there", "ls": "Go Benchmark",
	}
	n := 0
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "plumbline ") || strings.Contains(line, "`") {
			continue // not a command, but text
		}
		var args []string
		for i, piece := range strings.Split(line, "'") {
			if i%2 == 1 {
				args = append(args, piece)
			} else {
				args = append(args, strings.Fields(piece)...)
			}
		}
		n++
		var out, errs strings.Builder
		status := Main(t.Context(), Env{Args: args[1:], Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: time.Now})
		want := "8 new, 0 already there"
		for _, arg := range args {
			if of, ok := wants[arg]; ok {
				want = of
			}
		}
		if got := out.String() + errs.String(); status != exitPass || !strings.Contains(got, want) {
			t.Errorf("%s: status %d, no %q:\n%s", line, status, want, got)
		}
	}
	if n < 7 {
		t.Errorf("the page has %d commands, want 7 at least", n)
	}
}
