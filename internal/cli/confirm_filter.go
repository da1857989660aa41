package cli

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// filter lets a command run a part of what it measures.
type filter struct {
	what string // the part, in words
	fits func(m collect.Metric) bool
	// narrow is the command that measures these metrics, which all fit. All other
	// flags stay as they are. It is false where that cannot be known for certain.
	narrow func(args []string, metrics []collect.Metric) ([]string, bool)
}

// filterOf knows how a command is narrowed. Left out are tools whose tests run
// side by side or get faster as the process gets warm: alone, a test would take
// another time for no fault of its own.
func filterOf(args []string) (filter, bool) {
	switch program := programName(args[0]); {
	case program == "go" && len(args) > 1 && args[1] == "test":
		return filter{"the benchmarks of them", isBenchmark, narrowedGo}, true
	case strings.HasSuffix(program, ".test"):
		return filter{"the benchmarks of them", isBenchmark, narrowedTestBinary}, true
	case program == "pytest", program == "py.test",
		strings.HasPrefix(program, "python") && len(args) > 2 && args[1] == "-m" && args[2] == "pytest":
		return filter{"the tests of them", isPlainTest, narrowedPytest}, true
	}
	return filter{}, false
}

func programName(path string) string {
	return strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".exe")
}

func isBenchmark(m collect.Metric) bool {
	_, ok := benchPath(m.Name)
	return ok
}

// narrowedGo gives go test a pattern for the benchmarks of the metrics.
func narrowedGo(args []string, metrics []collect.Metric) ([]string, bool) {
	return narrowedBench(args, 2, "", metrics)
}

// narrowedTestBinary does the same for what go test -c built.
func narrowedTestBinary(args []string, metrics []collect.Metric) ([]string, bool) {
	return narrowedBench(args, 1, "test.", metrics)
}

func narrowedBench(args []string, from int, prefix string, metrics []collect.Metric) ([]string, bool) {
	end := len(args)
	if i := slices.IndexFunc(args, func(a string) bool { return a == "-args" || a == "--args" }); i >= 0 {
		end = i // the rest is the test binary's own
	}
	out, found := replaceFlag(slices.Clone(args[:end]), from, prefix+"bench", benchPattern(metrics))
	if !found {
		return nil, false
	}
	const noTest = "^$"
	if out, found = replaceFlag(out, from, prefix+"run", noTest); !found {
		out = slices.Insert(out, from, "-"+prefix+"run="+noTest)
	}
	return append(out, args[end:]...), true
}

// replaceFlag gives a flag of go test another value wherever it stands.
func replaceFlag(args []string, from int, name, value string) (_ []string, found bool) {
	for i := from; i < len(args); i++ {
		flag := strings.TrimPrefix(strings.TrimPrefix(args[i], "-"), "-")
		if flag == args[i] {
			continue // no flag
		}
		if before, _, ok := strings.Cut(flag, "="); ok && before == name {
			args[i], found = "-"+name+"="+value, true
		} else if flag == name && i+1 < len(args) {
			args[i+1], found = value, true
			i++
		}
	}
	return args, found
}

// benchName takes a benchmark's metric apart: its name, then its subbenchmarks.
// A package's path may look like either; then the pattern fits nothing.
var benchName = regexp.MustCompile(`^(?:.*?\.)?([\p{Lu}\p{N}_][\pL\pN_]*)((?:/[^/]+)*)$`)

// benchPath is the name of a metric's benchmark, one part a level.
func benchPath(metric string) ([]string, bool) {
	name, ok := strings.CutPrefix(metric, "bench/")
	name, _, _ = strings.Cut(name, "[procs=")
	dot := strings.LastIndexByte(name, '.')
	if !ok || dot < 0 {
		return nil, false
	}
	parts := benchName.FindStringSubmatch(name[:dot])
	if parts == nil {
		return nil, false
	}
	return strings.Split("Benchmark"+parts[1]+parts[2], "/"), true
}

// benchPattern fits the benchmarks of the metrics: one list of names a level, as
// go test splits its pattern at each slash. The deepest level that all have is
// the last, because a pattern that goes deeper than a benchmark leaves it out.
func benchPattern(metrics []collect.Metric) string {
	var levels [][]string
	for i, m := range metrics {
		path, _ := benchPath(m.Name)
		if i == 0 {
			levels = make([][]string, len(path))
		}
		levels = levels[:min(len(levels), len(path))]
		for k := range levels {
			if part := regexp.QuoteMeta(path[k]); !slices.Contains(levels[k], part) {
				levels[k] = append(levels[k], part)
			}
		}
	}
	var pattern []string
	for _, names := range levels {
		pattern = append(pattern, "^("+strings.Join(names, "|")+")$")
	}
	return strings.Join(pattern, "/")
}

// plainTest is a test's name that means nothing else to pytest -k. Parameters in
// brackets may follow; they are left out, so that all of them run.
var plainTest = regexp.MustCompile(`^(test\w*)(\[.*)?$`)

func isPlainTest(m collect.Metric) bool { return testName(m) != "" }

// testName is the name of the test that a metric is the time of, without its
// parameters; empty where it is no such metric or pytest -k would misread it.
func testName(m collect.Metric) string {
	base, tags := collect.SplitName(m.Name)
	if parts := plainTest.FindStringSubmatch(tags["case"]); parts != nil && strings.HasSuffix(base, ".case_seconds") {
		return parts[1]
	}
	return ""
}

// narrowedPytest lets pytest choose the tests that the metrics are times of. It
// does not where workers share them: then each takes less time alone.
func narrowedPytest(args []string, metrics []collect.Metric) ([]string, bool) {
	for _, a := range args {
		if a == "--" || strings.HasPrefix(a, "-k") || strings.HasPrefix(a, "-n") || strings.HasPrefix(a, "--numprocesses") {
			return nil, false
		}
	}
	var names []string
	for _, m := range metrics {
		if name := testName(m); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return append(slices.Clone(args), "-k", strings.Join(names, " or ")), true
}
