package report

import (
	"strings"
	"testing"
)

func TestFindings(t *testing.T) {
	t.Parallel()
	all := []Finding{
		{Sound, "store", "it has 12 runs", ""},
		{Noted, "event", "push", ""},
		{Warned, "a branch", "\x1b[31mred\n::error::x\u202e and so on, until the line is longer than a terminal is wide", "do this,\nand that, until there is nothing left to do about it any more"},
		{Problem, "token", "it may not", "let it"},
	}
	var b strings.Builder
	if err := Findings(&b, all, TextOptions{Width: 60}); err != nil {
		t.Fatal(err)
	}
	const want = `ok       store          it has 12 runs
note     event          push
warning  a branch       [31mred ::error::x and so on, until
                        the line is longer than a terminal
                        is wide
                        -> do this, and that, until there is
                           nothing left to do about it any
                           more
problem  token          it may not
                        -> let it

1 problem, 1 warning
`
	if b.String() != want {
		t.Errorf("Findings wrote\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := Findings(&b, all[:2], TextOptions{}); err != nil || !strings.HasSuffix(b.String(), "\n\nnothing is in the way of the gate\n") {
		t.Errorf("Findings wrote\n%s, %v", b.String(), err)
	}
	b.Reset()
	if err := Findings(&b, all[3:], TextOptions{Color: true}); err != nil || !strings.HasPrefix(b.String(), "\x1b[31mproblem\x1b[0m  token") {
		t.Errorf("in colour Findings wrote %q, %v", b.String(), err)
	}
}
