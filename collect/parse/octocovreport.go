package parse

import (
	"io"
)

// octocovReport is a report that octocov keeps (report.json). Of its coverage the
// lines count, or its totals where it was stored without them; then there are the
// ratio of code to tests, the time of the tests, and custom metrics.
var octocovReport = Format{
	Name: "octocov-report",
	From: "octocov's report.json",
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("repository", "coverage.type", "coverage.total", "coverage.covered") ||
			o.has("repository", "ref", "commit") && (o.has("code_to_test_ratio") || o.has("test_execution_time") || o.has("custom_metrics"))
	},
	Parse: parseOctocovReport,
}

func parseOctocovReport(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	var of sourceSet
	var statements bool
	var t struct{ total, covered float64 }
	found := 0
	whole, more := false, false // is there coverage, or anything else
	err := j.object(func(key string) error {
		switch key {
		case "repository":
			whole = true
			return nil
		case "coverage":
		default:
			n, err := octocovMember(j, s, key)
			more = more || n > 0
			return err
		}
		return j.object(func(key string) error {
			switch key {
			case "type":
				var kind string
				err := j.read(&kind)
				statements = kind == "statement"
				return err
			case "total":
				found++
				return j.read(&t.total)
			case "covered":
				found++
				return j.read(&t.covered)
			case "files":
				return j.array(func() error { return octocovFile(j, s, &of) })
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if found == 0 && whole && more {
		return j.end()
	}
	if found < 2 || !within(t.total) || !within(t.covered) || t.covered > t.total {
		return j.errorf("has no coverage with covered and total: want those of octocov's report")
	}
	kind := lineKind
	if statements {
		kind = statementKind
	}
	declared := declaredTotals{}
	declared[kind] = tally{uint32(t.covered), uint32(t.total)}
	s.cover.declare(of, declared)
	return j.end()
}

func octocovFile(j *jsonReader, s *Sheet, of *sourceSet) error {
	var name string
	var file fileCoverage
	err := j.object(func(key string) error {
		switch key {
		case "file":
			return j.read(&name)
		case "blocks":
			return j.array(func() error { return octocovBlock(j, &file) })
		}
		return nil
	})
	if err != nil {
		return err
	}
	if name == "" {
		return j.errorf("file has no name: want that of octocov's report")
	}
	name = CleanName(slashed(name))
	of.add(name)
	s.cover.file(name).merge(&file)
	return nil
}

func octocovBlock(j *jsonReader, file *fileCoverage) error {
	var b struct {
		Type       string
		From       uint32  `json:"start_line"`
		FromColumn uint32  `json:"start_col"`
		To         uint32  `json:"end_line"`
		ToColumn   uint32  `json:"end_col"`
		Statements uint32  `json:"num_stmt"`
		Count      float64 `json:"count"`
	}
	if err := j.read(&b); err != nil {
		return err
	}
	if b.From == 0 || b.To < b.From || b.To > maxLine {
		return j.errorf("block has lines %d to %d: want start_line and end_line from 1", b.From, b.To)
	}
	if b.Type == "statement" {
		file.spans.touched = true
		file.statements(Span{b.From, b.FromColumn, b.To, b.ToColumn}, int(b.Statements), b.Count > 0)
		return nil
	}
	file.lines(b.From, b.To, b.Count > 0)
	return nil
}
