package parse

import (
	"math"

	"github.com/plumbline-ci/plumbline/collect"
)

// Case is one test case as one file reports it.
type Case struct {
	// Suite and Name are as the tool wrote them; the sheet makes them fit for
	// a metric's name. An empty Suite is left out of it.
	Suite, Name string
	Seconds     float64
	// Timed says that Seconds was measured. What is no finite number counts as
	// not measured. A negative time, after the clock was set, adds to the total,
	// for it is part of what the file says; it makes no metric of its own.
	// Neither does a skipped case: its time measures nothing.
	Timed   bool
	Outcome Outcome
	// Flaky says that the case passed only after it had failed.
	Flaky bool
	// Group says that the case has subtests of its own: it is not a leaf.
	Group bool
}

// Outcome is how a test case ended.
type Outcome uint8

// The outcomes. A case errored where the tool tells errors from failures.
const (
	Passed Outcome = iota
	Failed
	Errored
	Skipped
	outcomes
)

// testTotals are the tests of all files that share a prefix.
type testTotals struct {
	count       [outcomes]int
	flaky       int
	groups      int
	told        bool // a file has tests, be it none
	leaves      bool // leaf_count is wanted
	suiteFailed bool
	partly      bool // some file has only the failures
	said, cases sum
	times       *timedCases // nil: none
}

// sum is a total that knows whether anything was added to it.
type sum struct {
	v     float64
	known bool
}

func (s *sum) add(v float64) { s.v, s.known = s.v+v, true }

func (t *testTotals) add(c *Case, suite, name []byte, perCase bool) {
	t.count[c.Outcome]++
	if c.Flaky {
		t.flaky++
	}
	if c.Group {
		t.groups++
	}
	if !c.Timed || notFinite(c.Seconds) {
		return
	}
	t.cases.add(c.Seconds)
	if perCase && c.Seconds >= 0 && c.Outcome != Skipped {
		if t.times == nil {
			t.times = newTimedCases()
		}
		t.times.add(cleanBytes(suite), cleanBytes(name), c.Seconds)
	}
}

// total is what the file said itself, or else the sum of its cases.
func (t *testTotals) total() sum {
	if t.said.known {
		return t.said
	}
	return t.cases
}

func (t *testTotals) merge(other *testTotals) {
	if sum := other.total(); sum.known {
		// Other is done: which of its two sums counts is settled.
		mine := t.total()
		mine.add(sum.v)
		t.said = mine
	}
	for o, n := range other.count {
		t.count[o] += n
	}
	t.flaky += other.flaky
	t.groups += other.groups
	t.told = t.told || other.told
	t.leaves = t.leaves || other.leaves
	t.suiteFailed = t.suiteFailed || other.suiteFailed
	t.partly = t.partly || other.partly
	if t.times == nil {
		t.times = other.times
		return
	}
	if other.times != nil {
		t.times.merge(other.times)
	}
}

// metrics appends them in the order of their names.
func (t *testTotals) metrics(all []collect.Metric, prefix string) []collect.Metric {
	if t.times != nil {
		all = t.times.metrics(all, prefix)
	}
	from := len(all)
	all = t.totals(all, prefix)
	sortByName(all[from:])
	return all
}

// totals appends what is no time of one case.
func (t *testTotals) totals(all []collect.Metric, prefix string) []collect.Metric {
	items := t.count[Passed] + t.count[Failed] + t.count[Errored] + t.count[Skipped]
	switch {
	case t.partly && !t.told:
		all = append(all, count(prefix+".failed", t.count[Failed]+t.count[Errored], collect.Lower))
	case t.told || items > 0:
		all = append(all,
			count(prefix+".item_count", items, collect.Higher),
			count(prefix+".passed", t.count[Passed], collect.Higher),
			count(prefix+".failed", t.count[Failed], collect.Lower),
			count(prefix+".skipped", t.count[Skipped], collect.Lower),
			count(prefix+".errors", t.count[Errored], collect.Lower),
			count(prefix+".flaky", t.flaky, collect.Lower))
	}
	if t.leaves {
		all = append(all, count(prefix+".leaf_count", items-t.groups, collect.Higher))
	}
	// No case and no failure is no success: nothing was tested.
	if t.suiteFailed || t.count[Failed]+t.count[Errored] > 0 {
		all = append(all, count(prefix+".suite_success", 0, collect.Higher))
	} else if items > 0 || t.partly {
		all = append(all, count(prefix+".suite_success", 1, collect.Higher))
	}
	if sum := t.total(); sum.known && !notFinite(sum.v) {
		all = append(all, seconds(prefix+".total_seconds", nanoseconds(sum.v)))
	}
	return all
}

func count(name string, n int, better collect.Direction) collect.Metric {
	return collect.Metric{Name: name, Unit: "count", Better: better, Value: float64(n)}
}

// nanoseconds rounds a sum, so that the order of its parts does not show.
func nanoseconds(v float64) float64 {
	if math.Abs(v) > 1e6 {
		return v // digits past the point are few by then
	}
	return math.Round(v*1e9) / 1e9
}

func seconds(name string, v float64) collect.Metric {
	return collect.Metric{Name: name, Unit: "s", Better: collect.Lower, Value: v}
}
