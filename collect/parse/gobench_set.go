package parse

import (
	"bytes"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// benchSet gathers the results of one file. What the names become is settled at
// its end, by flush.
type benchSet struct {
	benchmarks map[string]*benchmark
	order      []*benchmark
	spare      []benchmark // made together: there may be hundreds of thousands
	units      map[string]*benchUnit
	byID       []*benchUnit
	kept       benchStore
	put        int // how many series
	names      benchNames

	// last is the benchmark of the line before, for -count repeats a benchmark at
	// once: lastPkg and lastName are as that line has them. Its samples are in
	// open until another one comes, and are then put away in kept.
	last     *benchmark
	lastPkg  string
	lastName []byte
	open     []openSeries
	key      []byte
}

// benchmark is one benchmark with one number of processors.
type benchmark struct {
	key         string     // PKG.NAME-N, without the word Benchmark
	stem        int32      // length of the key without -N
	procs       int32      // 0: the name says none
	several     bool       // it ran with more than one number of processors
	first, last benchPlace // of its samples
}

// openSeries are the samples of the last benchmark in one unit.
type openSeries struct {
	unit    *benchUnit
	samples []float64
}

type benchUnit struct {
	id       int
	name     string
	quantity string
	better   collect.Direction
}

func (s *benchSet) add(pkg string, line *benchLine) {
	if s.last == nil || pkg != s.lastPkg || string(line.name) != string(s.lastName) {
		s.turn(pkg, line.name)
	}
	many := false
	for i, v := range line.values {
		if notFinite(v.v) {
			continue // a benchmark that divides by zero reports so
		}
		of := s.series(i, v.unit)
		of.samples = append(of.samples, v.v)
		many = many || len(of.samples) >= maxOpen
	}
	if many {
		s.settle()
	}
}

// maxOpen bounds the samples of one unit that are open.
const maxOpen = 4096

// settle puts the open samples away.
func (s *benchSet) settle() {
	if len(s.open) == 0 {
		return
	}
	at := s.kept.put(s.open)
	s.put += len(s.open)
	if s.last.first == nowhere {
		s.last.first = at
	} else {
		s.kept.chain(s.last.last, at)
	}
	s.last.last = at
	for i := range s.open {
		s.open[i].samples = s.open[i].samples[:0]
	}
	s.open = s.open[:0]
}

// turn makes the benchmark of a line the last one.
func (s *benchSet) turn(pkg string, name []byte) {
	s.settle()
	s.lastPkg, s.lastName = pkg, append(s.lastName[:0], name...)
	name = shortName(name)
	s.key = append(s.key[:0], pkg...)
	if pkg != "" {
		s.key = append(s.key, '.')
	}
	from := len(s.key)
	s.key = append(s.key, name...)
	if s.last = s.benchmarks[string(s.key)]; s.last != nil {
		return
	}
	if len(s.spare) == 0 {
		s.spare = make([]benchmark, min(max(1, len(s.order)), 64))
	}
	b := &s.spare[0]
	s.spare = s.spare[1:]
	at, procs := procsSuffix(name)
	*b = benchmark{key: string(s.key), stem: int32(from + at), procs: int32(procs), first: nowhere, last: nowhere}
	if s.benchmarks == nil {
		s.benchmarks = map[string]*benchmark{}
	}
	s.benchmarks[b.key] = b
	s.order = append(s.order, b)
	s.names.note(b)
	s.last = b
}

// shortName drops the word Benchmark, unless it is all there is.
func shortName(name []byte) []byte {
	if at, _ := procsSuffix(name); at == len(benchmarkWord) {
		return name
	}
	return name[len(benchmarkWord):]
}

// series returns the open series of the i-th value of a line. Its unit is nearly
// always that of the line before, or of the benchmark before.
func (s *benchSet) series(i int, unit []byte) *openSeries {
	if i < len(s.open) && s.open[i].unit.name == string(unit) {
		return &s.open[i]
	}
	u := s.unit(i, unit)
	for i := range s.open {
		if s.open[i].unit == u {
			return &s.open[i]
		}
	}
	n := len(s.open)
	if n < cap(s.open) {
		s.open = s.open[:n+1] // with the memory of earlier samples
		s.open[n].unit = u
	} else {
		s.open = append(s.open, openSeries{unit: u})
	}
	return &s.open[n]
}

// unit returns the unit of the i-th value of a line.
func (s *benchSet) unit(i int, name []byte) *benchUnit {
	if before := s.open[:cap(s.open)]; i < len(before) && before[i].unit != nil && before[i].unit.name == string(name) {
		return before[i].unit
	}
	if u := s.units[string(name)]; u != nil {
		return u
	}
	return s.newUnit(string(name))
}

func (s *benchSet) newUnit(name string) *benchUnit {
	u := &benchUnit{id: len(s.byID), name: name, quantity: quantity(name)}
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
	s.byID = append(s.byID, u)
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
