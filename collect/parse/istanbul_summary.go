package parse

import (
	"io"
	"math"
)

// istanbulSummary is Istanbul's coverage-summary.json. It has totals only.
var istanbulSummary = Format{
	Name:  "istanbul-summary",
	From:  "Istanbul coverage-summary.json: Jest, Vitest, nyc, c8 (reporter json-summary)",
	Match: func(h *Head) bool { return h.json().has("total.lines.total", "total.statements.total") },
	Parse: parseIstanbulSummary,
}

var istanbulKinds = map[string]int{"lines": lineKind, "statements": statementKind, "branches": branchKind, "functions": functionKind}

func parseIstanbulSummary(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	var of sourceSet
	var declared declaredTotals
	found := false
	err := j.object(func(key string) error {
		if key != "total" {
			of.add(slashed(key))
			return nil
		}
		found = true
		return j.object(func(key string) (err error) {
			if kind, known := istanbulKinds[key]; known {
				declared[kind], err = readTally(j, key)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	if !found || declared == (declaredTotals{}) {
		return j.errorf("has no total of lines, statements, branches or functions: want those of coverage-summary.json")
	}
	s.cover.declare(of, declared)
	return j.end()
}

// readTally reads {"total": N, "covered": N}. A fraction, which no count of whole
// things has, is rounded.
func readTally(j *jsonReader, name string) (tally, error) {
	var v struct{ Total, Count, Covered float64 }
	if err := j.read(&v); err != nil {
		return tally{}, err
	}
	total, covered := math.Round(max(v.Total, v.Count)), math.Round(v.Covered)
	if !within(total) || !within(covered) || covered > total {
		return tally{}, j.errorf("%s: covered %v of total %v: want whole numbers, covered no more than total", name, v.Covered, max(v.Total, v.Count))
	}
	return tally{uint32(covered), uint32(total)}, nil
}
