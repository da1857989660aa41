package check

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// mostRuler is how many times as slow or fast as usual a machine may be. What is
// beyond is no machine but a failed measurement of the ruler.
const mostRuler = 100

// ruler is the metric that tells how fast the machine of a run was.
type ruler struct {
	name string // empty: there is none
	lack string // why timings cannot be normalised
	head float64
	note []string
	// What was measured.
	looks  []collect.Run
	values [][]float64
}

// normalise divides the timings of all runs by how many times as slow as the
// baseline's median the ruler found their machine; rates are multiplied. Timings
// of baseline runs without the ruler are left out. A re-run that measured only a
// part has the ruler of its head.
func normalise(name string, looks []collect.Run, b baseline.Baseline) (ruler, []collect.Run, baseline.Baseline) {
	r := ruler{name: name}
	slow := r.slowness(b)
	usual := median(measured(slow))
	if !finite(usual) {
		r.lack = fmt.Sprintf("no baseline run has the ruler %s, which timings are normalised by", name)
		return r, looks, b
	}
	for i := range slow {
		slow[i] = plausible(slow[i] / usual)
	}
	if r.head = plausible(r.of(looks[0]) / usual); !finite(r.head) {
		r.lack = fmt.Sprintf("the head run does not have the ruler %s in order, which timings are normalised by", name)
		return r, looks, b
	}
	r.tell(slow)
	looks = slices.Clone(looks)
	for k := range looks {
		factor := plausible(r.of(looks[k]) / usual)
		if !finite(factor) {
			factor = r.head
		}
		looks[k].Metrics = slices.Clone(looks[k].Metrics)
		for i := range looks[k].Metrics {
			if m := &looks[k].Metrics[i]; r.normalises(m.Name, m.Unit) {
				m.Value /= speed(m.Name, m.Unit, factor)
			}
		}
	}
	b.Values = slices.Clone(b.Values)
	for j, m := range b.Metrics {
		if j >= len(b.Values) || !r.normalises(m.Name, m.Unit) {
			continue
		}
		b.Values[j] = slices.Clone(b.Values[j])
		for i := range b.Values[j][:min(len(b.Values[j]), len(slow))] {
			b.Values[j][i] /= speed(m.Name, m.Unit, slow[i])
		}
	}
	return r, looks, b
}

// normaliseHistory does it to a whole history at once. That differs from doing it
// window by window by a constant factor.
func normaliseHistory(name string, h baseline.Baseline) baseline.Baseline {
	usual := collect.Metric{Name: name}
	for j, m := range h.Metrics {
		if m.Name == name && j < len(h.Values) {
			usual = m
			usual.Value = median(measured(h.Values[j]))
		}
	}
	_, _, h = normalise(name, []collect.Run{{Metrics: []collect.Metric{usual}}}, h)
	return h
}

// normalise does it to what is compared, where there is a ruler.
func (c *comparer) normalise() {
	if c.t.Ruler == "" {
		return
	}
	looks, b := c.looks, c.b
	c.ruler, c.looks, c.b = normalise(c.t.Ruler, looks, b)
	c.ruler.looks, c.ruler.values = looks, b.Values
	c.notes = append(c.notes, c.ruler.note...)
}

// readings are the values of the i-th metric of the head run that the ruler was
// held against.
func (c *comparer) readings(i int, name string) readings {
	r := readings{looks: make([]float64, len(c.looks))}
	r.looks[0] = c.ruler.looks[0].Metrics[i].Value
	c.lookAgain(r.looks, name, c.ruler.looks)
	if j, ok := c.columnOf(name, i); ok {
		r.col = c.ruler.values[j][:min(len(c.ruler.values[j]), c.rows())]
	}
	return r
}

// lackOf says why a timing that baseline runs have cannot be normalised.
func (c *comparer) lackOf(name string, col []float64) string {
	j, _ := c.columnOf(name, -1)
	have := count(c.ruler.values[j])
	if have > 0 && c.ruler.lack == "" && count(col) == 0 {
		return fmt.Sprintf("no baseline run that has it has the ruler %s, which timings are normalised by", c.ruler.name)
	}
	if have == 0 {
		return ""
	}
	return c.ruler.lack
}

// tell says what was done, for people.
func (r *ruler) tell(slow []float64) {
	r.note = append(r.note, fmt.Sprintf("timings are normalised by %s: by it this machine takes %s times as long as the baseline's middle one",
		r.name, collect.Figures(r.head, 3)))
	if n := len(slow) - count(slow); n > 0 {
		r.note = append(r.note, fmt.Sprintf("%d of %s without %s in order: their timings are left out", n, baselineRuns(len(slow)), r.name))
	}
}

// plausible is a factor between machines, NaN where it is none.
func plausible(factor float64) float64 {
	if factor >= 1.0/mostRuler && factor <= mostRuler {
		return factor
	}
	return math.NaN()
}

// slowness is what the ruler says of each baseline run, more for a slower one.
func (r *ruler) slowness(b baseline.Baseline) []float64 {
	slow := slices.Repeat([]float64{math.NaN()}, len(b.Runs))
	for j, m := range b.Metrics {
		if m.Name != r.name || j >= len(b.Values) {
			continue
		}
		for i, x := range b.Values[j][:min(len(b.Values[j]), len(slow))] {
			slow[i] = slowness(m, x)
		}
	}
	return slow
}

func (r *ruler) of(run collect.Run) float64 {
	m, ok := run.Metric(r.name)
	if !ok {
		return math.NaN()
	}
	return slowness(m, m.Value)
}

func slowness(m collect.Metric, x float64) float64 {
	switch {
	case !(x > 0) || !finite(x):
		return math.NaN()
	case isRate(m.Name, m.Unit):
		return 1 / x
	}
	return x
}

// speed is what a metric of a machine so many times as slow is divided by.
func speed(name string, u collect.Unit, slow float64) float64 {
	if isRate(name, u) {
		return 1 / slow
	}
	return slow
}

// normalises reports whether a metric is normalised by the ruler.
func (r *ruler) normalises(name string, u collect.Unit) bool {
	return r.name != "" && name != r.name && isTiming(name, u)
}

// isRate reports whether a timing is a number of things in a time, such as MB/s:
// a slower machine makes it smaller.
func isRate(name string, u collect.Unit) bool {
	if u == "" {
		base, _, _ := strings.Cut(name, "[")
		return strings.HasSuffix(base, "_per_s")
	}
	what, per, _ := strings.Cut(string(u), "/")
	return strings.HasSuffix(strings.ToLower(what), "hz") || per != "" && anyWord(per, timeWords) && !anyWord(what, timeWords)
}
