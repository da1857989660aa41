package collect

import (
	"math"
	"strconv"
	"strings"
)

// NoFigure stands where a figure is not known.
const NoFigure = "–"

// usualFigures is how many significant figures a person gets to see.
const usualFigures = 3

// Quantity writes a value in its unit as people write it, with three figures
// and the prefix that fits: 1.34 s, 2.5 MB, 340 ns/op. Whole numbers of things
// keep all their figures, a unit that it does not know stays as it is, and a
// value that is not finite is a dash. The unit is text from outside and stays as
// it came.
func Quantity(v float64, u Unit) string { return Precisely(v, u, usualFigures) }

// Distinctly writes two values of one unit with as many figures as it takes to tell
// them apart, at least three.
func Distinctly(a, b float64, u Unit) (as, bs string) {
	for n := usualFigures; ; n++ {
		as, bs = Precisely(a, u, n), Precisely(b, u, n)
		if as != bs || a == b || n >= 9 {
			return as, bs
		}
	}
}

// scale is a family of units of one dimension, smallest first.
type scale []step

type step struct {
	unit string
	size float64 // in the family's first unit
}

var (
	times  = scale{{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}}
	sizes  = scale{{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}}
	powers = scale{{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}
)

// family finds the scale that a unit is of and its size in the scale's first
// unit. The binary sizes keep to themselves: 64 MiB is not shown as 67.1 MB.
func family(unit string) (s scale, size float64, ok bool) {
	switch unit {
	case "us", "μs": // the Greek letter; the scale has the micro sign
		return times, 1e3, true
	case "sec", "seconds":
		return times, 1e9, true
	case "KB":
		return sizes, 1e3, true
	case "bytes", "byte":
		return sizes, 1, true
	}
	for _, s := range []scale{times, sizes, powers} {
		for _, st := range s {
			if st.unit == unit {
				return s, st.size, true
			}
		}
	}
	return nil, 0, false
}

// Precisely is Quantity with n significant figures.
func Precisely(v float64, u Unit, n int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return NoFigure
	}
	switch {
	case u == "", u == "count", u == "1":
		return wholeOr(v, n)
	case u.Percent():
		return percent(v, n) + " %"
	}
	base, per, rate := strings.Cut(string(u), "/")
	if rate {
		per = "/" + per
	}
	if s, size, ok := family(base); ok && !math.IsInf(v*size, 0) {
		if s[0].unit == "ns" && !rate {
			if t, ok := clock(v*size/1e9, n); ok {
				return t
			}
		}
		return s.write(v*size, base, n) + per
	}
	return wholeOr(v, n) + " " + string(u)
}

// write gives v, which counts the scale's first unit, in the largest unit in
// which it is at least one. Zero keeps the unit that it came in.
func (s scale) write(v float64, given string, n int) string {
	if v == 0 {
		return "0 " + given
	}
	i := 0
	for i+1 < len(s) && math.Abs(v) >= s[i+1].size {
		i++
	}
	// 999.95 ms has three figures only as 1 s: rounding may reach the next unit.
	if i+1 < len(s) && math.Abs(round(v/s[i].size, n)) >= s[i+1].size/s[i].size {
		i++
	}
	return Figures(v/s[i].size, n) + " " + s[i].unit
}

// clock writes seconds from a minute on as people say them: 2 min 14 s, 3 h 20 min.
// Durations with more figures than that, and those past a thousand hours, stay decimal.
func clock(seconds float64, n int) (s string, ok bool) {
	sign, abs := "", math.Abs(seconds)
	if seconds < 0 {
		sign = "-"
	}
	if abs < 59.95 || abs >= 3.6e6 || n > usualFigures {
		return "", false
	}
	big, small, whole := "min", "s", math.Round(abs)
	if whole >= 3600 {
		big, small, whole = "h", "min", math.Round(abs/60)
	}
	s = sign + strconv.Itoa(int(whole)/60) + " " + big
	if rest := int(whole) % 60; rest != 0 {
		s += " " + strconv.Itoa(rest) + " " + small
	}
	return s, true
}

// percent does not round up to 100: 99.96 % of the lines is not all of them.
func percent(v float64, n int) string {
	for math.Abs(v) < 100 && math.Abs(round(v, n)) >= 100 && n < 17 {
		n++
	}
	return Figures(v, n)
}

// Percent reports whether values of the unit are parts of a hundred, so that they
// differ by percentage points.
func (u Unit) Percent() bool { return u == "%" || u == "percent" || u == "pct" }

// wholeOr writes a number of things: all figures of a whole number, grouped.
func wholeOr(v float64, n int) string {
	abs := math.Abs(v)
	switch {
	case abs >= 1e15:
		return Figures(v, n)
	case v == math.Trunc(v), abs >= 1000 && n == usualFigures:
		return group(strconv.FormatFloat(math.Round(v), 'f', 0, 64))
	}
	return Figures(v, n)
}

// Figures writes n significant figures without trailing zeros, and an exponent
// only where a number would be longer than people read.
func Figures(v float64, n int) string {
	r := round(v, n)
	if abs := math.Abs(r); abs != 0 && (abs < 1e-4 || abs >= 1e15) {
		return strconv.FormatFloat(r, 'g', n, 64)
	}
	return group(strconv.FormatFloat(r, 'f', -1, 64))
}

// Signed writes a change with its sign, in n figures. With two of them it has
// all figures of its whole part.
func Signed(v float64, n int) string {
	s := ""
	if abs := math.Abs(v); abs >= 10 && n == 2 && abs < 1e15 {
		s = group(strconv.FormatFloat(v, 'f', 0, 64))
	} else {
		s = Figures(v, n)
	}
	if v > 0 {
		return "+" + s
	}
	return s
}

// round rounds to n significant figures, as they are printed.
func round(v float64, n int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', n-1, 64), 64)
	if err != nil {
		return v // the largest numbers round to infinity
	}
	return r
}

// group sets commas between the thousands of a decimal number.
func group(s string) string {
	whole, fraction, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if whole == "0" && fraction == "" {
		return "0" // no minus sign before nothing
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + b.String() + fraction
}
