package report

import (
	"slices"

	"github.com/plumbline-ci/plumbline/check"
)

// Links are addresses that a page may point to. An empty one is left out.
type Links struct {
	Run  string // the CI run that this is the result of
	Docs string // how to read and configure all this
	Page string // where the page that HTML writes is kept with the run
	// Commits is what the address of a commit begins with, such as
	// https://github.com/o/r/commit/.
	Commits string
}

// Page is a result set out for reading: the same words and order for every form
// that people read. Its zero value is the page of a run without metrics.
type Page struct {
	Result check.Result
	Links  Links
	// Sections group the metrics by status, the most important first. Statuses
	// that no metric has are left out; within a section the result's order stays.
	Sections []Section

	tally tally
}

// Section is the metrics of one status.
type Section struct {
	Status check.Status
	// Metrics are all of them or, of a page that was stored with its run, the
	// most important.
	Metrics []check.Comparison
	Total   int
}

// order is how important a status is to the reader.
var order = []check.Status{
	check.Regressed, check.Suspect, check.Waived, check.Improved,
	check.Missing, check.New, check.Inconclusive, check.Unchanged, unjudged,
}

// unjudged takes the place of the status of a metric whose level is off.
const unjudged check.Status = "off"

func statusOf(c *check.Comparison) check.Status {
	if c.Level == check.Off {
		return unjudged
	}
	return c.Status
}

// tally counts the metrics of a result as the headline needs them.
type tally struct {
	total, judged int
	warned        map[check.Status]int // regressed or suspect, at a level that does not gate
	by            map[check.Status]int
}

// NewPage sets out a result. It keeps the result's slices and changes none.
func NewPage(r check.Result, l Links) Page {
	p := Page{Result: r, Links: l, tally: count(r.Metrics)}
	for _, s := range order {
		if n := p.tally.by[s]; n > 0 {
			p.Sections = append(p.Sections, Section{Status: s, Metrics: grouped(r.Metrics, s, n), Total: n})
		}
	}
	return p
}

// grouped is the n metrics of one status, in their order: where they stand in a row,
// as those of most statuses do, a part of the metrics themselves.
func grouped(metrics []check.Comparison, s check.Status, n int) []check.Comparison {
	is := func(c check.Comparison) bool { return statusOf(&c) == s }
	first := slices.IndexFunc(metrics, is)
	row := metrics[first : first+n : first+n]
	if !slices.ContainsFunc(row, func(c check.Comparison) bool { return !is(c) }) {
		return row
	}
	group := make([]check.Comparison, 0, n)
	for i := range metrics[first:] {
		if c := &metrics[first+i]; statusOf(c) == s {
			group = append(group, *c)
		}
	}
	return group
}

func count(metrics []check.Comparison) tally {
	t := tally{total: len(metrics), by: make(map[check.Status]int, len(order)), warned: make(map[check.Status]int)}
	for i := range metrics {
		c := &metrics[i]
		s := statusOf(c)
		t.by[s]++
		switch s {
		case check.New, check.Missing, check.Inconclusive, unjudged:
		default:
			t.judged++
		}
		if c.Level == check.Warn && (s == check.Regressed || s == check.Suspect) {
			t.warned[s]++
		}
	}
	return t
}
