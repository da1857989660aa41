package parse

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// gotest reads go test -json: one event a line, between lines of other programs
// that print to the same stream.
//
// A test or subtest counts when its result is reported, each time it is (as with
// -count=3). A test that began and has no result counts as an error when its
// package failed or never ended. A test that failed in one run of its package
// and came again in a later one, as gotestsum --rerun-fails does, counts once,
// as it ended, and is flaky if it then passed. The total time is that of the
// packages, which tests in parallel and subtests would exceed.
//
// Benchmarks inside the stream become metrics as in the gobench format.
var gotest = Format{
	Name: "gotest", Aliases: []string{"gotest-json"}, // as other tools call it
	From:  "go test -json, also with the benchmarks among it",
	Match: matchGotest, Parse: parseGotest,
}

// matchGotest looks for one whole event that go test or test2json writes.
func matchGotest(h *Head) bool {
	head := h.Bytes
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte{'\n'})
		head = rest
		var e testEvent
		if startsEvent(line) && e.scan(line) && knownAction(e.action) {
			return true
		}
	}
	return false
}

func knownAction(action []byte) bool {
	switch string(action) {
	case "start", "run", "pause", "cont", "pass", "bench", "fail", "output", "skip", "attr", "build-output", "build-fail":
		return true
	}
	return false
}

// startsEvent reports whether a line begins as go's own events do: such a line
// that is no whole object was damaged, and is not another program's.
func startsEvent(line []byte) bool {
	for _, start := range []string{`{"Time":"`, `{"Action":"`, `{"ImportPath":"`} {
		if bytes.HasPrefix(line, []byte(start)) {
			return true
		}
	}
	return false
}

// gotestReader is the state of one file.
type gotestReader struct {
	sheet    *Sheet
	lines    *lineReader
	packages map[string]*testPackage
	last     *testPackage // of the event before: events of a package flock
	benches  benchSet
	failures failures
	event    testEvent
	scratch  []byte
	events   int
	failed   bool // something other than a test failed
}

func parseGotest(r io.Reader, s *Sheet) error {
	g := gotestReader{sheet: s, lines: newLineReader(r), packages: map[string]*testPackage{}}
	err := g.read()
	if err == nil {
		err = g.lines.failure()
	}
	if err == nil && g.events == 0 {
		return errors.New(`no test event in it: want the output of "go test -json"`)
	}
	s.Tool(GoTest)
	g.finish()
	return err
}

func (g *gotestReader) read() error {
	for {
		line, ok := g.lines.next()
		if !ok {
			return nil
		}
		if len(line) == 0 || line[0] != '{' {
			g.otherLine(line)
			continue
		}
		if g.lines.long {
			line = g.lines.shrunk(line)
		}
		if !g.event.scan(line) {
			if err := g.damaged(line); err != nil {
				return err
			}
			continue
		}
		g.add(&g.event)
	}
}

// damaged is the error of a line that is no whole object, unless another
// program printed it.
func (g *gotestReader) damaged(line []byte) error {
	switch {
	case g.lines.torn && (startsEvent(line) || g.events > 0):
		return &Error{Line: g.lines.number, Column: len(line) + 1, Err: ErrTorn}
	case startsEvent(line):
		return Errorf(g.lines.number, 0, "test event is damaged: want one JSON object on the line")
	}
	return nil
}

// otherLine looks at a line that is no event. Before Go 1.24 a package that
// does not build says so in plain text.
func (g *gotestReader) otherLine(line []byte) {
	if bytes.HasPrefix(line, []byte("FAIL\t")) {
		g.failed = true
	}
}

func (g *gotestReader) add(e *testEvent) {
	switch string(e.action) {
	case "output":
		g.output(e)
	case "run":
		g.of(e).testRun(g.text(e.test))
	case "start":
		g.of(e).begin()
	case "pass":
		g.result(e, Passed)
	case "fail":
		g.result(e, Failed)
	case "skip":
		g.result(e, Skipped)
	case "build-fail":
		g.failed = true
	case "":
		return // another program's JSON
	}
	g.events++
}

// text decodes a string of the event. It is valid until the next call.
func (g *gotestReader) text(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	g.scratch = appendText(g.scratch[:0], raw)
	return g.scratch
}

// of returns the package of an event. Without a name it is that of a bare
// test2json.
func (g *gotestReader) of(e *testEvent) *testPackage {
	if g.last != nil && g.last.raw == string(e.pkg) {
		return g.last
	}
	p := g.packages[string(e.pkg)]
	if p == nil {
		p = &testPackage{raw: string(e.pkg), name: string(g.text(e.pkg))}
		g.packages[p.raw] = p
	}
	g.last = p
	return p
}

// output looks for benchmark results, which are split over several events. Since
// Go 1.20 these have the benchmark's name; before, only the text tells.
func (g *gotestReader) output(e *testEvent) {
	p := g.of(e)
	if !p.ended {
		p.begin()
	}
	if p.bench == nil {
		if !bytes.HasPrefix(e.test, benchmarkWord) && !bytes.HasPrefix(e.output, benchmarkWord) {
			return
		}
		p.bench = &benchText{all: &g.benches, pkg: p.name, onePackage: true}
	}
	p.bench.write(g.text(e.output))
}

func (g *gotestReader) result(e *testEvent, o Outcome) {
	p := g.of(e)
	if len(e.test) == 0 {
		g.endPackage(p, e, o)
		return
	}
	c := p.result(g.text(e.test))
	c.Outcome, c.Seconds, c.Timed = o, e.elapsed, e.timed
	if e.timed && !strings.Contains(c.Name, "/") {
		p.seconds += e.elapsed
	}
	g.count(p, c)
}

// count puts a case on the sheet. A bad one waits, for a later run of its
// package may say otherwise.
func (g *gotestReader) count(p *testPackage, c Case) {
	key := testKey{p.name, c.Name}
	before := p.run > 0 && g.failures.withdraw(key, p.run)
	if c.Outcome == Failed || c.Outcome == Errored {
		p.bad = true
		g.failures.add(key, p.run, c)
		return
	}
	c.Flaky = before && c.Outcome == Passed
	g.sheet.Case(c)
}

func (g *gotestReader) endPackage(p *testPackage, e *testEvent, o Outcome) {
	p.begin()
	if e.timed {
		p.seconds = e.elapsed
	}
	g.sheet.Seconds(p.seconds)
	if o == Failed {
		g.unfinished(p)
		// A build, a TestMain, an exit or a race failed, or a test is to blame
		// and its case says it.
		g.failed = g.failed || !p.bad
	}
	p.end()
}

// unfinished counts the tests that began and never ended.
func (g *gotestReader) unfinished(p *testPackage) {
	for _, name := range p.open() {
		if p.explains(name, &g.failures) {
			g.count(p, Case{Suite: p.name, Name: name, Group: p.tests[name].group, Outcome: Errored})
		}
	}
}

// finish ends what the stream left open and counts what was held back.
func (g *gotestReader) finish() {
	for _, name := range slices.Sorted(maps.Keys(g.packages)) {
		if p := g.packages[name]; p.live {
			g.unfinished(p)
			g.sheet.Seconds(p.seconds)
			g.failed = true
		}
	}
	g.failures.each(g.sheet.Case)
	if g.failed {
		g.sheet.SuiteFailed()
	}
	g.benches.flush(g.sheet)
}
