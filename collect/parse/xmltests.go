package parse

import (
	"bytes"
	"io"
	"strings"
)

// xmlTests reads the XML of the test tools that are not JUnit's. They all have
// cases inside of suites and differ in names: an xmlDialect knows these.
type xmlTests struct {
	x     *xmlReader
	sheet *Sheet

	suites []xmlSuite
	cases  []xmlCase
	// textAt is the depth of the element whose text is collected, 0 for none.
	textAt int
	text   []byte
}

// xmlDialect is what one tool writes. It is made anew for each file.
type xmlDialect interface {
	// start sees each start tag: the element is in t.x.
	start(t *xmlTests) error
	// end sees each end tag, with the text that was wanted of it. A case or a
	// suite of this element is still open.
	end(t *xmlTests, text string)
	// done sees the end of the file.
	done(t *xmlTests) error
}

// xmlSuite is an open suite. Depth is that of its element.
type xmlSuite struct {
	name  string
	depth int
}

// xmlCase is an open case. Depth is that of its element. One that has cases
// inside does not count itself.
type xmlCase struct {
	Case
	depth int
	outer bool
}

// maxTestText is how much text of an element is kept: names, times, results.
const maxTestText = 4 << 10

// readXMLTests reads a file whose root must be one of roots.
func readXMLTests(r io.Reader, s *Sheet, d xmlDialect, roots ...string) error {
	t := &xmlTests{x: newXMLReader(r), sheet: s}
	start := func() error {
		if t.x.depth() == 1 && !oneOf(t.x.name, roots) {
			return t.x.errorf(t.x.at, "root element is <%s>: want <%s>", t.x.name, strings.Join(roots, "> or <"))
		}
		return d.start(t)
	}
	text := func() {
		if t.x.depth() == t.textAt {
			t.text = append(t.text, t.x.chunk[:min(len(t.x.chunk), maxTestText-len(t.text))]...)
		}
	}
	if err := t.x.walk(start, func() { t.end(d) }, text); err != nil {
		return err
	}
	s.Tool("xml")
	return d.done(t)
}

func oneOf(name []byte, names []string) bool {
	for _, n := range names {
		if string(name) == n {
			return true
		}
	}
	return false
}

// end closes what the element had opened.
func (t *xmlTests) end(d xmlDialect) {
	depth := t.x.depth() + 1
	text := ""
	if t.textAt == depth {
		text = string(bytes.TrimSpace(t.text))
		t.textAt, t.x.wantText = 0, false
	}
	d.end(t, text)
	if n := len(t.cases); n > 0 && t.cases[n-1].depth == depth {
		c := t.cases[n-1]
		t.cases = t.cases[:n-1]
		t.count(c)
	}
	if n := len(t.suites); n > 0 && t.suites[n-1].depth == depth {
		t.suites = t.suites[:n-1]
	}
}

func (t *xmlTests) count(c xmlCase) {
	switch {
	case !c.outer:
		t.sheet.Case(c.Case)
	case c.Outcome == Failed || c.Outcome == Errored:
		t.sheet.SuiteFailed()
	}
}

// suite opens a suite at the element that begins. One without a name has that
// of its parent.
func (t *xmlTests) suite(name []byte) {
	s := xmlSuite{name: t.inSuite(), depth: t.x.depth()}
	if len(name) > 0 {
		s.name = t.keep(name)
	}
	t.suites = append(t.suites, s)
}

// inSuite is the name of the innermost suite.
func (t *xmlTests) inSuite() string {
	if n := len(t.suites); n > 0 {
		return t.suites[n-1].name
	}
	return ""
}

// open opens a case at the element that begins, in the innermost suite.
func (t *xmlTests) open(name []byte) *Case {
	if n := len(t.cases); n > 0 {
		t.cases[n-1].outer = true
	}
	t.cases = append(t.cases, xmlCase{Case: Case{Suite: t.inSuite(), Name: t.keep(name)}, depth: t.x.depth()})
	return t.current()
}

// current is the innermost open case, or nil.
func (t *xmlTests) current() *Case {
	if n := len(t.cases); n > 0 {
		return &t.cases[n-1].Case
	}
	return nil
}

// below reports whether the element that begins stands in the case itself, and
// not deeper.
func (t *xmlTests) below() bool {
	n := len(t.cases)
	return n > 0 && t.x.depth() == t.cases[n-1].depth+1
}

// want collects the text of the element that begins, for end.
func (t *xmlTests) want() {
	t.textAt, t.text, t.x.wantText = t.x.depth(), t.text[:0], true
}

// keep makes a name of bytes that are valid for now. Where only totals are
// wanted it makes none.
func (t *xmlTests) keep(name []byte) string {
	if t.sheet.TotalsOnly {
		return ""
	}
	return string(name)
}

// seconds reads the time of a case.
func (c *Case) seconds(text []byte) { c.Seconds, c.Timed = parseSeconds(text) }

// worse notes a further result of the case: of several the worst counts.
func (c *Case) worse(o Outcome) {
	if badness[o] > badness[c.Outcome] {
		c.Outcome = o
	}
}

var badness = [outcomes]int{Passed: 0, Skipped: 1, Failed: 2, Errored: 3}

// splitCase takes the class off a name that repeats it: tools write
// "Shop.Cart.Adds(1)" for Adds(1) of Shop.Cart. Where the class is not known it
// is what stands before the last dot that is in no parameter.
func splitCase(class, name string) (suite, rest string) {
	if class != "" {
		if after, ok := strings.CutPrefix(name, class+"."); ok && after != "" {
			return class, after
		}
		return class, name
	}
	end := strings.IndexAny(name, "(<\"")
	if end < 0 {
		end = len(name)
	}
	if dot := strings.LastIndexByte(name[:end], '.'); dot > 0 && dot < len(name)-1 {
		return name[:dot], name[dot+1:]
	}
	return "", name
}

// parseClock reads a time such as "00:01:02.5" or "1.00:01:02.5", which has days
// in front.
func parseClock(text []byte) (seconds float64, ok bool) {
	parts := bytes.Split(bytes.TrimSpace(text), []byte{':'})
	if len(parts) != 3 {
		return 0, false
	}
	days, hours, found := bytes.Cut(parts[0], []byte{'.'})
	if !found {
		days, hours = []byte{'0'}, days
	}
	for i, part := range [][]byte{days, hours, parts[1], parts[2]} {
		v, ok := parseSeconds(part)
		if !ok || v < 0 {
			return 0, false
		}
		seconds += v * []float64{86400, 3600, 60, 1}[i]
	}
	return seconds, true
}
