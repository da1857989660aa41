package parse

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/plumbline-ci/plumbline/collect"
)

// gabCustom reads the JSON that github-action-benchmark takes from tools of
// one's own. Which way is better does not stand in it, but in the name that its
// user calls it by: customSmallerIsBetter or customBiggerIsBetter, which are
// names here too. By content alone the unit decides, and what its unit does not
// decide has no direction.
var gabCustom = Format{
	Name:  "gab-custom",
	From:  "any tool that writes github-action-benchmark's customSmallerIsBetter or customBiggerIsBetter",
	Makes: []string{"bench/NAME.UNIT"},
	Match: func(h *Head) bool { return h.json().has("[].name", "[].unit", "[].value") },
	Parse: gabParser(collect.Unknown),
	Variants: map[string]func(io.Reader, *Sheet) error{
		"customSmallerIsBetter": gabParser(collect.Lower),
		"customBiggerIsBetter":  gabParser(collect.Higher),
		"custom-smaller":        gabParser(collect.Lower),
		"custom-bigger":         gabParser(collect.Higher),
	},
}

func gabParser(better collect.Direction) func(io.Reader, *Sheet) error {
	return func(r io.Reader, s *Sheet) error {
		found := false
		j := newJSONReader(r)
		err := j.array(func() error {
			var b struct {
				Name  string       `json:"name"`
				Unit  *string      `json:"unit"`
				Value *looseNumber `json:"value"`
			}
			if err := j.read(&b); err != nil {
				return err
			}
			if b.Name == "" || b.Unit == nil || b.Value == nil {
				return j.errorf(`element has not "name", "unit" and "value"`)
			}
			q := measureOf(*b.Unit)
			if better != collect.Unknown {
				q.better = better
			}
			s.benchAs(b.Name, q, float64(*b.Value))
			found = true
			return nil
		})
		if err == nil && !found {
			return noResult(`[{"name": "...", "unit": "...", "value": 1.5}]`)
		}
		return j.done(err)
	}
}

// looseNumber is a number that some tools write as a string: "1.5".
type looseNumber float64

func (n *looseNumber) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil && string(b) != "null" {
		if json.Unmarshal([]byte(text), (*float64)(n)) != nil {
			return fmt.Errorf("%.40q is no number", text)
		}
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}
