package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// resultsStd reads with benchfmt: the results of each line, and of the lines
// alone, whose names go test would not write or whose values no record holds.
func resultsStd(data []byte) []string {
	var all []string
	r := benchfmt.NewReader(bytes.NewReader(data), "")
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		for _, v := range res.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" {
				value, unit = v.OrigValue, v.OrigUnit
			}
			all = append(all, fmt.Sprintf("%s %q %v %q", res.GetConfig("pkg"), res.Name.Full(), value, unit))
		}
	}
	return all
}

// resultsOwn reads with benchText.
func resultsOwn(data []byte) []string {
	var all []string
	lines := newLineReader(bytes.NewReader(data))
	pkg := benchText{all: &benchSet{}}
	for {
		line, ok := lines.next()
		if !ok {
			return all
		}
		var b benchLine
		if !b.result(line) {
			pkg.line(line)
			continue
		}
		for _, v := range b.values {
			all = append(all, fmt.Sprintf("%s %q %v %q", pkg.pkg, bytes.TrimPrefix(b.name, benchmarkWord), v.v, v.unit))
		}
	}
}

// TestGobenchAsBenchfmt compares the results in whole lines with those of
// benchfmt, in our own inputs and in the fixtures.
func TestGobenchAsBenchfmt(t *testing.T) {
	files := inputs(t)["gobench"]
	shared, err := filepath.Glob(filepath.Join(fixtures, "gobench", "*"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range append(files, shared...) {
		switch filepath.Base(file) {
		case "units.in", "packages.in": // what other processes print, and what follows a package
			continue
		}
		data := read(t, file)
		got, want := resultsOwn(data), resultsStd(data)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %d results, want %d:\n%s\nwant\n%s", file, len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		compared += len(got)
	}
	if compared < 50 {
		t.Errorf("only %d results were compared", compared)
	}
}

// FuzzGobenchLine compares one line with benchfmt.
func FuzzGobenchLine(f *testing.F) {
	for _, line := range []string{
		"BenchmarkA-8 100 325 ns/op", "BenchmarkÄ/ö=1-8\t1\t1e3 ns/op\t+Inf x\tNaN %", "Benchmark 1 2 x", "Benchmarka 1 2 x",
		"BenchmarkA 1", "BenchmarkA 1 2", "BenchmarkA -1 2 x", "BenchmarkA 1 2 x 3", "BenchmarkA 99999999999999999999 2 x", "BenchmarkA\v1\f2\u2028x",
		"BenchmarkA\u00a01\u00a02\u00a0x", "BenchmarkA 1 0x1p2 x", "BenchmarkA 1 2 x three ns/op",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\r\n") || !startsBenchmark([]byte(line)) {
			return // no single line of a benchmark
		}
		_, rest := field([]byte(line))
		if n, _ := field(rest); len(n) > 17 || bytes.ContainsAny(n, "+-") {
			return // go test counts no iterations below zero or past any int
		}
		want := resultsStd([]byte(line))
		var b benchLine
		ok := b.result([]byte(line))
		switch {
		case !ok && len(want) > 0:
			t.Fatalf("%q is refused, want %v", line, want)
		case ok && len(want) == 0:
			for _, v := range b.values {
				if goUnit(v.unit) == "" {
					t.Fatalf("%q gives %v %s, but benchfmt refuses the line", line, v.v, v.unit)
				}
			}
		case ok:
			if got := resultsOwn([]byte(line)); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("%q = %v, want %v", line, got, want)
			}
		}
	})
}

// FuzzGobenchInterrupted puts any text where a benchmark may print without -v:
// the result is found, if the text has no line that looks like go test's own.
func FuzzGobenchInterrupted(f *testing.F) {
	f.Add("hello\nworld\n", 12.5, uint16(8))
	f.Add("no end", 1e-3, uint16(0))
	f.Add("100\t", 1e9, uint16(1))
	f.Add("", 0.0, uint16(128))
	f.Add("NAN", 36.0, uint16(128))
	f.Fuzz(func(t *testing.T, text string, v float64, procs uint16) {
		if v = math.Abs(v); !(v < 1e12) {
			return // no time of an operation
		}
		for line := range strings.SplitSeq(text, "\n") {
			word, _, _ := strings.Cut(line, ":")
			if strings.Contains(line, "Benchmark") || word == "goos" || word == "goarch" || word == "pkg" || line == "PASS" ||
				strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "ok") || strings.HasPrefix(line, "panic") || strings.HasPrefix(line, "-") {
				return // a line of go test
			}
			if strings.ContainsAny(line, "0123456789\t\r") {
				return // may be a result
			}
		}
		suffix := ""
		if procs %= 1000; procs > 1 {
			suffix = fmt.Sprintf("-%d", procs)
		}
		file := fmt.Sprintf("goos: linux\ngoarch: amd64\npkg: p\nBenchmarkA/x%s   \t%s     100\t%10.4f ns/op\t 5 B/op\nPASS\n", suffix, text, v)
		sheet := NewSheet("")
		if err := parseGobench(strings.NewReader(file), sheet); err != nil {
			t.Fatalf("%v in %q", err, file)
		}
		all := sheet.Metrics()
		if len(all) != 2 || all[1].Name != "bench/p.A/x.ns_per_op" || math.Abs(all[1].Value-v) > 1e-4 || all[1].Better != collect.Lower {
			t.Fatalf("%v in %q", all, file)
		}
	})
}

// TestGobenchTruncated cuts a file at each byte: the figures are those of the
// whole lines, or the cut is an error.
func TestGobenchTruncated(t *testing.T) {
	for _, name := range []string{"count.in", "cpu.in"} {
		data := read(t, filepath.Join("testdata", "gobench", name))
		whole := NewSheet("")
		if err := parseGobench(bytes.NewReader(data), whole); err != nil {
			t.Fatal(err)
		}
		samples := map[string]string{}
		for _, m := range whole.Metrics() {
			name, _, _ := strings.Cut(m.Name, "[")
			samples[name] += fmt.Sprint(m.Value, m.Samples)
		}
		torn := 0
		for n := range data {
			sheet := NewSheet("")
			err := parseGobench(bytes.NewReader(data[:n]), sheet)
			if errors.Is(err, ErrTorn) {
				torn++
			}
			for _, m := range sheet.Metrics() {
				name, _, _ := strings.Cut(m.Name, "[")
				if m.Samples == nil {
					m.Samples = []float64{m.Value}
				}
				for _, v := range m.Samples {
					if have, ok := samples[name]; !ok && !strings.HasSuffix(m.Tags["procs"], "00") || ok && !strings.Contains(have, fmt.Sprint(v)) {
						t.Fatalf("%s cut at byte %d: %s has %v, want one of %v", name, n, m.Name, v, have)
					}
				}
			}
		}
		if torn < 100 {
			t.Errorf("only %d cuts of %s are errors", torn, name)
		}
	}
}

func TestGobenchErrors(t *testing.T) {
	for file, want := range map[string]string{
		"":                              "no benchmark result",
		"hello\n":                       "no benchmark result",
		"FAIL\n":                        "no benchmark result",
		"goos: linux\ngoarch: amd64\n":  "no benchmark result",
		"BenchmarkA 1 2 x":              "line 1:17: the last line is cut off",
		"BenchmarkA 1 2":                "line 1:15: the last line is cut off",
		"BenchmarkA-8   \t":             "line 1:17: the last line is cut off",
		"BenchmarkA 1 2 x\nBenchmark":   "line 2:10: the last line is cut off",
		"BenchmarkA 1 2 x\nBenchmarkB ": "line 2:12: the last line is cut off",
	} {
		err := parseGobench(strings.NewReader(file), NewSheet(""))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
	}
	for _, file := range []string{"BenchmarkA 1 2 x\nBenchmarkB 1 3 x", "BenchmarkA 1 2 MB/s", "goos: linux\npkg: p\nFAIL\n"} {
		if err := parseGobench(strings.NewReader(file), NewSheet("")); err != nil {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// TestGobenchMatch tells benchmark output from what quotes it or speaks of it.
func TestGobenchMatch(t *testing.T) {
	const result = "BenchmarkA-8 100 325 ns/op"
	for head, want := range map[string]bool{
		result:                                          true,
		"make: all\n" + result + "\n":                   true,
		"goos: linux\r\ngoarch: amd64\r\n":              true,
		"pkg: a\ngoos: linux\n":                         true,
		"goos: linux\n":                                 false,
		"goos:\n  - linux\ngoarch:\n  - amd64\n":        false,
		"<system-out>\n" + result + "\n</system-out>\n": false,
		"{\"out\":\"\n" + result + "\n\"}":              false,
		"Benchmark 1: sleep 1\n":                        false,
		"Benchmark   Mode  Cnt  Score  Units\n":         false,
		"=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n": false,
		strings.Repeat("x", HeadBytes-len(result)-1) + "\n" + result:      false, // it may go on
	} {
		if got := matchGobench(&Head{Bytes: []byte(head)}); got != want {
			t.Errorf("match(%.60q) = %v, want %v", head, got, want)
		}
	}
}

// TestMatchFixtures shows the three formats of go every fixture of the index.
func TestMatchFixtures(t *testing.T) {
	own := map[string]string{"gotest-json": "gotest", "gobench": "gobench", "gocover": "gocover", "gotest-text": "gobench"}
	seen := 0
	for _, row := range readIndex(t) {
		data, err := os.ReadFile(filepath.Join(fixtures, row.path))
		if err != nil {
			continue // not all of them are files
		}
		seen++
		head := data[:min(len(data), HeadBytes)]
		for _, f := range []Format{gotest, gobench, gocover} {
			if f.Match(&Head{Name: row.path, Bytes: head}) && own[row.format] != f.Name {
				t.Errorf("%s matches %s", f.Name, row.path)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d fixtures were there", seen)
	}
}

// TestGobenchHostile reads files that are made to take memory.
func TestGobenchHostile(t *testing.T) {
	const mib = 1 << 20
	const result = "BenchmarkA-8 100 325 ns/op\n"
	for name, file := range map[string]io.Reader{
		"line of 200 MB":              repeat(result, strings.Repeat("x", 1000), 200_000, "\n"),
		"line of tabs":                repeat(result+"BenchmarkB-8 ", "\t", 10_000_000, "\n"),
		"line of names":               repeat(result+"x", "Benchmark", 10_000_000, "\n"),
		"lines of names":              repeat(result, "xBenchmarkB \tBenchmarkC \t\n", 1_000_000, ""),
		"result at the end of 200 MB": repeat("BenchmarkA-8   \t", strings.Repeat("x", 1000), 200_000, "     100\t 325 ns/op\n"),
		"a million packages":          repeat(result, "pkg: p\nok  \tp\t1s\n", 1_000_000, ""),
	} {
		sheet := NewSheet("")
		var err error
		took := allocated(func() { err = parseGobench(file, sheet) })
		if all := sheet.Metrics(); err != nil || len(all) != 1 || all[0].Value != 325 {
			t.Errorf("%s: %v, %v", name, all, err)
		}
		if limit := uint64(48 * mib); took > limit {
			t.Errorf("%s: %d KiB allocated, want at most %d", name, took>>10, limit>>10)
		}
	}
}
