package parse

import (
	"bytes"
	"math"
	"path/filepath"
	"strconv"
	"testing"
)

var indexCoverage = map[string]indexed{
	"cobertura": {
		format: "cobertura",
		figures: map[string]func(t *testing.T, got figures, want any){
			"lines_covered":          is("coverage.lines_covered"),
			"lines_total":            is("coverage.lines_total"),
			"branches_covered_total": are("coverage.branches_covered", "coverage.branches_total"),
		},
		beyond: map[string]string{
			"files":             "files are not counted",
			"raw_line_elements": "counts a line once for each class and method that has it",
			"root_declares":     "declared totals are not read",
		},
		absent: map[string]string{"branches_covered_total": "coverage.branches_total"},
	},
	"lcov": {
		format: "lcov",
		figures: map[string]func(t *testing.T, got figures, want any){
			"lines_covered": is("coverage.lines_covered"),
			"lines_total":   is("coverage.lines_total"),
			"BRH_BRF":       saidOnly("coverage.branches_covered", "coverage.branches_total"),
			"FNH_FNF":       saidOnly("coverage.functions_covered", "coverage.functions_total"),
			"LH_LF":         saidOnly("coverage.lines_covered", "coverage.lines_total"),
		},
		beyond: map[string]string{"files": "files are not counted"},
	},
	"jacoco": {
		format: "jacoco",
		figures: map[string]func(t *testing.T, got figures, want any){
			"root_counters_covered_total": func(t *testing.T, got figures, want any) {
				// INSTRUCTION is of bytecode, COMPLEXITY and CLASS are not coverage of a kind that we have.
				for kind, name := range map[string]string{"LINE": "lines", "BRANCH": "branches", "METHOD": "functions"} {
					if pair, said := want.(map[string]any)[kind]; said {
						are("coverage."+name+"_covered", "coverage."+name+"_total")(t, got, pair)
					}
				}
			},
			"sourcefile_line_elements_covered_total": are("coverage.lines_covered", "coverage.lines_total"),
		},
	},
	"clover": {
		format: "clover",
		figures: map[string]func(t *testing.T, got figures, want any){
			"stmt_lines_covered_total": are("coverage.lines_covered", "coverage.lines_total"),
		},
		beyond: map[string]string{"project_metrics": "count only where a report has no lines; testdata/clover/no-lines has them"},
	},
	"istanbul-final": {
		format: "istanbul-final",
		figures: map[string]func(t *testing.T, got figures, want any){
			"statements_covered_total": are("coverage.statements_covered", "coverage.statements_total"),
		},
		beyond: map[string]string{"files": "files are not counted"},
	},
	"istanbul-summary": {
		format: "istanbul-summary",
		figures: map[string]func(t *testing.T, got figures, want any){
			"total": func(t *testing.T, got figures, want any) {
				for kind, name := range istanbulKinds {
					said := want.(map[string]any)[kind].(map[string]any)
					many := kindNames[name].many
					is("coverage."+many+"_total")(t, got, said["total"])
					// The sample was scaled by hand: 74.4 of 150 statements is no count.
					is("coverage."+many+"_covered")(t, got, math.Round(said["covered"].(float64)))
				}
			},
		},
	},
	"simplecov": {
		format: "simplecov",
		figures: map[string]func(t *testing.T, got figures, want any){
			"lines_covered": is("coverage.lines_covered"),
			"lines_total":   is("coverage.lines_total"),
		},
		beyond: map[string]string{"files": "files are not counted", "result_sets": "sets are not counted", "note": "is prose"},
	},
	"pytest-cov-text": {format: "pytest-cov-text"}, // TestIndexTotals has its figures
	"octocov-report":  {format: "octocov-report"},
	"opencover": {
		format: "opencover",
		figures: map[string]func(t *testing.T, got figures, want any){
			"summary": func(t *testing.T, got figures, want any) {
				for key, name := range map[string]string{
					"numSequencePoints": "coverage.statements_total", "visitedSequencePoints": "coverage.statements_covered",
					"numBranchPoints": "coverage.branches_total", "visitedBranchPoints": "coverage.branches_covered",
				} {
					n, err := strconv.ParseFloat(want.(map[string]any)[key].(string), 64)
					if err != nil {
						t.Fatal(err)
					}
					is(name)(t, got, n)
				}
			},
		},
	},
}

// saidOnly compares a pair of sums at the end of lcov's records. They may be left
// out, and the index has zeros then.
func saidOnly(names ...string) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		if list, ok := want.([]any); !ok || list[1] != 0.0 {
			are(names...)(t, got, want)
		}
	}
}

var disputedCoverage = map[string]dispute{
	"cobertura/jenkinsci-coverage-model__edu_hm_hafner_coverage_parser_cobertura_cobertura-duplicate-classes.xml": {
		key: "branches_covered_total",
		reason: "two classes name the same lines of the same file with the same 26 branches; " +
			"the index counts these lines once and their branches twice",
		want: []any{20.0, 26.0},
	},
	"clover/coverallsapp-coverage-reporter__spec_fixtures_clover_clover-unleash.xml": {
		key: "stmt_lines_covered_total", want: []any{109.0, 138.0},
		reason: "lines of type cond are statements too: only with them there are as many as the files' metrics say",
	},
	"clover/jenkinsci-coverage-model__edu_hm_hafner_coverage_parser_clover_clover.xml": {
		key: "stmt_lines_covered_total", want: []any{143.0, 165.0},
		reason: "lines of type cond are statements too: only with them there are as many as the files' metrics say",
	},
	"clover/jenkinsci-coverage-model__edu_hm_hafner_coverage_parser_clover_clover-empty-package.xml": {
		key: "stmt_lines_covered_total", want: []any{69.0, 69.0},
		reason: "lines of type cond are statements too: only with them there are as many as the files' metrics say",
	},
}

// TestIndexTotals has the figures of files of which the index has none.
func TestIndexTotals(t *testing.T) {
	readIndex(t) // or skip
	for file, want := range map[string][2]float64{
		"pytest-cov-text/MishaKav-pytest-coverage-comment__data_pytest-coverage_4.txt":    {316, 1055},
		"octocov-report/k1LoW-octocov__testdata_reports_winebarrel_ridgepole_report.json": {1147, 1202},
	} {
		sheet := NewSheet("")
		format, err := File(bytes.NewReader(read(t, filepath.Join(fixtures, file))), file, "", sheet)
		if err != nil || format != filepath.Dir(file) {
			t.Errorf("%s: format %s, %v", file, format, err)
		}
		got := figures{}
		for _, m := range sheet.Metrics() {
			got[m.Name] = m.Value
		}
		if got["coverage.lines_covered"] != want[0] || got["coverage.lines_total"] != want[1] {
			t.Errorf("%s: %v, want lines %v", file, got, want)
		}
	}
}
