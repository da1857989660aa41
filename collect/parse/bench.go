package parse

import (
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// A measure is what a benchmark's unit measures, in the one unit that all tools
// are compared in: 990 ns of one run and 1.1 us of the next are both ns_per_op.
type measure struct {
	// name is the last part of the metric's name: ns_per_op.
	name string
	// unit is that of the metric: ns/op. Of an unknown unit it is the tool's own.
	unit collect.Unit
	// factor makes a value in that unit of one in the tool's.
	factor float64
	better collect.Direction
}

// The sizes of units, by the spellings that tools use.
var (
	timeUnits = map[string]float64{ // in nanoseconds
		"ps": 1e-3, "ns": 1, "nsec": 1, "nanoseconds": 1, "nanosecond": 1,
		"us": 1e3, "µs": 1e3, "μs": 1e3, "usec": 1e3, "microseconds": 1e3, "microsecond": 1e3,
		"ms": 1e6, "msec": 1e6, "milliseconds": 1e6, "millisecond": 1e6,
		"s": 1e9, "sec": 1e9, "secs": 1e9, "second": 1e9, "seconds": 1e9,
		"m": 60e9, "min": 60e9, "mins": 60e9, "minutes": 60e9, "h": 3600e9,
	}
	sizeUnits = map[string]float64{ // in bytes; K is 1,000 and Ki 1,024
		"b": 1, "byte": 1, "bytes": 1,
		"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
		"kilobyte": 1e3, "kilobytes": 1e3, "megabyte": 1e6, "megabytes": 1e6, "gigabyte": 1e9, "gigabytes": 1e9,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}
	countUnits = map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9}
	// operations are the words for one of what is repeated.
	operations = map[string]bool{"op": true, "ops": true, "iter": true, "iters": true, "iteration": true, "iterations": true, "i": true, "run": true, "runs": true, "call": true}
	// elements are the words for what one operation works through many of.
	elements = map[string]bool{"elem": true, "elems": true, "element": true, "elements": true, "item": true, "items": true}
)

// measureOf reads the unit of a benchmark. Times become ns_per_op, sizes
// bytes_per_op, both also where they are written per op, iter or run;
// operations per time become ops_per_s, elements or items per time items_per_s,
// sizes per time mb_per_s. Of any other
// unit the / becomes _per_ and the value stays: widgets/op is widgets_per_op.
// An empty unit is that of a plain number.
func measureOf(unit string) measure {
	unit = strings.TrimSpace(unit)
	what, per, rate := strings.Cut(unit, "/")
	what, per = strings.TrimSpace(what), strings.TrimSpace(per)
	lower := strings.ToLower(what)
	if !rate || operations[strings.ToLower(per)] {
		if f, ok := timeUnits[lower]; ok && what != "M" {
			return measure{"ns_per_op", "ns/op", f, collect.Lower}
		}
		if f, ok := sizeUnits[lower]; ok {
			return measure{"bytes_per_op", "B/op", f, collect.Lower}
		}
		if lower == "allocs" {
			return measure{"allocs_per_op", "allocs/op", 1, collect.Lower}
		}
	}
	if second, ok := timeUnits[strings.ToLower(per)]; rate && ok {
		if f, ok := sizeUnits[lower]; ok {
			return measure{"mb_per_s", "MB/s", f / 1e6 * 1e9 / second, collect.Higher}
		}
		if f, ok := countOf(lower, operations); ok {
			return measure{"ops_per_s", "ops/s", f * 1e9 / second, collect.Higher}
		}
		if f, ok := countOf(lower, elements); ok {
			return measure{"items_per_s", "items/s", f * 1e9 / second, collect.Higher}
		}
	}
	if lower == "percent" || unit == "%" {
		return measure{name: "pct", unit: "%", factor: 1}
	}
	return measure{name: plainQuantity(unit), unit: collect.Unit(unit), factor: 1}
}

// countOf is how many of some things a word such as ops, Kops or Mop is.
func countOf(word string, of map[string]bool) (float64, bool) {
	for prefix, f := range countUnits {
		if rest, ok := strings.CutPrefix(word, prefix); ok && of[rest] {
			return f, true
		}
	}
	return 0, false
}

// plainQuantity makes the last part of a metric's name of a unit or of the words
// that a tool has for what it counted: "L1 Hits" is L1_Hits.
func plainQuantity(words string) string {
	if words == "" {
		return "value"
	}
	words = strings.ReplaceAll(words, "/", "_per_")
	words = strings.ReplaceAll(words, "%", "pct")
	return CleanName(strings.Join(strings.Fields(words), "_"))
}
