package parse

import (
	"slices"
	"sort"
)

// The formats by family. Of all that match a file the first is its format, in
// this order: one whose files another's Match would also take stands before it.
var (
	testFormats = []Format{
		junit, gotest, nunit, xunit, trx,
		jest, mocha, pytestJSON, rspec, ctrf, playwright, dart, libtest, gotestText, cargoTest, tap,
		boost, checkXML, cppunit, cpptest, ctest, cunit, doctest, fpcunit, gtester, qttest, valgrind,
	}
	coverageFormats = []Format{
		cobertura, gocover, lcov, jacoco, clover, sonar, opencover,
		istanbulFinal, istanbulSummary, coveragepyJSON, simplecov, simplecovJSON,
		llvmcov, gcov, pytestcov, octocovReport,
	}
	benchmarkFormats = []Format{
		gobench,
		cargobench,
		criterion,
		pytestbench, googlebench, hyperfine, jmh, benchmarkdotnet,
		catch2, callgrind, gnutime,
		asvJSON, asvText, benchmarkjs, tinybench, vitestBench, jsTime, k6, julia, luau, rubyBench, dartBench, bmf,
		gabCustom, gobenchdata, octocovMetrics, sizeLimit, metricsJSON, metricsCSV,
	}

	formats = slices.Concat(testFormats, coverageFormats, benchmarkFormats)
)

// Family are the formats that measure one kind of thing.
type Family struct {
	// Name is that of the kind: tests, coverage, benchmarks.
	Name string
	// Makes are the metrics that each of its formats makes; P is the prefix of
	// tests. A format that says its own makes those instead.
	Makes   []string
	Formats []Format
}

// Families returns all formats by what they measure, and by name.
func Families() []Family {
	return []Family{
		{"tests", []string{
			"P.item_count", "P.passed", "P.failed", "P.errors", "P.skipped", "P.flaky", "P.suite_success", "P.total_seconds", "P.case_seconds[case=NAME,suite=SUITE]",
		}, byFormatName(testFormats)},
		{"coverage", []string{
			"coverage.line_pct", "coverage.lines_covered", "coverage.lines_total", "and of branches, functions and statements where the tool counts them",
		}, byFormatName(coverageFormats)},
		{"benchmarks", []string{"bench/NAME.ns_per_op", "bench/NAME.QUANTITY"}, byFormatName(benchmarkFormats)},
	}
}

func byFormatName(family []Format) []Format {
	family = slices.Clone(family)
	sort.Slice(family, func(i, j int) bool { return family[i].Name < family[j].Name })
	return family
}

// Formats returns all formats. The first that matches a file is its format.
func Formats() []Format { return slices.Clone(formats) }
