package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// events writes a stream: each word is ACTION:TEST of one package, with a last
// word ACTION for the package itself.
func events(words string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(words) {
		action, test, ok := strings.Cut(word, ":")
		fmt.Fprintf(&b, `{"Action":%q,"Package":"p"`, action)
		if ok {
			fmt.Fprintf(&b, `,"Test":%q`, test)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func TestGotestOutcomes(t *testing.T) {
	for name, tt := range map[string]struct{ events, want string }{
		"passes":                       {"start run:A pass:A pass", "1 passed success"},
		"skipped package":              {"start skip", ""},
		"fails":                        {"start run:A fail:A fail", "1 failed"},
		"package fails alone":          {"start run:A pass:A fail", "1 passed failure"},
		"package passes, test does":    {"start run:A pass", ""},
		"package fails, test open":     {"start run:A run:B pass:B fail", "1 passed 1 error"},
		"stream ends":                  {"start run:A run:A/b pass:A/b run:A/c", "1 passed 2 errors 1 group"},
		"stream ends between tests":    {"start run:A pass:A", "1 passed failure"},
		"stream ends before tests":     {"start", "failure"},
		"lost end of a subtest":        {"start run:A run:A/b pass:A run:C fail:C fail", "1 passed 1 failed 1 group"},
		"no end, and the test failed":  {"start run:A run:A/b fail:A fail", "1 failed 1 error 1 group"},
		"no run events":                {"pass:A/b pass:A/c/d pass:A pass", "3 passed 1 group success"},
		"no start event":               {"run:A fail:A fail run:A pass:A pass", "1 passed 1 flaky success"},
		"benchmark without an end":     {"start run:BenchmarkA run:BenchmarkB fail", "failure"},
		"groups":                       {"run:A run:A/b run:A/b/c pass:A/b/c pass:A/b pass:A pass", "3 passed 2 groups success"},
		"slash in a name":              {"run:A run:A/b/c pass:A/b/c pass:A pass", "2 passed 1 group success"},
		"same test thrice":             {"run:A pass:A run:A fail:A run:A pass:A fail", "2 passed 1 failed"},
		"tried again":                  {"start run:A fail:A fail start run:A pass:A pass", "1 passed 1 flaky success"},
		"tried twice":                  {"start run:A fail:A fail start run:A fail:A fail start run:A pass:A pass", "1 passed 1 flaky success"},
		"tried in vain":                {"start run:A fail:A fail start run:A fail:A fail", "1 failed"},
		"hung, then passed":            {"start run:A fail start run:A pass:A pass", "1 passed 1 flaky success"},
		"failed, then skipped":         {"start run:A fail:A fail start run:A skip:A pass", "1 skipped success"},
		"failed, tried again and more": {"start run:A fail:A fail start run:A pass:A run:A pass:A pass", "2 passed 1 flaky success"},
		"second run does not build":    {"start run:A fail:A fail fail", "1 failed failure"},
		"event of tomorrow":            {"start dance:A run:A pass:A pass", "1 passed success"},
	} {
		sheet := NewSheet("")
		if err := parseGotest(strings.NewReader(events(tt.events)), sheet); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := outcome(sheet); got != tt.want {
			t.Errorf("%s: %s: %q, want %q", name, tt.events, got, tt.want)
		}
	}
}

// outcome says what a sheet counted, in words.
func outcome(s *Sheet) string {
	tests := s.fileTests()
	var words []string
	for _, n := range []struct {
		n    int
		word string
	}{{tests.count[Passed], "passed"}, {tests.count[Failed], "failed"}, {tests.count[Skipped], "skipped"}, {tests.count[Errored], "error"}, {tests.flaky, "flaky"}, {tests.groups, "group"}} {
		plural := ""
		if n.n > 1 && (n.word == "error" || n.word == "group") {
			plural = "s"
		}
		if n.n > 0 {
			words = append(words, fmt.Sprint(n.n, " ", n.word, plural))
		}
	}
	for _, m := range s.Metrics() {
		switch {
		case m.Name != "test.suite_success":
		case m.Value == 1:
			words = append(words, "success")
		case tests.count[Failed]+tests.count[Errored] == 0 || tests.suiteFailed && tests.count[Errored] == 0:
			words = append(words, "failure")
		}
	}
	return strings.Join(words, " ")
}

// TestGotestTime adds the times of the packages, or those of their tests where
// a package does not end.
func TestGotestTime(t *testing.T) {
	const tests = `{"Action":"pass","Package":"p","Test":"A/b","Elapsed":1}
{"Action":"pass","Package":"p","Test":"A","Elapsed":2}
{"Action":"pass","Package":"p","Test":"B"}
`
	for end, want := range map[string]float64{
		`{"Action":"pass","Package":"p","Elapsed":1.5}`: 1.5,
		`{"Action":"pass","Package":"p"}`:               2,
		``:                                              2,
	} {
		sheet := NewSheet("")
		if err := parseGotest(strings.NewReader(tests+end), sheet); err != nil {
			t.Fatal(err)
		}
		expect(t, sheet.Metrics(), "test.total_seconds", want)
		expect(t, sheet.Metrics(), "test.case_seconds[case=A/b,suite=p]", 1)
		for _, m := range sheet.Metrics() {
			if strings.Contains(m.Name, "case=B") {
				t.Errorf("%s = %v, but no time was measured", m.Name, m.Value)
			}
		}
	}
}

// TestGotestTruncated cuts a stream at each byte. In the middle of a line that
// is an error, and what stood before it is on the sheet; at the end of a line it
// is a suite that failed, as long as its package has not ended.
func TestGotestTruncated(t *testing.T) {
	data := read(t, filepath.Join("testdata", "gotest", "count.in"))
	torn := 0
	for n := 1; n < len(data)-1; n++ {
		whole := data[:bytes.LastIndexByte(data[:n], '\n')+1]
		sheet := NewSheet("")
		err := parseGotest(bytes.NewReader(data[:n]), sheet)
		switch last := data[len(whole):n]; {
		case len(last) == 0, last[len(last)-1] == '}' && data[n] == '\n':
			if err != nil {
				t.Fatalf("cut at byte %d, the end of a line: %v", n, err)
			}
		case len(whole) == 0 && !errors.Is(err, ErrTorn) && err == nil:
			t.Fatalf("cut at byte %d: no error", n)
		case len(whole) > 0:
			torn++
			var place *Error
			if !errors.Is(err, ErrTorn) || !errors.As(err, &place) || place.Column != len(last)+1 {
				t.Fatalf("cut at byte %d: %v, want column %d: %v", n, err, len(last)+1, ErrTorn)
			}
			before := NewSheet("")
			if err := parseGotest(bytes.NewReader(whole), before); err != nil {
				t.Fatal(err)
			}
			if got, want := outcome(sheet), outcome(before); got != want || !strings.Contains(got, "failure") && !strings.Contains(got, "error") {
				t.Fatalf("cut at byte %d: %s, want %s", n, got, want)
			}
		}
	}
	if torn < 5000 {
		t.Errorf("only %d cuts were in a line", torn)
	}
}

// TestGotestHostile reads streams that are made to take memory.
func TestGotestHostile(t *testing.T) {
	const mib = 1 << 20
	kib := strings.Repeat("x", 1024)
	end := events("pass:A pass")
	for name, tt := range map[string]struct {
		file  io.Reader
		want  string
		limit uint64
	}{
		"output of 200 MB":        {repeat(events("start")+`{"Action":"output","Output":"`, kib, 200_000, `","Package":"p","Test":"A"}`+"\n"+end), "1 passed success", mib},
		"benchmark's output":      {repeat(events("start")+`{"Action":"output","Package":"p","Test":"BenchmarkA","Output":"`, kib, 200_000, "\"}\n"+end), "1 passed success", mib},
		"benchmark's lines":       {repeat(events("start"), `{"Action":"output","Package":"p","Test":"BenchmarkA","Output":"no end"}`+"\n", 1_000_000, end), "1 passed success", mib},
		"backslashes":             {repeat(events("start")+`{"Action":"output","Output":"`, `\\\\\"`, 10_000_000, `","Package":"p"}`+"\n"+end), "1 passed success", mib},
		"other text of 200 MB":    {repeat(events("start"), kib, 200_000, "\n"+end), "1 passed success", mib},
		"10,000,000 deep":         {repeat(events("start")+`{"Action":"attr","Value":`, "[", 10_000_000, "\n"+end), "", 8 * mib},
		"a million keys":          {repeat(events("start")+`{"Action":"run"`, `,"a":1`, 1_000_000, "}\n"+end), "", 8 * mib},
		"a test's name of 200 MB": {repeat(events("start")+`{"Action":"pass","Package":"p","Test":"`, kib, 200_000, "\"}\n"+end), "2 passed success", mib},
		"100,000 runs":            {repeat("", events("start run:A run:A/b pass:A/b pass:A pass"), 100_000, ""), "200000 passed 100000 groups success", 32 * mib},
	} {
		sheet := NewSheet("")
		sheet.TotalsOnly = true
		var err error
		took := allocated(func() { err = parseGotest(tt.file, sheet) })
		t.Logf("%s: %.1f MiB allocated, %v", name, float64(took)/mib, err)
		if took > tt.limit {
			t.Errorf("%s: %d KiB allocated, want at most %d", name, took>>10, tt.limit>>10)
		}
		if got := outcome(sheet); tt.want != "" && (err != nil || got != tt.want) {
			t.Errorf("%s: %s, %v, want %s", name, got, err, tt.want)
		}
		if tt.want == "" && err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestGotestMatch tells streams of go test from other JSON.
func TestGotestMatch(t *testing.T) {
	for head, want := range map[string]bool{
		events("start"): true,
		"go: downloading x v1.0.0\n" + events("start"): true,
		`{"Action":"start","Package":"p"}`:             true,
		`{"Action":"create","Package":"p"}` + "\n":     false,
		`{"Time":"2026","msg":"x"}` + "\n":             false,
		`{"Action":"start"`:                            false,
		`[{"Action":"start"}]`:                         false,
		"":                                             false,
		"=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n": false,
	} {
		if got := matchGotest(&Head{Bytes: []byte(head)}); got != want {
			t.Errorf("match(%q) = %v, want %v", head, got, want)
		}
	}
}
