package parse

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// metricsJSON reads metrics of one's own: {"name": 1.5}, {"name": {"value": 1.5,
// "unit": "ms", "better": "lower"}} and objects within objects, whose names are
// joined by dots. Names and units are the user's own and stay as they are, as
// those of plumbline record do. What has the shape of a report of a known tool
// is none of this.
var metricsJSON = Format{
	Name:    "metrics-json",
	Aliases: []string{"json"},
	From:    `any program: {"name": 1.5} or {"name": {"value": 1.5, "unit": "ms"}}, also nested`,
	Makes:   []string{"NAME", "OUTER.INNER"},
	Match: func(h *Head) bool {
		if h.first() != '{' || matchBMF(h) {
			return false
		}
		found := false
		p := plainJSON{j: newJSONReader(bytes.NewReader(h.Bytes)), put: func(collect.Metric) { found = true }}
		_ = p.read() // the head may end within the file
		return found && !p.refused
	},
	Parse: parseMetricsJSON,
}

func parseMetricsJSON(r io.Reader, s *Sheet) error {
	found := false
	p := plainJSON{j: newJSONReader(r), put: func(m collect.Metric) {
		s.Add(m)
		found = true
	}}
	err := p.read()
	if err == nil && !found {
		return noResult(`{"name": 1.5} or {"name": {"value": 1.5, "unit": "ms"}}`)
	}
	return p.j.done(err)
}

const (
	plainDepth = 20  // objects within objects
	plainBytes = 300 // bytes of the names around one
)

type plainJSON struct {
	j       *jsonReader
	put     func(collect.Metric)
	refused bool // the shape is another
}

func (p *plainJSON) read() error {
	token, err := p.j.token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return p.refuse("want an object, found %s", tokenName(token))
	}
	return p.object("", 0)
}

// A plainObject is an object as far as it was read: it is a metric if it has a
// value, or else holds others.
type plainObject struct {
	name   string
	metric collect.Metric
	valued bool
	others int
}

// object reads the members of an object whose beginning was read.
func (p *plainJSON) object(name string, depth int) error {
	if depth > plainDepth || len(name) > plainBytes {
		return p.refuse("objects nest deeper than %d, or their names are longer than %d bytes", plainDepth, plainBytes)
	}
	o := plainObject{name: name, metric: collect.Metric{Name: CleanName(name)}}
	err := p.j.members(func(key string) error {
		token, err := p.j.token()
		if err != nil {
			return err
		}
		return p.member(&o, key, token, depth)
	})
	switch {
	case err != nil:
		return err
	case o.valued && o.others > 0:
		return p.refuse(`%q has a "value" beside other figures: want one or the other`, name)
	case o.valued && depth == 2 && o.metric.Unit == "":
		return p.refuse(`%q has a "value" without a "unit": want both, or the format bmf`, name)
	case o.valued:
		p.put(o.metric)
	case o.metric.Unit != "" || o.metric.Better != 0:
		return p.refuse(`%q has a unit or a direction and no "value"`, name)
	}
	return nil
}

// foreign are members of the reports of tools, which are objects of numbers too.
var foreign = map[string]bool{
	"point_estimate": true, "confidence_interval": true, "covered": true, "covered_lines": true, "skipped": true,
}

func (p *plainJSON) member(o *plainObject, key string, token json.Token, depth int) error {
	path := strings.TrimPrefix(o.name+"."+key, ".")
	if foreign[key] && depth > 0 {
		return p.refuse("%q is of another tool's report: want {\"name\": 1.5}", path)
	}
	switch v := token.(type) {
	case float64:
		if key == "value" && depth > 0 {
			o.valued, o.metric.Value = true, v
			return nil
		}
		o.others++
		p.put(collect.Metric{Name: CleanName(path), Value: v})
		return nil
	case string:
		if key == "unit" && depth > 0 && len(v) <= 50 {
			o.metric.Unit = collect.Unit(CleanName(v))
			return nil
		}
		if d, ok := collect.ParseDirection(v); ok && depth > 0 && (key == "better" || key == "direction") {
			o.metric.Better = d
			return nil
		}
	case json.Delim:
		if v == '{' {
			o.others++
			return p.object(path, depth+1)
		}
	}
	return p.refuse("%q is %s: want a number", path, tokenName(token))
}

func (p *plainJSON) refuse(format string, args ...any) error {
	p.refused = true
	return p.j.errorf(format, args...)
}
