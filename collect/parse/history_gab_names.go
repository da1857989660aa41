package parse

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// metrics are the benchmarks of a run, named as the formats name them that read the
// tool's own output, and what is wrong with some.
func (e *gabEntry) metrics(pkg string) ([]collect.Metric, []error) {
	var faults []error
	whole := e.Benches[:0]
	for _, b := range e.Benches {
		if b.Name == "" || b.Value == nil {
			faults = append(faults, fmt.Errorf("benchmark %.100q %w", b.Name, errNoValue))
			continue
		}
		whole = append(whole, b)
	}
	s := NewSheet("")
	switch e.Tool {
	case "go":
		gabGo(s, whole, pkg)
	case "googlecpp":
		gabGoogle(s, whole)
	default:
		for _, b := range whole {
			b.put(s, e.Tool)
		}
	}
	return s.Metrics(), faults
}

// put puts a benchmark of any tool on the sheet that needs no look at the others.
func (b *gabBench) put(s *Sheet, tool string) {
	name, tags, q, value := b.Name, collect.Tags(nil), measureOf(string(b.Unit)), float64(*b.Value)
	switch tool {
	case "customSmallerIsBetter":
		q.better = collect.Lower
	case "customBiggerIsBetter":
		q.better = collect.Higher
	case "pytest": // which is read as times, and kept as their inverse
		if strings.HasPrefix(string(b.Unit), "iter/") && value > 0 {
			b.add(s, name, nil, nsPerOp, 1e9/value)
			return
		}
	case "jmh":
		name, tags = jmhParams(name)
	case "benchmarkdotnet":
		name, tags = dotnetParams(name)
	case "julia":
		b.also(s, "memory=", bytesPerOp)
		b.also(s, "allocs=", measureOf("allocs"))
	}
	b.add(s, name, tags, q, value)
}

// add puts a value on the sheet, with the tool's range as a tag.
func (b *gabBench) add(s *Sheet, name string, tags collect.Tags, q measure, value float64) {
	m := q.metric(name, tags, []float64{value})
	if b.Range != "" {
		all := collect.Tags{"range": CleanName(string(b.Range))}
		for k, v := range m.Tags {
			all[k] = v
		}
		m.Tags = all
	}
	s.Add(m)
}

// also puts a figure on the sheet that stands in the words beside the value.
func (b *gabBench) also(s *Sheet, key string, q measure) {
	if v, ok := b.said(key); ok {
		s.benchAs(b.Name, q, v)
	}
}

// said is the number behind a key at the beginning of a line of the words.
func (b *gabBench) said(key string) (float64, bool) {
	for line := range strings.Lines(string(b.Extra)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), key); ok {
			number, _ := field([]byte(rest))
			return parseFloat(number)
		}
	}
	return 0, false
}

// gabGo puts Go's benchmarks on the sheet. Several figures of one are kept as
// "NAME - UNIT", after a first one of which the unit is the rest of the line:
// "ns/op\t 16 B/op". Versions before 1.18 kept that one alone. The package stands in
// parentheses behind the name where a run has several.
func gabGo(s *Sheet, benches []gabBench, pkg string) {
	var set benchSet
	lines := map[string]bool{} // the names of which whole lines are there
	for i := range benches {
		if len(strings.Fields(string(benches[i].Unit))) > 1 {
			lines[benches[i].Name] = true
		}
	}
	for _, b := range benches {
		name, unit := b.Name, string(b.Unit)
		if bare, ok := strings.CutSuffix(name, " - "+unit); ok {
			if lines[bare] {
				continue
			}
			name = bare
		}
		in := pkg
		if bare, rest, ok := strings.Cut(name, " ("); ok && strings.HasSuffix(rest, ")") {
			name, in = bare, strings.TrimSuffix(rest, ")")
		}
		if !strings.HasPrefix(name, "Benchmark") {
			b.put(s, "")
			continue
		}
		if procs := b.procs(); procs > 1 {
			name += "-" + strconv.Itoa(procs)
		}
		line := benchLine{name: []byte(name)}
		line.measured([]byte("1 " + strconv.FormatFloat(float64(*b.Value), 'g', -1, 64) + " " + unit))
		if len(line.values) == 0 {
			b.put(s, "") // without a unit
			continue
		}
		set.add(in, &line)
	}
	set.flush(s)
}

// procs is GOMAXPROCS, which the name ended in: "5000 times\n8 procs".
func (b *gabBench) procs() int {
	for line := range strings.Lines(string(b.Extra)) {
		if n, ok := strings.CutSuffix(strings.TrimSpace(line), " procs"); ok {
			procs, _ := strconv.Atoi(n)
			return procs
		}
	}
	return 0
}

// gabGoogle puts Google Benchmark's on the sheet. Of aggregates only the median
// counts, or else the mean, and that where no repetition is there.
func gabGoogle(s *Sheet, benches []gabBench) {
	names := map[string]bool{}
	for i := range benches {
		names[benches[i].Name] = true
	}
	for _, b := range benches {
		if at := strings.LastIndexByte(b.Name, '_'); at > 0 && names[b.Name[:at]+"_mean"] && names[b.Name[:at]+"_stddev"] {
			stem, kind := b.Name[:at], b.Name[at+1:]
			middle := kind == "median" || kind == "mean" && !names[stem+"_median"]
			if (middle || kind == "mean" || kind == "stddev" || kind == "cv") && (!middle || names[stem]) {
				continue
			}
			if middle {
				b.Name = stem
			}
		}
		unit := strings.TrimSuffix(string(b.Unit), "/iter")
		b.add(s, b.Name, nil, measureOf(unit), float64(*b.Value))
		if cpu, ok := b.said("cpu: "); ok {
			s.benchAs(b.Name, measureOf(unit).named("cpu_ns_per_op"), cpu)
		}
	}
}

// jmhParams cuts the parameters off: `pkg.Class.method ( {"size":"100"} )`.
func jmhParams(name string) (string, collect.Tags) {
	bare, text, ok := strings.Cut(name, " ( {")
	var params map[string]any
	if !ok || json.Unmarshal([]byte("{"+strings.TrimSuffix(text, " )")), &params) != nil {
		return name, nil
	}
	tags := collect.Tags{}
	for k, v := range params {
		if text, ok := plainValue(v); ok {
			tags[k] = text
		}
	}
	return bare, tags
}

// dotnetParams cuts the parameters off: `My.Sorts.Quick(N: 1000, Text: "a b")`.
func dotnetParams(name string) (string, collect.Tags) {
	bare, text, ok := strings.Cut(name, "(")
	if !ok || !strings.HasSuffix(text, ")") {
		return name, nil
	}
	tags := collect.Tags{}
	for pair := range strings.SplitSeq(strings.TrimSuffix(text, ")"), ", ") {
		k, v, ok := strings.Cut(pair, ": ")
		if !ok {
			return name, nil
		}
		tags[k] = unquoted(v)
	}
	return bare, tags
}
