package parse

import (
	"encoding/json"
	"io"
	"slices"
	"sort"
)

// coveragepyJSON is what coverage json writes. Its statements are lines.
var coveragepyJSON = Format{
	Name: "coveragepy-json", Aliases: []string{"coverage.py"},
	From: "coverage.py JSON: coverage json, pytest --cov-report=json",
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("meta.version", "meta.branch_coverage") && o.is("files", '{')
	},
	Parse: parseCoveragepy,
}

func parseCoveragepy(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	files, totals := false, false
	err := j.object(func(key string) error {
		switch key {
		case "files":
			files = true
			return j.object(func(path string) error { return coveragepyFile(j, s.cover.file(CleanName(slashed(path)))) })
		case "totals":
			totals = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !files || !totals {
		return j.errorf("has no files or no totals: want those of coverage.py")
	}
	return j.end()
}

// pyBranch goes from a line to another one; a target below zero leaves the code
// that begins at its line.
type pyBranch struct {
	from, to int64
	taken    bool
}

func coveragepyFile(j *jsonReader, file *fileCoverage) error {
	var scratch json.RawMessage
	var jumps []pyBranch
	lines := func(covered bool) error {
		return j.array(func() error {
			n, err := j.lineNumber(&scratch)
			if err == nil {
				file.line(int(n), covered)
			}
			return err
		})
	}
	branches := func(taken bool) error {
		return j.array(func() error {
			var at []int64
			if err := j.read(&at); err != nil {
				return err
			}
			if len(at) != 2 || max(at[0], -at[0]) > maxLine {
				return j.errorf("want a branch as [FROM, TO]")
			}
			jumps = append(jumps, pyBranch{max(at[0], -at[0]), at[1], taken})
			return nil
		})
	}
	some := false
	err := j.object(func(key string) error {
		switch key {
		case "executed_lines", "missing_lines":
			some = true
			return lines(key == "executed_lines")
		case "executed_branches", "missing_branches":
			return branches(key == "executed_branches")
		case "functions":
			return j.object(func(name string) error { return coveragepyFunction(j, name, file) })
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !some {
		return j.errorf("source file has neither executed_lines nor missing_lines")
	}
	sort.Slice(jumps, func(i, j int) bool {
		a, b := jumps[i], jumps[j]
		return a.from < b.from || a.from == b.from && a.to < b.to
	})
	var arms armList
	for _, b := range jumps {
		arms.add(uint32(b.from), b.taken)
	}
	arms.put(file)
	return nil
}

// coveragepyFunction reads a function by its lines. Name is empty for what stands
// outside of all functions.
func coveragepyFunction(j *jsonReader, name string, file *fileCoverage) error {
	var f struct {
		Executed []uint32 `json:"executed_lines"`
		Missing  []uint32 `json:"missing_lines"`
	}
	if err := j.read(&f); err != nil {
		return err
	}
	lines := slices.Concat(f.Executed, f.Missing)
	if name != "" && len(lines) > 0 {
		file.function(CleanName(name), int(slices.Min(lines)), len(f.Executed) > 0)
	}
	return nil
}
