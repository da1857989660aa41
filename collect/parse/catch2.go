package parse

import (
	"io"
	"strings"
)

// catch2 reads what Catch2 prints of benchmarks, as text and as XML. A benchmark
// is called TESTCASE/SECTION/NAME, for its name need only differ inside of its
// section. The mean of all samples is one value of ns_per_op: Catch2 does not say
// the samples. A benchmark or a test case that failed makes suite_success 0.
//
// XML also has the tests; each test case counts.
var catch2 = Format{
	Name:  "catch2",
	From:  "Catch2 with benchmarks, as text or with --reporter xml, which has the tests too",
	Makes: []string{"bench/TESTCASE/SECTION/NAME.ns_per_op"},
	Match: matchCatch2, Parse: parseCatch2,
}

func matchCatch2(h *Head) bool {
	if h.first() == '<' {
		return h.root("Catch2TestRun", "Catch")
	}
	return catchHeader().Match(h.Bytes)
}

func parseCatch2(r io.Reader, s *Sheet) error {
	file, err := peek(r)
	if err != nil {
		return err
	}
	if file.first == '<' {
		return parseCatch2XML(file, s)
	}
	return parseCatch2Text(file, s)
}

// catchXML follows the XML. Open are the names of the open test case and of its
// sections, each with the depth of its element.
type catchXML struct {
	x      *xmlReader
	sheet  *Sheet
	suite  string
	open   []junitSuite
	found  bool
	failed bool
	// bench is the benchmark whose figures come, empty where none is open.
	bench string
}

func parseCatch2XML(r io.Reader, s *Sheet) error {
	c := catchXML{x: newXMLReader(r), sheet: s}
	if err := c.x.walk(c.start, c.end, nil); err != nil {
		return err
	}
	if !c.found {
		return errNoBenchmark
	}
	if c.failed {
		s.SuiteFailed()
	}
	return nil
}

func (c *catchXML) start() error {
	x := c.x
	if x.depth() == 1 && string(x.name) != "Catch2TestRun" && string(x.name) != "Catch" {
		return x.errorf(x.at, "root element is <%s>: want <Catch2TestRun> or <Catch>", x.name)
	}
	switch string(x.name) {
	case "Catch2TestRun", "Catch":
		c.suite = x.text("name")
	case "TestCase", "Section":
		c.open = append(c.open, junitSuite{name: strings.TrimSpace(x.text("name")), depth: x.depth()})
	case "BenchmarkResults":
		c.bench = c.named(x.text("name"))
	case "mean":
		return c.mean()
	case "failed":
		if c.bench != "" {
			c.found, c.failed = true, true
		}
	case "OverallResult":
		c.result()
	}
	return nil
}

// named is the name of a benchmark, behind the test case and its sections.
func (c *catchXML) named(name string) string {
	var all string
	for _, o := range c.open {
		all += o.name + "/"
	}
	return all + strings.TrimSpace(name)
}

func (c *catchXML) mean() error {
	if c.bench == "" {
		return nil
	}
	value, _ := c.x.attr("value")
	v, ok := parseSeconds(value)
	if !ok {
		return c.x.errorf(c.x.at, "mean of %q is %q: want a number of nanoseconds", c.bench, value)
	}
	c.sheet.benchAs(c.bench, nsPerOp, v)
	c.found = true
	return nil
}

// result counts the open test case.
func (c *catchXML) result() {
	if len(c.open) == 0 {
		return
	}
	one := Case{Suite: c.suite, Name: c.open[0].name}
	if seconds, ok := c.x.attr("durationInSeconds"); ok {
		one.Seconds, one.Timed = parseSeconds(seconds)
	}
	switch skips := c.x.text("skips"); {
	case c.x.text("success") != "true":
		one.Outcome = Failed
	case skips != "" && skips != "0":
		one.Outcome = Skipped
	}
	c.found = true
	c.sheet.Tool("catch2")
	c.sheet.Case(one)
}

func (c *catchXML) end() {
	if string(c.x.name) == "BenchmarkResults" {
		c.bench = ""
	}
	if n := len(c.open); n > 0 && c.open[n-1].depth > c.x.depth() {
		c.open = c.open[:n-1]
	}
}
