package parse

import (
	"strconv"

	"github.com/plumbline-ci/plumbline/collect"
)

// flush puts all on the sheet and empties the set. The sheet keeps the set, which
// is far smaller than the metrics that it makes: a file can have hundreds of
// thousands.
func (s *benchSet) flush(sheet *Sheet) {
	s.settle()
	if !s.names.plain() {
		s.settleNames()
	}
	done := benchResults{order: s.order, units: s.byID, kept: s.kept, count: s.put}
	*s = benchSet{}
	if len(done.kept.slabs) > 0 {
		sheet.benches = append(sheet.benches, done)
	}
}

// benchResults are the benchmarks of one file whose names are settled.
type benchResults struct {
	order []*benchmark
	units []*benchUnit
	kept  benchStore
	count int // of the series, at least
}

// benchMetrics makes the metrics of benchResults.
type benchMetrics struct {
	*benchResults
	tags   map[int32]collect.Tags
	series []openSeries
	names  []byte
	ends   []int
	room   []float64 // for samples: that many are made at once
}

// metrics appends a metric for each series, whose samples are its own.
func (r *benchResults) metrics(to []collect.Metric) []collect.Metric {
	m := benchMetrics{benchResults: r, tags: map[int32]collect.Tags{}}
	for _, b := range r.order {
		to = m.add(to, b)
	}
	return to
}

func (m *benchMetrics) add(to []collect.Metric, b *benchmark) []collect.Metric {
	m.series = m.kept.all(m.series[:0], b.first, m.units)
	if b.procs > 0 && m.tags[b.procs] == nil {
		m.tags[b.procs] = collect.Tags{"procs": strconv.Itoa(int(b.procs))}
	}
	names, from := m.named(b), 0
	for i, of := range m.series {
		to = append(to, sampled(collect.Metric{
			Name: names[from:m.ends[i]], Unit: collect.Unit(of.unit.name), Better: of.unit.better, Tags: m.tags[b.procs],
		}, m.own(of.samples)))
		from = m.ends[i]
	}
	return to
}

// named returns the names of the series of a benchmark, one after the other, and
// sets ends to where they end.
func (m *benchMetrics) named(b *benchmark) string {
	m.names, m.ends = m.names[:0], m.ends[:0]
	stem := CleanName(b.key[:b.stem])
	for _, of := range m.series {
		m.names = append(m.names, "bench/"...)
		m.names = append(m.names, stem...)
		m.names = append(m.names, '.')
		m.names = append(m.names, of.unit.quantity...)
		if b.several {
			m.names = append(m.names, "[procs="...)
			m.names = strconv.AppendInt(m.names, int64(max(1, b.procs)), 10)
			m.names = append(m.names, ']')
		}
		m.ends = append(m.ends, len(m.names))
	}
	return string(m.names)
}

// own copies samples that a metric may keep. Of one sample none is kept.
func (m *benchMetrics) own(samples []float64) []float64 {
	if len(samples) < 2 {
		return samples
	}
	if len(m.room) < len(samples) {
		m.room = make([]float64, max(len(samples), min(4096, len(samples)*len(m.order))))
	}
	n := copy(m.room, samples)
	own := m.room[:n:n]
	m.room = m.room[n:]
	return own
}

// spread makes single metrics of the benchmarks. They came before all else that
// is on the sheet.
func (s *Sheet) spread() {
	if len(s.benches) == 0 {
		return
	}
	later := s.custom
	s.custom = nil
	for i := range s.benches {
		for _, m := range s.benches[i].metrics(nil) {
			if len(m.Samples) == 0 {
				m.Samples = []float64{m.Value}
			}
			join(&s.custom, m)
		}
	}
	s.benches = nil
	for _, m := range later {
		join(&s.custom, *m)
	}
}

// join adds a metric's samples to those of its name. Neither its samples nor its
// tags may be changed afterwards.
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
