package parse

import (
	"bytes"
	"encoding/json"
	"io"
)

// bmf reads Bencher's Metric Format: an object of benchmarks, each an object of
// measures, each with a value and perhaps its bounds, which are another
// program's statistics and are left out. The measures that Bencher makes itself
// have their units; of any other the unit is not known.
var bmf = Format{
	Name:    "bmf",
	Aliases: []string{"bencher"},
	From:    "Bencher's adapters and bencher mock, and tools that write Bencher Metric Format",
	Makes:   []string{"bench/NAME.ns_per_op", "bench/NAME.ops_per_s", "bench/NAME.MEASURE"},
	Match:   matchBMF, Parse: parseBMF,
}

// bmfMeasures are the built-in measures that have a unit other than their name.
var bmfMeasures = map[string]measure{
	"latency":    measureOf("ns"),
	"throughput": measureOf("ops/s"),
	"build-time": {"build-time", "s", 1, 0},
	"file-size":  {"file-size", "B", 1, 0},
}

// bencherMeasure is the measure that Bencher calls slug.
func bencherMeasure(slug string) measure {
	if q, ok := bmfMeasures[slug]; ok {
		return q
	}
	return measure{name: plainQuantity(slug), factor: 1}
}

// matchBMF looks for the first measure.
func matchBMF(h *Head) bool {
	if h.first() != '{' {
		return false
	}
	found := false
	b := bmfReader{j: newJSONReader(bytes.NewReader(h.Bytes)), put: func(string, string, float64) { found = true }}
	_ = b.read() // the head may end within the file, but nothing in it may be of another shape
	return found && !b.refused
}

func parseBMF(r io.Reader, s *Sheet) error {
	found := false
	b := bmfReader{j: newJSONReader(r), put: func(name, slug string, v float64) {
		s.benchAs(name, bencherMeasure(slug), v)
		found = true
	}}
	err := b.read()
	if err == nil && !found {
		return noResult(`{"BENCHMARK": {"MEASURE": {"value": 1.5}}}`)
	}
	return b.j.done(err)
}

type bmfReader struct {
	j       *jsonReader
	put     func(name, slug string, v float64)
	refused bool // the shape is another
}

func (b *bmfReader) read() error {
	return b.object(func(name string) error {
		return b.object(func(slug string) error { return b.measure(name, slug) })
	})
}

func (b *bmfReader) measure(name, slug string) error {
	var value float64
	found := false
	err := b.object(func(key string) error {
		token, err := b.j.token()
		if err != nil {
			return err
		}
		v, number := token.(float64)
		switch {
		case key != "value" && key != "lower_value" && key != "upper_value":
			return b.refuse(`measure has the member %q: want "value", "lower_value" and "upper_value"`, key)
		case !number && (key == "value" || token != nil):
			return b.refuse("%s of %q is %s: want a number", key, slug, tokenName(token))
		case key == "value":
			value, found = v, true
		}
		return nil
	})
	if err == nil && !found {
		return b.refuse(`%q of %q has no "value"`, slug, name)
	}
	if err == nil {
		b.put(name, slug, value)
	}
	return err
}

// object reads an object, and refuses anything else.
func (b *bmfReader) object(member func(key string) error) error {
	token, err := b.j.token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return b.refuse("want an object, found %s", tokenName(token))
	}
	return b.j.members(member)
}

func (b *bmfReader) refuse(format string, args ...any) error {
	b.refused = true
	return b.j.errorf(format, args...)
}
