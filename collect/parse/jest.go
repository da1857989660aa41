package parse

import (
	"io"
	"path"
	"strings"
)

// jest is the JSON of Jest, which Vitest writes too.
var jest = Format{
	Name: "jest", Aliases: []string{"jest-json", "vitest", "vitest-json"},
	From:  "jest --json --outputFile, vitest --reporter=json",
	Match: func(h *Head) bool { return h.json().is("testResults", '[') && h.json().has("numTotalTests") },
	Parse: parseJest,
}

// jestCase is one element of assertionResults.
type jestCase struct {
	Titles       []string `json:"ancestorTitles"`
	Title        string
	FullName     string
	Status       string
	Duration     *float64 // milliseconds
	Invocations  int
	RetryReasons []any
	Failures     []any `json:"failureMessages"`
}

func parseJest(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	results, totals := false, false
	err := j.object(func(key string) error {
		switch key {
		case "testResults":
			results = true
			return j.array(func() error { return jestFile(j, s) })
		case "numTotalTests":
			totals = true
		case "success":
			return failedUnless(j, s, true)
		case "wasInterrupted":
			return failedUnless(j, s, false)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !results || !totals {
		return j.errorf(`no "testResults" and "numTotalTests" in it: want the JSON of Jest or Vitest`)
	}
	s.Tool("jest")
	return j.end()
}

// failedUnless reads true or false, and fails the suite where it is not as
// wanted.
func failedUnless(j *jsonReader, s *Sheet, want bool) error {
	is := want
	if err := j.read(&is); err != nil {
		return err
	}
	if is != want {
		s.SuiteFailed()
	}
	return nil
}

// jestFile reads the results of one file of tests. Its name may come last.
func jestFile(j *jsonReader, s *Sheet) error {
	var cases []Case
	var file, status string
	err := j.object(func(key string) error {
		switch key {
		case "name":
			return j.read(&file)
		case "status":
			return j.read(&status)
		case "assertionResults":
			return j.array(func() error {
				var c jestCase
				if err := j.read(&c); err != nil {
					return err
				}
				cases = append(cases, c.toCase(s.TotalsOnly))
				return nil
			})
		}
		return nil
	})
	for _, c := range cases {
		c.Suite = joinTitles(baseName(file), c.Suite)
		s.Case(c)
	}
	if status == "failed" {
		s.SuiteFailed() // it may not have run at all
	}
	return err
}

func (c *jestCase) toCase(totalsOnly bool) Case {
	var to Case
	switch c.Status {
	case "failed":
		to.Outcome = Failed
	case "pending", "todo", "skipped", "disabled", "focused":
		to.Outcome = Skipped
	default:
		// Vitest keeps the failures of earlier tries, Jest counts and names them.
		to.Flaky = c.Invocations > 1 || len(c.RetryReasons)+len(c.Failures) > 0
	}
	if c.Duration != nil {
		to.Seconds, to.Timed = *c.Duration/1000, true
	}
	if totalsOnly {
		return to
	}
	to.Suite, to.Name = strings.Join(c.Titles, titleSep), c.Title
	if to.Name == "" {
		to.Name = c.FullName
	}
	return to
}

// titleSep stands between the titles of nested suites.
const titleSep = " > "

// joinTitles puts the titles together that are not empty.
func joinTitles(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + titleSep + b
}

// baseName is the name of a file without its folders, which differ from machine
// to machine.
func baseName(file string) string {
	if file == "" {
		return ""
	}
	return path.Base(strings.ReplaceAll(file, `\`, "/"))
}
