package parse

import (
	"io"
	"strings"
)

// pytestJSON is the file of the plugin pytest-json-report.
var pytestJSON = Format{
	Name:  "pytest-json",
	From:  "pytest --json-report, of the plugin pytest-json-report",
	Match: func(h *Head) bool { return h.json().has("exitcode", "root", "summary") },
	Parse: parsePytestJSON,
}

type pytestStage struct{ Duration *float64 }

type pytestTest struct {
	NodeID                string
	Outcome               string
	Setup, Call, Teardown pytestStage
}

func parsePytestJSON(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	known := false
	err := j.object(func(key string) error {
		switch key {
		case "exitcode":
			known = true
			return pytestExit(j, s)
		case "duration":
			var v float64
			err := j.read(&v)
			s.Seconds(v)
			return err
		case "collectors":
			return j.array(func() error { return pytestCollector(j, s) })
		case "tests":
			return j.array(func() error {
				var t pytestTest
				if err := j.read(&t); err != nil {
					return err
				}
				s.Case(t.toCase())
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !known {
		return j.errorf(`no "exitcode" in it: want the file of pytest --json-report`)
	}
	s.Tool(Pytest)
	return j.end()
}

// pytestExit reads the exit status: 5 says that there was no test.
func pytestExit(j *jsonReader, s *Sheet) error {
	var code int
	if err := j.read(&code); err != nil {
		return err
	}
	if code != 0 && code != 5 {
		s.SuiteFailed()
	}
	return nil
}

// pytestCollector looks for a file of tests that could not be read.
func pytestCollector(j *jsonReader, s *Sheet) error {
	return j.object(func(key string) error {
		if key != "outcome" {
			return nil
		}
		var outcome string
		if err := j.read(&outcome); err != nil {
			return err
		}
		if outcome == "failed" {
			s.SuiteFailed()
		}
		return nil
	})
}

func (t *pytestTest) toCase() Case {
	var c Case
	c.Suite, c.Name = splitNode(t.NodeID)
	for _, stage := range []pytestStage{t.Setup, t.Call, t.Teardown} {
		if stage.Duration != nil {
			c.Seconds, c.Timed = c.Seconds+*stage.Duration, true
		}
	}
	switch t.Outcome {
	case "failed":
		c.Outcome = Failed
	case "error":
		c.Outcome = Errored
	case "skipped", "xfailed":
		c.Outcome = Skipped
	case "rerun":
		c.Flaky = true // what stands there where the last try passed
	}
	return c
}

// splitNode makes of a node such as "tests/test_a.py::TestCart::test_add[a::b]"
// what pytest writes to JUnit XML: tests.test_a.TestCart and test_add[a::b].
func splitNode(id string) (suite, name string) {
	head, params := id, ""
	if i := strings.IndexByte(id, '['); i >= 0 {
		head, params = id[:i], id[i:]
	}
	parts := strings.Split(head, "::")
	last := len(parts) - 1
	if last == 0 {
		return "", id
	}
	parts[0] = strings.ReplaceAll(strings.TrimSuffix(parts[0], ".py"), "/", ".")
	return strings.Join(parts[:last], "."), parts[last] + params
}
