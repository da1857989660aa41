package parse

import "io"

// qttest is the XML of Qt Test. A test function counts once, with all rows of its
// data.
var qttest = Format{
	Name: "qttest", Aliases: []string{"qtestlib", "qtest"},
	From: "Qt Test: TESTBINARY -o FILE,xml",
	Match: func(h *Head) bool {
		x, ok := h.xml()
		if !ok || string(x.name) != "TestCase" {
			return false
		}
		event, err := x.next()
		return err == nil && event == xmlStart && (string(x.name) == "Environment" || string(x.name) == "TestFunction")
	},
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &qttestDialect{}, "TestCase") },
}

// qttestDialect knows of the open function whether a row of it passed, and
// whether one was skipped.
type qttestDialect struct{ known, passed, skipped bool }

func (d *qttestDialect) start(t *xmlTests) error {
	name, _ := t.x.attr("name")
	switch string(t.x.name) {
	case "TestCase":
		t.suite(name)
	case "Environment":
		d.known = true
	case "TestFunction":
		d.known, d.passed, d.skipped = true, false, false
		t.open(name)
	case "Incident", "Message":
		if c := t.current(); c != nil {
			d.incident(c, t.x.text("type"))
		}
	case "Duration":
		if c := t.current(); c != nil {
			if v, ok := t.x.attr("msecs"); ok {
				c.seconds(v)
				c.Seconds /= 1000
			}
		}
	}
	return nil
}

func (d *qttestDialect) incident(c *Case, kind string) {
	switch kind {
	case "pass", "bpass", "xfail":
		d.passed = true
	case "skip", "bskip", "bfail", "bxpass", "bxfail": // b: on the black list, whose failures do not count
		d.skipped = true
	case "fail", "xpass":
		c.worse(Failed)
	case "qfatal":
		c.worse(Errored)
	}
}

func (d *qttestDialect) end(t *xmlTests, _ string) {
	if c := t.current(); c != nil && string(t.x.name) == "TestFunction" && c.Outcome == Passed && d.skipped && !d.passed {
		c.Outcome = Skipped
	}
}

func (d *qttestDialect) done(t *xmlTests) error {
	if !d.known {
		return t.x.errorf(t.x.end, "no <TestFunction> in it: want the XML of Qt Test")
	}
	return nil
}
