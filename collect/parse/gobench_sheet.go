package parse

import "github.com/plumbline-ci/plumbline/collect"

// room makes room for n metrics that adopt will bring.
func (s *Sheet) room(n int) {
	if s.custom == nil {
		s.custom = make(map[string]*collect.Metric, n)
	}
}

// adopt is Add for a parser that has checked its numbers and hands its samples
// and tags over: a file can have hundreds of thousands of series, whose tags
// are few. Neither may be changed afterwards.
func (s *Sheet) adopt(m collect.Metric) {
	join(&s.custom, m)
}

// join adds a metric's samples to those of its name.
func join(to *map[string]*collect.Metric, m collect.Metric) {
	if have := (*to)[m.Name]; have != nil {
		have.Samples = append(have.Samples, m.Samples...)
		return
	}
	if *to == nil {
		*to = map[string]*collect.Metric{}
	}
	(*to)[m.Name] = &m
}
