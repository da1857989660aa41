package parse

import "io"

// junit is JUnit XML in all its dialects: what Ant and Surefire began and every
// test tool writes in its own way. Only the cases count; the totals that suites
// declare are often wrong.
var junit = Format{
	Name: "junit", Aliases: []string{"googletest", "phpunit"},
	From:  "JUnit XML of any dialect: Surefire, Gradle, pytest --junit-xml, jest-junit, nextest, GoogleTest, Bazel and many more",
	Match: isJUnit, Parse: parseJUnit,
}

func isJUnit(h *Head) bool {
	x, ok := h.xml()
	return ok && oneOf(x.name, []string{"testsuites", "testsuite"}) && !isCheckRoot(x)
}

// junitReader is what is open at one place of a file.
type junitReader struct {
	x      *xmlReader
	sheet  *Sheet
	tool   string
	suites []junitSuite
	// cases are open: one, but for tools that put a case into a case.
	cases []junitCase
	texts []byte // the suite and the name of each case, for as long as it is open
	// known says that there was a suite or a case, strange complains about the
	// first element that was neither: other formats have a root of that name.
	known   bool
	strange error
}

// junitSuite is an open suite. Depth is that of its element.
type junitSuite struct {
	name  string
	depth int
}

// junitCase is an open test case. Depth is that of its element.
type junitCase struct {
	Case             // without suite and name, which are in texts
	depth            int
	suite, name, end int // where in texts they begin and end
	// retried says that an earlier attempt did not pass.
	retried bool
}

func parseJUnit(r io.Reader, s *Sheet) error {
	j := junitReader{x: newXMLReader(r), sheet: s, tool: "junit"}
	if err := j.x.walk(j.start, j.end, nil); err != nil {
		return err
	}
	return j.done()
}

func (j *junitReader) start() error {
	switch string(j.x.name) {
	case "testsuites", "testsuite":
		j.known = j.known || string(j.x.name) == "testsuite"
		j.openSuite()
		return nil
	case "testcase":
		j.known = true
		j.openCase()
		return nil
	}
	depth := j.x.depth()
	if depth == 1 {
		return j.x.errorf(j.x.at, "root element is <%s>: want <testsuites> or <testsuite>", j.x.name)
	}
	if n := len(j.cases); n > 0 {
		if depth == j.cases[n-1].depth+1 {
			j.cases[n-1].result(string(j.x.name))
		}
		return nil
	}
	if depth == j.suites[len(j.suites)-1].depth+1 {
		j.suiteResult()
	}
	return nil
}

// openSuite keeps the suite's name; one without has that of its parent.
func (j *junitReader) openSuite() {
	name, _ := j.x.attr("name")
	if string(name) == "pytest" || string(name) == "pytest tests" {
		j.tool = Pytest
	}
	suite := junitSuite{depth: j.x.depth()}
	if len(name) > 0 {
		suite.name = CleanName(string(name))
	} else if n := len(j.suites); n > 0 {
		suite.name = j.suites[n-1].name
	}
	j.suites = append(j.suites, suite)
}

// suiteResult looks at an element that stands in a suite beside the cases.
func (j *junitReader) suiteResult() {
	switch string(j.x.name) {
	case "error", "failure":
		j.sheet.SuiteFailed() // it broke outside of any case
	case "properties", "system-out", "system-err":
	default:
		if j.strange == nil {
			j.strange = j.x.errorf(j.x.at, "has <%s> where JUnit has <testsuite> and <testcase>", j.x.name)
		}
	}
}

func (j *junitReader) openCase() {
	c := junitCase{depth: j.x.depth()}
	var suite, name []byte
	for i := range j.x.attrs {
		switch a := &j.x.attrs[i]; string(a.name) {
		case "status", "result":
			if o := junitStatus(a.value); o != Passed {
				c.Outcome = o
			}
		case "time":
			c.Seconds, c.Timed = parseSeconds(a.value)
		case "name":
			name = a.value
		case "classname":
			suite = a.value
		}
	}
	c.suite = len(j.texts)
	if n := len(j.suites); len(suite) == 0 && n > 0 {
		j.texts = append(j.texts, j.suites[n-1].name...)
	}
	j.texts = append(j.texts, suite...)
	c.name = len(j.texts)
	j.texts = append(j.texts, name...)
	c.end = len(j.texts)
	j.cases = append(j.cases, c)
}

// junitStatus reads the attribute by which GoogleTest, CTest and others say
// what has no element of its own.
func junitStatus(status []byte) Outcome {
	switch string(status) {
	case "notrun", "disabled", "suppressed", "skipped", "ignored":
		return Skipped
	case "fail", "failed", "failure":
		return Failed
	case "error", "errored":
		return Errored
	}
	return Passed
}

// result takes an element inside the case. Of several results the worst counts,
// so that a case counts once.
func (c *junitCase) result(element string) {
	switch element {
	case "error":
		c.Outcome = Errored
	case "failure":
		if c.Outcome != Errored {
			c.Outcome = Failed
		}
	case "skipped":
		if c.Outcome == Passed {
			c.Outcome = Skipped
		}
	case "flakyFailure", "flakyError":
		c.retried = true
	}
}

func (j *junitReader) end() {
	depth := j.x.depth() + 1 // of the element that was closed
	if n := len(j.cases); n > 0 && j.cases[n-1].depth == depth {
		c := &j.cases[n-1]
		c.Flaky = c.retried && c.Outcome == Passed
		j.sheet.caseOf(&c.Case, j.texts[c.suite:c.name], j.texts[c.name:c.end])
		j.texts, j.cases = j.texts[:c.suite], j.cases[:n-1]
		return
	}
	if n := len(j.suites); n > 0 && j.suites[n-1].depth == depth {
		j.suites = j.suites[:n-1]
	}
}

func (j *junitReader) done() error {
	if !j.known && j.strange != nil {
		return j.strange
	}
	j.sheet.Tool(j.tool)
	return nil
}
