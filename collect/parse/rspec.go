package parse

import (
	"io"
	"strings"
)

// rspec is the JSON of RSpec.
var rspec = Format{
	Name: "rspec", Aliases: []string{"rspec-json"},
	From:  "rspec --format json",
	Match: func(h *Head) bool { return h.json().is("examples", '[') && h.json().has("version") },
	Parse: parseRSpec,
}

type rspecExample struct {
	Description string
	Full        string `json:"full_description"`
	Status      string
	File        string   `json:"file_path"`
	Seconds     *float64 `json:"run_time"`
}

type rspecSummary struct {
	Duration *float64
	Failures *int `json:"failure_count"`
	Outside  int  `json:"errors_outside_of_examples_count"`
}

func parseRSpec(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	examples, summary := false, rspecSummary{}
	err := j.object(func(key string) error {
		switch key {
		case "examples":
			examples = true
			return j.array(func() error {
				var e rspecExample
				if err := j.read(&e); err != nil {
					return err
				}
				s.Case(e.toCase())
				return nil
			})
		case "summary":
			return j.read(&summary)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !examples || summary.Failures == nil {
		return j.errorf(`no "examples" and "summary.failure_count" in it: want the JSON of RSpec`)
	}
	if summary.Outside > 0 {
		s.SuiteFailed()
	}
	if summary.Duration != nil {
		s.Seconds(*summary.Duration)
	}
	s.Tool("rspec")
	return j.end()
}

func (e *rspecExample) toCase() Case {
	c := Case{Suite: strings.TrimPrefix(e.File, "./"), Name: e.Full}
	if c.Name == "" {
		c.Name = e.Description
	}
	if e.Seconds != nil {
		c.Seconds, c.Timed = *e.Seconds, true
	}
	switch e.Status {
	case "failed":
		c.Outcome = Failed
	case "pending":
		c.Outcome = Skipped
	}
	return c
}
