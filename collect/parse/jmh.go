package parse

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// jmh reads the JSON of JMH. The iterations of all forks are samples. Throughput
// becomes ops_per_s, which is better higher; times of the other modes become
// ns_per_op. Parameters tell the series of a benchmark apart, and so do the modes
// sample and ss, which are not the same time as avgt:
// bench/pkg.Class.method.ns_per_op[mode=ss,size=100].
//
// Of the secondary metrics gc.alloc.rate.norm is bytes_per_op. Others stand as
// bench/NAME:METRIC.QUANTITY, as JMH writes them itself.
var jmh = Format{
	Name:  "jmh",
	From:  "JMH: -rf json -rff FILE",
	Makes: []string{"bench/NAME.ops_per_s", "bench/NAME.ns_per_op", "bench/NAME.bytes_per_op", "bench/NAME:METRIC.QUANTITY"},
	Match: matchJMH, Parse: parseJMH,
}

func matchJMH(h *Head) bool {
	return h.json().has("[].benchmark", "[].mode") // primaryMetric stands behind jvmArgs of any length
}

type jmhResult struct {
	benchmark, mode string
	params          map[string]any
	primary         jmhMetric
	secondary       map[string]*jmhMetric
}

// jmhMetric has the iterations by fork. In the mode sample there is a histogram in
// their place, of which the score is the mean.
type jmhMetric struct {
	score jmhNumber
	unit  string
	raw   [][]jmhNumber
}

// jmhNumber is a number, or one of the words NaN, Infinity and -Infinity.
type jmhNumber float64

func (n *jmhNumber) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*n = jmhNumber(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

func parseJMH(r io.Reader, s *Sheet) error {
	found := false
	j := newJSONReader(r)
	err := j.array(func() error {
		one := jmhResult{primary: jmhMetric{score: jmhNumber(math.NaN())}}
		if err := one.read(j); err != nil {
			return err
		}
		if one.benchmark == "" || one.primary.unit == "" {
			return j.errorf(`result without "benchmark" and "primaryMetric"`)
		}
		found = one.put(s) || found
		return nil
	})
	err = j.done(err)
	if err == nil && !found {
		err = errNoBenchmark
	}
	return err
}

// read reads member by member: a histogram can be longer than all else.
func (b *jmhResult) read(j *jsonReader) error {
	return j.object(func(key string) error {
		switch key {
		case "benchmark":
			return j.read(&b.benchmark)
		case "mode":
			return j.read(&b.mode)
		case "params":
			return j.read(&b.params)
		case "primaryMetric":
			return b.primary.read(j)
		case "secondaryMetrics":
			b.secondary = map[string]*jmhMetric{}
			return j.object(func(name string) error {
				m := &jmhMetric{score: jmhNumber(math.NaN())}
				b.secondary[name] = m
				return m.read(j)
			})
		}
		return nil
	})
}

func (m *jmhMetric) read(j *jsonReader) error {
	return j.object(func(key string) error {
		switch key {
		case "score":
			return j.read(&m.score)
		case "scoreUnit":
			return j.read(&m.unit)
		case "rawData":
			return j.read(&m.raw)
		}
		return nil
	})
}

func (b *jmhResult) put(s *Sheet) (found bool) {
	tags := collect.Tags{}
	for k, v := range b.params {
		if text, ok := plainValue(v); ok {
			tags[k] = text
		}
	}
	if b.mode == "sample" || b.mode == "ss" {
		tags["mode"] = b.mode
	}
	if samples := b.primary.samples(); len(samples) > 0 {
		s.benchTagged(b.benchmark, tags, measureOf(b.primary.unit), samples...)
		found = true
	}
	for name, m := range b.secondary {
		name = strings.TrimLeft(name, "·") // before 1.37 profilers begin with it
		q := measureOf(m.unit)
		if name == "gc.alloc.rate.norm" {
			s.benchTagged(b.benchmark, tags, q, m.samples()...)
			continue
		}
		if strings.HasPrefix(name, "gc.") {
			q.better = collect.None // an allocation rate rises with the speed
		}
		s.benchTagged(fmt.Sprintf("%s:%s", b.benchmark, name), tags, q, m.samples()...)
	}
	return found
}

// samples are the iterations, or the score where they are not said.
func (m *jmhMetric) samples() []float64 {
	var all []float64
	for _, fork := range m.raw {
		for _, v := range fork {
			if !notFinite(float64(v)) {
				all = append(all, float64(v))
			}
		}
	}
	if len(all) == 0 && !notFinite(float64(m.score)) {
		all = []float64{float64(m.score)}
	}
	return all
}
