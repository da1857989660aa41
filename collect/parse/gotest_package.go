package parse

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// testPackage is one package in a stream of events. Several packages run at
// once, and their events come mixed.
type testPackage struct {
	raw, name string // as in JSON, and decoded
	// run counts the runs of the package in the stream: it came again, so its
	// failed tests are being tried again.
	run   int
	live  bool // it began and has not ended
	ended bool
	bad   bool // a test failed in this run
	tests map[string]openTest
	// now is the test that began last, while no other did: most tests end before
	// the next begins, and never need a place among tests. See park.
	now   string
	bench *benchText
	// seconds are those of the tests that are no subtests, until the package
	// says its own.
	seconds float64
}

// openTest is a test that has no result yet.
type openTest struct {
	group bool // it has subtests
	begun bool // else it is only known as the parent of one that has
}

// begin starts a run of the package with the first event of it.
func (p *testPackage) begin() {
	if p.live {
		return
	}
	if p.ended {
		p.run++
	}
	p.live, p.ended, p.bad, p.seconds = true, false, false, 0
	clear(p.tests)
	p.now = ""
}

func (p *testPackage) end() {
	p.live, p.ended = false, true
	p.tests, p.now, p.bench = nil, "", nil
}

// testRun notes that a test began. A benchmark reports no end if it went well,
// so none is waited for.
func (p *testPackage) testRun(test []byte) {
	p.begin()
	if len(test) == 0 || bytes.HasPrefix(test, benchmarkWord) {
		return
	}
	p.park()
	name := string(test)
	p.markParent(name)
	if _, again := p.tests[name]; again {
		p.tests[name] = openTest{begun: true}
		return
	}
	p.now = name
}

// park puts the test that began last among the others.
func (p *testPackage) park() {
	if p.now == "" {
		return
	}
	if p.tests == nil {
		p.tests = map[string]openTest{}
	}
	p.tests[p.now] = openTest{begun: true}
	p.now = ""
}

// markParent notes that the test above name is a group. Its own parents were
// marked when it began. Not each slash parts tests: a name may have its own.
func (p *testPackage) markParent(name string) {
	for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
		parent, ok := p.tests[name[:i]]
		if !ok {
			continue
		}
		if !parent.group {
			parent.group = true
			p.tests[name[:i]] = parent
		}
		return
	}
}

// result ends a test.
func (p *testPackage) result(test []byte) Case {
	p.begin()
	if p.now != "" && p.now == string(test) {
		c := Case{Suite: p.name, Name: p.now}
		p.now = ""
		return c
	}
	p.park()
	name := string(test)
	t := p.tests[name]
	if !t.begun {
		p.resultOnly(name)
	}
	delete(p.tests, name)
	return Case{Suite: p.name, Name: name, Group: t.group}
}

// begun reports whether a test began and has no result.
func (p *testPackage) begun(test []byte) bool {
	p.park()
	return p.tests[string(test)].begun
}

// resultOnly handles a stream from which the run events were filtered out: a
// parent's result comes after those of its subtests, so all that may be
// parents are kept.
func (p *testPackage) resultOnly(name string) {
	if p.tests == nil {
		p.tests = map[string]openTest{}
	}
	for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
		parent := p.tests[name[:i]]
		parent.group = true
		p.tests[name[:i]] = parent
	}
}

// open lists the tests without a result, sorted.
func (p *testPackage) open() []string {
	p.park()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.tests)) {
		if p.tests[name].begun {
			names = append(names, name)
		}
	}
	return names
}

// explains reports whether an open test counts. A subtest whose root has passed
// ended too, and only its event is missing (https://go.dev/issue/40771).
func (p *testPackage) explains(name string, f *failures) bool {
	root, _, sub := strings.Cut(name, "/")
	if !sub || p.tests[root].begun {
		return true
	}
	return f.has(testKey{p.name, root}, p.run)
}

// testKey names a test in a stream.
type testKey struct{ pkg, name string }

// failures are the bad cases that a later run may withdraw, in order.
type failures struct {
	byTest map[testKey]failedTest
	order  []testKey
}

// failedTest holds the bad cases of a test in the newest run that had any.
type failedTest struct {
	run   int
	cases []Case
}

func (f *failures) add(key testKey, run int, c Case) {
	if f.byTest == nil {
		f.byTest = map[testKey]failedTest{}
	}
	t, known := f.byTest[key]
	if !known {
		f.order = append(f.order, key)
	}
	t.run = run
	t.cases = append(t.cases, c)
	f.byTest[key] = t
}

// withdraw forgets the cases of runs before run and reports whether there were
// any.
func (f *failures) withdraw(key testKey, run int) bool {
	t, known := f.byTest[key]
	if !known || t.run == run {
		return false
	}
	any := len(t.cases) > 0
	t.cases = nil
	f.byTest[key] = t
	return any
}

func (f *failures) has(key testKey, run int) bool {
	t, known := f.byTest[key]
	return known && t.run == run
}

// each hands out what was not withdrawn.
func (f *failures) each(count func(Case)) {
	for _, key := range f.order {
		for _, c := range f.byTest[key].cases {
			count(c)
		}
	}
}
