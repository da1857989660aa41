package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeScripts: no workflow of the documentation puts an expression into a
// script, where its text would be commands.
func TestReadmeScripts(t *testing.T) {
	pages, err := filepath.Glob("../../.github/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	run := regexp.MustCompile(`(?m)^\s*(- )?run: .*\$\{\{`)
	for _, name := range append(pages, "../../README.md") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if m := run.FindString(string(data)); m != "" {
			t.Errorf("%s: an expression in a script: %s", name, m)
		}
	}
}

// TestReadmeTellsWhatTheGateIsNot: whoever relies on the gate reads that it is
// against accidents, and what a stranger can make up.
func TestReadmeTellsWhatTheGateIsNot(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(strings.Join(strings.Fields(string(data)), " "), "### What the gate protects against ")
	for _, want := range []string{"It finds accidents.", "runs its own code", "whoever may write checks can make one of the same name", "`env:`", "full SHA"} {
		if !ok || !strings.Contains(text, want) {
			t.Errorf("README does not say %q", want)
		}
	}
}
