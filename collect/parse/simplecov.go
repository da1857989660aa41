package parse

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// simplecov is SimpleCov's .resultset.json, with the results of one or more
// suites.
var simplecov = Format{
	Name:  "simplecov",
	From:  "SimpleCov .resultset.json",
	Match: matchSimplecov, Parse: parseSimplecov,
}

// simplecovJSON is the coverage.json of SimpleCov's JSON formatters.
var simplecovJSON = Format{
	Name: "simplecov-json",
	From: "SimpleCov coverage.json: simplecov_json_formatter, simplecov-json",
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("meta.simplecov_version", "coverage") || o.has("timestamp", "command_name", "files[].filename", "files[].coverage")
	},
	Parse: parseSimplecovJSON,
}

// matchSimplecov wants a suite with coverage, of which a timestamp or a file with
// an array of lines can be seen.
func matchSimplecov(h *Head) bool {
	o := h.json()
	if !o.is("", '{') {
		return false
	}
	for path, kind := range o.kinds {
		suite, ok := strings.CutSuffix(path, ".coverage")
		if !ok || kind != '{' || !o.is(suite, '{') {
			continue
		}
		if o.is(suite+".timestamp", 0) {
			return true
		}
		for file, kind := range o.kinds {
			if strings.HasPrefix(file, path+".") && (kind == '[' || o.is(file+".lines", '[')) {
				return true
			}
		}
	}
	return false
}

func parseSimplecov(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	err := j.object(func(suite string) error {
		found := false
		err := j.object(func(key string) error {
			if key != "coverage" {
				return nil
			}
			found = true
			return j.object(func(path string) error { return simplecovFile(j, s, path) })
		})
		if err == nil && !found {
			err = j.errorf("suite %.100q has no coverage: want that of .resultset.json", suite)
		}
		return err
	})
	if err != nil {
		return err
	}
	return j.end()
}

// simplecovFile reads the lines of a file, or an object with those beside its
// branches and methods.
func simplecovFile(j *jsonReader, s *Sheet, path string) error {
	file := s.cover.file(CleanName(slashed(path)))
	line := simplecovLines(j, file)
	return j.either(func(key string) error {
		switch key {
		case "lines":
			return j.array(line)
		case "branches":
			return simplecovBranches(j, file)
		case "methods":
			return j.object(func(method string) error { return simplecovMethod(j, method, file) })
		}
		return nil
	}, line)
}

// simplecovLines returns what reads one line of a file after the other.
func simplecovLines(j *jsonReader, file *fileCoverage) func() error {
	var scratch json.RawMessage
	line := 0
	return func() error {
		line++
		covered, counts, err := j.count(&scratch)
		if counts {
			file.line(line, covered)
		}
		return err
	}
}

// simplecovBranches reads {"[:if, 0, 3, 6, 12, 9]": {"[:then, 1, 4, 8, 4, 20]":
// 1}}, where the third is the line, or the list that newer formatters write.
func simplecovBranches(j *jsonReader, file *fileCoverage) error {
	var arms armList
	var scratch json.RawMessage
	err := j.either(func(condition string) error {
		line, err := rubyLine(j, condition)
		if err != nil {
			return err
		}
		return j.object(func(string) error {
			taken, counts, err := j.count(&scratch)
			if counts {
				arms.add(line, taken)
			}
			return err
		})
	}, func() error {
		var b struct {
			Line     float64         `json:"start_line"`
			Report   float64         `json:"report_line"`
			Coverage json.RawMessage `json:"coverage"`
		}
		if err := j.read(&b); err != nil {
			return err
		}
		if taken, ok := anyHits(b.Coverage); ok { // "ignored" counts nothing
			arms.add(uint32(firstLine(b.Report, b.Line)), taken)
		}
		return nil
	})
	arms.put(file)
	return err
}

// rubyPlace is [:if, 0, 3, 6, 12, 9] or ["Cart", :add, 3, 6, 12, 9], as Ruby's
// inspect writes what it counts.
var rubyPlace = lazily(`, (\d+), \d+, \d+, \d+\]$`)

func rubyLine(j *jsonReader, place string) (uint32, error) {
	m := rubyPlace().FindStringSubmatch(place)
	if m == nil {
		return 0, j.errorf("%.100q is no place: want [..., LINE, COLUMN, LINE, COLUMN]", place)
	}
	line, err := strconv.ParseUint(m[1], 10, 31)
	if err != nil {
		return 0, j.errorf("%.100q has no line: %s is too large", place, m[1])
	}
	return uint32(line), nil
}

func simplecovMethod(j *jsonReader, method string, file *fileCoverage) error {
	line, err := rubyLine(j, method)
	if err != nil {
		return err
	}
	var scratch json.RawMessage
	called, counts, err := j.count(&scratch)
	if counts {
		file.function(CleanName(rubyPlace().ReplaceAllString(method, "]")), int(line), called)
	}
	return err
}

func parseSimplecovJSON(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	found := false
	err := j.object(func(key string) error {
		switch key {
		case "coverage":
			found = true
			return j.object(func(path string) error { return simplecovFile(j, s, path) })
		case "files":
			found = true
			return j.array(func() error { return simplecovListed(j, s) })
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !found {
		return j.errorf("has neither coverage nor files: want those of SimpleCov's coverage.json")
	}
	return j.end()
}

// simplecovListed reads a file of the older formatter, whose name may stand
// behind its lines.
func simplecovListed(j *jsonReader, s *Sheet) error {
	var name string
	var file fileCoverage
	line, some := simplecovLines(j, &file), false
	err := j.object(func(key string) error {
		switch key {
		case "filename":
			return j.read(&name)
		case "coverage":
			some = true
			return j.either(func(key string) error {
				if key == "lines" {
					return j.array(line)
				}
				return nil
			}, line)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if name == "" || !some {
		return j.errorf("file has no filename or no coverage: want those of SimpleCov's coverage.json")
	}
	s.cover.file(CleanName(slashed(name))).merge(&file)
	return nil
}
