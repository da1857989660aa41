package parse

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// julia reads what BenchmarkTools.save writes: trials with all their samples, or
// estimates of them. A benchmark is called by the keys of its groups with /
// between. Samples of memory and allocations there are none; BenchmarkTools
// keeps the least of each.
var julia = Format{
	Name:    "julia",
	Aliases: []string{"benchmarktools"},
	From:    "BenchmarkTools.save of Julia, of a suite's results or of their median, minimum or mean",
	Makes:   []string{"bench/GROUP/NAME.ns_per_op", "bench/GROUP/NAME.bytes_per_op", "bench/GROUP/NAME.allocs_per_op"},
	Match:   func(h *Head) bool { return h.json().has("[].Julia") && h.json().has("[].BenchmarkTools") },
	Parse:   parseJulia,
}

const juliaDepth = 100 // groups within groups

type juliaReader struct {
	j     *jsonReader
	sheet *Sheet
	found bool
}

func parseJulia(r io.Reader, s *Sheet) error {
	b := juliaReader{j: newJSONReader(r), sheet: s}
	versions, roots := false, 0
	err := b.j.array(func() error {
		if versions {
			return b.j.array(func() error {
				roots++
				return b.node(nil, roots)
			})
		}
		versions = true
		var v struct{ BenchmarkTools *json.RawMessage }
		if err := b.j.read(&v); err != nil {
			return err
		}
		if v.BenchmarkTools == nil {
			return b.j.errorf(`first element does not have "BenchmarkTools": want what BenchmarkTools.save writes`)
		}
		return nil
	})
	if err == nil && !b.found {
		return noResult(`a "Trial" or "TrialEstimate" of BenchmarkTools`)
	}
	return b.j.done(err)
}

// node reads an array of the name of a type and its fields. Root counts those
// at the top, which have no name.
func (b *juliaReader) node(path []string, root int) error {
	if len(path) > juliaDepth {
		return b.j.errorf("groups nest deeper than %d", juliaDepth)
	}
	kind := ""
	return b.j.array(func() error {
		switch kind {
		case "":
			return b.j.read(&kind)
		case "BenchmarkGroup":
			return b.group(path)
		case "Trial", "TrialEstimate":
			return b.trial(path, root)
		}
		return nil
	})
}

func (b *juliaReader) group(path []string) error {
	return b.j.object(func(key string) error {
		if key != "data" {
			return nil
		}
		return b.j.object(func(name string) error {
			return b.node(append(path[:len(path):len(path)], name), 0)
		})
	})
}

func (b *juliaReader) trial(path []string, root int) error {
	var t struct {
		Time           *float64
		Times          []float64
		Memory, Allocs *float64
	}
	if err := b.j.read(&t); err != nil {
		return err
	}
	name := strings.Join(path, "/")
	if name == "" {
		name = "trial"
		if root > 1 {
			name += strconv.Itoa(root)
		}
	}
	times := t.Times
	if t.Time != nil {
		times = []float64{*t.Time}
	}
	if len(times) == 0 {
		return b.j.errorf(`%q has no time: want "times" of a Trial or "time" of a TrialEstimate`, name)
	}
	b.sheet.bench(name, "ns", times...)
	if t.Memory != nil {
		b.sheet.bench(name, "B/op", *t.Memory)
	}
	if t.Allocs != nil {
		b.sheet.bench(name, "allocs/op", *t.Allocs)
	}
	b.found = true
	return nil
}
