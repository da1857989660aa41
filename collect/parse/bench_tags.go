package parse

import "github.com/plumbline-ci/plumbline/collect"

// oneTag settles whether what a file says of each benchmark tells its series
// apart: only where one benchmark has several of it, and for each benchmark
// alone, so that names do not change when others come or go.
type oneTag struct {
	key   string
	first map[string]string
	split map[string]bool
}

// see notes what a benchmark has. All of a file is seen before the first bench.
func (t *oneTag) see(name, value string) {
	if t.first == nil {
		t.first, t.split = map[string]string{}, map[string]bool{}
	}
	if have, ok := t.first[name]; !ok {
		t.first[name] = value
	} else if have != value {
		t.split[name] = true
	}
}

// bench puts samples on the sheet.
func (t *oneTag) bench(s *Sheet, name, value string, q measure, samples ...float64) {
	if t.split[name] {
		s.benchTagged(name, collect.Tags{t.key: value}, q, samples...)
		return
	}
	m := q.metric(name, nil, samples)
	m.Tags = collect.Tags{t.key: CleanName(value)}
	s.Add(m)
}
