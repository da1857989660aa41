package parse

import (
	"bytes"
	"errors"
	"io"
)

// gotestText reads what go test prints without -json. With -v each test that
// reports a result counts, as in the format gotest. Without it only failures and
// packages are known, so only failed, suite_success and total_seconds appear.
//
// Benchmarks among the tests become metrics as in the gobench format.
var gotestText = Format{
	Name: "gotest-text", Aliases: []string{"go-test-text"},
	From:  "go test and go test -v, the output of a test binary",
	Match: matchGotestText, Parse: parseGotestText,
}

func matchGotestText(h *Head) bool {
	if bytes.IndexByte([]byte("<{["), h.first()) >= 0 {
		return false
	}
	packages := false
	var bench benchLine
	for line := range bytes.Lines(h.Bytes) {
		line = bytes.TrimRight(line, "\r\n")
		if _, ok := gotestRun(line); ok {
			return true
		}
		if r, ok := gotestResult(line); ok && r.indent == 0 && startsTest(r.name) {
			return true
		}
		if startsEvent(line) || bench.result(line) {
			return false
		}
		_, ok := gotestEnd(line)
		packages = packages || ok
	}
	return packages
}

// gotestRun reads "=== RUN   TestAdd".
func gotestRun(line []byte) (name []byte, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("=== RUN "))
	name = bytes.TrimSpace(rest)
	return name, ok && startsTest(name)
}

// startsTest reports whether a name is one of what go test runs and reports.
func startsTest(name []byte) bool {
	for _, word := range []string{"Test", "Example", "Fuzz"} {
		if bytes.HasPrefix(name, []byte(word)) {
			return true
		}
	}
	return false
}

// gotestOutcome is a line such as "    --- FAIL: TestAdd/one (0.02s)".
type gotestOutcome struct {
	name    []byte
	indent  int
	outcome Outcome
	seconds float64
	timed   bool
}

// gotestResult reads a result, which also stands behind what a test has printed
// without an end of line.
func gotestResult(line []byte) (r gotestOutcome, ok bool) {
	at := bytes.Index(line, []byte("--- "))
	if at < 0 || len(line) < at+10 {
		return r, false
	}
	switch string(line[at+4 : at+10]) {
	case "PASS: ":
	case "FAIL: ":
		r.outcome = Failed
	case "SKIP: ":
		r.outcome = Skipped
	default:
		return r, false
	}
	rest := line[at+10:]
	open := bytes.LastIndex(rest, []byte(" ("))
	if open < 0 || rest[len(rest)-1] != ')' {
		return r, false
	}
	time := bytes.TrimSuffix(rest[open+2:len(rest)-1], []byte(" seconds"))
	r.seconds, r.timed = parseSeconds(bytes.TrimSuffix(time, []byte("s")))
	r.name, r.indent = rest[:open], at
	if len(bytes.TrimLeft(line[:at], " ")) > 0 {
		r.indent = -1
	}
	return r, r.timed && len(r.name) > 0
}

// gotestPackage is a line such as "ok  	example.com/shop	0.160s".
type gotestPackage struct {
	name    []byte
	failed  bool
	seconds float64
	timed   bool
}

// gotestEnd reads the end of a package.
func gotestEnd(line []byte) (p gotestPackage, ok bool) {
	p.failed = bytes.HasPrefix(line, []byte("FAIL"))
	if !p.failed && !bytes.HasPrefix(line, []byte("ok ")) {
		return p, false
	}
	fields := bytes.Fields(line)
	if len(fields) < 3 {
		return p, false
	}
	p.name = fields[1]
	switch after := string(fields[2]); after {
	case "(cached)":
		return p, !p.failed
	case "[build", "[setup":
		return p, p.failed
	default:
		number, found := bytes.CutSuffix(fields[2], []byte("s"))
		p.seconds, p.timed = parseSeconds(number)
		return p, found && p.timed
	}
}

// gotestTextReader is the state of one file. Text says the package after its
// tests.
type gotestTextReader struct {
	sheet *Sheet
	pkg   *testPackage
	cases []Case // of the package, in order
	// verbose says that passed tests are told; results and ends that there was
	// anything at all.
	verbose       bool
	results, ends int
	failed        bool // the package printed FAIL
	running       bool // something came after the last end
	benches       benchSet
	text          benchText
}

func parseGotestText(r io.Reader, s *Sheet) error {
	g := gotestTextReader{sheet: s, pkg: &testPackage{}}
	g.text.all = &g.benches
	lines := newLineReader(r)
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		if startsEvent(line) {
			return Errorf(lines.number, 1, "has an event of go test -json: want the text that go test prints without it")
		}
		g.text.line(line)
		g.line(line)
	}
	if err := lines.failure(); err != nil {
		return err
	}
	if g.results == 0 && !g.verbose && (g.ends == 0 || len(g.benches.order) > 0) {
		return errors.New(`no test and no package without benchmarks in it: want the output of "go test" or "go test -v"`)
	}
	if g.running || len(g.cases) > 0 {
		g.endPackage(gotestPackage{failed: g.failed || len(g.pkg.open()) > 0})
	}
	if g.verbose {
		s.Tool(GoTest)
	} else {
		s.Partly()
	}
	g.benches.flush(s)
	return nil
}

func (g *gotestTextReader) line(line []byte) {
	if name, ok := gotestRun(line); ok {
		g.verbose, g.running = true, true
		g.pkg.testRun(name)
		return
	}
	if r, ok := gotestResult(line); ok && startsTest(r.name) && g.believed(&r) {
		g.verbose = g.verbose || r.outcome != Failed
		g.results++
		c := g.pkg.result(r.name)
		c.Outcome, c.Seconds, c.Timed = r.outcome, r.seconds, r.timed
		g.cases = append(g.cases, c)
		return
	}
	switch p, ok := gotestEnd(line); {
	case ok:
		g.ends++
		g.endPackage(p)
	case string(line) == "FAIL":
		g.failed = true
	case bytes.HasPrefix(line, []byte("panic: ")):
		g.running = true
	}
}

// believed tells a result from text that looks like one: where it does not begin
// the line, the test must be one that runs.
func (g *gotestTextReader) believed(r *gotestOutcome) bool {
	return r.indent >= 0 && r.indent%4 == 0 || g.pkg.begun(r.name)
}

// endPackage counts the tests that were read since the last end.
func (g *gotestTextReader) endPackage(p gotestPackage) {
	name, bad := "", false
	if !g.sheet.TotalsOnly {
		name = string(p.name)
	}
	if p.failed {
		for _, test := range g.pkg.open() {
			g.cases = append(g.cases, Case{Name: test, Outcome: Errored, Group: g.pkg.tests[test].group})
		}
	}
	for _, c := range g.cases {
		c.Suite = name
		bad = bad || c.Outcome == Failed || c.Outcome == Errored
		g.sheet.Case(c)
	}
	if p.failed && !bad {
		g.sheet.SuiteFailed() // a build, a TestMain or a race
	}
	if p.timed {
		g.sheet.Seconds(p.seconds)
	}
	g.cases, g.pkg = nil, &testPackage{}
	g.failed, g.running = false, false
}
