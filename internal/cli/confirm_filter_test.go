package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestNarrowed(t *testing.T) {
	t.Parallel()
	big := named("pytest.case_seconds[case=test_big[a-1],suite=tests.test_app]")
	for _, tt := range []struct {
		command string
		metrics []collect.Metric
		want    string // none: all runs again
	}{
		{"go test -bench . ./...", named("bench/example.com/m.Fib.ns_per_op", "bench/example.com/m.Fib.allocs_per_op"), "go test -run=^$ -bench ^(BenchmarkFib)$ ./..."},
		{"/usr/bin/go test -json -run=X --bench=Fib -count 3 . -args -bench x", named("bench/Fib.ns_per_op[procs=4]", "bench/a/v2.Add.ns_per_op"), "/usr/bin/go test -json -run=^$ -bench=^(BenchmarkFib|BenchmarkAdd)$ -count 3 . -args -bench x"},
		{"go test -bench .", named("bench/m.Fib/n=1.5/x.ns_per_op", "bench/m.Fib/n=2.ns_per_op"), `go test -run=^$ -bench ^(BenchmarkFib)$/^(n=1\.5|n=2)$`},
		{"go test -bench .", named("bench/m.Fib/n=1.ns_per_op", "bench/m.Add.ns_per_op"), "go test -run=^$ -bench ^(BenchmarkFib|BenchmarkAdd)$"},
		{"go test -bench .", named("bench/m.Fib.ns_per_op", "command.seconds"), ""},
		{"go test ./...", named("bench/m.Fib.ns_per_op"), ""},
		{"go test . -args -bench .", named("bench/m.Fib.ns_per_op"), ""},
		{"make bench", named("bench/m.Fib.ns_per_op"), ""},
		{"go vet", named("bench/m.Fib.ns_per_op"), ""},
		{"pytest -q", big, "pytest -q -k test_big"},
		{"python3 -m pytest", big, "python3 -m pytest -k test_big"},
		{"pytest -n 4", big, ""},
		{"./m.test -test.bench=. -test.count=2", named("bench/m.Fib.ns_per_op"), "./m.test -test.run=^$ -test.bench=^(BenchmarkFib)$ -test.count=2"},
		{"pytest -k fast", big, ""},
		{"pytest", named("test.passed"), ""},
		{"pytest", named("test.case_seconds[case=not_me]"), ""},
		{"pytest", named("test.case_seconds[case=test_a,suite=s]", "test.case_seconds[case=test_b]", "test.case_seconds[case=test_a[1]]"), "pytest -k test_a or test_b"},
	} {
		before := strings.Fields(tt.command)
		var got []string
		f, ok := filterOf(before)
		ok = ok && !slices.ContainsFunc(tt.metrics, func(m collect.Metric) bool { return !f.fits(m) })
		if ok {
			got, ok = f.narrow(before, tt.metrics)
		}
		if text := strings.Join(got, " "); ok != (tt.want != "") || ok && text != tt.want {
			t.Errorf("narrowed(%s, %v) = %q, %v, want %q", tt.command, tt.metrics, text, ok, tt.want)
		}
		if after := strings.Join(before, " "); after != tt.command {
			t.Errorf("narrowed changed its argument from %q to %q", tt.command, after)
		}
	}
}

func named(names ...string) (ms []collect.Metric) {
	for _, n := range names {
		ms = append(ms, collect.Metric{Name: n})
	}
	return ms
}
