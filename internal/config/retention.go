package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/plumbline-ci/plumbline/baseline"
)

// Retention says which runs pruning keeps.
type Retention struct {
	// Keep has the rules by count and age; its Holds are empty.
	Keep baseline.Keep
	// The runs of these stay for ever. They are patterns as check.Match knows them.
	Branches, Events, Tags []string
}

// The words of a retention, which are prune's flags behind --keep-.
const (
	maxLast    = 1_000_000
	maxPeriods = 100_000
	wantThin   = `how many periods, such as 30, or an age such as 90d or 1y`
	wantLimits = `last, within, hourly, daily, weekly, monthly or yearly`
)

func (d *decoder) retention(n ast.Node, r *Retention) {
	before := len(d.problems)
	thin := func(key string, t *baseline.Thin) field {
		return field{key, func(n ast.Node) { *t, _ = value(d, n, key, wantThin, ParseThin) }}
	}
	patterns := func(key string, ps *[]string) field {
		return field{key, func(n ast.Node) { *ps = d.patterns(n, key) }}
	}
	d.section(n, "retention", []field{
		{"last", func(n ast.Node) { r.Keep.Last, _ = d.count(n, "last", 1, maxLast) }},
		{"within", func(n ast.Node) { r.Keep.Within, _ = value(d, n, "within", wantAge, ParseAge) }},
		thin("hourly", &r.Keep.Hourly), thin("daily", &r.Keep.Daily), thin("weekly", &r.Keep.Weekly),
		thin("monthly", &r.Keep.Monthly), thin("yearly", &r.Keep.Yearly),
		patterns("branch", &r.Branches), patterns("event", &r.Events), patterns("tag", &r.Tags),
	})
	forEver := len(r.Branches) + len(r.Events) + len(r.Tags)
	if len(d.problems) == before && forEver > 0 && !r.Keep.Limits() {
		d.fail(d.resolve(n), "retention says what stays for ever, and not what of the rest: want %s too", wantLimits)
	}
}

// patterns reads one text, or a list of them.
func (d *decoder) patterns(n ast.Node, what string) []string {
	var ps []string
	add := func(n ast.Node) {
		if p, ok := d.text(n, what); ok {
			ps = append(ps, p)
		}
	}
	if _, ok := d.resolve(n).(*ast.SequenceNode); !ok {
		add(n)
		return ps
	}
	d.list(n, what, add)
	return ps
}

var countRE = regexp.MustCompile(`^\+?[0-9]+$`)

// ParseThin reads how long one run of each period stays: for so many periods that
// have runs, as in 30, or for an age, as in 1y.
func ParseThin(s string) (baseline.Thin, error) {
	s = strings.TrimSpace(s)
	if countRE.MatchString(s) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxPeriods {
			return baseline.Thin{}, fmt.Errorf("%q is out of range; want 1 to %d periods", s, maxPeriods)
		}
		return baseline.Thin{Periods: n}, nil
	}
	if _, unit, err := amount(s); err != nil || ageUnits[unit] == 0 {
		return baseline.Thin{}, fmt.Errorf("%q is neither; want %s", s, wantThin)
	}
	age, err := ParseAge(s)
	return baseline.Thin{Age: age}, err
}
