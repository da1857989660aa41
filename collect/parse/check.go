package parse

import (
	"io"
	"strings"
)

// checkXML is the XML of Check, the test tool for C.
var checkXML = Format{
	Name: "check", Aliases: []string{"libcheck"},
	From: "Check (C): CK_XML_LOG_FILE_NAME, srunner_set_xml",
	Match: func(h *Head) bool {
		x, ok := h.xml()
		return ok && string(x.name) == "testsuites" && isCheckRoot(x)
	},
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, checkDialect{}, "testsuites") },
}

// isCheckRoot tells it from JUnit's root of that name.
func isCheckRoot(x *xmlReader) bool {
	space, _ := x.attr("xmlns")
	return strings.Contains(string(space), "check.sourceforge.net")
}

type checkDialect struct{}

func (checkDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "testsuites":
		if !isCheckRoot(t.x) {
			return t.x.errorf(t.x.at, "<testsuites> without the name space of check.sourceforge.net: want that of Check")
		}
	case "suite":
		t.suite(nil)
	case "test":
		c := t.open(nil)
		switch t.x.text("result") {
		case "failure":
			c.Outcome = Failed
		case "error":
			c.Outcome = Errored
		}
	case "title":
		t.want()
	case "id", "duration":
		if t.below() {
			t.want()
		}
	}
	return nil
}

func (checkDialect) end(t *xmlTests, text string) {
	c := t.current()
	switch string(t.x.name) {
	case "title":
		if n := len(t.suites); n > 0 && !t.sheet.TotalsOnly {
			t.suites[n-1].name = text
		}
	case "id":
		if c != nil && text != "" && !t.sheet.TotalsOnly {
			c.Name = text
		}
	case "duration":
		if c != nil && !strings.HasPrefix(text, "-") { // -1 says that it is not known
			c.seconds([]byte(text))
		}
	}
}

func (checkDialect) done(*xmlTests) error { return nil }
