package parse

import (
	"encoding/json"
	"io"
	"strings"
)

// ctrf is the Common Test Report Format.
var ctrf = Format{
	Name: "ctrf", Aliases: []string{"ctrf-json"},
	From: "Common Test Report Format: the ctrf reporters of Playwright, Jest, Cypress, k6, Robot Framework and more",
	Match: func(h *Head) bool {
		o := h.json()
		return o.is("results", '{') && o.has("results.tool", "results.summary")
	},
	Parse: parseCTRF,
}

type ctrfTest struct {
	Name     string
	Status   string
	Duration *float64 // milliseconds
	Suite    json.RawMessage
	FilePath string
	Flaky    bool
	Retries  int
}

func parseCTRF(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	var tests, summary bool
	err := j.object(func(key string) error {
		if key != "results" {
			return nil
		}
		return j.object(func(key string) error {
			switch key {
			case "summary":
				summary = true
			case "tests":
				tests = true
				return j.array(func() error { return ctrfCase(j, s) })
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if !tests || !summary {
		return j.errorf(`no "results.tests" and "results.summary" in it: want a CTRF report`)
	}
	s.Tool("ctrf")
	return j.end()
}

func ctrfCase(j *jsonReader, s *Sheet) error {
	var t ctrfTest
	if err := j.read(&t); err != nil {
		return err
	}
	c := Case{Name: t.Name, Suite: t.suite()}
	switch t.Status {
	case "failed":
		c.Outcome = Failed
	case "skipped", "pending", "other":
		c.Outcome = Skipped
	case "passed":
		c.Flaky = t.Flaky || t.Retries > 0
	default:
		return j.errorf("status of test %q is %q: want passed, failed, skipped, pending or other", t.Name, t.Status)
	}
	if t.Duration != nil {
		c.Seconds, c.Timed = *t.Duration/1000, true
	}
	s.Case(c)
	return nil
}

// suite is a text, or a list of the suites from the outermost; without one the
// file stands for it.
func (t *ctrfTest) suite() string {
	var list []string
	if json.Unmarshal(t.Suite, &list) == nil && len(list) > 0 {
		return strings.Join(list, titleSep)
	}
	var text string
	if json.Unmarshal(t.Suite, &text) == nil && text != "" {
		return text
	}
	return baseName(t.FilePath)
}
