package parse

import (
	"bytes"
	"io"
	"strings"
)

// clover is the XML of Clover, as Istanbul, PHPUnit and OpenClover write it. Lines
// are those of type stmt and cond; a line of type method is where a function
// begins. The metrics of the project count only where it has no such line: a
// report may be cut down, and two of them cannot be united.
var clover = Format{
	Name:  "clover",
	From:  "Clover XML: PHPUnit --coverage-clover, Istanbul (Jest, Vitest, nyc), OpenClover",
	Match: matchClover, Parse: parseClover,
}

// matchClover tells Clover's root from others of that name.
func matchClover(h *Head) bool {
	x, ok := h.xml()
	if !ok || string(x.name) != "coverage" || !cloverRoot(x) {
		return false
	}
	event, err := x.next()
	return err == nil && (event == xmlEnd || event == xmlStart && (string(x.name) == "project" || string(x.name) == "testproject"))
}

// cloverRoot reports whether the root says by which Clover or, PHPUnit's way,
// only when it was written.
func cloverRoot(x *xmlReader) bool {
	_, clover := x.attr("clover")
	_, generated := x.attr("generated")
	return clover || generated
}

type cloverReader struct {
	x     *xmlReader
	sheet *Sheet
	// istanbul writes how many branches were and were not taken, where Clover
	// has the counts of the true and the false one.
	istanbul  bool
	hardcoded bool // the version that Istanbul always names
	pkg       string
	file      *fileCoverage
	skipped   int // depth of the test code that is open, 0 where none is
	lines     bool
	sources   sourceSet
	declared  declaredTotals
}

func parseClover(r io.Reader, s *Sheet) error {
	c := cloverReader{x: newXMLReader(r), sheet: s}
	if err := c.x.walk(c.start, c.end, nil); err != nil {
		return err
	}
	if !c.lines {
		s.cover = coverage{} // functions of lines of type method, perhaps not all
		s.cover.declare(c.sources, c.declared)
	}
	return nil
}

func (c *cloverReader) start() error {
	x := c.x
	if x.depth() == 1 {
		if string(x.name) != "coverage" {
			return x.errorf(x.at, "root element is <%s>: want <coverage>", x.name)
		}
		if !cloverRoot(x) {
			return x.errorf(x.at, "<coverage> has neither clover nor generated: want those of Clover")
		}
		c.hardcoded = x.text("clover") == "3.2.0"
		return nil
	}
	if x.depth() == 2 && string(x.name) != "project" && string(x.name) != "testproject" {
		return x.errorf(x.at, "<%s> inside <coverage>: want <project>", x.name)
	}
	if c.skipped > 0 {
		return nil
	}
	switch string(x.name) {
	case "testproject":
		c.skipped = x.depth()
	case "project":
		c.istanbul = c.hardcoded && x.text("name") == "All files"
	case "package":
		c.pkg = x.text("name")
	case "file":
		return c.open()
	case "metrics":
		if x.depth() == 3 {
			return c.metrics()
		}
	case "line":
		if c.file != nil {
			return c.line()
		}
	}
	return nil
}

func (c *cloverReader) end() {
	if c.x.depth() < c.skipped {
		c.skipped = 0
	}
	switch string(c.x.name) {
	case "package":
		c.pkg = ""
	case "file":
		c.file = nil
	}
}

// open begins a file: by its path, or by its name where that is one, or else by
// its name in the folder of its Java package.
func (c *cloverReader) open() error {
	path := c.x.text("path")
	if path == "" {
		path = c.x.text("name")
	}
	if path == "" {
		return c.x.errorf(c.x.at, "<file> has neither path nor name")
	}
	if !strings.ContainsAny(path, `/\`) && c.pkg != "" {
		path = strings.ReplaceAll(c.pkg, ".", "/") + "/" + path
	}
	path = CleanName(slashed(path))
	c.sources.add(path)
	c.file = c.sheet.cover.file(path)
	return nil
}

func (c *cloverReader) line() error {
	kind, _ := c.x.attr("type")
	if !bytes.Equal(kind, []byte("stmt")) && !bytes.Equal(kind, []byte("cond")) && !bytes.Equal(kind, []byte("method")) {
		return nil
	}
	number, err := c.x.number("num")
	if err != nil {
		return err
	}
	switch string(kind) {
	case "cond":
		return c.condition(number)
	case "method":
		covered, err := c.x.hits("count")
		if err != nil {
			return err
		}
		name := c.x.text("signature") // OpenClover's
		if name == "" {
			name = c.x.text("name")
		}
		c.file.function(CleanName(name), int(number), covered)
	default:
		covered, err := c.x.hits("count")
		if err != nil {
			return err
		}
		c.cover(number, covered)
	}
	return nil
}

func (c *cloverReader) cover(number uint32, covered bool) {
	c.lines = true
	c.file.line(int(number), covered)
}

// condition reads a line with branches. Clover itself leaves out how often the
// line was run.
func (c *cloverReader) condition(number uint32) error {
	yes, err := c.x.hits("truecount")
	if err != nil {
		return err
	}
	no, err := c.x.hits("falsecount")
	if err != nil {
		return err
	}
	covered := yes || no
	if _, has := c.x.attr("count"); has {
		if covered, err = c.x.hits("count"); err != nil {
			return err
		}
	}
	c.cover(number, covered)
	if !c.istanbul {
		var arms armList
		arms.add(number, yes)
		arms.add(number, no)
		arms.put(c.file)
		return nil
	}
	taken, err := c.x.tally("truecount", "falsecount")
	if err != nil {
		return err
	}
	c.file.branch(number, branches{tally: taken})
	return nil
}

// metrics reads what the project declares.
func (c *cloverReader) metrics() error {
	for kind, name := range map[int]string{statementKind: "statements", branchKind: "conditionals", functionKind: "methods"} {
		if _, has := c.x.attr(name); !has {
			continue
		}
		total, err := c.x.number(name)
		if err != nil {
			return err
		}
		covered, err := c.x.number("covered" + name)
		if err != nil {
			return err
		}
		c.declared[kind] = tally{min(covered, total), total}
	}
	return nil
}
