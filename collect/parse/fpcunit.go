package parse

import "io"

// fpcunit is the XML of FPCUnit, for Free Pascal and Lazarus.
var fpcunit = Format{
	Name:  "fpcunit",
	From:  "FPCUnit: --format=xml --file=FILE",
	Match: func(h *Head) bool { return h.root("TestResults") },
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &fpcunitDialect{}, "TestResults") },
}

// fpcunitDialect knows whether there was a list of tests.
type fpcunitDialect struct{ known bool }

func (d *fpcunitDialect) start(t *xmlTests) error {
	name, _ := t.x.attr("Name")
	switch string(t.x.name) {
	case "TestListing":
		d.known = true
	case "TestSuite":
		t.suite(name)
	case "Test":
		c := t.open(name)
		switch t.x.text("Result") {
		case "Failed":
			c.Outcome = Failed
		case "Error":
			c.Outcome = Errored
		case "Ignored":
			c.Outcome = Skipped
		}
		if v, ok := t.x.attr("ElapsedTime"); ok {
			c.Seconds, c.Timed = parseClock(v)
		}
	}
	return nil
}

func (*fpcunitDialect) end(*xmlTests, string) {}

func (d *fpcunitDialect) done(t *xmlTests) error {
	if !d.known {
		return t.x.errorf(t.x.end, "no <TestListing> in it: want the XML of FPCUnit")
	}
	return nil
}
