package parse

import (
	"io"
	"strings"
)

// cppunit is the XML of CppUnit, and of AUnit for Ada, which is nearly the same.
var cppunit = Format{
	Name: "cppunit", Aliases: []string{"aunit"},
	From: "CppUnit's XmlOutputter, AUnit's XML reporter (Ada)",
	Match: func(h *Head) bool {
		x, ok := h.xml()
		return ok && string(x.name) == "TestRun" && !isTRXRoot(x)
	},
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &cppunitDialect{}, "TestRun") },
}

// cppunitDialect knows in which of the two lists it is.
type cppunitDialect struct{ failed, known bool }

func (d *cppunitDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "TestRun":
		if isTRXRoot(t.x) {
			return t.x.errorf(t.x.at, "<TestRun> of a TRX file: want that of CppUnit or AUnit")
		}
		if v, ok := t.x.attr("elapsed"); ok {
			if seconds, ok := parseSeconds(v); ok {
				t.sheet.Seconds(seconds)
			}
		}
	case "FailedTests", "SuccessfulTests":
		d.known, d.failed = true, string(t.x.name) == "FailedTests"
	case "Test", "FailedTest":
		if !d.known {
			return nil // of the statistics
		}
		c := t.open(nil)
		if d.failed {
			c.Outcome = Failed
		}
		if v, ok := t.x.attr("elapsed"); ok {
			c.seconds(v)
		}
	case "Name", "FailureType":
		if t.below() {
			t.want()
		}
	}
	return nil
}

func (d *cppunitDialect) end(t *xmlTests, text string) {
	c := t.current()
	switch string(t.x.name) {
	case "FailedTests", "SuccessfulTests":
		d.failed = false
	case "Name":
		if c != nil && text != "" && !t.sheet.TotalsOnly {
			c.Suite, c.Name = splitColons(text)
		}
	case "FailureType":
		if c != nil && strings.Contains(text, "Error") {
			c.Outcome = Errored
		}
	}
}

func (d *cppunitDialect) done(t *xmlTests) error {
	if !d.known {
		return t.x.errorf(t.x.end, "no <SuccessfulTests> and no <FailedTests> in it: want the XML of CppUnit or AUnit")
	}
	return nil
}

// splitColons parts the class from "CartTest::testAdd".
func splitColons(name string) (suite, rest string) {
	if at := strings.LastIndex(name, "::"); at > 0 && at+2 < len(name) {
		return name[:at], name[at+2:]
	}
	return "", name
}
