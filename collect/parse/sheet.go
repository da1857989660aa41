package parse

import (
	"maps"
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// Sheet adds up what the files of one run say. A parser writes one file on a
// fresh sheet; Merge adds that to the sheet of the run.
type Sheet struct {
	// TotalsOnly leaves out the metrics of single test cases, which saves the
	// memory of their names. Set it before the first case.
	TotalsOnly bool
	// Sources is what is known of the repository whose code was covered. Set it
	// before Metrics is called.
	Sources Sources

	prefix string
	file   string                 // the name of the file that is being read
	tests  map[string]*testTotals // by prefix of their metrics
	mine   *testTotals            // those of the file that is being read
	tool   string                 // of the file that is being read
	suite  []byte                 // of the last case, for the next; so is name
	name   []byte
	custom map[string]*collect.Metric
	// benches are the results of gobench, which came before custom.
	benches []benchResults
	// estimates are figures that tools made of samples which they did not say.
	estimates map[string]*collect.Metric
	cover     coverage
}

// The tools that change what a sheet makes of their tests.
const (
	// Pytest names the metrics pytest.*, unless the user gave a prefix.
	Pytest = "pytest"
	// GoTest adds leaf_count, because a Go test counts beside its subtests.
	GoTest = "go test"
)

// NewSheet makes an empty sheet. Prefix names the tests' metrics; empty means
// test, or pytest where pytest wrote the file.
func NewSheet(prefix string) *Sheet { return &Sheet{prefix: prefix} }

// Tool says that the file holds test results and which tool wrote them: Pytest,
// GoTest, or any other name. From then on the counts exist, even if they are
// zero. It may be called at any place of a file, and again.
func (s *Sheet) Tool(name string) {
	was := s.testPrefix()
	s.mine = nil
	s.tool = name
	now := s.testPrefix()
	if t := s.tests[was]; t != nil && was != now {
		delete(s.tests, was)
		s.tests[now] = t
	}
	t := s.fileTests()
	t.told, t.leaves = true, name == GoTest
}

func (s *Sheet) testPrefix() string {
	switch {
	case s.prefix != "":
		return s.prefix
	case s.tool == Pytest:
		return "pytest"
	}
	return "test"
}

func (s *Sheet) fileTests() *testTotals {
	if s.mine == nil {
		s.mine = s.testsOf(s.testPrefix())
	}
	return s.mine
}

func (s *Sheet) testsOf(prefix string) *testTotals {
	t := s.tests[prefix]
	if t == nil {
		if s.tests == nil {
			s.tests = map[string]*testTotals{}
		}
		t = &testTotals{}
		s.tests[prefix] = t
	}
	return t
}

// Case counts one test case. Each call counts, also of a name that was there.
func (s *Sheet) Case(c Case) {
	s.suite, s.name = append(s.suite[:0], c.Suite...), append(s.name[:0], c.Name...)
	s.caseOf(&c, s.suite, s.name)
}

// caseOf is Case with the suite and the name apart, of which nothing is kept.
func (s *Sheet) caseOf(c *Case, suite, name []byte) {
	s.fileTests().add(c, suite, name, !s.TotalsOnly)
}

// Cases counts n test cases of which no more than the outcome is known.
func (s *Sheet) Cases(n int, o Outcome) { s.fileTests().count[o] += n }

// Seconds adds to the total time of the file's tests. Where a file calls it,
// the times of its cases do not add to the total: a format whose cases contain
// one another says its total itself. A time that is no finite number is
// ignored.
func (s *Sheet) Seconds(v float64) {
	if !notFinite(v) {
		s.fileTests().said.add(v)
	}
}

// SuiteFailed says that a suite failed without a failed case, such as a package
// that does not build: it makes suite_success 0.
func (s *Sheet) SuiteFailed() { s.fileTests().suiteFailed = true }

// Partly says that the file names only the tests that failed, and that a suite
// ran: how many passed is not known, and no count but that of the failures
// appears, unless another file has them.
func (s *Sheet) Partly() { s.fileTests().partly = true }

// Add puts a benchmark or any other metric on the sheet: m.Samples, or m.Value
// where there are none. Repeated names are samples of one metric, whose Value
// becomes their median. Unit, Better and Tags are those of the first. Numbers
// that are not finite are ignored, for a record cannot hold them.
func (s *Sheet) Add(m collect.Metric) {
	samples := m.Samples
	if len(samples) == 0 {
		samples = []float64{m.Value}
	}
	samples = slices.DeleteFunc(slices.Clone(samples), notFinite)
	if len(samples) == 0 {
		return
	}
	if have := s.custom[m.Name]; have != nil {
		have.Samples = append(have.Samples, samples...)
		return
	}
	if s.custom == nil {
		s.custom = map[string]*collect.Metric{}
	}
	m.Tags = maps.Clone(m.Tags)
	m.Samples = samples
	s.custom[m.Name] = &m
}

// Line says that a line of a source file can be covered and whether it was.
// Lines count from 1. The same line said twice is one line, covered if either
// was: two suites over the same code give a union.
func (s *Sheet) Line(file string, line int, covered bool) { s.cover.file(file).line(line, covered) }

// Statements says that n statements stand in a span of a source file and
// whether they were run. The same span said twice is one span.
func (s *Sheet) Statements(file string, at Span, n int, covered bool) {
	s.cover.file(file).statements(at, n, covered)
}

// Branches says that a line has total branches, of which covered were taken.
// Which of them is not known, so the same line said twice keeps the larger
// count of each.
func (s *Sheet) Branches(file string, line, covered, total int) {
	s.cover.file(file).branch(uint32(line), branches{tally: tally{uint32(min(covered, total)), uint32(total)}})
}

// Function says that a function begins at a line of a source file and whether
// it was run.
func (s *Sheet) Function(file, name string, line int, covered bool) {
	s.cover.file(file).function(name, line, covered)
}

// Covers reports whether the sheet has coverage of source files that are known by
// name.
func (s *Sheet) Covers() bool { return len(s.cover.files) > 0 }

// Merge adds all that other says. Other must not be used afterwards.
func (s *Sheet) Merge(other *Sheet) {
	for prefix, t := range other.tests {
		s.testsOf(prefix).merge(t)
	}
	if len(s.custom) > 0 && len(other.benches) > 0 {
		s.spread()
		other.spread()
	}
	s.benches = append(s.benches, other.benches...)
	if s.custom == nil {
		s.custom = other.custom
	} else {
		for _, m := range other.custom {
			join(&s.custom, *m)
		}
	}
	for _, m := range other.estimates {
		s.estimate(*m)
	}
	s.cover.merge(&other.cover)
}

// fresh makes an empty sheet with the same settings, for one file.
func (s *Sheet) fresh() *Sheet { return &Sheet{prefix: s.prefix, TotalsOnly: s.TotalsOnly} }

// Metrics returns what was found, sorted by name: the order of the files does
// not matter. What no file said is absent.
func (s *Sheet) Metrics() []collect.Metric {
	all := make([]collect.Metric, 0, s.size())
	all = s.customMetrics(all)
	sortByName(all)
	if s.repeats(all) {
		s.spread()
		all = s.customMetrics(all[:0])
	}
	from := len(all)
	s.cover.unite(s.Sources)
	if s.Sources.Changed != nil {
		all = lineMetrics(all, "changed_", s.cover.changedTotal(s.Sources.Changed), nil)
	}
	if s.Sources.Packages {
		all = s.cover.packageMetrics(all)
	}
	all = s.cover.metrics(all, s.tests["pytest"] != nil || s.prefix == "pytest")
	sortByName(all[from:])
	for _, prefix := range slices.Sorted(maps.Keys(s.tests)) {
		all = s.tests[prefix].metrics(all, prefix)
	}
	sortByName(all)
	return all
}

// size is about how many metrics there are.
func (s *Sheet) size() int {
	const other = 16
	n := len(s.custom) + len(s.estimates) + other
	for _, r := range s.benches {
		n += r.count
	}
	for _, t := range s.tests {
		if t.times != nil {
			n += t.times.n
		}
	}
	return n
}

// repeats reports whether two benchmarks make metrics of one name, which are
// next to each other.
func (s *Sheet) repeats(sorted []collect.Metric) bool {
	if len(s.benches) == 0 {
		return false
	}
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Name == sorted[i-1].Name {
			return true
		}
	}
	return false
}

// customMetrics appends the metrics that parsers made.
func (s *Sheet) customMetrics(to []collect.Metric) []collect.Metric {
	if len(s.estimates) > 0 {
		s.spread()
	}
	for i := range s.benches {
		to = s.benches[i].metrics(to)
	}
	for _, m := range s.custom {
		to = append(to, sampled(*m, m.Samples))
	}
	for name, m := range s.estimates {
		if s.custom[name] == nil {
			to = append(to, sampled(*m, m.Samples))
		}
	}
	return to
}

// sampled sets the value of m to the median of samples, which become its own where
// there are several: nothing that is appended to them later shows in it.
func sampled(m collect.Metric, samples []float64) collect.Metric {
	var few [16]float64 // which need no memory to be sorted in
	sorted := append(few[:0], samples...)
	slices.Sort(sorted)
	mid := len(sorted) / 2
	m.Value = sorted[mid]
	if len(sorted)%2 == 0 {
		m.Value = sorted[mid-1]/2 + sorted[mid]/2 // halves first: no overflow
	}
	m.Samples = nil
	if len(samples) > 1 {
		m.Samples = slices.Clip(samples)
	}
	return m
}

func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
