package report

import (
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func TestExpected(t *testing.T) {
	for _, c := range []struct {
		name string
		high float64
		want string
	}{
		{"a bound", 1.2, "≤ 1.2 s"},
		{"a wide one", 99, "≤ 1 min 39 s"},
		{"one beyond all use", 3e9, "any"},
	} {
		got := expected(&check.Comparison{Head: 1, Baseline: 1, Low: 0.9, High: c.high, Unit: "s", Better: collect.Lower})
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
