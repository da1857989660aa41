package export

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// Prometheus wants base units, each as the end of a name: seconds, bytes, and
// ratios in place of percentages.

// baseUnit is a unit in terms of its base unit.
type baseUnit struct {
	name    string   // seconds
	ten     int      // values are multiplied by ten to this
	times   float64  // and by this, where it is not 0
	spelled []string // how names that end in the unit spell it
}

var baseUnits = map[string]baseUnit{
	"s":   {"seconds", 0, 0, []string{"s", "sec", "secs", "second"}},
	"ms":  {"seconds", -3, 0, []string{"ms", "msec", "millis", "milliseconds"}},
	"us":  {"seconds", -6, 0, []string{"us", "usec", "micros", "microseconds"}},
	"ns":  {"seconds", -9, 0, []string{"ns", "nsec", "nanos", "nanoseconds"}},
	"min": {"seconds", 0, 60, []string{"minutes"}},
	"h":   {"seconds", 0, 3600, []string{"h", "hours"}},
	"B":   {"bytes", 0, 0, []string{"b", "byte"}},
	"kB":  {"bytes", 3, 0, []string{"kb", "kilobytes"}},
	"MB":  {"bytes", 6, 0, []string{"mb", "megabytes"}},
	"GB":  {"bytes", 9, 0, []string{"gb", "gigabytes"}},
	"TB":  {"bytes", 12, 0, []string{"tb", "terabytes"}},
	"KiB": {"bytes", 0, 1 << 10, []string{"kib", "kb", "kibibytes"}},
	"MiB": {"bytes", 0, 1 << 20, []string{"mib", "mb", "mebibytes"}},
	"GiB": {"bytes", 0, 1 << 30, []string{"gib", "gb", "gibibytes"}},
	"TiB": {"bytes", 0, 1 << 40, []string{"tib", "tb", "tebibytes"}},
	"%":   {"ratio", -2, 0, []string{"pct", "percent", "percentage"}},
}

// unitOf finds the base of a unit as people write it. The base of a unit that is
// none here is itself, as a word; of a mere number there is none.
func unitOf(u collect.Unit) baseUnit {
	text := string(u)
	switch {
	case text == "" || text == "1" || text == "count":
		return baseUnit{}
	case u.Percent():
		text = "%"
	}
	if what, per, ok := strings.Cut(text, "/"); ok && what != "" && per != "" {
		return rate(unitOf(collect.Unit(what)), per)
	}
	switch text {
	case "sec", "second", "seconds":
		text = "s"
	case "µs", "μs":
		text = "us"
	case "bytes", "byte":
		text = "B"
	case "KB":
		text = "kB"
	}
	if b, ok := baseUnits[text]; ok {
		return b
	}
	return baseUnit{name: strings.Trim(strings.ToLower(legacyName(text)), "_")}
}

// rate is a unit for one of another.
func rate(b baseUnit, per string) baseUnit {
	name := strings.Trim(strings.ToLower(legacyName(per)), "_")
	if name == "" || b.name == "" {
		return b
	}
	var spelled []string
	for _, s := range append([]string{b.name}, b.spelled...) {
		spelled = append(spelled, s+"_per_"+name)
	}
	if name == "s" || name == "sec" {
		name = "second"
	}
	b.name += "_per_" + name
	b.spelled = spelled
	return b
}

// in converts a value. Tens are shifted in the decimal form, so that 328.1 ns
// are 3.281e-07 s to the last digit.
func (b baseUnit) in(v float64) float64 {
	if b.times != 0 {
		v *= b.times
	}
	if b.ten == 0 {
		return v
	}
	digits, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	n, err := strconv.Atoi(exp)
	if err != nil {
		return v // no number, or an infinite one
	}
	x, _ := strconv.ParseFloat(digits+"e"+strconv.Itoa(n+b.ten), 64)
	return x
}

// statistics are the words that stand behind a unit in the names of a run's
// metrics, as in db.query_seconds.p99.
var statistics = []string{"mean", "min", "max", "p50", "p90", "p95", "p99"}

// named puts the unit at the end of a name, in place of another spelling of it
// that stands there, and a statistic before it.
func (b baseUnit) named(name string) string {
	if b.name == "" {
		return name
	}
	stem, statistic := name, ""
	if at := strings.LastIndexByte(name, '_'); at >= 0 && slices.Contains(statistics, name[at+1:]) {
		stem, statistic = name[:at], name[at:]
	}
	for _, s := range append([]string{b.name}, b.spelled...) {
		if cut, ok := strings.CutSuffix(strings.ToLower(stem), "_"+s); ok && cut != "" {
			return stem[:len(cut)] + statistic + "_" + b.name
		}
	}
	return name + "_" + b.name
}

// endUnit is the unit that a name ends in where nobody said one.
func endUnit(name string) string {
	for _, u := range []string{"seconds", "bytes", "ratio"} {
		if strings.HasSuffix(name, "_"+u) {
			return u
		}
	}
	return ""
}
