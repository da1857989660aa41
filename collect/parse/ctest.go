package parse

import (
	"io"
	"strings"
)

// ctest is the file that CTest sends to a dashboard.
var ctest = Format{
	Name:  "ctest",
	From:  "ctest -T Test: Testing/*/Test.xml",
	Match: isCTest,
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &ctestDialect{}, "Site") },
}

// isCTest tells Test.xml from the Build.xml and Configure.xml beside it.
func isCTest(h *Head) bool {
	x, ok := h.xml()
	if !ok || string(x.name) != "Site" {
		return false
	}
	for {
		event, err := x.next()
		if err != nil || event == xmlEOF {
			return false
		}
		if event == xmlStart && x.depth() == 2 && string(x.name) == "Testing" {
			return true
		}
	}
}

// ctestDialect is what is known of the open test.
type ctestDialect struct {
	testing     bool
	measurement string
	completion  string
}

func (d *ctestDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "Testing":
		d.testing = true
	case "Test":
		if status, ok := t.x.attr("Status"); ok {
			c := t.open(nil)
			d.completion = ""
			switch string(status) {
			case "failed":
				c.Outcome = Failed
			case "notrun":
				c.Outcome = Skipped
			}
		}
	case "Name", "Path":
		if t.below() {
			t.want()
		}
	case "NamedMeasurement":
		d.measurement = t.x.text("name")
	case "Value":
		if d.measurement == "Execution Time" || d.measurement == "Completion Status" {
			t.want()
		}
	case "Measurement": // the output
		d.measurement = ""
	}
	return nil
}

func (d *ctestDialect) end(t *xmlTests, text string) {
	c := t.current()
	if c == nil {
		return
	}
	switch string(t.x.name) {
	case "Name":
		if text != "" && !t.sheet.TotalsOnly {
			c.Name = text
		}
	case "Path":
		if !t.sheet.TotalsOnly {
			c.Suite = strings.TrimPrefix(strings.TrimPrefix(text, "."), "/")
		}
	case "Value":
		switch d.measurement {
		case "Execution Time":
			c.seconds([]byte(text))
		case "Completion Status":
			d.completion = text
		}
	case "NamedMeasurement":
		d.measurement = ""
	case "Test":
		// What could not be run although it should have been fails the suite.
		switch d.completion {
		case "Unable to find executable", "Required Files Missing", "Missing Configuration", "Failed to start":
			c.Outcome = Errored
		}
	}
}

func (d *ctestDialect) done(t *xmlTests) error {
	if !d.testing {
		return t.x.errorf(t.x.end, "no <Testing> in it: want CTest's Test.xml")
	}
	return nil
}
