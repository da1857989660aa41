package parse

import "io"

// cunit is the XML of CUnit. A test that failed has one record for each failed
// assertion.
var cunit = Format{
	Name:  "cunit",
	From:  "CUnit's automated interface: *-Results.xml",
	Match: func(h *Head) bool { return h.root("CUNIT_TEST_RUN_REPORT") },
	Parse: func(r io.Reader, s *Sheet) error {
		return readXMLTests(r, s, &cunitDialect{}, "CUNIT_TEST_RUN_REPORT")
	},
}

// cunitDialect holds back a test that failed until a record of another comes.
type cunitDialect struct {
	suite, name string
	failed      bool // the open record is that of a failure
	held        bool
}

func (d *cunitDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "CUNIT_RUN_SUITE_FAILURE":
		t.sheet.SuiteFailed() // its set-up or clean-up
	case "CUNIT_RUN_TEST_SUCCESS":
		d.failed = false
	case "CUNIT_RUN_TEST_FAILURE":
		d.failed = true
	case "SUITE_NAME", "TEST_NAME":
		t.want()
	}
	return nil
}

func (d *cunitDialect) end(t *xmlTests, text string) {
	switch string(t.x.name) {
	case "SUITE_NAME":
		d.flush(t)
		d.suite = text
	case "TEST_NAME":
		if d.held && d.failed && d.name == text {
			return
		}
		d.flush(t)
		d.name, d.held = text, d.failed
		if !d.failed {
			t.sheet.Case(Case{Suite: d.suite, Name: text})
		}
	}
}

func (d *cunitDialect) flush(t *xmlTests) {
	if d.held {
		t.sheet.Case(Case{Suite: d.suite, Name: d.name, Outcome: Failed})
	}
	d.held = false
}

func (d *cunitDialect) done(t *xmlTests) error {
	d.flush(t)
	return nil
}
