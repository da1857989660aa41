package parse

import (
	"hash/fnv"
	"maps"

	"github.com/plumbline-ci/plumbline/collect"
)

// The kinds of what can be covered, in the order of kindNames.
const (
	lineKind = iota
	statementKind
	branchKind
	functionKind
	kinds
)

var kindNames = [kinds]struct{ one, many string }{
	{"line", "lines"}, {"statement", "statements"}, {"branch", "branches"}, {"function", "functions"},
}

// total is a tally over many files, which does not overflow.
type total struct{ covered, total uint64 }

func (t *total) add(o total) { t.covered, t.total = t.covered+o.covered, t.total+o.total }

// totals are the figures of all kinds.
type totals [kinds]total

func (t *totals) add(o totals) {
	for k := range t {
		t[k].add(o[k])
	}
}

// totals counts what is known of one source file.
func (f *fileCoverage) totals() (t totals) {
	t[lineKind] = f.lineTotal()
	t[statementKind] = f.spans.statementTotal()
	for _, b := range f.conds {
		t[branchKind].add(total{uint64(b.covered), uint64(b.total)})
	}
	for _, covered := range f.functions {
		t[functionKind].total++
		if covered {
			t[functionKind].covered++
		}
	}
	return t
}

// declaredTotals are the totals that a report declares without saying which
// lines they are of.
type declaredTotals [kinds]tally

// sourceSet tells reports of different sources apart, by the names of their
// files in any order.
type sourceSet uint64

func (s *sourceSet) add(name string) {
	h := fnv.New64a()
	h.Write([]byte(name))
	*s += sourceSet(h.Sum64())
}

// declare adds the totals of a report that names no lines, or only for some of
// the kinds. They cannot be united with anything:
//
//   - of a kind of which any report of the run has the lines, they are left out;
//   - of two that are of the same source files the better one counts;
//   - those of different source files are added up.
func (c *coverage) declare(of sourceSet, t declaredTotals) {
	if t == (declaredTotals{}) {
		return
	}
	if c.declared == nil {
		c.declared = map[sourceSet]declaredTotals{}
	}
	have := c.declared[of]
	for k := range have {
		have[k].total = max(have[k].total, t[k].total)
		have[k].covered = min(max(have[k].covered, t[k].covered), have[k].total)
	}
	c.declared[of] = have
}

func (c *coverage) mergeDeclared(other *coverage) {
	for of, t := range other.declared {
		c.declare(of, t)
	}
}

// totals counts all source files, or what was declared of a kind that none of
// them has.
func (c *coverage) totals() (t totals) {
	for _, f := range c.files {
		t.add(f.totals())
	}
	for k := range t {
		if t[k].total > 0 {
			continue
		}
		for declared := range maps.Values(c.declared) {
			t[k].add(total{uint64(declared[k].covered), uint64(declared[k].total)})
		}
	}
	return t
}

// metrics appends the figures of each kind that any file spoke of.
func (c *coverage) metrics(all []collect.Metric, pytest bool) []collect.Metric {
	t := c.totals()
	for k, name := range kindNames {
		if t[k].total == 0 {
			continue // no percentage of nothing
		}
		pct := 100 * float64(t[k].covered) / float64(t[k].total)
		all = append(all, pctMetric("coverage."+name.one+"_pct", pct),
			count("coverage."+name.many+"_covered", int(t[k].covered), collect.Higher),
			count("coverage."+name.many+"_total", int(t[k].total), collect.None))
		if pytest && k == lineKind {
			all = append(all, pctMetric("pytest.coverage_pct", pct))
		}
	}
	return all
}

func pctMetric(name string, pct float64) collect.Metric {
	return collect.Metric{Name: name, Unit: "%", Better: collect.Higher, Value: pct}
}
