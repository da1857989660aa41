package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// TestNoticesPage: the page's configuration is sound, its commands print what they
// would send to each channel of it, and the keys of a webhook's notice are those
// that it names.
func TestNoticesPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "docs", "notices.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, commands := string(text), 0
	hook := string(report.NoticeJSON(report.Notice{Shifts: []report.NoticeShift{{Metric: "m"}}}))
	for _, key := range regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(hook, -1) {
		if !strings.Contains(page, "`"+key[1]+"`") {
			t.Errorf("the page does not have the key %s", key[1])
		}
	}
	f := newForge(t)
	f.clock = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // no quiet hour
	dir := t.TempDir()
	t.Chdir(dir)
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		switch {
		case m[1] == "yaml" && strings.HasPrefix(m[2], "notices:"):
			c, err := config.Parse("notices.md", []byte(m[2]), time.Now())
			if err != nil || len(c.Notices.To) != 5 || c.Notices.Issue == nil {
				t.Fatalf("the configuration of the page reads as %+v, %v", c.Notices, err)
			}
			if err := os.WriteFile(ConfigFile, []byte(m[2]), 0o666); err != nil {
				t.Fatal(err)
			}
		case m[1] == "sh":
			if err := os.MkdirAll(DefaultPath, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(DefaultPath, "2026-03-01.jsonl"), []byte(slowdown()), 0o666); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(m[2]) {
				got := f.command(nil, strings.Fields(line)[1:]...)
				commands++
				trend := strings.Contains(line, "--trend")
				if trend && (got.status != 1 || strings.Count(got.stdout, "got worse") < 5 || !strings.Contains(got.stdout, "mail (perf@example.com):")) || got.status > 1 {
					t.Errorf("%s: status %d\n%s%s", line, got.status, got.stdout, got.stderr)
				}
			}
		}
	}
	if commands != 2 {
		t.Errorf("the page has %d commands, want 2", commands)
	}
}

// slowdown are the runs of a suite that became slower and stayed so.
func slowdown() string {
	var b strings.Builder
	for i := range 48 {
		value := 10 + 0.02*float64(i*7%11-5)
		if i >= 40 {
			value *= 1.5
		}
		at := time.Date(2026, 3, 1, 12+i, 0, 0, 0, time.UTC).Format(time.RFC3339)
		fmt.Fprintf(&b, `{"run_id":"run-%03d","type":"build","timestamp":%q,"git_commit":"%040x","branch":"main","metrics":{"build.seconds":%g},"units":{"build.seconds":"s"},"success":true}`+"\n", i, at, i, value)
	}
	return b.String()
}
