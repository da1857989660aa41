package listen

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
)

// The caps. A name with an id in it, or a tag with one, would otherwise make a
// run of millions of metrics that never come again.
const (
	mostPerName = 200
	mostNames   = 2000
	mostValues  = 100_000 // different values of a set
	mostTags    = 32
	// mostSpellings bounds what is looked up fast. A series whose tags come in
	// many orders is found in the slow way past it.
	mostSpellings = 50_000
	// mostRate is how often one value counts at most for a sampling rate.
	mostRate = 10_000
)

// gatherer adds up what arrives, from any number of goroutines.
type gatherer struct {
	mu     sync.Mutex
	rec    *collect.Recorder
	series map[string]*series // by how the sender spelled it
	names  map[string]int     // series of each name
	kept   map[string]bool    // series by name and tags
	sets   map[string]map[string]struct{}
	totals map[string]*total // of sources that add up by themselves

	lines, bad, ignored, over int64
	firstBad                  string
	overName                  string // the first name that had too many series
	notes                     []string
}

// series is what values of one spelling of name, type and tags are added to.
type series struct {
	name string // with its tags
	kind byte   // c g m h s
	up   *collect.UpDownCounter
	g    *collect.Gauge
	t    *collect.Timer
	h    *collect.Histogram
}

func newGatherer() *gatherer {
	return &gatherer{
		rec:    collect.NewRecorder(collect.Options{MostSeries: mostPerName}),
		series: map[string]*series{}, names: map[string]int{}, kept: map[string]bool{}, sets: map[string]map[string]struct{}{},
		totals: map[string]*total{},
	}
}

// junk counts what could not be read.
func (g *gatherer) junk(what []byte, why string) {
	g.bad++
	if g.firstBad == "" {
		g.firstBad = fmt.Sprintf("%.80q: %s", what, why)
	}
}

// open returns the series of a kind, nil where there are too many. Key is how it
// was spelled.
func (g *gatherer) open(key, name string, kind byte, tags collect.Tags) *series {
	if s := g.series[key]; s != nil {
		return s
	}
	full := collect.Name(name, tags)
	if !g.room(name, full) {
		return nil
	}
	s := &series{name: full, kind: kind}
	switch kind {
	case 'c':
		s.up = g.rec.UpDownCounter(name, tags)
	case 'g':
		s.g = g.rec.Gauge(name, tags)
	case 'm':
		s.t = g.rec.Timer(name, tags)
	case 'h':
		s.h = g.rec.Histogram(name, tags)
	case 's':
		if g.sets[full] == nil {
			g.sets[full] = map[string]struct{}{}
		}
	}
	if len(g.series) < mostSpellings {
		g.series[strings.Clone(key)] = s
	}
	return s
}

// room reports whether a series may be kept. The spellings of one series, with
// its tags in another order, count once.
func (g *gatherer) room(name, full string) bool {
	if g.kept[full] {
		return true
	}
	n, known := g.names[name]
	if n >= mostPerName || !known && len(g.names) >= mostNames {
		g.left(name)
		return false
	}
	g.names[name]++
	g.kept[full] = true
	return true
}

// addTo puts a different value to a set.
func (g *gatherer) addTo(s *series, value []byte) {
	set := g.sets[s.name]
	if _, in := set[string(value)]; in {
		return
	}
	if len(set) >= mostValues {
		g.left(s.name)
		return
	}
	set[string(value)] = struct{}{}
}

// left counts what is left out.
func (g *gatherer) left(name string) {
	g.over++
	if g.overName == "" {
		g.overName = name
	}
}

// number reads a value of a kind; sign says that it is relative.
func number(kind byte, value []byte) (v float64, sign bool, why string) {
	if len(value) == 0 {
		return 0, false, "want a value before the type"
	}
	v, err := strconv.ParseFloat(string(value), 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, false, "the value is no finite number"
	case kind == 'm' && (v < 0 || v > math.MaxInt64/1e6):
		return 0, false, "want a time in milliseconds"
	}
	return v, value[0] == '+' || value[0] == '-', ""
}

// add puts one value to the series. Rate is the part of all values that the
// sender sends; a gauge that has a sign is moved by so much.
func (s *series) add(v, rate float64, sign bool) {
	switch s.kind {
	case 'c':
		s.up.Add(v / rate)
	case 'g':
		if sign {
			s.g.Add(v)
		} else {
			s.g.Set(v)
		}
	case 'm':
		for range times(rate) {
			s.t.Observe(time.Duration(math.Round(v * 1e6)))
		}
	case 'h':
		for range times(rate) {
			s.h.Observe(v)
		}
	}
}

// times is how many values one stands for.
func times(rate float64) int { return int(min(math.Round(1/rate), mostRate)) }

// clean makes a name or a tag from outside fit to stand in a metric's name.
func clean(s string) string {
	return parse.CleanName(strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]=,\n", r) {
			return '_'
		}
		return r
	}, strings.TrimSpace(s)))
}

// total returns the series of a name and tags that adds up by itself, nil where
// there are too many.
func (g *gatherer) total(base string, tags collect.Tags, unit collect.Unit) *total {
	full := collect.Name(base, tags)
	if t := g.totals[full]; t != nil {
		return t
	}
	if !g.room(base, full) {
		return nil
	}
	t := &total{base: base, tags: tags, unit: unit, streams: map[string]*stream{}}
	g.totals[full] = t
	return t
}

// metrics are what was gathered, sorted by name.
func (g *gatherer) metrics() []collect.Metric {
	all := g.rec.Metrics()
	for name, set := range g.sets {
		all = append(all, collect.Metric{Name: name, Value: float64(len(set))})
	}
	for _, t := range g.totals {
		all = append(all, t.metrics()...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return slices.CompactFunc(all, func(a, b collect.Metric) bool { return a.Name == b.Name })
}

// told says what went wrong.
func (g *gatherer) told() []string {
	notes := slices.Clone(g.notes)
	if g.bad > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d lines that the command sent could not be read; the first: %s", g.bad, g.lines, g.firstBad))
	}
	if g.over > 0 {
		notes = append(notes, fmt.Sprintf("%d values that the command sent were left out, those of %s first: want at most %d series of one name, %d names, %d values of a set",
			g.over, g.overName, mostPerName, mostNames, mostValues))
	}
	if g.ignored > 0 {
		notes = append(notes, fmt.Sprintf("%d events and service checks that the command sent are no metrics and were left out", g.ignored))
	}
	if err := g.rec.Problems(); err != nil {
		notes = append(notes, strings.Split(err.Error(), "\n")...)
	}
	return notes
}
