package parse

import "io"

// boost is the log and the detailed report of Boost.Test.
var boost = Format{
	Name: "boost", Aliases: []string{"boosttest", "boost-test"},
	From:  "Boost.Test --log_format=XML --log_level=all, --report_format=XML --report_level=detailed",
	Match: func(h *Head) bool { return h.root("TestLog", "TestResult") },
	Parse: func(r io.Reader, s *Sheet) error {
		return readXMLTests(r, s, boostDialect{}, "TestLog", "TestResult")
	},
}

type boostDialect struct{}

func (boostDialect) start(t *xmlTests) error {
	name, _ := t.x.attr("name")
	switch string(t.x.name) {
	case "TestSuite":
		if above := t.inSuite(); above != "" {
			name = append([]byte(above+"/"), name...)
		}
		t.suite(name)
	case "TestCase":
		c := t.open(name)
		if t.x.text("skipped") == "yes" {
			c.Outcome = Skipped
		}
		switch t.x.text("result") { // of the report
		case "failed":
			c.Outcome = Failed
		case "aborted":
			c.Outcome = Errored
		case "skipped":
			c.Outcome = Skipped
		}
	case "TestingTime":
		t.want()
	case "Error", "FatalError":
		boostFault(t, Failed)
	case "Exception":
		boostFault(t, Errored)
	}
	return nil
}

// boostFault notes what went wrong, in a case or around the cases of a suite.
func boostFault(t *xmlTests, o Outcome) {
	if c := t.current(); c != nil {
		c.worse(o)
		return
	}
	t.sheet.SuiteFailed()
}

// end reads the time, in microseconds. That of a suite has its cases again.
func (boostDialect) end(t *xmlTests, text string) {
	if c := t.current(); c != nil && string(t.x.name) == "TestingTime" {
		c.seconds([]byte(text))
		c.Seconds /= 1e6
	}
}

func (boostDialect) done(*xmlTests) error { return nil }
