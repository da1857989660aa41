package parse

import "io"

// doctest is the XML of doctest.
var doctest = Format{
	Name:  "doctest",
	From:  "doctest (C++): TESTBINARY --reporters=xml",
	Match: func(h *Head) bool { return h.root("doctest") },
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, doctestDialect{}, "doctest") },
}

type doctestDialect struct{}

func (doctestDialect) start(t *xmlTests) error {
	name, _ := t.x.attr("name")
	switch string(t.x.name) {
	case "TestSuite":
		t.suite(name)
	case "TestCase":
		c := t.open(name)
		if t.x.text("skipped") == "true" {
			c.Outcome = Skipped
		}
	case "OverallResultsAsserts":
		if c := t.current(); c != nil && t.below() {
			success, told := t.x.attr("test_case_success")
			if told && string(success) == "false" || !told && t.x.text("failures") != "0" {
				c.Outcome = Failed
			}
			if v, ok := t.x.attr("duration"); ok {
				c.seconds(v)
			}
		}
	}
	return nil
}

func (doctestDialect) end(*xmlTests, string) {}

func (doctestDialect) done(*xmlTests) error { return nil }
