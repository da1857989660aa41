package parse

import (
	"io"
	"strings"
)

// nunit is the XML of NUnit: test-results of version 2, test-run of version 3.
var nunit = Format{
	Name: "nunit", Aliases: []string{"nunit3"},
	From:  "NUnit 2 and 3: nunit3-console, dotnet test --logger nunit, Unity's test runner",
	Match: func(h *Head) bool { return h.root("test-results", "test-run") },
	Parse: func(r io.Reader, s *Sheet) error {
		return readXMLTests(r, s, nunitDialect{}, "test-results", "test-run")
	},
}

type nunitDialect struct{}

func (nunitDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "test-run", "test-results":
		nunitSuite(t)
	case "test-suite":
		name, _ := t.x.attr("name")
		t.suite(name)
		nunitSuite(t)
	case "test-case":
		nunitCase(t)
	case "failure":
		// Some files say neither result nor success.
		if c := t.current(); c != nil && t.below() && c.Outcome == Passed {
			c.Outcome = Failed
		}
	}
	return nil
}

func (nunitDialect) end(*xmlTests, string) {}

func (nunitDialect) done(*xmlTests) error { return nil }

// nunitSuite notes a suite that failed: its set-up or tear-down may have, and no
// case says so.
func nunitSuite(t *xmlTests) {
	switch nunitOutcome(t) {
	case Failed, Errored:
		t.sheet.SuiteFailed()
	}
}

func nunitCase(t *xmlTests) {
	name, _ := t.x.attr("name")
	c := t.open(name)
	if class, ok := t.x.attr("classname"); ok {
		c.Suite, c.Name = splitCase(t.keep(class), c.Name)
	} else if suite, rest := splitCase("", c.Name); suite != "" {
		c.Suite, c.Name = suite, rest
	}
	c.Outcome = nunitOutcome(t)
	for _, attr := range []string{"time", "duration"} {
		if v, ok := t.x.attr(attr); ok {
			c.seconds(v)
		}
	}
}

// nunitOutcome reads the attributes of a case or a suite: result since NUnit 2.5,
// executed and success before. Early versions of NUnit 3 put the label or the
// site into the result: "Failed:Error", "Failed(Child)".
func nunitOutcome(t *xmlTests) Outcome {
	result, label := t.x.text("result"), t.x.text("label")
	if i := strings.IndexAny(result, "(:"); i >= 0 {
		result, label = result[:i], strings.Trim(result[i:], "(:)")
	}
	switch result {
	case "Failed", "Failure":
		if label == "Error" || label == "Cancelled" {
			return Errored
		}
		return Failed
	case "NotRunnable":
		return Failed
	case "Error", "Cancelled":
		return Errored
	case "Skipped", "Ignored", "Inconclusive", "NotRun", "Explicit":
		return Skipped
	case "":
		if t.x.text("executed") == "False" {
			return Skipped
		}
		if t.x.text("success") == "False" {
			return Failed
		}
	}
	return Passed
}
