package collect

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Direction says which way the metric gets better and is never Unknown: what
// the run says about it counts first (Better, then a tag better), then what
// its name means here, its unit, and what its name looks like. A quantity that
// nothing tells about has None.
func (m Metric) Direction() Direction {
	if m.Better != Unknown {
		return m.Better
	}
	if d, ok := ParseDirection(m.Tags["better"]); ok {
		return d
	}
	base := seriesBase(m.Name)
	return cmp.Or(ownNames(base), unitDirection(m.Unit), nameDirection(base), None)
}

// seriesBase cuts the tags in brackets off the name of a series. The brackets
// of a benchmark (Sort[int].ns_per_op) and those inside a tag's value
// (case=add[1]) stay.
func seriesBase(name string) string {
	if !strings.HasSuffix(name, "]") {
		return name
	}
	for i := range len(name) {
		if name[i] != '[' {
			continue
		}
		key, _, tagged := strings.Cut(name[i+1:], "=")
		if tagged && key != "" && !strings.ContainsAny(key, "[]. ") {
			return name[:i]
		}
	}
	return name
}

// SplitName undoes Name: it returns the base of a series' name and the tags that
// tell it apart, nil where there are none. Keys are sorted in a name, which tells
// a comma inside a value from one between tags, mostly.
func SplitName(name string) (base string, tags Tags) {
	base = seriesBase(name)
	if base == name {
		return name, nil
	}
	tags = Tags{}
	last := ""
	for part := range strings.SplitSeq(name[len(base)+1:len(name)-1], ",") {
		key, value, ok := strings.Cut(part, "=")
		switch {
		case ok && key > last && !strings.ContainsAny(key, "[]. "):
			tags[key], last = value, key
		case last != "":
			tags[last] += "," + part
		}
	}
	return base, tags
}

// ownNames knows the names that this program makes itself where their unit
// would mislead: a load is no better for being low, and how many tests there
// are is news but not good or bad.
func ownNames(base string) Direction {
	area, _, _ := strings.Cut(base, ".")
	quantity := base[strings.LastIndexByte(base, '.')+1:]
	switch {
	case strings.HasPrefix(base, "bench/"):
		return Unknown // a benchmark may be called Parser.errors
	case area == "system" || base == "cpu.avg_load" || base == "cpu.max_load":
		return None
	case area == "coverage" && strings.HasSuffix(quantity, "_total"):
		return None // how much code there is
	case area == "coverage", quantity == "coverage_pct":
		return Higher
	}
	switch quantity {
	case "item_count", "leaf_count", "skipped":
		return None
	case "failed", "errors", "flaky":
		return Lower
	case "passed", "success", "suite_success":
		return Higher
	}
	if strings.HasSuffix(quantity, "_success") {
		return Higher
	}
	return Unknown
}

// unitDirection knows times, sizes and counts of allocations, and what is
// counted for one operation or for one unit of time.
func unitDirection(u Unit) Direction {
	unit := strings.ToLower(strings.TrimSpace(string(u)))
	if what, per, ok := strings.Cut(unit, "/"); ok && what != "" {
		return perDirection(strings.TrimSpace(per))
	}
	unit = unit[strings.LastIndexByte(unit, ' ')+1:] // "median ms"
	if costs[unit] {
		return Lower
	}
	return Unknown
}

// perDirection judges a rate by what it is counted for: much in a second is
// fast, much for one operation is dear.
func perDirection(per string) Direction {
	switch per {
	case "s", "sec", "second", "ms", "min", "minute", "h", "hour":
		return Higher
	case "op", "iter", "iteration", "call", "run", "request", "req":
		return Lower
	}
	return Unknown
}

// costs are the words, in units and names, of what one wants little of.
var costs = map[string]bool{
	"s": true, "sec": true, "secs": true, "second": true, "seconds": true,
	"ms": true, "msec": true, "millisecond": true, "milliseconds": true,
	"us": true, "µs": true, "μs": true, "usec": true, "microsecond": true, "microseconds": true,
	"ns": true, "nsec": true, "nanosecond": true, "nanoseconds": true,
	"min": true, "minute": true, "minutes": true, "h": true, "hour": true, "hours": true,
	"b": true, "byte": true, "bytes": true,
	"kb": true, "mb": true, "gb": true, "tb": true, "kib": true, "mib": true, "gib": true, "tib": true,
	"alloc": true, "allocs": true, "allocations": true,
	"time": true, "duration": true, "elapsed": true, "latency": true,
	"size": true, "memory": true, "rss": true,
}

// nameDirection reads the words of a name's last part, from the back.
func nameDirection(base string) Direction {
	quantity := strings.ToLower(base[strings.LastIndexByte(base, '.')+1:])
	words := strings.FieldsFunc(quantity, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	n := len(words)
	if n == 0 {
		return Unknown
	}
	if n >= 2 && words[n-2] == "per" {
		return perDirection(words[n-1])
	}
	switch last := words[n-1]; {
	case last == "throughput" || slices.Contains(words, "coverage"):
		return Higher
	case last == "min" || last == "h" || last == "b":
		return Unknown // more often a minimum or a letter than a unit
	case costs[last] || costs[words[0]]:
		return Lower
	}
	return Unknown
}

// Median returns the median of xs, NaN where there are none. It does not
// change xs.
func Median(xs []float64) float64 {
	sorted := slices.Clone(xs)
	slices.Sort(sorted)
	return middle(sorted)
}

// middle is the median of sorted values.
func middle(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	high := sorted[n/2]
	if n%2 == 1 {
		return high
	}
	low := sorted[n/2-1]
	if mid := (low + high) / 2; !math.IsInf(mid, 0) {
		return mid
	}
	return low/2 + high/2
}
