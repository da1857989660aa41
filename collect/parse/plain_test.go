package parse

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/plumbline-ci/plumbline/collect"
)

// TestVariants reads one file by the names that say which way is better.
func TestVariants(t *testing.T) {
	const file = `[{"name": "a", "unit": "ms", "value": 1}, {"name": "b", "unit": "points", "value": 2}]`
	for name, want := range map[string][2]collect.Direction{
		"gab-custom":            {collect.Lower, collect.Unknown},
		"custom-smaller":        {collect.Lower, collect.Lower},
		"customSmallerIsBetter": {collect.Lower, collect.Lower},
		"custom-bigger":         {collect.Higher, collect.Higher},
		"customBiggerIsBetter":  {collect.Higher, collect.Higher},
	} {
		sheet := NewSheet("")
		used, err := File(strings.NewReader(file), "f", name, sheet)
		all := sheet.Metrics()
		if err != nil || used != name || len(all) != 2 || all[0].Better != want[0] || all[1].Better != want[1] {
			t.Errorf("as %s: %s, %+v, %v, want directions %v", name, used, all, err, want)
		}
	}
}

func TestPythonJSON(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{`{"a": NaN, "NaN": "NaN", "b": [Infinity,-Infinity,-1], "c\"NaN": "\\"}`, `{"a": "" , "NaN": "NaN", "b": [null    ,null     ,-1], "c\"NaN": "\\"}`},
		{`NaN`, `"" `},
		{`Na`, `Na`},
		{`-Infinit`, `-Infinit`},
		{``, ``},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(tt.file), "bytes": iotest.OneByteReader(strings.NewReader(tt.file))} {
			got, err := io.ReadAll(iotest.OneByteReader(newPythonJSON(r)))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s of %s = %s, %v, want %s", name, tt.file, got, err, tt.want)
			}
		}
	}
}

// TestPlainRefuses shows what looks like metrics of one's own and is none.
func TestPlainRefuses(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 30) + "1" + strings.Repeat("}", 30)
	for _, tt := range []struct{ name, format, file, err string }{
		{"summary of coverage", "metrics-json", `{"total": {"lines": {"total": 1, "covered": 1, "skipped": 0, "pct": 100}}}`, `f:1:46: "total.lines.covered" is of another tool's report`},
		{"array", "metrics-json", `{"a": [1, 2]}`, `f:1:8: "a" is an array: want a number`},
		{"null", "metrics-json", `{"a": null}`, `"a" is null: want a number`},
		{"value and more", "metrics-json", `{"a": {"value": 1, "other": 2}}`, `"a" has a "value" beside other figures`},
		{"unit alone", "metrics-json", `{"a": {"unit": "ms"}}`, `"a" has a unit or a direction and no "value"`},
		{"BMF", "metrics-json", `{"a": {"latency": {"value": 1}}}`, `"a.latency" has a "value" without a "unit"`},
		{"text", "metrics-json", "{\"a\": 1,\n \"host\": \"x\"}", `f:2:13: "host" is a string: want a number`},
		{"BMF with text", "bmf", `{"a": {"latency": {"value": "1"}}}`, `value of "latency" is a string: want a number`},
		{"BMF without value", "bmf", `{"a": {"latency": {"lower_value": 1}}}`, `"latency" of "a" has no "value"`},
		{"BMF of another shape", "bmf", `{"a": 1}`, "want an object, found a number"},
		{"tabs", "metrics-csv", "a\t1\n", "first row names no columns"},
		{"deep", "metrics-json", deep, "objects nest deeper than 20"},
		{"empty object", "metrics-json", `{"a": {}}`, "no benchmark result in it"},
		{"cut off", "metrics-json", `{"a": 1, "b": `, "cut off"},
		{"time in front", "metrics-csv", "2024-01-01,1\n", "begins with \"2024-01-01\""},
		{"no name", "metrics-csv", "1,2\n", "want name,value"},
		{"many columns", "metrics-csv", "a,1,s,lower,x\n", "row of 5 columns"},
		{"direction", "metrics-csv", "a,1,s,down\n", `"down" of "a": want lower, higher or none`},
		{"infinite", "metrics-csv", "a,1e999\n", `"1e999" of "a" is no number`},
		{"quote", "metrics-csv", "a,1\n\"b,2\n", "is no CSV"},
	} {
		_, err := File(strings.NewReader(tt.file), "f", tt.format, NewSheet(""))
		if err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.err)
		}
	}
}

// TestPlainHostile bounds what one row or value may take.
func TestPlainHostile(t *testing.T) {
	const mib = 1 << 20
	kib := strings.Repeat("x", 1024)
	for name, tt := range map[string]struct {
		format, head, body, tail, err string
		times                         int
		limit                         uint64
	}{
		"open quote of 64 MiB":  {"metrics-csv", "a,1\n\"", kib + "\n", "", "a row is longer than 64 KiB", mib / 16 / slowdown, 2 * mib},
		"row of 64 MiB":         {"metrics-csv", "a,1\n", kib, ",1\n", "a row is longer than 64 KiB", mib / 16 / slowdown, 2 * mib},
		"key of 1 GiB":          {"metrics-json", `{"`, kib, `": 1}`, "a value is longer than 8 MiB", mib, 80 * mib},
		"a million objects":     {"metrics-json", ``, `{"a":`, "", "objects nest deeper than 20", mib, mib},
		"a million groups":      {"julia", `[{"BenchmarkTools": "1"},[`, `["BenchmarkGroup",{"data":{"a":`, "", "groups nest deeper than 100", mib, mib},
		"a line of 64 MiB":      {"benchmarkjs", "a", kib, " x 1 ops/sec ±1% (1 runs sampled)\n", "no benchmark result", mib / 16 / slowdown, mib},
		"asv: product of 10^12": {"asv-json", `{"results":{"a":{"result":[1],"params":[`, `["1","2"],`, `["1"]]}}}`, `"a" has 1 results`, 10_000, 16 * mib},
	} {
		var err error
		took := allocated(func() { _, err = File(repeat(tt.head, tt.body, tt.times, tt.tail), "f", tt.format, NewSheet("")) })
		if err == nil || !strings.Contains(err.Error(), tt.err) || took > tt.limit {
			t.Errorf("%s: %v, %d KiB allocated, want %s and at most %d KiB", name, err, took>>10, tt.err, tt.limit>>10)
		}
	}
}
