package parse

import (
	"io"
	"strings"
)

// trx is the result file of Visual Studio's test tools.
var trx = Format{
	Name: "trx", Aliases: []string{"mstest"},
	From:  "dotnet test --logger trx, vstest.console /logger:trx, MSTest /resultsfile",
	Match: isTRX,
	Parse: func(r io.Reader, s *Sheet) error {
		return readXMLTests(r, s, &trxDialect{classes: map[string]string{}}, "TestRun")
	},
}

// isTRX tells it from the TestRun of AUnit and CppUnit, which has no name space.
func isTRX(h *Head) bool {
	x, ok := h.xml()
	return ok && string(x.name) == "TestRun" && isTRXRoot(x)
}

func isTRXRoot(x *xmlReader) bool {
	space, _ := x.attr("xmlns")
	return strings.Contains(string(space), "VisualStudio/TeamTest")
}

// trxDialect holds back the cases until their classes are known: these stand in
// definitions that mostly come after the results.
type trxDialect struct {
	waiting []trxCase
	classes map[string]string // by the id of the test
	names   map[string]string // each class once in memory
	id      string            // of the open definition
}

type trxCase struct {
	Case
	id string
}

func (d *trxDialect) start(t *xmlTests) error {
	if t.x.depth() == 1 && !isTRXRoot(t.x) {
		return t.x.errorf(t.x.at, "<TestRun> without the name space of VisualStudio/TeamTest: want that of a TRX file")
	}
	switch string(t.x.name) {
	case "ResultSummary", "RunInfo":
		// A crash of the test host is told here alone.
		switch t.x.text("outcome") {
		case "Failed", "Error", "Aborted", "Timeout", "Disconnected":
			t.sheet.SuiteFailed()
		}
	case "TestMethod":
		d.define(t)
	default:
		if name, ok := t.x.attr("testName"); ok {
			d.result(t, name)
		} else if id, ok := t.x.attr("id"); ok && t.x.depth() == 3 {
			d.id = t.keep(id)
		}
	}
	return nil
}

// define keeps the class of the open definition. MSTest writes the assembly
// after it: "Shop.CartTest, Shop, Version=1.0.0.0".
func (d *trxDialect) define(t *xmlTests) {
	if d.id == "" {
		return
	}
	class, _, _ := strings.Cut(t.x.text("className"), ",")
	if d.names == nil {
		d.names = map[string]string{}
	}
	if have, ok := d.names[class]; ok {
		class = have
	} else {
		d.names[class] = class
	}
	d.classes[d.id] = class
}

func (d *trxDialect) result(t *xmlTests, name []byte) {
	c := t.open(name)
	if !t.sheet.TotalsOnly {
		c.Suite = t.x.text("testId") // until its class is known
	}
	c.Outcome = trxOutcome(t.x)
	if v, ok := t.x.attr("duration"); ok {
		c.Seconds, c.Timed = parseClock(v)
	}
}

// trxOutcome reads the outcome of a result. It is left out where it is Error,
// the first of the values.
func trxOutcome(x *xmlReader) Outcome {
	switch x.text("outcome") {
	case "Failed":
		return Failed
	case "", "Error", "Timeout", "Aborted", "Disconnected", "InProgress":
		return Errored
	case "NotExecuted", "NotRunnable", "Inconclusive", "Pending":
		return Skipped
	}
	return Passed // Passed, PassedButRunAborted, Completed, Warning
}

// end takes the case before it is counted, where its class must be waited for.
func (d *trxDialect) end(t *xmlTests, _ string) {
	n := len(t.cases)
	if n == 0 || t.cases[n-1].depth != t.x.depth()+1 || t.cases[n-1].outer || t.sheet.TotalsOnly {
		return
	}
	c := t.cases[n-1].Case
	t.cases = t.cases[:n-1]
	d.waiting = append(d.waiting, trxCase{c, c.Suite})
}

func (d *trxDialect) done(t *xmlTests) error {
	for _, c := range d.waiting {
		c.Suite, c.Name = splitCase(d.classes[c.id], c.Name)
		t.sheet.Case(c.Case)
	}
	return nil
}
