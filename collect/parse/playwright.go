package parse

import "io"

// playwright is the JSON of Playwright Test. A test counts once for each project
// that ran it; one that passed only when it was tried again is flaky.
var playwright = Format{
	Name: "playwright", Aliases: []string{"playwright-json"},
	From:  "playwright test --reporter=json",
	Match: func(h *Head) bool { return h.json().is("config", '{') && h.json().is("suites", '[') },
	Parse: parsePlaywright,
}

// maxSuites is how deep suites may nest: a recursion must end.
const maxSuites = 100

type playwrightSpec struct {
	Title string
	Tests []struct {
		ProjectName string
		Status      string
		Results     []struct{ Duration *float64 } // milliseconds, one for each try
	}
}

func parsePlaywright(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	config, suites := false, false
	err := j.object(func(key string) error {
		switch key {
		case "config":
			config = true
		case "suites":
			suites = true
			return j.array(func() error { return playwrightSuite(j, s, "", 1) })
		case "errors": // outside of any test
			return j.array(func() error {
				s.SuiteFailed()
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !config || !suites {
		return j.errorf(`no "config" and "suites" in it: want the JSON of Playwright Test`)
	}
	s.Tool("playwright")
	return j.end()
}

// playwrightSuite reads a file or what test.describe groups, below above.
func playwrightSuite(j *jsonReader, s *Sheet, above string, depth int) error {
	if depth > maxSuites {
		return j.errorf("suites nest deeper than %d", maxSuites)
	}
	name := above
	return j.object(func(key string) error {
		switch key {
		case "title":
			var title string
			err := j.read(&title)
			name = joinTitles(above, title)
			return err
		case "specs":
			return j.array(func() error { return playwrightTests(j, s, name) })
		case "suites":
			return j.array(func() error { return playwrightSuite(j, s, name, depth+1) })
		}
		return nil
	})
}

func playwrightTests(j *jsonReader, s *Sheet, suite string) error {
	var spec playwrightSpec
	if err := j.read(&spec); err != nil {
		return err
	}
	for _, t := range spec.Tests {
		c := Case{Suite: joinTitles(t.ProjectName, suite), Name: spec.Title}
		switch t.Status {
		case "expected":
		case "flaky":
			c.Flaky = true
		case "skipped":
			c.Outcome = Skipped
		case "unexpected":
			c.Outcome = Failed
		default:
			return j.errorf("status of test %q is %q: want expected, unexpected, flaky or skipped", spec.Title, t.Status)
		}
		if n := len(t.Results); n > 0 && t.Results[n-1].Duration != nil {
			c.Seconds, c.Timed = *t.Results[n-1].Duration/1000, true
		}
		s.Case(c)
	}
	return nil
}
