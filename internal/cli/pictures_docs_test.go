package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The commands of the page on pictures make the files that they name.
func TestPicturesPage(t *testing.T) {
	page, err := os.ReadFile("../../.github/docs/pictures.md")
	if err != nil {
		t.Fatal(err)
	}
	workflow, err := os.ReadFile("../site/testdata/pages.yml")
	if err != nil || !bytes.Contains(page, append([]byte("```yaml\n"), append(workflow, "```\n"...)...)) {
		t.Errorf("the page's workflow is not that of testdata (%v)", err)
	}
	runsPage(t, page, 9)
}

func TestReportPage(t *testing.T) {
	page, err := os.ReadFile("../../.github/docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	runsPage(t, page, 3)
}

// runsPage runs the commands of a page, of which there are so many, on a store of
// twenty runs, and looks for the files that they name.
func runsPage(t *testing.T, page []byte, want int) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.Mkdir(".plumbline", 0o755); err != nil {
		t.Fatal(err)
	}
	var runs strings.Builder
	for i := range 20 {
		fmt.Fprintf(&runs, `{"run_id":"%d","timestamp":"2026-03-01T12:%02d:00Z","metrics":{"build.seconds":%g},"units":{"build.seconds":"s"}}`+"\n", i, i, 10+0.01*float64(i*7%5))
	}
	if err := os.WriteFile(filepath.Join(".plumbline", "2026-03-01.jsonl"), []byte(runs.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "plumbline ") {
			continue
		}
		ran++
		command, _, _ := strings.Cut(line, " > ")
		args := strings.Fields(command)[1:]
		for i := range args {
			args[i] = strings.Trim(args[i], "'") // as a shell would
		}
		var out, said bytes.Buffer
		e := Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, Getenv: func(string) string { return "" }, Now: time.Now}
		if status := Main(context.Background(), e); status != exitPass {
			t.Errorf("%s exit status %d: %s", line, status, said.String())
		}
		for i, a := range args {
			if a == "--html" && args[i+1] != "-" || a == "--svg" || a == "--png" || a == "--endpoint" || a == "--out" {
				if info, err := os.Stat(args[i+1]); err != nil || info.Size() == 0 {
					t.Errorf("%s does not make %s: %v", line, args[i+1], err)
				}
			}
		}
	}
	if ran != want {
		t.Errorf("%d commands ran, want %d", ran, want)
	}
}
