package parse

import (
	"bytes"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// valgrind is the XML of valgrind's tools. The program that was watched is one
// test, which failed if there were errors.
var valgrind = Format{
	Name: "valgrind", Aliases: []string{"memcheck"},
	From:  "valgrind --xml=yes --xml-file=FILE: memcheck, helgrind, drd",
	Makes: []string{"valgrind.errors"},
	Match: func(h *Head) bool { return h.root("valgrindoutput") },
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &valgrindDialect{}, "valgrindoutput") },
}

type valgrindDialect struct {
	tool, exe string
	inArgv    bool
	kind      string // of the open error
	errors    int
	crashed   bool
	clock     []float64 // when the program began and ended
}

func (d *valgrindDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "argv":
		d.inArgv = true
	case "error":
		d.kind = ""
	case "fatal_signal":
		d.crashed = true
	case "protocoltool", "exe", "kind", "time":
		t.want()
	}
	return nil
}

func (d *valgrindDialect) end(t *xmlTests, text string) {
	switch string(t.x.name) {
	case "protocoltool":
		d.tool = text
	case "exe":
		if d.inArgv {
			d.exe = text
		}
	case "argv":
		d.inArgv = false
	case "kind":
		d.kind = text
	case "time":
		// Days, hours, minutes and seconds since valgrind began.
		if days, rest, ok := strings.Cut(text, ":"); ok && strings.Count(rest, ":") == 2 {
			if v, ok := parseClock([]byte(days + "." + rest)); ok && len(d.clock) < 2 {
				d.clock = append(d.clock, v)
			}
		}
	case "error":
		// What is still reachable at the end is told on demand and is no error.
		if d.kind != "Leak_StillReachable" && d.kind != "Leak_IndirectlyLost" {
			d.errors++
		}
	}
}

func (d *valgrindDialect) done(t *xmlTests) error {
	c := Case{Suite: d.tool, Name: string(bytes.TrimPrefix([]byte(d.exe), []byte("./")))}
	switch {
	case d.crashed:
		c.Outcome = Errored
	case d.errors > 0:
		c.Outcome = Failed
	}
	if len(d.clock) == 2 {
		c.Seconds, c.Timed = d.clock[1]-d.clock[0], true
	}
	t.sheet.Case(c)
	t.sheet.Add(collect.Metric{Name: "valgrind.errors", Unit: "count", Better: collect.Lower, Value: float64(d.errors)})
	return nil
}
