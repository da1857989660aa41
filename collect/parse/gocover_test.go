package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// TestGocoverAsGo compares the total with that of go tool cover -func.
func TestGocoverAsGo(t *testing.T) {
	dir := writeModule(t, map[string]string{
		"a/a.go":      "package a\n\nfunc Sign(n int) int {\n\tif n < 0 {\n\t\treturn -1\n\t}\n\tif n > 0 {\n\t\treturn 1\n\t}\n\treturn 0\n}\n\nfunc Never() { println(1); println(2) }\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc TestSign(t *testing.T) { Sign(1); Sign(0) }\n",
		"b/b.go":      "package b\n\nimport \"example.com/m/a\"\n\ntype T struct{}\n\nfunc (T) Do(f func()) {\n\tfor range 3 {\n\t\tf()\n\t}\n\tdefer func() { a.Sign(-1) }()\n}\n",
		"b/b_test.go": "package b\n\nimport \"testing\"\n\nfunc TestDo(t *testing.T) { T{}.Do(func() {}) }\n",
	})
	for _, mode := range []string{"set", "count", "atomic"} {
		goTool(t, dir, "test", "-covermode="+mode, "-coverpkg=./...", "-coverprofile=cover.out", "./...")
		out := goTool(t, dir, "tool", "cover", "-func=cover.out")
		fields := strings.Fields(out)
		want := strings.TrimSuffix(fields[len(fields)-1], "%")
		sheet := NewSheet("")
		if _, err := File(bytes.NewReader(read(t, filepath.Join(dir, "cover.out"))), "cover.out", "", sheet); err != nil {
			t.Fatal(err)
		}
		got := strconv.FormatFloat(value(t, sheet.Metrics(), "coverage.statement_pct"), 'f', 1, 64)
		if got != want || want == "0.0" || want == "100.0" {
			t.Errorf("mode %s: statement_pct = %s, want %s", mode, got, want)
		}
	}
}

// writeModule writes the files of a module, which is called example.com/m.
func writeModule(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.26\n"
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// goTool runs go and returns what it printed to standard output. Go's own exit
// status says nothing here: some of the tests are made to fail.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	name, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("no go here: %v", err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local", "GOCOVERDIR=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || len(out) == 0 {
		t.Fatalf("go %v: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

func value(t *testing.T, all []collect.Metric, name string) float64 {
	t.Helper()
	for _, m := range all {
		if m.Name == name {
			return m.Value
		}
	}
	t.Fatalf("no %s in %v", name, all)
	return 0
}

// TestSpanSet compares the set with a map, in orders from sorted to random and
// with passes that repeat.
func TestSpanSet(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var spans []spanStatements
		for line := range uint32(1 + rnd.IntN(900)) {
			at := Span{line/2 + 1, rnd.Uint32N(300), line/2 + 1 + rnd.Uint32N(4), rnd.Uint32N(70_000)}
			spans = append(spans, spanStatements{at, 1 + at.StartColumn%200, false})
		}
		shuffled := int(seed % 4)
		want, lines := map[Span]spanStatements{}, map[uint32]bool{}
		f := fileCoverage{spans: spanSet{touched: true}}
		for range 1 + rnd.IntN(4) {
			for range shuffled * shuffled * 10 {
				i, j := rnd.IntN(len(spans)), rnd.IntN(len(spans))
				spans[i], spans[j] = spans[j], spans[i]
			}
			for _, n := range spans {
				n.covered = rnd.IntN(5) == 0
				f.spans.add(n)
				have := want[n.Span]
				n.covered = n.covered || have.covered
				n.statements = max(n.statements, have.statements)
				want[n.Span] = n
			}
		}
		var sum, touched total
		for _, n := range want {
			sum.total += uint64(n.statements)
			if n.covered {
				sum.covered += uint64(n.statements)
			}
			for l := n.StartLine; l <= n.EndLine; l++ {
				lines[l] = lines[l] || n.covered
			}
		}
		for _, hit := range lines {
			touched.total++
			if hit {
				touched.covered++
			}
		}
		if got := f.spans.statementTotal(); got != sum {
			t.Errorf("seed %d: statements = %v, want %v", seed, got, sum)
		}
		if got := f.lineTotal(); got != touched {
			t.Errorf("seed %d: lines = %v, want %v", seed, got, touched)
		}
		for n := range f.spans.all() {
			if n != want[n.Span] {
				t.Errorf("seed %d: has %v, want %v", seed, n, want[n.Span])
			}
			delete(want, n.Span)
		}
		if len(want) > 0 {
			t.Errorf("seed %d: %d spans are lost", seed, len(want))
		}
	}
}

// TestLinesOfBoth counts a line once that a span touches and another format
// names.
func TestLinesOfBoth(t *testing.T) {
	s := NewSheet("")
	if err := parseGocover(strings.NewReader("mode: set\na.go:10.1,12.9 1 1\na.go:20.1,21.2 1 0\n"), s); err != nil {
		t.Fatal(err)
	}
	for line, hit := range map[int]bool{9: true, 10: false, 12: true, 13: false, 20: true, 600: true} {
		s.Line("a.go", line, hit)
	}
	if got, want := s.cover.files["a.go"].lineTotal(), (total{covered: 6, total: 8}); got != want {
		t.Errorf("lines = %v, want %v", got, want)
	}
}

func TestGocoverErrors(t *testing.T) {
	const good = "mode: set\na.go:1.1,2.2 1 1\n"
	for name, tt := range map[string]struct{ file, want string }{
		"no mode":           {"a.go:1.1,2.2 1 1\n", "f:1: no mode"},
		"unknown mode":      {"mode: region\na.go:1.1,2.2 1 1\n", "f:1: no mode"},
		"no file":           {good + ":1.1,2.2 1 1\n", "f:3: is no block"},
		"ends before":       {good + "a.go:9.1,2.2 1 1\n", "f:3: is no block"},
		"line 0":            {good + "a.go:0.1,2.2 1 1\n", "f:3: is no block"},
		"negative":          {good + "a.go:1.1,2.2 -1 1\n", "f:3: is no block"},
		"number too large":  {good + "a.go:1.1,99999999999.2 1 1\n", "f:3: is no block"},
		"no count":          {good + "a.go:1.1,2.2 1\n", "f:3: is no block"},
		"cut off":           {good + "a.go:1.1,2.2 1 ", "f:3:16: the last line is cut off"},
		"cut off in a mode": {good + "mode: se", "f:3:9: the last line is cut off"},
		"long line":         {good + strings.Repeat("x", lineBytes+1), "f:3:65536: line is longer"},
	} {
		_, err := File(strings.NewReader(tt.file), "f", "gocover", NewSheet(""))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// TestGocoverTruncated cuts profiles at each byte. At the end of a line the rest
// is a profile too; anywhere else it is an error or the same figures.
func TestGocoverTruncated(t *testing.T) {
	data := read(t, filepath.Join("testdata", "gocover", "set.in"))
	errs := 0
	for n := len("mode: set\n"); n <= len(data); n++ {
		whole := data[:bytes.LastIndexByte(data[:n], '\n')+1]
		want := render("f", "gocover", whole)
		got := render("f", "gocover", data[:n])
		torn := fmt.Sprintf("error: f:%d:%d: %v\n", bytes.Count(whole, []byte{'\n'})+1, n-len(whole)+1, ErrTorn)
		switch {
		case got == torn:
			errs++
		case n < len(data) && got == render("f", "gocover", append(bytes.Clone(data[:n]), '\n')):
		case got != want:
			t.Errorf("cut at byte %d: %s, want %s or %s", n, got, torn, want)
		}
	}
	if errs < 100 {
		t.Errorf("only %d cuts are errors", errs)
	}
}

// TestGocoverHostile reads profiles that are made to take memory.
func TestGocoverHostile(t *testing.T) {
	for name, tt := range map[string]struct {
		file io.Reader
		kib  uint64
	}{
		"spans of two billion lines": {repeat("mode: set\n", "a.go:1.1,2147483647.1 1 1\na.go:2.1,2147483647.2 1 0\n", 100_000, ""), 256},
		"one block a million times":  {repeat("mode: set\n", "a.go:1.1,2.1 1 1\n", 1_000_000, ""), 256},
		"line of 200 MB":             {repeat("mode: set\n", strings.Repeat("x", 1000), 200_000, ""), 256},
		"modes":                      {repeat("", "mode: set\n", 1_000_000, ""), 256},
	} {
		took := allocated(func() {
			s := NewSheet("")
			parseGocover(tt.file, s)
			s.Metrics()
		})
		if took > tt.kib<<10 {
			t.Errorf("%s: %d KiB allocated, want at most %d", name, took>>10, tt.kib)
		}
	}
}
