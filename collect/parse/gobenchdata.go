package parse

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// gobenchdata reads what gobenchdata keeps: the history of a suite of Go
// benchmarks, or one run. Only its newest run counts, for the others are no news
// of this one. Names are those of gobench. gobenchdata writes 0 for sizes and
// allocations that were not measured: they are taken for zeros, except for MB/s.
var gobenchdata = Format{
	Name:  "gobenchdata",
	From:  "gobenchdata --json FILE",
	Makes: gobench.Makes,
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("[].Suites[].Benchmarks") || o.has("Suites[].Benchmarks") || o.has("[].Suites", "[].Version", "[].Date")
	},
	Parse: parseGobenchdata,
}

type gobenchdataRun struct {
	date  float64
	set   *benchSet
	found bool
}

func parseGobenchdata(r io.Reader, s *Sheet) error {
	b, err := peek(r)
	if err != nil {
		return err
	}
	j := newJSONReader(b)
	var newest gobenchdataRun
	one := func() error {
		run, err := gobenchdataRunOf(j)
		if run.found && (!newest.found || run.date > newest.date) {
			newest = run
		}
		return err
	}
	if b.first == '{' {
		err = one()
	} else {
		err = j.array(one)
	}
	err = j.done(err)
	if err != nil {
		return err
	}
	if !newest.found {
		return noResult(`"Suites" with "Benchmarks" of gobenchdata`)
	}
	newest.set.flush(s)
	return nil
}

func gobenchdataRunOf(j *jsonReader) (run gobenchdataRun, err error) {
	run.set = &benchSet{}
	err = j.object(func(key string) error {
		switch key {
		case "Date":
			return j.read(&run.date)
		case "Suites":
			return j.array(func() error {
				n, err := gobenchdataSuite(j, run.set)
				run.found = run.found || n > 0
				return err
			})
		}
		return nil
	})
	return run, err
}

type gobenchdataResult struct {
	Name    string
	NsPerOp *float64
	Mem     struct{ BytesPerOp, AllocsPerOp, MBPerSec float64 }
	Custom  map[string]float64
}

// gobenchdataSuiteOf is a package with its benchmarks.
type gobenchdataSuiteOf struct {
	Pkg        string
	Benchmarks []json.RawMessage
}

func gobenchdataSuite(j *jsonReader, set *benchSet) (n int, err error) {
	var suite gobenchdataSuiteOf
	if err := j.read(&suite); err != nil {
		return 0, err
	}
	n, wrong := suite.add(set)
	if len(wrong) > 0 {
		err = j.errorf("%w", wrong[0])
	}
	return n, err
}

// add puts the benchmarks into a set, and tells what is wrong with others.
func (suite *gobenchdataSuiteOf) add(set *benchSet) (n int, wrong []error) {
	for _, raw := range suite.Benchmarks {
		var b gobenchdataResult
		switch err := json.Unmarshal(raw, &b); {
		case err != nil:
			wrong = append(wrong, fmt.Errorf("benchmark of %q: %w", suite.Pkg, err))
		case !strings.HasPrefix(b.Name, "Benchmark") || b.NsPerOp == nil:
			wrong = append(wrong, fmt.Errorf(`benchmark of %q has not "Name" and "NsPerOp": want what gobenchdata writes`, suite.Pkg))
		default:
			set.add(suite.Pkg, b.line())
			n++
		}
	}
	return n, wrong
}

// line is the result as go test printed it.
func (b gobenchdataResult) line() *benchLine {
	line := &benchLine{name: []byte(b.Name), values: []benchValue{
		{*b.NsPerOp, []byte("ns/op")},
		{b.Mem.BytesPerOp, []byte("B/op")},
		{b.Mem.AllocsPerOp, []byte("allocs/op")},
	}}
	if b.Mem.MBPerSec > 0 {
		line.values = append(line.values, benchValue{b.Mem.MBPerSec, []byte("MB/s")})
	}
	for unit, v := range b.Custom {
		line.values = append(line.values, benchValue{v, []byte(unit)})
	}
	return line
}
