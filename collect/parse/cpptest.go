package parse

import (
	"io"
	"strconv"
)

// cpptest is the report of Parasoft C++test. It names only the tests with a
// finding: how many there were is in the summary of the projects.
var cpptest = Format{
	Name: "cpptest", Aliases: []string{"parasoft"},
	From:  "Parasoft C++test, Jtest and dotTEST: report.xml",
	Match: func(h *Head) bool { return h.root("ResultsSession") },
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &cpptestDialect{}, "ResultsSession") },
}

// cpptestDialect knows whether the tests were run, and of how many projects.
type cpptestDialect struct{ exec, known bool }

func (d *cpptestDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "Exec":
		d.exec = true
		if v, ok := t.x.attr("time"); ok {
			if seconds, ok := parseClock(v); ok {
				t.sheet.Seconds(seconds)
			}
		}
	case "Project":
		if _, ok := t.x.attr("testCases"); ok && d.exec {
			d.known = true
			return cpptestProject(t)
		}
	}
	return nil
}

func cpptestProject(t *xmlTests) error {
	for attr, outcome := range map[string]Outcome{"pass": Passed, "fail": Failed} {
		v, ok := t.x.attr(attr)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(string(v), 10, 31)
		if err != nil {
			return t.x.errorf(t.x.at, "<Project> has %s=%q: want a count", attr, v)
		}
		t.sheet.Cases(int(n), outcome)
	}
	return nil
}

func (d *cpptestDialect) end(t *xmlTests, _ string) {
	if string(t.x.name) == "Exec" {
		d.exec = false
	}
}

func (d *cpptestDialect) done(t *xmlTests) error {
	if !d.known {
		return t.x.errorf(t.x.end, `no <Exec> with a <Project testCases="..."> in it: want a report of Parasoft's with tests that were run`)
	}
	return nil
}
