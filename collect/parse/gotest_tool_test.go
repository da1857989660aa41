package parse

import (
	"strings"
	"testing"
)

const testFile = "package %s\n\nimport (\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n)\n\nvar _, _ = os.Exit, time.Sleep\n\n"

// everyWay is a module whose packages end in every way that we know.
var everyWay = map[string]string{
	"passes": `
func TestOne(t *testing.T) {}
func TestSkipped(t *testing.T) { t.Skip("not here") }
func TestTable(t *testing.T) {
	for _, name := range []string{"a b", "with/slash", "\"quoted\" é"} {
		t.Run(name, func(t *testing.T) { t.Parallel() })
	}
}
func Example() {
	os.Stdout.WriteString("hi")
	// Output: hi
}
func FuzzOne(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) {}) }
`,
	"fails": `
func TestBad(t *testing.T) {
	t.Parallel()
	t.Run("fine", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Run("deep", func(t *testing.T) { t.Error("no") }) })
}
func TestGood(t *testing.T) { t.Parallel(); os.Stdout.WriteString("text without an end") }
`,
	"panics":   "func TestBefore(t *testing.T) {}\nfunc TestPanic(t *testing.T) { t.Run(\"sub\", func(t *testing.T) { panic(1) }) }\nfunc TestNever(t *testing.T) {}\n",
	"exits":    "func TestBefore(t *testing.T) {}\nfunc TestExit(t *testing.T) { t.Run(\"sub\", func(t *testing.T) { os.Exit(3) }) }\n",
	"hangs":    "func TestBefore(t *testing.T) {}\nfunc TestWaits(t *testing.T) { t.Parallel(); select {} }\nfunc TestHang(t *testing.T) { t.Run(\"sub\", func(t *testing.T) { select {} }) }\n",
	"testmain": "func TestMain(m *testing.M) { m.Run(); os.Exit(4) }\nfunc TestOne(t *testing.T) {}\n",
	"broken":   "func TestOne(t *testing.T) { undefined() }\n",
	"vet":      "func TestOne(t *testing.T) { t.Errorf(\"%d\", \"x\") }\n",
}

func everyWayModule(t *testing.T) string {
	files := map[string]string{"none/none.go": "package none\n"}
	for pkg, body := range everyWay {
		files[pkg+"/x_test.go"] = strings.Replace(testFile, "%s", pkg, 1) + body
	}
	return writeModule(t, files)
}

// TestGotestTool counts what the go tool here says of such a module.
func TestGotestTool(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	dir := everyWayModule(t)
	for _, tt := range []struct {
		args []string
		want map[string]float64
	}{
		{[]string{"./passes"}, map[string]float64{"item_count": 9, "leaf_count": 7, "passed": 8, "skipped": 1, "suite_success": 1}},
		{[]string{"-count=3", "-run=TestTable", "./passes"}, map[string]float64{"item_count": 12, "leaf_count": 9, "passed": 12, "suite_success": 1}},
		{[]string{"./fails"}, map[string]float64{"item_count": 5, "leaf_count": 3, "passed": 2, "failed": 3}},
		{[]string{"./panics"}, map[string]float64{"item_count": 3, "leaf_count": 2, "passed": 1, "failed": 2}},
		{[]string{"./exits"}, map[string]float64{"item_count": 3, "leaf_count": 2, "passed": 1, "errors": 2}},
		{[]string{"-timeout=1s", "./hangs"}, map[string]float64{"item_count": 4, "leaf_count": 3, "passed": 1, "errors": 3}},
		{[]string{"./testmain"}, map[string]float64{"item_count": 1, "leaf_count": 1, "passed": 1}},
		{[]string{"./broken"}, map[string]float64{}},
		{[]string{"./vet"}, map[string]float64{}},
		{[]string{"./passes", "./missing"}, map[string]float64{"item_count": 9, "leaf_count": 7, "passed": 8, "skipped": 1}},
		{[]string{"-timeout=1s", "./..."}, map[string]float64{"item_count": 25, "leaf_count": 18, "passed": 14, "failed": 5, "errors": 5, "skipped": 1}},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			out := goTool(t, dir, append([]string{"test", "-json"}, tt.args...)...)
			sheet := NewSheet("")
			if used, err := File(strings.NewReader(out), "out", "", sheet); err != nil || used != "gotest" {
				t.Fatalf("File = %q, %v", used, err)
			}
			all := sheet.Metrics()
			for _, name := range []string{"item_count", "leaf_count", "passed", "failed", "errors", "skipped", "flaky", "suite_success"} {
				expect(t, all, "test."+name, tt.want[name])
			}
		})
	}
}

// TestGotestToolBench compares the benchmarks in go test -json with those in
// plain text: the same names, whatever the benchmarks print.
func TestGotestToolBench(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	dir := writeModule(t, map[string]string{"b/b_test.go": `package b

import (
	"fmt"
	"testing"
)

func BenchmarkPlain(b *testing.B) { for b.Loop() {}; b.ReportMetric(3, "widgets/op"); b.ReportMetric(2, "p99-ns") }
func BenchmarkPrint(b *testing.B) { fmt.Println("one"); fmt.Print("two"); for i := 0; i < b.N; i++ {} }
func BenchmarkLog(b *testing.B) { b.Log("logged"); b.SetBytes(8); for i := 0; i < b.N; i++ {} }
func BenchmarkSub(b *testing.B) {
	for _, name := range []string{"size=1 KiB", "n-64", "é/\"q\""} {
		b.Run(name, func(b *testing.B) { b.ReportAllocs(); for b.Loop() {} })
	}
}
`})
	names := func(args ...string) string {
		out := goTool(t, dir, append([]string{"test", "-run=^$", "-bench=.", "-benchtime=10x", "./b"}, args...)...)
		sheet := NewSheet("")
		if _, err := File(strings.NewReader(out), "out", "", sheet); err != nil {
			t.Fatalf("%v in:\n%s", err, out)
		}
		var b strings.Builder
		for _, m := range sheet.Metrics() {
			if strings.HasPrefix(m.Name, "bench/") {
				b.WriteString(m.Name + " x" + strings.Repeat("s", len(m.Samples)) + " procs " + m.Tags["procs"] + "\n")
			}
		}
		return b.String()
	}
	for _, more := range [][]string{{"-cpu=4"}, {"-cpu=1,2"}, {"-cpu=2", "-count=3"}, {"-cpu=8", "-benchmem"}} {
		plain := names(more...)
		for _, with := range []string{"-v", "-json"} {
			if got := names(append(more, with)...); got != plain {
				t.Errorf("%v %s = \n%swant\n%s", more, with, got, plain)
			}
		}
		for _, want := range []string{"bench/example.com/m/b.Plain.widgets_per_op", "b.Plain.p99-ns", "b.Print.ns_per_op", "b.Log.mb_per_s", `b.Sub/size=1_KiB.allocs_per_op`, `b.Sub/n-64.ns_per_op`, `b.Sub/é/"q".bytes_per_op`} {
			if !strings.Contains(plain, want) {
				t.Errorf("%v has no %s:\n%s", more, want, plain)
			}
		}
	}
}
