package parse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// lcovOf is a tracefile of some source files, each of 4 lines of which the first
// n are covered.
func lcovOf(n int, files ...string) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "SF:%s\n", f)
		for line := 1; line <= 4; line++ {
			fmt.Fprintf(&b, "DA:%d,%d\n", line, max(n-line+1, 0))
		}
		b.WriteString("end_of_record\n")
	}
	return b.String()
}

func sheetOf(t *testing.T, src Sources, reports ...string) *Sheet {
	t.Helper()
	sheet := NewSheet("")
	sheet.Sources = src
	for i, r := range reports {
		if _, err := File(strings.NewReader(r), fmt.Sprint("report", i), "", sheet); err != nil {
			t.Fatal(err)
		}
	}
	return sheet
}

// TestSameSource unites names where it is certain, and only there.
func TestSameSource(t *testing.T) {
	work := "/builds/acme/shop/"
	gocover := "mode: set\nexample.org/shop/cart/a.go:1.1,2.2 1 1\nexample.org/shop/main.go:1.1,2.2 1 0\n"
	repository := []string{"README.md", "a/src/index.js", "a/src/util.js", "b/src/index.js", "b/src/only.js", "src/main/java/com/acme/A.java", "src/main/kotlin/com/acme/B.kt", "setup.py"}
	for _, tt := range []struct {
		name    string
		src     Sources
		reports []string
		want    string
	}{
		{"absolute and relative", Sources{}, []string{lcovOf(1, work+"src/a.py", work+"src/b.py"), lcovOf(2, "src/a.py")}, "src/a.py src/b.py"},
		{"Windows", Sources{}, []string{lcovOf(1, `C:\work\src\a.py`, `C:\work\src\b.py`), lcovOf(2, `src\a.py`)}, "src/a.py src/b.py"},
		{"import path and path", Sources{}, []string{gocover, lcovOf(2, "cart/a.go", "main.go")}, "cart/a.go main.go"},
		{"import path and checkout", Sources{Root: "/repo", Files: []string{"cart/a.go", "main.go"}}, []string{gocover, lcovOf(2, "/repo/cart/a.go")}, "cart/a.go main.go"},
		{"two checkouts", Sources{Root: "/repo"}, []string{lcovOf(1, "/repo/src/a.py", "/repo/src/b.py"), lcovOf(2, "/__w/src/a.py", "/__w/src/b.py")}, "src/a.py src/b.py"},
		{"one name of one part", Sources{}, []string{lcovOf(1, "/w/x/main.c"), lcovOf(2, "main.c")}, "/w/x/main.c main.c"},
		{"no common folder", Sources{}, []string{lcovOf(1, "/w/a/src/i.js", "/w/b/src/j.js"), lcovOf(2, "src/i.js")}, "/w/a/src/i.js /w/b/src/j.js src/i.js"},
		{"two folders fit", Sources{}, []string{lcovOf(1, "/w/src/i.js", "/w/src/old/src/i.js"), lcovOf(2, "src/i.js")}, "/w/src/i.js /w/src/old/src/i.js src/i.js"},
		{"two folders fit, others tell", Sources{}, []string{lcovOf(1, "/w/src/i.js", "/w/old/src/i.js", "/w/src/j.js"), lcovOf(2, "src/i.js", "src/j.js")}, "old/src/i.js src/i.js src/j.js"},
		{"other ends", Sources{}, []string{lcovOf(1, "/w/src/a.c", "/w/lib/b/src/c.c"), lcovOf(2, "src/a.c", "b/src/c.c")}, "/w/lib/b/src/c.c /w/src/a.c b/src/c.c src/a.c"},
		{"a package's folder", Sources{Files: repository}, []string{lcovOf(1, "src/index.js", "src/util.js")}, "a/src/index.js a/src/util.js"},
		{"either package", Sources{Files: repository}, []string{lcovOf(1, "src/index.js")}, "src/index.js"},
		{"Java's folders", Sources{Files: repository}, []string{lcovOf(1, "com/acme/A.java", "com/acme/B.kt")}, "src/main/java/com/acme/A.java src/main/kotlin/com/acme/B.kt"},
		{"of another machine", Sources{Root: "/repo", Files: repository}, []string{lcovOf(1, "/__w/r/a/src/index.js", "/__w/r/b/src/index.js")}, "a/src/index.js b/src/index.js"},
		{"of the system", Sources{Files: repository}, []string{lcovOf(1, "/usr/lib/setup.py", "/usr/lib/a.py", "/usr/lib/b.py")}, "/usr/lib/a.py /usr/lib/b.py /usr/lib/setup.py"},
		{"checkout with a slash", Sources{Root: "/repo/"}, []string{lcovOf(1, "/repo/a.c", "/repository/b.c")}, "/repository/b.c a.c"},
	} {
		for _, reports := range [][]string{tt.reports, reversed(tt.reports)} {
			sheet := sheetOf(t, tt.src, reports...)
			before := sheet.Metrics()
			if got := strings.Join(slices.Sorted(maps.Keys(sheet.cover.files)), " "); got != tt.want {
				t.Errorf("%s: files %s, want %s", tt.name, got, tt.want)
			}
			if again := sheet.Metrics(); fmt.Sprint(again) != fmt.Sprint(before) {
				t.Errorf("%s: metrics %v, then %v", tt.name, before, again)
			}
		}
	}
}

func reversed(s []string) []string {
	r := slices.Clone(s)
	slices.Reverse(r)
	return r
}

// TestFormatsUnite reads one source file from reports of three formats.
func TestFormatsUnite(t *testing.T) {
	sheet := sheetOf(t, Sources{},
		"SF:src/cart.js\nDA:1,1\nDA:2,0\nDA:3,0\nend_of_record\n",
		`{"/w/src/cart.js":{"path":"/w/src/cart.js","statementMap":{"0":{"start":{"line":2,"column":0},"end":{"line":2,"column":9}}},"s":{"0":3},"fnMap":{},"f":{},"branchMap":{},"b":{}}}`,
		`<coverage line-rate="1"><packages><package><classes><class filename="src\cart.js"><lines><line number="4" hits="0"/></lines></class></classes></package></packages></coverage>`,
		`{"total":{"lines":{"total":900,"covered":900},"statements":{"total":1,"covered":1}}}`)
	got := map[string]float64{}
	for _, m := range sheet.Metrics() {
		got[m.Name] = m.Value
	}
	// The summary has no lines, so what it says of a kind that others have is left out.
	want := map[string]float64{"coverage.line_pct": 50, "coverage.lines_covered": 2, "coverage.lines_total": 4,
		"coverage.statement_pct": 100, "coverage.statements_covered": 1, "coverage.statements_total": 1}
	if !maps.Equal(got, want) {
		t.Errorf("metrics %v, want %v", got, want)
	}
}

// TestDeclaredTotals adds up the totals of different sources and not those of the
// same ones.
func TestDeclaredTotals(t *testing.T) {
	summary := func(file string, covered int) string {
		return fmt.Sprintf(`{"total":{"lines":{"total":10,"covered":%d},"statements":{"total":10,"covered":1}},%q:{}}`, covered, file)
	}
	for _, tt := range []struct {
		reports []string
		want    string
	}{
		{[]string{summary("a.js", 3), summary("a.js", 5)}, "5/10"},
		{[]string{summary("a.js", 3), summary("b.js", 5)}, "8/20"},
	} {
		got := sheetOf(t, Sources{}, tt.reports...).cover.totals()[lineKind]
		if s := fmt.Sprintf("%d/%d", got.covered, got.total); s != tt.want {
			t.Errorf("%v: %s lines, want %s", tt.reports, s, tt.want)
		}
	}
}

// TestChangedLines counts the changed lines that can be covered.
func TestChangedLines(t *testing.T) {
	whole := lcovOf(2, "src/a.c", "src/b.c") // lines 1 and 2 of 4 are covered
	profile := "mode: set\nm/a.go:10.1,20.2 3 1\nm/a.go:30.1,40.2 3 0\n"
	for _, tt := range []struct {
		name    string
		reports []string
		changed map[string][]LineRange
		want    string
	}{
		{"not known", []string{whole}, nil, ""},
		{"none", []string{whole}, map[string][]LineRange{}, ""},
		{"other files", []string{whole}, map[string][]LineRange{"README.md": {{1, 9}}}, ""},
		{"none that can be covered", []string{whole}, map[string][]LineRange{"src/a.c": {{5, 900}}}, ""},
		{"some", []string{whole}, map[string][]LineRange{"src/a.c": {{2, 3}}, "src/b.c": {{4, 4}}}, "1/3"},
		{"ranges that overlap", []string{whole}, map[string][]LineRange{"src/a.c": {{2, 4}, {1, 3}, {2, 2}}}, "2/4"},
		{"spans", []string{profile}, map[string][]LineRange{"m/a.go": {{1, 12}, {20, 31}}}, "4/6"},
		{"spans and lines", []string{profile, lcovOf(3, "m/a.go")}, map[string][]LineRange{"m/a.go": {{3, 12}}}, "4/5"},
		{"far out", []string{profile}, map[string][]LineRange{"m/a.go": {{1, 1<<32 - 1}}}, "11/22"},
	} {
		got := map[string]float64{}
		for _, m := range sheetOf(t, Sources{Changed: tt.changed}, tt.reports...).Metrics() {
			if strings.HasPrefix(m.Name, "coverage.changed_") {
				got[strings.TrimPrefix(m.Name, "coverage.changed_")] = m.Value
			}
		}
		s := ""
		if len(got) > 0 {
			s = fmt.Sprintf("%v/%v", got["lines_covered"], got["lines_total"])
		}
		if s != tt.want || len(got) > 0 && got["line_pct"] != 100*got["lines_covered"]/got["lines_total"] {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}

// TestPackages has figures of each folder, and of the larger ones where they are
// many.
func TestPackages(t *testing.T) {
	sheet := sheetOf(t, Sources{Packages: true}, lcovOf(1, "a.c", "src/a.c", "src/b.c", "src/x,[y]/c.c"))
	var got []string
	for _, m := range sheet.Metrics() {
		if strings.Contains(m.Name, "[") {
			got = append(got, fmt.Sprintf("%s=%v", m.Name, m.Value))
		}
	}
	if len(got) != 9 || got[0] != "coverage.line_pct[package=.]=25" || !slices.Contains(got, "coverage.lines_total[package=src]=8") {
		t.Errorf("metrics %q", got)
	}
	var files []string
	for i := range maxPackages {
		files = append(files, fmt.Sprintf("p%03d/a.c", i), fmt.Sprintf("p%03d/b.c", i), fmt.Sprintf("small%03d/a.c", i))
	}
	kept := 0
	for _, m := range sheetOf(t, Sources{Packages: true}, lcovOf(1, files...)).Metrics() {
		if strings.HasPrefix(m.Name, "coverage.line_pct[package=p") {
			kept++
		} else if strings.Contains(m.Name, "[package=s") {
			t.Errorf("%s is there, of 4 lines only", m.Name)
		}
	}
	if kept != maxPackages {
		t.Errorf("%d packages, want the %d of 8 lines", kept, maxPackages)
	}
}
