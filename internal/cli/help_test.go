package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFitsScreen holds every help text to a screen of 80 columns and 40
// lines, with the exit statuses at its end.
func TestHelpFitsScreen(t *testing.T) {
	env := Env{Getenv: func(string) string { return "" }}
	commands := append(newRoot(&app{Env: env}).Commands(), newRoot(&app{Env: env}))
	for _, c := range commands {
		var out bytes.Buffer
		c.SetOut(&out)
		writeHelp(c, nil)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) > 40 {
			t.Errorf("%s --help has %d lines, want at most 40:\n%s", c.Name(), len(lines), out.String())
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(l); n > 80 {
				t.Errorf("%s --help has a line of %d columns, want at most 80: %s", c.Name(), n, l)
			}
		}
		if end := strings.Join(lines[max(0, len(lines)-4):], "\n"); !strings.Contains(end, "Exit status:") {
			t.Errorf("%s --help ends with %q, want the exit statuses", c.Name(), end)
		}
	}
}
