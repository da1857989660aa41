package parse

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// k6 reads the summary of a load test: --summary-export, the data that
// handleSummary gets, and the machine-readable summary. Of a trend the average,
// the median and the percentiles count, as avg_ns_per_op, med_ns_per_op and
// p95_ns_per_op; the extremes of a run are noise. Of a trend of the user's own
// --summary-export does not say what it holds, so its figures have no unit. A
// counter has a count and a rate, a rate is a percentage. How many virtual users
// there are is the script's to say, and is left out. Tags of a submetric,
// http_req_duration{status:200}, are tags here.
var k6 = Format{
	Name:  "k6",
	From:  "k6 run --summary-export FILE, JSON.stringify(data) in handleSummary, or --new-machine-readable-summary",
	Makes: []string{"bench/METRIC.avg_ns_per_op", "bench/METRIC.p95_ns_per_op", "bench/METRIC.ops_per_s", "bench/METRIC.count", "bench/METRIC.pct"},
	Match: func(h *Head) bool {
		o := h.json()
		for _, known := range []string{"http_reqs", "iterations", "iteration_duration", "data_received", "checks", "vus"} {
			if o.is("metrics."+known, '{') {
				return true
			}
		}
		return o.has("results.metrics[].contains", "results.metrics[].values")
	},
	Parse: parseK6,
}

type k6Reader struct {
	j     *jsonReader
	sheet *Sheet
	found bool
}

func parseK6(r io.Reader, s *Sheet) error {
	k := k6Reader{j: newJSONReader(r), sheet: s}
	err := k.j.object(func(key string) error {
		if key == "results" {
			return k.j.object(k.member)
		}
		return k.member(key)
	})
	if err == nil && !k.found {
		return noResult(`"metrics" of k6, such as http_req_duration`)
	}
	return k.j.done(err)
}

// member reads a member of the file, of its results, or of their checks, where
// each may have metrics.
func (k *k6Reader) member(key string) error {
	switch key {
	case "checks":
		return k.j.object(k.member)
	case "metrics":
		token, err := k.j.token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'):
			return k.j.members(func(name string) error { return k.metric(name) })
		case json.Delim('['):
			return k.j.within(func() error { return k.metric("") })
		}
		return k.j.errorf(`"metrics" is %s: want those of k6`, tokenName(token))
	}
	return nil
}

// metric reads one metric, whose figures may stand in an object of their own.
func (k *k6Reader) metric(name string) error {
	var raw map[string]json.RawMessage
	if err := k.j.read(&raw); err != nil {
		return err
	}
	text := func(key string) (s string) {
		_ = json.Unmarshal(raw[key], &s) // what is no string says nothing
		return s
	}
	listed := name == "" // in an array
	if listed {
		name = text("name")
	}
	kind, contains := text("type"), text("contains")
	inner, ok := raw["values"]
	if listed && !ok {
		return k.j.errorf(`metric %q has no "values": want those of k6`, name)
	}
	if ok {
		raw = nil
		if err := json.Unmarshal(inner, &raw); err != nil {
			return k.j.errorf(`"values" of %q: want an object`, name)
		}
	}
	m := k6Metric{kind: kind, contains: contains, values: map[string]float64{}}
	for key, value := range raw {
		var v *float64
		if json.Unmarshal(value, &v) == nil && v != nil {
			m.values[key] = *v
		}
	}
	m.name, m.tags = k6Name(name)
	if name == "" || len(m.values) == 0 {
		return k.j.errorf("metric %q has no figures: want those of k6", name)
	}
	k.found = m.put(k.sheet) || k.found
	return nil
}

// k6Name takes the tags off a submetric: http_req_duration{status:200,a:b}.
func k6Name(name string) (string, collect.Tags) {
	base, rest, ok := strings.Cut(name, "{")
	rest, closed := strings.CutSuffix(rest, "}")
	if !ok || !closed {
		return name, nil
	}
	tags := collect.Tags{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(part, ":")
		tags[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return base, tags
}

type k6Metric struct {
	name, kind, contains string
	tags                 collect.Tags
	values               map[string]float64
}

// k6Times are the trends that k6 itself makes, all times.
var k6Times = lazily(`^(http_req_|iteration_duration$|group_duration$|ws_(connecting|session_duration|ping)$|grpc_req_duration$|browser_.*(duration|_fcp|_lcp|_fid|_inp|_ttfb)$)`)

// put reports whether the metric is one that counts.
func (m k6Metric) put(s *Sheet) bool {
	has := func(key string) bool { _, ok := m.values[key]; return ok }
	switch {
	case m.name == "vus" || m.name == "vus_max":
		return true
	case m.kind == "trend" || has("avg") || has("med"):
		return m.trend(s)
	case m.kind == "rate" || has("passes") || has("fails") || has("matches"):
		return m.rate(s)
	case m.kind == "counter" || has("count"):
		return m.counter(s)
	case has("value"):
		s.benchTagged(m.name, m.tags, k6Measure(m.contains), m.values["value"])
		return true
	}
	return false
}

// k6Measure is the unit of what a metric contains.
func k6Measure(contains string) measure {
	switch contains {
	case "time":
		return measureOf("ms")
	case "data":
		return measureOf("B")
	}
	return measureOf("")
}

func (m k6Metric) trend(s *Sheet) bool {
	if m.contains == "" && k6Times().MatchString(m.name) {
		m.contains = "time"
	}
	found := false
	for stat, v := range m.values {
		if stat != "avg" && stat != "med" && !strings.HasPrefix(stat, "p(") {
			continue
		}
		stat = strings.NewReplacer("(", "", ")", "", ".", "_").Replace(stat)
		q := k6Measure(m.contains)
		if q.unit == "" {
			q.name = stat
		} else {
			q.name = stat + "_" + q.name
		}
		s.benchTagged(m.name, m.tags, q, v)
		found = true
	}
	return found
}

// rate puts a share as a percentage. Checks are to pass; requests are not to
// fail.
func (m k6Metric) rate(s *Sheet) bool {
	share, ok := m.values["rate"]
	if !ok {
		share, ok = m.values["value"]
	}
	if !ok || share < 0 || share > 1 {
		return false
	}
	q := measure{name: "pct", unit: "%", factor: 100}
	switch {
	case m.name == "checks" || m.name == "checks_succeeded":
		q.better = collect.Higher
	case m.name == "checks_failed" || strings.HasSuffix(m.name, "_failed"):
		q.better = collect.Lower
	}
	s.benchTagged(m.name, m.tags, q, share)
	return true
}

// counter puts how many there were and, where the file says it, how many a
// second. Only of what k6 itself counts it is known that more is better.
func (m k6Metric) counter(s *Sheet) bool {
	n, ok := m.values["count"]
	if ok {
		q := measure{name: "count", unit: "count", factor: 1, better: collect.None}
		if m.isData() {
			q = measure{name: "bytes", unit: "B", factor: 1, better: collect.None}
		}
		s.benchTagged(m.name, m.tags, q, n)
	}
	if v, rated := m.values["rate"]; rated {
		q := measureOf("ops/s")
		if m.isData() {
			q = measureOf("B/s")
		}
		if m.name != "http_reqs" && m.name != "iterations" {
			q.better = collect.None
		}
		s.benchTagged(m.name, m.tags, q, v)
		ok = true
	}
	return ok
}

func (m k6Metric) isData() bool {
	return m.contains == "data" || m.name == "data_sent" || m.name == "data_received"
}
