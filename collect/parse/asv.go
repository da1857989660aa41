package parse

import (
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// asvJSON reads a results file of airspeed velocity, of one commit in one
// environment. Python, the requirements and the variables that asv.conf.json
// sets tell series apart, as in asv, and so do parameters. The file has not the
// parameters' names: they are param1, param2, as in asv where a benchmark gives
// none. Recorded samples count, or else asv's result. Units are those of asv's
// kinds: time_ and timeraw_ are seconds, mem_ and peakmem_ bytes, track_ a plain
// number. What failed (null) or was skipped (NaN) is left out.
var asvJSON = Format{
	Name:  "asv-json",
	From:  "asv run: .asv/results/MACHINE/COMMIT-ENV.json; samples with --record-samples",
	Makes: []string{"bench/NAME.ns_per_op[param1=V,python=V]", "bench/NAME.bytes_per_op[python=V]", "bench/NAME.value[python=V]"},
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("commit_hash", "params", "requirements") && (o.has("results") || o.has("result_columns"))
	},
	Parse: parseASV,
}

type asvReader struct {
	j       *jsonReader
	sheet   *Sheet
	tags    collect.Tags // of the environment
	columns []string
	results bool // were there
	found   bool // one of them is a number
}

func parseASV(r io.Reader, s *Sheet) error {
	a := asvReader{j: newJSONReader(newPythonJSON(r)), sheet: s, tags: collect.Tags{}}
	err := a.j.object(a.member)
	switch {
	case err != nil:
		return err
	case !a.results:
		return noResult(`"results" of asv`)
	case !a.found:
		return noResult("at least one that did not fail")
	}
	return a.j.end()
}

func (a *asvReader) member(key string) error {
	switch key {
	case "python", "requirements", "env_vars", "result_columns":
		if a.results {
			return a.j.errorf("%q stands behind the results: want it before them, as asv writes it", key)
		}
	}
	switch key {
	case "python":
		var version string
		err := a.j.read(&version)
		a.tag("python", version)
		return err
	case "requirements", "env_vars":
		var all map[string]*string
		err := a.j.read(&all)
		for name, version := range all {
			if version != nil {
				a.tag(name, *version)
			}
		}
		return err
	case "result_columns":
		return a.j.read(&a.columns)
	case "results":
		a.results = true
		return a.j.object(a.result)
	}
	return nil
}

// tag notes what the environment has. Of a requirement without a version the
// newest is meant, whichever that was.
func (a *asvReader) tag(name, value string) {
	if value != "" {
		a.tags[name] = value
	}
}

// asvResult is one benchmark: figures for each combination of its parameters,
// the last of which changes fastest.
type asvResult struct {
	Result  any        `json:"result"`
	Params  [][]string `json:"params"`
	Samples []any      `json:"samples"`
}

func (a *asvReader) result(name string) error {
	var raw json.RawMessage
	if err := a.j.read(&raw); err != nil {
		return err
	}
	var r asvResult
	var err error
	switch raw[0] {
	case '{':
		err = json.Unmarshal(raw, &r)
	case '[':
		err = r.columns(raw, a.columns)
	default:
		err = json.Unmarshal(raw, &r.Result)
	}
	if err != nil {
		return a.j.errorf("result of %q: %v", name, err)
	}
	return a.put(name, r)
}

// columns reads what stands in the columns that result_columns names.
func (r *asvResult) columns(raw []byte, names []string) error {
	var cells []json.RawMessage
	if err := json.Unmarshal(raw, &cells); err != nil {
		return err
	}
	for i, cell := range cells {
		var err error
		if i < len(names) {
			switch names[i] {
			case "result":
				err = json.Unmarshal(cell, &r.Result)
			case "params":
				err = json.Unmarshal(cell, &r.Params)
			case "samples":
				err = json.Unmarshal(cell, &r.Samples)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *asvReader) put(name string, r asvResult) error {
	list, ok := r.Result.([]any)
	if !ok {
		list = []any{r.Result}
	}
	combinations := 1
	for _, values := range r.Params {
		if combinations *= len(values); combinations > len(list) {
			break
		}
	}
	if len(list) != combinations && r.Result != nil {
		return a.j.errorf("%q has %d results: want one for each combination of its parameters", name, len(list))
	}
	for i, v := range list {
		samples := asvSamples(r.Samples, i)
		if f, ok := v.(float64); !ok {
			continue
		} else if len(samples) == 0 {
			samples = []float64{f}
		}
		a.sheet.benchTagged(name, asvTags(a.tags, r.Params, i), measureOf(asvUnit(name)), samples...)
		a.found = true
	}
	return nil
}

// asvSamples are the samples of the i-th combination, if they were recorded.
func asvSamples(all []any, i int) (samples []float64) {
	if i >= len(all) {
		return nil
	}
	list, _ := all[i].([]any)
	for _, v := range list {
		if f, ok := v.(float64); ok {
			samples = append(samples, f)
		}
	}
	return samples
}

// asvTags are those of the environment and of the i-th combination.
func asvTags(environment collect.Tags, params [][]string, i int) collect.Tags {
	tags := collect.Tags{}
	for k, v := range environment {
		tags[k] = v
	}
	for n := len(params) - 1; n >= 0; n-- {
		values := params[n]
		tags["param"+strconv.Itoa(n+1)] = unquoted(values[i%len(values)])
		i /= len(values)
	}
	return tags
}

// unquoted takes the quotes of a Python string off.
func unquoted(s string) string {
	if n := len(s); n >= 2 && (s[0] == '\'' || s[0] == '"') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

var asvKinds = []struct {
	is   func() *regexp.Regexp
	unit string
}{
	{lazily(`^(Time(raw)?[A-Z_]|time(raw)?_)`), "s"},
	{lazily(`^((Peak)?Mem[A-Z_]|(peak)?mem_)`), "B"},
}

// asvUnit is the unit of a benchmark by the last part of its name.
func asvUnit(name string) string {
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, kind := range asvKinds {
		if kind.is().MatchString(last) {
			return kind.unit
		}
	}
	return ""
}
