package parse

import (
	"encoding/json"
	"io"
	"slices"
	"sort"
	"strconv"
)

// llvmcov is what llvm-cov export writes: lines are made of segments, as llvm-cov
// show makes them. A summary (-summary-only) has totals only.
var llvmcov = Format{
	Name:  "llvm-cov",
	From:  "llvm-cov export JSON, cargo llvm-cov --json, swift test --enable-code-coverage",
	Match: matchLLVM, Parse: parseLLVM,
}

func matchLLVM(h *Head) bool {
	o := h.json()
	if o.text["type"] == "llvm.coverage.json.export" {
		return true
	}
	if !o.is("data", '[') {
		return false
	}
	for _, member := range []string{"branches", "expansions", "segments", "summary"} {
		if o.has("data[].files[]." + member) {
			return true
		}
	}
	return false
}

type llvmReader struct {
	j       *jsonReader
	sheet   *Sheet
	scratch json.RawMessage
	some    bool // there was an export
	// files are those of the export by name: functions may be of others.
	files    map[string]*fileCoverage
	sources  sourceSet
	declared declaredTotals
}

func parseLLVM(r io.Reader, s *Sheet) error {
	l := llvmReader{j: newJSONReader(r), sheet: s, files: map[string]*fileCoverage{}}
	err := l.j.object(func(key string) error {
		if key == "data" {
			return l.j.array(l.export)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !l.some {
		return l.j.errorf("has no data with files: want those of llvm-cov export")
	}
	s.cover.declare(l.sources, l.declared)
	return l.j.end()
}

func (l *llvmReader) export() error {
	return l.j.object(func(key string) error {
		switch key {
		case "files":
			l.some = true
			return l.j.array(l.file)
		case "functions":
			return l.j.array(l.function)
		case "totals":
			return l.j.object(func(key string) (err error) {
				if kind, known := istanbulKinds[key]; known {
					l.declared[kind], err = readTally(l.j, key)
				}
				return err
			})
		}
		return nil
	})
}

func (l *llvmReader) file() error {
	var name string
	var file fileCoverage
	some := false
	err := l.j.object(func(key string) error {
		switch key {
		case "filename":
			return l.j.read(&name)
		case "segments":
			some = true
			return l.segments(&file)
		case "branches":
			return l.branches(&file)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if name == "" {
		return l.j.errorf("file has no filename: want that of llvm-cov export")
	}
	name = CleanName(slashed(name))
	l.sources.add(name)
	if some {
		f := l.sheet.cover.file(name)
		f.merge(&file)
		l.files[name] = f
	}
	return nil
}

// llvmSegment is where counting changes: from here on, up to the next one, code
// was run count times.
type llvmSegment struct {
	line            uint32
	covered, counts bool
	entry, starts   bool // starts: a region that is no gap
}

// segments reads [[line, column, count, counts, is entry, is gap]...] and makes
// lines of it.
func (l *llvmReader) segments(file *fileCoverage) error {
	lines := llvmLines{file: file}
	err := l.j.array(func() error {
		if err := l.j.read(&l.scratch); err != nil {
			return err
		}
		s, ok := readSegment(l.scratch)
		if !ok || s.line == 0 || s.line < lines.at {
			return l.j.errorf("%.100s is no segment: want [LINE, COLUMN, COUNT, true or false, true or false], ordered by line", l.scratch)
		}
		lines.add(s)
		return nil
	})
	lines.flush()
	return err
}

func readSegment(b []byte) (s llvmSegment, ok bool) {
	var v []json.RawMessage
	if json.Unmarshal(b, &v) != nil || len(v) < 5 {
		return s, false
	}
	line, err := strconv.ParseUint(string(v[0]), 10, 31)
	covered, counted := anyHits(v[2])
	s = llvmSegment{line: uint32(line), covered: covered, counts: truth(v[3]), entry: truth(v[4])}
	s.starts = s.entry && s.counts && !(len(v) > 5 && truth(v[5]))
	return s, err == nil && counted
}

// truth reads a bool, which older versions write as 0 or 1.
func truth(b []byte) bool { return string(b) == "true" || string(b) == "1" }

// llvmLines follows LineCoverageStats of LLVM: a line counts if a region begins
// on it, or if it lies in one; it was run if any of those that begin on it was, or
// else the one that it lies in.
type llvmLines struct {
	file    *fileCoverage
	at      uint32 // the line of the segments below, 0 before the first
	wrapped llvmSegment
	// Of the segments of the line:
	any, skipped, starts, mapped, covered bool
	last                                  llvmSegment
}

func (l *llvmLines) add(s llvmSegment) {
	if s.line != l.at {
		l.flush()
		if l.at > 0 && l.wrapped.counts && s.line > l.at+1 {
			l.file.lines(l.at+1, s.line-1, l.wrapped.covered)
		}
		l.at = s.line
		l.any, l.skipped, l.starts, l.mapped, l.covered = false, false, false, false, false
	}
	if !l.any {
		l.any, l.skipped = true, !s.counts && s.entry
	}
	l.starts = l.starts || s.starts
	l.mapped = l.mapped || s.entry && s.counts
	l.covered = l.covered || s.starts && s.covered
	l.last = s
}

// flush decides about the line whose segments were read.
func (l *llvmLines) flush() {
	if !l.any {
		return
	}
	if !l.skipped && (l.wrapped.counts || l.starts) || l.mapped {
		l.file.line(int(l.at), l.covered || l.wrapped.counts && l.wrapped.covered)
	}
	l.any = false
	l.wrapped = l.last
}

// branches reads [[line, column, end line, end column, true count, false count,
// ...]...]. Those of one place, as of the instances of a template, are united.
func (l *llvmReader) branches(file *fileCoverage) error {
	type place [4]float64
	type condition struct {
		at      place
		yes, no bool
	}
	var all []condition
	err := l.j.array(func() error {
		var v []float64
		if err := l.j.read(&v); err != nil {
			return err
		}
		if len(v) < 6 || !within(v[0]) {
			return l.j.errorf("want a branch as [LINE, COLUMN, END LINE, END COLUMN, TRUE COUNT, FALSE COUNT]")
		}
		all = append(all, condition{place(v[:4]), v[4] > 0, v[5] > 0})
		return nil
	})
	sort.SliceStable(all, func(i, j int) bool { return slices.Compare(all[i].at[:], all[j].at[:]) < 0 })
	var arms armList
	for i := 0; i < len(all); {
		c := all[i]
		for i++; i < len(all) && all[i].at == c.at; i++ {
			c.yes, c.no = c.yes || all[i].yes, c.no || all[i].no
		}
		arms.add(uint32(c.at[0]), c.yes)
		arms.add(uint32(c.at[0]), c.no)
	}
	arms.put(file)
	return err
}

// function reads a function. Instances of one template begin at one place and
// are one function.
func (l *llvmReader) function() error {
	var f struct {
		Count     float64     `json:"count"`
		Filenames []string    `json:"filenames"`
		Regions   [][]float64 `json:"regions"`
	}
	if err := l.j.read(&f); err != nil {
		return err
	}
	if len(f.Filenames) == 0 || len(f.Regions) == 0 || len(f.Regions[0]) < 2 {
		return nil
	}
	first := f.Regions[0]
	file := l.files[CleanName(slashed(f.Filenames[0]))]
	if file == nil || first[0] <= 0 || !within(first[0]) {
		return nil
	}
	file.function(strconv.FormatFloat(first[1], 'f', 0, 64), int(first[0]), f.Count > 0)
	return nil
}
