package parse

import (
	"math"
	"testing"
)

var indexTests = map[string]indexed{
	"junit": {
		format: "junit",
		figures: map[string]func(t *testing.T, got figures, want any){
			"tests":                is("test.item_count"),
			"passed":               is("test.passed"),
			"failed":               is("test.failed"),
			"errors":               is("test.errors"),
			"skipped":              is("test.skipped"),
			"flaky":                is("test.flaky"),
			"sum_testcase_seconds": is("test.total_seconds"),
		},
		beyond: map[string]string{
			"rerun_failed":                   "a case that failed and was tried again in vain counts as failed, no more",
			"suites":                         "suites are not counted",
			"root":                           "no figure",
			"root_declares":                  "declared totals are not read",
			"peer_snapshot":                  "another program's reading, which trusts declared totals and rounds times",
			"testcases_with_several_results": "a case counts once",
		},
		absent: map[string]string{"sum_testcase_seconds": "test.total_seconds"},
	},
	"nunit": {
		format: "nunit",
		figures: map[string]func(t *testing.T, got figures, want any){
			"tests":       is("test.item_count"),
			"sum_seconds": is("test.total_seconds"),
			"results": outcomesAre(map[string]Outcome{"Success": Passed, "Passed": Passed, "Failure": Failed, "Failed": Failed,
				"NotRun": Skipped, "Skipped": Skipped}),
		},
		beyond: beyondXML,
	},
	"xunit": {
		format: "xunit",
		figures: map[string]func(t *testing.T, got figures, want any){
			"tests":       is("test.item_count"),
			"sum_seconds": is("test.total_seconds"),
			"results":     outcomesAre(map[string]Outcome{"Pass": Passed, "Fail": Failed, "Skip": Skipped}),
		},
		beyond: beyondXML,
	},
	"trx": {
		format: "trx",
		figures: map[string]func(t *testing.T, got figures, want any){
			"tests":       is("test.item_count"),
			"sum_seconds": isIfAny("test.total_seconds"),
			"outcomes":    outcomesAre(map[string]Outcome{"Passed": Passed, "Failed": Failed, "NotExecuted": Skipped}),
		},
		beyond: beyondXML,
	},
	"tap": {
		format: "tap",
		figures: map[string]func(t *testing.T, got figures, want any){
			"passed": is("test.passed"),
			"failed": is("test.failed"),
		},
		beyond: map[string]string{
			"plan": "a plan says what was to come; a stream that does not keep it makes suite_success 0",
			"skip": "skipped and to do are one count",
			"todo": "skipped and to do are one count",
		},
	},
	"jest-json": {
		format: "jest",
		figures: map[string]func(t *testing.T, got figures, want any){
			"numTotalTests":   is("test.item_count"),
			"numPassedTests":  is("test.passed"),
			"numFailedTests":  is("test.failed"),
			"numPendingTests": is("test.skipped"),
			"success": func(t *testing.T, got figures, want any) {
				is("test.suite_success")(t, got, map[any]float64{true: 1, false: 0}[want])
			},
		},
		beyond: map[string]string{
			"numTotalTestSuites":   "suites are not counted",
			"files_in_coverageMap": "no figure of the tests",
		},
	},
	"pytest-json": {
		format: "pytest-json",
		figures: map[string]func(t *testing.T, got figures, want any){
			"tests":      is("test.item_count"),
			"duration_s": is("test.total_seconds"),
			"outcomes":   outcomesAre(pytestOutcomes),
			"summary":    outcomesAre(pytestOutcomes),
		},
	},
	"mocha-json": {format: "mocha"}, // its only file is one of the strangers
	"rspec-json": {
		format: "rspec",
		figures: map[string]func(t *testing.T, got figures, want any){
			"statuses": outcomesAre(map[string]Outcome{"passed": Passed, "failed": Failed, "pending": Skipped}),
			"summary": eachIs(map[string]string{"duration": "test.total_seconds", "example_count": "test.item_count",
				"failure_count": "test.failed", "pending_count": "test.skipped", "errors_outside_of_examples_count": "test.errors"}),
		},
	},
	"ctrf-json": {
		format: "ctrf",
		figures: map[string]func(t *testing.T, got figures, want any){
			"counted": outcomesAre(map[string]Outcome{"passed": Passed, "failed": Failed, "skipped": Skipped}),
			"summary": eachIs(map[string]string{"tests": "test.item_count", "passed": "test.passed", "failed": "test.failed",
				"skipped": "test.skipped", "other": "", "pending": "", "start": "", "stop": "", "extra": ""}),
		},
	},
	"dart-json": {
		format: "dart",
		figures: map[string]func(t *testing.T, got figures, want any){
			"tests":   is("test.item_count"),
			"skipped": is("test.skipped"),
			"results": eachIs(map[string]string{"failure": "test.failed", "error": "test.errors", "success": "test.passed"}),
		},
		beyond: map[string]string{
			"hidden":        "hidden tests are none",
			"peer_snapshot": "another program's reading",
		},
	},
	"xunit-plugin-aunit":       {format: "cppunit", figures: converted},
	"xunit-plugin-boosttest":   {format: "boost", figures: converted},
	"xunit-plugin-check":       {format: "check", figures: converted},
	"xunit-plugin-cpptest":     {format: "cpptest", figures: converted},
	"xunit-plugin-ctest":       {format: "ctest", figures: converted},
	"xunit-plugin-cunit":       {format: "cunit", figures: converted},
	"xunit-plugin-fpcunit":     {format: "fpcunit", figures: converted},
	"xunit-plugin-gtester":     {format: "gtester", figures: converted},
	"xunit-plugin-qtestlib":    {format: "qttest", figures: converted},
	"xunit-plugin-valgrind":    {format: "valgrind", figures: converted},
	"xunit-plugin-mstest":      {format: "trx", figures: converted},
	"xunit-plugin-nunit":       {format: "nunit", figures: converted},
	"xunit-plugin-nunit3":      {format: "nunit", figures: converted},
	"xunit-plugin-xunitdotnet": {format: "xunit", figures: converted},
	"xunit-plugin-phpunit":     {format: "junit", figures: converted},
	"xunit-plugin-googletest":  {format: "junit", figures: converted},
}

var beyondXML = map[string]string{
	"root":          "no figure",
	"root_declares": "declared totals are not read",
	"counters":      "declared totals are not read",
	"peer_snapshot": "another program's reading, which trusts declared totals and rounds times",
	"times":         "the clock when it began and ended, not the time of the tests",
}

// converted are the figures that the same file has after Jenkins has made JUnit
// XML of it.
var converted = map[string]func(t *testing.T, got figures, want any){
	"converted_to_junit": func(t *testing.T, got figures, want any) {
		t.Helper()
		junit := want.(map[string]any)
		for key, name := range map[string]string{"tests": "test.item_count", "passed": "test.passed", "skipped": "test.skipped"} {
			is(name)(t, got, junit[key])
		}
		if bad := junit["failed"].(float64) + junit["errors"].(float64); got["test.failed"]+got["test.errors"] != bad {
			t.Errorf("failed + errors = %v + %v, want %v", got["test.failed"], got["test.errors"], bad)
		}
		// The conversion rounds each case to milliseconds.
		sum, summed := junit["sum_testcase_seconds"].(float64)
		if off := math.Abs(got["test.total_seconds"] - sum); summed && off > 0.0005*junit["tests"].(float64) {
			t.Errorf("total_seconds = %v, want %v", got["test.total_seconds"], sum)
		}
	},
}

// outcomesAre compares counts by the format's own words. An error counts as a
// failure where the format has no word of its own for it.
func outcomesAre(words map[string]Outcome) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		var sum [outcomes + 1]float64
		for word, n := range want.(map[string]any) {
			o, known := words[word]
			if !known {
				t.Fatalf("the index has %q, which stands for no outcome", word)
			}
			sum[o] += n.(float64)
		}
		is("test.passed")(t, got, sum[Passed])
		is("test.skipped")(t, got, sum[Skipped])
		if bad := sum[Failed] + sum[Errored]; got["test.failed"]+got["test.errors"] != bad {
			t.Errorf("failed + errors = %v + %v, want %v", got["test.failed"], got["test.errors"], bad)
		}
	}
}

// pytestOutcomes are pytest's own words, and the sum of them, which is no outcome
// and is compared as another figure.
var pytestOutcomes = map[string]Outcome{"passed": Passed, "xpassed": Passed, "failed": Failed, "error": Errored,
	"skipped": Skipped, "xfailed": Skipped, "total": outcomes}

// eachIs compares the members of an object; a name that is empty says that no
// metric has the figure.
func eachIs(names map[string]string) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		for key, v := range want.(map[string]any) {
			name, known := names[key]
			if !known {
				t.Errorf("no metric for %q of the index, and no reason why", key)
			}
			if name != "" {
				is(name)(t, got, v)
			}
		}
	}
}

// isIfAny is for a sum of the index that is 0 where there is nothing to sum.
func isIfAny(name string) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		if _, there := got[name]; there || want != 0.0 {
			is(name)(t, got, want)
		}
	}
}

var disputedTests = map[string]dispute{
	"xunit-plugin-cpptest/jenkinsci-xunit-plugin__org_jenkinsci_plugins_xunit_types_cpptest_testcase5_input.xml": {
		key:    "converted_to_junit",
		reason: "only tests with a finding are named, which the conversion counts: its own root and the file's summary say 20 tests in 6 s",
		want:   map[string]any{"tests": 20.0, "passed": 20.0, "skipped": 0.0, "failed": 0.0, "errors": 0.0, "sum_testcase_seconds": 6.0},
	},
	"nunit/EnricoMi-publish-unit-test-result-action__nunit_nunit3_jenkins_NUnit-issue6353.xml": {
		key:    "results",
		reason: "a case without result and success that was executed and has no <failure> did not fail",
		want:   map[string]any{"Success": 1.0, "Failure": 1.0, "NotRun": 1.0},
	},
}
