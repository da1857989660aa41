package parse

import (
	"io"
	"strings"
)

// mocha is the JSON of Mocha, also as Cypress writes it.
var mocha = Format{
	Name: "mocha", Aliases: []string{"mocha-json"},
	From: "mocha --reporter json, also with Cypress",
	Match: func(h *Head) bool {
		o := h.json()
		return o.is("stats", '{') && o.has("stats.passes") && (o.is("tests", '[') || o.is("passes", '['))
	},
	Parse: parseMocha,
}

// mochaTest is one test in the list of those that passed, failed or wait.
type mochaTest struct {
	Title        string
	FullTitle    string
	File         string
	Duration     *float64 // milliseconds
	CurrentRetry int
}

func parseMocha(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	stats, lists := false, 0
	err := j.object(func(key string) error {
		outcome := Passed
		switch key {
		case "stats":
			return mochaStats(j, s, &stats)
		case "passes":
		case "failures":
			outcome = Failed
		case "pending":
			outcome = Skipped
		default:
			return nil // tests has all of them again, without their outcome
		}
		lists++
		return j.array(func() error {
			var t mochaTest
			if err := j.read(&t); err != nil {
				return err
			}
			s.Case(t.toCase(outcome))
			return nil
		})
	})
	if err != nil {
		return err
	}
	if !stats || lists == 0 {
		return j.errorf(`no "stats" with "passes", and lists of "passes", "failures" and "pending" in it: want the JSON of Mocha`)
	}
	s.Tool("mocha")
	return j.end()
}

// mochaStats takes the time that the whole run took.
func mochaStats(j *jsonReader, s *Sheet, known *bool) error {
	return j.object(func(key string) error {
		switch key {
		case "passes":
			*known = true
		case "duration":
			var ms float64
			if err := j.read(&ms); err != nil {
				return err
			}
			s.Seconds(ms / 1000)
		}
		return nil
	})
}

// toCase makes a case of a test, or of a hook that failed before any test could.
func (t *mochaTest) toCase(outcome Outcome) Case {
	c := Case{Name: t.Title, Outcome: outcome}
	if strings.HasPrefix(t.Title, `"`) && strings.Contains(t.Title, `" hook`) {
		c.Outcome = Errored
	}
	above := strings.TrimSpace(strings.TrimSuffix(t.FullTitle, t.Title))
	c.Suite = joinTitles(baseName(t.File), above)
	c.Flaky = outcome == Passed && t.CurrentRetry > 0
	if t.Duration != nil {
		c.Seconds, c.Timed = *t.Duration/1000, true
	}
	return c
}
