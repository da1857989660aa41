package parse

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// cobertura is the XML of Cobertura, which coverage.py, coverlet, gcovr and
// many more write. What the root declares is not read: it may count a line of
// two classes twice, or be all that is left of a report that was cut.
var cobertura = Format{
	Name:  "cobertura",
	From:  "Cobertura XML: coverage.py xml, coverlet, gcovr --cobertura, PHPUnit --coverage-cobertura",
	Match: isCobertura, Parse: parseCobertura,
}

// isCobertura tells Cobertura's root from that of Clover and of SonarQube, which
// have the same name: it has rates or sources.
func isCobertura(h *Head) bool {
	x, ok := h.xml()
	if !ok || string(x.name) != "coverage" {
		return false
	}
	for _, name := range []string{"line-rate", "branch-rate", "lines-valid", "lines-covered"} {
		if _, ok := x.attr(name); ok {
			return true
		}
	}
	event, err := x.next()
	return err == nil && event == xmlStart && (string(x.name) == "sources" || string(x.name) == "packages")
}

type coberturaReader struct {
	x     *xmlReader
	sheet *Sheet
	// source is the folder that file names are relative to, the last of sources.
	source  []byte
	sources int
	file    string // of the open class
	classAt int    // its depth; 0 where none is open
	// method is the open method, methodAt its depth.
	method   coberturaMethod
	methodAt int
	// A class has the lines of its methods again. What stands in the methods
	// counts only where the class has none: JavaScript tools put the line of
	// the declaration there, which cannot be covered.
	hasLines bool
	inMethod fileCoverage
}

type coberturaMethod struct {
	name    string
	line    int
	seen    bool // it has a line
	covered bool
}

func parseCobertura(r io.Reader, s *Sheet) error {
	c := coberturaReader{x: newXMLReader(r), sheet: s}
	return c.x.walk(c.start, c.end, func() {
		c.source = append(c.source, c.x.chunk[:min(len(c.x.chunk), maxTextBytes-len(c.source))]...)
	})
}

func (c *coberturaReader) start() error {
	c.x.wantText = false
	if c.x.depth() == 1 && string(c.x.name) != "coverage" {
		return c.x.errorf(c.x.at, "root element is <%s>: want <coverage>", c.x.name)
	}
	switch string(c.x.name) {
	case "project", "testproject", "file":
		if c.x.depth() == 2 {
			return c.x.errorf(c.x.at, "<%s> inside <coverage>: want <sources> or <packages>", c.x.name)
		}
	case "source":
		c.source = c.source[:0]
		c.sources++
		c.x.wantText = true
	case "class":
		return c.openClass()
	case "method":
		c.methodAt = c.x.depth()
		c.method = coberturaMethod{name: CleanName(c.x.text("name") + c.x.text("signature"))}
	case "line":
		if c.classAt > 0 {
			return c.line()
		}
	}
	return nil
}

func (c *coberturaReader) end() {
	c.x.wantText = false
	switch depth := c.x.depth() + 1; depth {
	case c.classAt:
		c.classAt = 0
		if !c.hasLines {
			c.sheet.cover.file(c.file).merge(&c.inMethod)
		}
	case c.methodAt:
		c.methodAt = 0
		if m := c.method; m.seen && c.classAt > 0 {
			c.sheet.Function(c.file, m.name, m.line, m.covered)
		}
	}
}

func (c *coberturaReader) openClass() error {
	name, ok := c.x.attr("filename")
	if !ok || len(name) == 0 {
		return c.x.errorf(c.x.at, "<class> has no filename")
	}
	c.classAt = c.x.depth()
	c.hasLines, c.inMethod = false, fileCoverage{}
	c.file = CleanName(c.path(string(name)))
	return nil
}

// path returns the name of a source file under its folder: two projects of one
// repository may both have a main.py. With several folders it is not known
// which of them is meant, and the name alone must do.
func (c *coberturaReader) path(name string) string {
	name = slashed(name)
	if c.sources != 1 || strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' {
		return name
	}
	folder := strings.TrimRight(strings.ReplaceAll(strings.TrimSpace(string(c.source)), `\`, "/"), "/")
	if folder == "" || folder == "." {
		return name
	}
	return folder + "/" + name
}

func (c *coberturaReader) line() error {
	number, _ := c.x.attr("number")
	line, err := strconv.ParseUint(string(number), 10, 31)
	if err != nil {
		return c.x.errorf(c.x.at, "<line> has number %q: want a whole number", number)
	}
	hits, _ := c.x.attr("hits")
	covered, ok := anyHits(hits)
	if !ok {
		return c.x.errorf(c.x.at, "<line> has hits %q: want a number", hits)
	}
	to := &c.inMethod
	if c.methodAt > 0 {
		c.method.add(int(line), covered)
	} else {
		c.hasLines = true
		to = c.sheet.cover.file(c.file)
	}
	to.line(int(line), covered)
	conditions, _ := c.x.attr("condition-coverage")
	if covered, total, ok := parseConditions(conditions); ok {
		to.branch(uint32(line), branches{tally: tally{covered, total}})
	}
	return nil
}

func (m *coberturaMethod) add(line int, covered bool) {
	if !m.seen || line < m.line {
		m.line = line
	}
	m.seen = true
	m.covered = m.covered || covered
}

// anyHits reports whether a count of hits is above zero. Counts may be larger
// than any integer, or negative after they overflowed, which is above zero too.
func anyHits(b []byte) (any, ok bool) {
	v, err := strconv.ParseFloat(string(b), 64)
	return v != 0, err == nil
}

// parseConditions reads "50% (1/2)".
func parseConditions(b []byte) (covered, total uint32, ok bool) {
	_, b, _ = bytes.Cut(b, []byte{'('})
	b, _, ok = bytes.Cut(b, []byte{')'})
	left, right, slash := bytes.Cut(b, []byte{'/'})
	if !ok || !slash {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(string(left), 10, 31)
	if err != nil {
		return 0, 0, false
	}
	of, err := strconv.ParseUint(string(right), 10, 31)
	return uint32(n), uint32(of), err == nil && n <= of
}
