package check

import (
	"strings"
	"unicode"

	"github.com/plumbline-ci/plumbline/collect"
)

// timeWords are the words of a unit that is a time or a rate over time: what a
// slow machine changes.
var timeWords = map[string]bool{
	"ns": true, "us": true, "µs": true, "μs": true, "ms": true, "s": true,
	"sec": true, "secs": true, "second": true, "seconds": true,
	"nanosecond": true, "nanoseconds": true, "microsecond": true, "microseconds": true,
	"millisecond": true, "milliseconds": true, "min": true, "minute": true, "minutes": true,
	"hz": true, "khz": true, "mhz": true, "ghz": true,
}

// isTiming reports whether a metric depends on the speed of the machine. Its
// unit tells; without one the last word of its name does, where that is plain.
func isTiming(name string, u collect.Unit) bool {
	if u != "" {
		return anyWord(string(u), timeWords)
	}
	base, _, _ := strings.Cut(name, "[")
	base = base[strings.LastIndexByte(base, '.')+1:]
	switch base {
	case "ns_per_op", "mb_per_s", "seconds":
		return true
	}
	return strings.HasSuffix(base, "_seconds") || strings.HasSuffix(base, "_ms") || strings.HasSuffix(base, "_ns")
}

func anyWord(s string, words map[string]bool) bool {
	apart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for w := range strings.FieldsFuncSeq(s, apart) {
		if words[w] || words[strings.ToLower(w)] {
			return true
		}
	}
	return false
}

// scales are the units that a limit may be given in, as multiples of the first
// of their kind. Units are decimal unless they say otherwise: 1 kB is 1000 B.
var scales = []map[string]float64{
	{"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "sec": 1e9, "seconds": 1e9, "min": 60e9, "h": 3600e9},
	{
		"B": 1, "bytes": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	},
}

// factor converts an amount in one unit into another. What is counted for, as
// in ns/op, does not matter. Where it cannot tell, the amount counts as it is.
func factor(from, to collect.Unit) float64 {
	a, _, _ := strings.Cut(string(from), "/")
	b, _, _ := strings.Cut(string(to), "/")
	for _, s := range scales {
		if x, y := s[a], s[b]; x > 0 && y > 0 {
			return x / y
		}
	}
	return 1
}
