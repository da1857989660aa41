package parse

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// benchSet gathers the results of one file. What the names become is settled at
// its end, by flush.
type benchSet struct {
	benchmarks map[string]*benchmark
	order      []*benchmark
	last       *benchmark // -count repeats a benchmark at once
	units      map[string]*benchUnit
	key        []byte
	// fresh says that the last benchmark is new. Its samples grow in scratch,
	// and are copied in their true length when another one comes.
	fresh   bool
	scratch [][]float64
}

// benchmark is one benchmark with one number of processors.
type benchmark struct {
	key    string // PKG.NAME-N, without the word Benchmark
	stem   int32  // length of the key without -N
	procs  int32  // 0: the name says none
	series []benchSeries
}

type benchSeries struct {
	unit    *benchUnit
	samples []float64
}

type benchUnit struct {
	name     string
	quantity string
	better   collect.Direction
}

func (s *benchSet) add(pkg string, line *benchLine) {
	b := s.benchmark(pkg, line.name)
	for i, v := range line.values {
		if notFinite(v.v) {
			continue // a benchmark that divides by zero reports so
		}
		of := s.of(b, i, s.unit(b, i, v.unit))
		of.samples = append(of.samples, v.v)
	}
}

func (s *benchSet) benchmark(pkg string, name []byte) *benchmark {
	name = shortName(name)
	s.key = append(s.key[:0], pkg...)
	if pkg != "" {
		s.key = append(s.key, '.')
	}
	from := len(s.key)
	s.key = append(s.key, name...)
	if s.last != nil && s.last.key == string(s.key) {
		return s.last
	}
	s.settle()
	b := s.benchmarks[string(s.key)]
	if b == nil {
		at, procs := procsSuffix(name)
		b = &benchmark{key: string(s.key), stem: int32(from + at), procs: int32(procs)}
		s.fresh = true
		if s.benchmarks == nil {
			s.benchmarks = map[string]*benchmark{}
		}
		s.benchmarks[b.key] = b
		s.order = append(s.order, b)
	}
	s.last = b
	return b
}

// shortName drops the word Benchmark, unless it is all there is.
func shortName(name []byte) []byte {
	if at, _ := procsSuffix(name); at == len(benchmarkWord) {
		return name
	}
	return name[len(benchmarkWord):]
}

// unit returns the unit of the i-th value of a line. It is nearly always that of
// the line before.
func (s *benchSet) unit(b *benchmark, i int, name []byte) *benchUnit {
	if i < len(b.series) && b.series[i].unit.name == string(name) {
		return b.series[i].unit
	}
	if u := s.units[string(name)]; u != nil {
		return u
	}
	return s.newUnit(string(name))
}

func (s *benchSet) newUnit(name string) *benchUnit {
	u := &benchUnit{name: name, quantity: quantity(name)}
	switch {
	case strings.HasSuffix(name, "/s"), strings.HasSuffix(name, "/sec"):
		u.better = collect.Higher
	case goUnit([]byte(name)) != "":
		u.better = collect.Lower
	}
	if s.units == nil {
		s.units = map[string]*benchUnit{}
	}
	s.units[name] = u
	return u
}

func (s *benchSet) knows(unit []byte) bool { return s.units[string(unit)] != nil }

// quantity is the last part of the name of a unit's metrics.
func quantity(unit string) string {
	if q := goUnit([]byte(unit)); q != "" {
		return q
	}
	return CleanName(strings.ReplaceAll(unit, "/", "_per_"))
}

// unitLine reads what stands after "Unit": a unit, and facts about it.
func (s *benchSet) unitLine(line []byte) {
	name, facts := field(line)
	for len(facts) > 0 {
		var fact []byte
		fact, facts = field(facts)
		value, ok := bytes.CutPrefix(fact, []byte("better="))
		if !ok || len(name) == 0 {
			continue
		}
		u := s.units[string(name)]
		if u == nil {
			u = s.newUnit(string(name))
		}
		if d, ok := collect.ParseDirection(string(value)); ok {
			u.better = d
		}
	}
}

// of returns the series of a benchmark in a unit. At is where it probably is.
func (s *benchSet) of(b *benchmark, at int, unit *benchUnit) *benchSeries {
	if at < len(b.series) && b.series[at].unit == unit {
		return &b.series[at]
	}
	for i := range b.series {
		if b.series[i].unit == unit {
			return &b.series[i]
		}
	}
	b.series = append(b.series, benchSeries{unit: unit})
	of := &b.series[len(b.series)-1]
	if n := len(s.scratch); s.fresh && n > 0 {
		of.samples = s.scratch[n-1]
		s.scratch = s.scratch[:n-1]
	}
	return of
}

// settle takes the scratch back from the last benchmark.
func (s *benchSet) settle() {
	if !s.fresh {
		return
	}
	for i := range s.last.series {
		of := &s.last.series[i]
		grown := of.samples
		of.samples = slices.Clone(grown)
		s.scratch = append(s.scratch, grown[:0])
	}
	s.fresh = false
}

// flush puts all on the sheet and empties the set.
func (s *benchSet) flush(sheet *Sheet) {
	s.settle()
	s.benchmarks = nil // its memory serves what follows
	runs := s.runs()
	series := 0
	for _, b := range s.order {
		series += len(b.series)
	}
	sheet.room(series)
	tags := map[int32]collect.Tags{}
	for i, b := range s.order {
		s.order[i] = nil
		stem := b.key[:b.stem]
		suffix := ""
		if runs[stem].several {
			suffix = "[procs=" + strconv.Itoa(max(1, int(b.procs))) + "]"
		}
		if b.procs > 0 && tags[b.procs] == nil {
			tags[b.procs] = collect.Tags{"procs": strconv.Itoa(int(b.procs))}
		}
		stem = CleanName(stem)
		for _, of := range b.series {
			sheet.adopt(collect.Metric{
				Name:    "bench/" + stem + "." + of.unit.quantity + suffix,
				Unit:    collect.Unit(of.unit.name),
				Better:  of.unit.better,
				Tags:    tags[b.procs],
				Samples: of.samples,
			})
		}
	}
	*s = benchSet{}
}

// procsRuns says with how many processors a benchmark ran.
type procsRuns struct {
	procs   int32
	several bool
}

// runs finds the benchmarks that ran with more than one number of processors.
// It takes back what only looked like such a number: beside x-100-2, x-100 is
// x-100 on one processor, and not x on a hundred.
func (s *benchSet) runs() map[string]procsRuns {
	runs := make(map[string]procsRuns, len(s.order))
	for _, b := range s.order {
		if b.procs > 0 {
			note(runs, b)
		}
	}
	for _, b := range s.order {
		if b.procs > 0 {
			if _, longer := runs[b.key]; !longer {
				continue
			}
			b.stem, b.procs = int32(len(b.key)), 0
		}
		note(runs, b)
	}
	return runs
}

func note(runs map[string]procsRuns, b *benchmark) {
	stem, procs := b.key[:b.stem], max(1, b.procs)
	have, known := runs[stem]
	switch {
	case !known:
		runs[stem] = procsRuns{procs: procs}
	case have.procs != procs && !have.several:
		have.several = true
		runs[stem] = have
	}
}
