package parse

import "io"

// gtester is the log of GLib's test runner.
var gtester = Format{
	Name: "gtester", Aliases: []string{"glib"},
	From:  "GLib: gtester -o FILE",
	Match: func(h *Head) bool { return h.root("gtester") },
	Parse: func(r io.Reader, s *Sheet) error { return readXMLTests(r, s, &gtesterDialect{}, "gtester") },
}

// gtesterDialect knows whether the open test has a status: one that crashed has
// none.
type gtesterDialect struct{ status bool }

func (d *gtesterDialect) start(t *xmlTests) error {
	path, _ := t.x.attr("path")
	switch string(t.x.name) {
	case "testbinary":
		t.suite([]byte(baseName(string(path))))
	case "testcase":
		c := t.open(path)
		_, d.status = t.x.attr("skipped")
		if d.status {
			c.Outcome = Skipped
		}
	case "duration":
		t.want()
	case "status":
		if c := t.current(); c != nil {
			d.status = true
			switch t.x.text("result") {
			case "success":
			case "skipped", "incomplete":
				c.Outcome = Skipped
			default:
				c.Outcome = Failed
			}
		}
	}
	return nil
}

func (d *gtesterDialect) end(t *xmlTests, text string) {
	c := t.current()
	if c == nil {
		return
	}
	switch string(t.x.name) {
	case "duration":
		c.seconds([]byte(text))
	case "testcase":
		if !d.status {
			c.Outcome = Errored
		}
	}
}

func (*gtesterDialect) done(*xmlTests) error { return nil }
