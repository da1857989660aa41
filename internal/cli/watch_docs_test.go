package cli

import (
	"os"
	"strings"
	"testing"
)

// TestWatchPage holds the page on watch against the program: its screen is one that
// the view draws, and its flags and keys are those that there are.
func TestWatchPage(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page, drawn := read("../../.github/docs/watch.md"), read("../watch/testdata/end.golden")
	lines := 0
	_, screen, _ := strings.Cut(page[strings.Index(page, "## The screen"):], "```\n")
	screen, _, _ = strings.Cut(screen, "```")
	for line := range strings.Lines(screen) {
		if lines++; !strings.Contains(drawn, line) {
			t.Errorf("no screen has the line %q", line)
		}
	}
	if lines < 10 {
		t.Errorf("the page shows a screen of %d lines", lines)
	}
	cmd := newWatch(&app{Env: Env{Getenv: func(string) string { return "" }}})
	for _, flag := range []string{"interval", "filter"} {
		if cmd.Flags().Lookup(flag) == nil || !strings.Contains(page, "`--"+flag) {
			t.Errorf("the page and the program differ about --%s", flag)
		}
	}
	for _, key := range []string{"q", "s", "/", "?", "Esc", "Enter", "PgUp", "Home"} {
		if help := read("../watch/testdata/help.golden"); !strings.Contains(page, key) || !strings.Contains(help, key) {
			t.Errorf("the page and the help differ about the key %s", key)
		}
	}
}
