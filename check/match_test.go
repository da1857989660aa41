package check_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true},
		{"a.b", "a.b", true},
		{"a.b", "axb", false},
		{"coverage.*", "coverage.line_pct", true},
		{"bench/*", "bench/pkg/Fib.ns_per_op", false},
		{"bench/**", "bench/pkg/Fib.ns_per_op", true},
		{"bench/**/Fib.*", "bench/a/b/Fib.ns_per_op", true},
		{"bench/**/Fib.*", "bench/a/b/Fib/sub.ns_per_op", false},
		{"*", "a/b", false},
		{"**", "", true},
		{"a?c", "a§c", true},
		{"a?c", "ac", false},
		{"a?c", "a/c", false},
		{"a?c", "a?c", true},
		{"**.case_seconds[**]", "test.case_seconds[case=a/b[1],suite=s]", true},
		{"step.seconds[job=*]", "step.seconds[job=unit]", true},
		{"[ab]", "a", false},
		{"[ab]", "[ab]", true},
		{"a*b*c", "a1b/2b3c", false},
		{"a**b*c", "a1b/2b3c", true},
		{"a*", "a", true},
		{"*a", "bab", false},
	}
	for _, tt := range tests {
		if got := check.Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

// TestMatchAsRegexp compares with the regular expression that says the same.
func TestMatchAsRegexp(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	matched := 0
	for range 20_000 {
		pattern, name := letters(rng, "ab/*?*", 9), letters(rng, "aab/", 9)
		expr := regexp.QuoteMeta(pattern)
		expr = strings.ReplaceAll(expr, `\*\*`, "\x00")
		expr = strings.ReplaceAll(expr, `\*`, "[^/]*")
		expr = strings.ReplaceAll(expr, "\x00", ".*")
		want := regexp.MustCompile(`^(?:` + strings.ReplaceAll(expr, `\?`, "[^/]") + `)$`).MatchString(name)
		if want {
			matched++
		}
		if got := check.Match(pattern, name); got != want {
			t.Fatalf("Match(%q, %q) = %v, want %v", pattern, name, got, want)
		}
	}
	if matched < 100 {
		t.Errorf("only %d of the pairs match: the test tells too little", matched)
	}
}

func letters(rng *rand.Rand, from string, most int) string {
	b := make([]byte, rng.IntN(most))
	for i := range b {
		b[i] = from[rng.IntN(len(from))]
	}
	return string(b)
}

// TestMatchIsNotExponential ends at all only if stars do not multiply.
func TestMatchIsNotExponential(t *testing.T) {
	name := strings.Repeat("a", 20_000)
	for _, star := range []string{"*", "**"} {
		if check.Match(strings.Repeat(star+"a", 200)+"b", name) {
			t.Errorf("a pattern that ends in b matches a name of a")
		}
	}
}
