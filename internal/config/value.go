package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// What each kind of value looks like, for messages.
const (
	wantLimit   = `5%, 0.5pp (percentage points) or an amount with its unit, such as 20ms`
	wantAgainst = `last, mean:N such as mean:10, or history`
	wantRate    = `5% or 0.05`
	wantAge     = `a number with h, d, w or y, such as 12h, 90d or 1y`
	wantCommit  = `a tag, or the sha of a commit or its first 7 digits or more`
	wantDay     = `a day such as 2026-12-31`
)

// The grammar of an amount. A unit has no digits, so that 0x5 is a slip and
// 1e3ms a thousand milliseconds.
var amountRE = regexp.MustCompile(`^([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?) ?([\pL%°µ][\pL%°µ/_.^*-]{0,31})?$`)

// amount splits a number and its unit. The unit may be missing.
func amount(s string) (number string, unit collect.Unit, err error) {
	m := amountRE.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return "", "", fmt.Errorf("%q is no number with a unit", s)
	}
	return m[1], collect.Unit(m[2]), nil
}

// ParseLimit reads an allowed change: 20%, 0.5pp (percentage points), or an
// amount with its unit such as 20ms or 1.5MB.
func ParseLimit(s string) (check.Limit, error) {
	num, unit, err := amount(s)
	if err != nil {
		return check.Limit{}, fmt.Errorf("%w; want %s", err, wantLimit)
	}
	v, err := finite(num)
	if err != nil {
		return check.Limit{}, err
	}
	l := check.Limit{Value: v}
	switch {
	case v < 0:
		return check.Limit{}, fmt.Errorf("%q is negative; want the size of the allowed change, such as %s", s, strings.TrimPrefix(s, "-"))
	case unit == "" && v != 0:
		return check.Limit{}, fmt.Errorf("%q has no unit; want %s%% or %spp or an amount with its unit, such as 20ms", s, num, num)
	case unit == "" || unit == "%":
		l.Kind = check.Percent
	case unit == "pp":
		l.Kind = check.Points
	default:
		l.Kind, l.Unit = check.Amount, unit
	}
	return l, nil
}

// ParseRate reads a share such as 5% or 0.05 and returns it as a number above 0
// and below 1.
func ParseRate(s string) (float64, error) {
	num, unit, err := amount(s)
	if err != nil || unit != "" && unit != "%" {
		return 0, fmt.Errorf("%q is no share; want %s", s, wantRate)
	}
	v, err := finite(num)
	if err != nil {
		return 0, err
	}
	if unit == "" && v >= 1 {
		return 0, fmt.Errorf("%q is more than all; want %s%% or a number below 1", s, num)
	}
	if unit == "%" {
		v /= 100
	}
	if v <= 0 || v >= 1 {
		return 0, fmt.Errorf("%q is out of range; want more than 0%% and less than 100%%, such as 5%%", s)
	}
	return v, nil
}

// maxAge keeps ages within what time.Duration holds (292 years).
const maxAge = 100 * 365 * 24 * time.Hour

var ageUnits = map[collect.Unit]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "y": 365 * 24 * time.Hour}

// ParseAge reads an age such as 12h, 90d, 2w or 1y. A day has 24 hours, and a
// year 365 days.
func ParseAge(s string) (time.Duration, error) {
	num, unit, err := amount(s)
	length, ok := ageUnits[unit]
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no age; want %s", s, wantAge)
	}
	v, err := finite(num)
	if err != nil {
		return 0, err
	}
	if v <= 0 || v > float64(maxAge/length) {
		return 0, fmt.Errorf("%q is out of range; want more than 0 and at most 36500d", s)
	}
	return time.Duration(v * float64(length)), nil
}

// parseDay returns the last second of a day, in UTC: a waiver holds through it.
func parseDay(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no day; want one such as 2026-12-31", s)
	}
	return t.Add(24*time.Hour - time.Second), nil
}

// finite reads a decimal number.
func finite(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || strings.ContainsAny(s, "xX_") {
		return 0, fmt.Errorf("%q is no finite decimal number", s)
	}
	return v, nil
}

// wholeNumber takes what the YAML parser makes of an integer.
func wholeNumber(v any) (int, error) {
	switch n := v.(type) {
	case int64:
		if int64(int32(n)) == n {
			return int(n), nil
		}
	case uint64:
		if n <= math.MaxInt32 {
			return int(n), nil
		}
	}
	return 0, errors.New("out of range")
}

var pinRE = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z._/+-]{0,198}[0-9A-Za-z_+-])?$`)

// ParseCommit reads the name of a commit: a tag, a sha or the beginning of one.
// What git would take for more than a name is refused.
func ParseCommit(s string) (string, error) {
	name := strings.TrimSpace(s)
	if !pinRE.MatchString(name) || strings.Contains(name, "..") {
		return "", fmt.Errorf("%q is no name of a commit; want %s", s, wantCommit)
	}
	return name, nil
}
