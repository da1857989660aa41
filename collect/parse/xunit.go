package parse

import "io"

// xunit is the XML of xUnit.net, versions 1 to 3.
var xunit = Format{
	Name: "xunit", Aliases: []string{"xunitdotnet"},
	From:  "xUnit.net 1, 2 and 3: xunit.console -xml, dotnet test --logger xunit",
	Match: func(h *Head) bool { return h.root("assemblies", "assembly") },
	Parse: func(r io.Reader, s *Sheet) error {
		return readXMLTests(r, s, &xunitDialect{}, "assemblies", "assembly")
	},
}

// xunitDialect knows whether an assembly was there: other files have a root of
// this name.
type xunitDialect struct{ strange error }

func (d *xunitDialect) start(t *xmlTests) error {
	switch string(t.x.name) {
	case "assemblies":
	case "assembly":
		name, _ := t.x.attr("name")
		t.suite(name)
	case "collection", "class":
		name, _ := t.x.attr("name")
		t.suite(name)
	case "test":
		d.test(t)
	case "errors":
	case "error":
		t.sheet.SuiteFailed() // the clean-up of a class or of an assembly
	case "failure":
		if c := t.current(); c == nil {
			t.sheet.SuiteFailed() // version 1: the set-up of a class
		}
	default:
		if len(t.cases) == 0 && t.x.depth() == 2 && d.strange == nil {
			d.strange = t.x.errorf(t.x.at, "has <%s> where xUnit.net has <assembly>, <collection> and <test>", t.x.name)
		}
	}
	return nil
}

func (d *xunitDialect) test(t *xmlTests) {
	name, _ := t.x.attr("name")
	c := t.open(name)
	if class, ok := t.x.attr("type"); ok {
		c.Suite, c.Name = splitCase(t.keep(class), c.Name)
	}
	switch t.x.text("result") {
	case "Fail":
		c.Outcome = Failed
	case "Skip", "NotRun":
		c.Outcome = Skipped
	}
	if v, ok := t.x.attr("time"); ok {
		c.seconds(v)
	}
}

func (*xunitDialect) end(*xmlTests, string) {}

func (d *xunitDialect) done(*xmlTests) error { return d.strange }
