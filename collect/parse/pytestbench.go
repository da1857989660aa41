package parse

import (
	"encoding/json"
	"io"
)

// pytestbench reads the JSON of pytest-benchmark. A benchmark is called as the
// test, "tests/test_sort.py::test_quick[1000]". The times of all rounds are
// samples of ns_per_op; where they are not said, or not all of them, their median
// is. Of more than 1,000 rounds each sample is the median of as many that follow
// one another.
var pytestbench = Format{
	Name:    "pytest-benchmark",
	Aliases: []string{"pytestbench"},
	From:    "pytest --benchmark-json=FILE, or --benchmark-save and --benchmark-autosave, which leave out the samples without --benchmark-save-data",
	Makes:   []string{"bench/FILE::TEST.ns_per_op"},
	Match:   matchPytestbench, Parse: parsePytestbench,
}

func matchPytestbench(h *Head) bool {
	return h.json().has("benchmarks[].fullname", "benchmarks[].stats")
}

// pytestBenchmark is one test; times are in seconds.
type pytestBenchmark struct {
	name         string
	data         []float64
	omitted      bool // what stands in data is not all numbers
	rounds       int
	median, mean *float64
}

func parsePytestbench(r io.Reader, s *Sheet) error {
	found := false
	j := newJSONReader(newNotANumber(r))
	err := j.object(func(key string) error {
		if key != "benchmarks" {
			return nil
		}
		return j.array(func() error {
			var b pytestBenchmark
			if err := b.read(j); err != nil {
				return err
			}
			if b.name == "" || b.median == nil && b.mean == nil {
				return j.errorf(`benchmark without "fullname" and "stats"`)
			}
			found = true
			s.bench(b.name, "s", b.times()...)
			return nil
		})
	})
	err = j.done(err)
	if err == nil && !found {
		err = errNoBenchmark
	}
	return err
}

// read reads member by member: a benchmark has up to hundreds of thousands of
// rounds.
func (b *pytestBenchmark) read(j *jsonReader) error {
	return j.object(func(key string) error {
		switch key {
		case "fullname":
			return j.read(&b.name)
		case "stats":
			return j.object(func(key string) error { return b.stat(j, key) })
		}
		return nil
	})
}

func (b *pytestBenchmark) stat(j *jsonReader, key string) error {
	switch key {
	case "rounds":
		return j.read(&b.rounds)
	case "median":
		return j.read(&b.median)
	case "mean":
		return j.read(&b.mean)
	case "data":
		return j.array(func() error {
			var raw json.RawMessage
			if err := j.read(&raw); err != nil {
				return err
			}
			v, ok := parseFloat(raw)
			b.omitted = b.omitted || !ok
			b.data = append(b.data, v)
			return nil
		})
	}
	return nil
}

// times are the rounds, if they are all there.
func (b *pytestBenchmark) times() []float64 {
	switch {
	case len(b.data) > 0 && len(b.data) == b.rounds && !b.omitted:
		return fewer(b.data, mostSamples)
	case b.median != nil:
		return []float64{*b.median}
	}
	return []float64{*b.mean}
}
