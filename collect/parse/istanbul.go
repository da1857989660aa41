package parse

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// istanbulFinal is Istanbul's coverage-final.json. As in its own figures, a line
// is one that a statement begins on.
var istanbulFinal = Format{
	Name:  "istanbul-final",
	From:  "Istanbul coverage-final.json: Jest, Vitest, nyc, c8 (reporter json)",
	Match: matchIstanbulFinal, Parse: parseIstanbulFinal,
}

func matchIstanbulFinal(h *Head) bool {
	o := h.json()
	if !o.is("", '{') || o.has("testResults") || o.has("coverageMap") {
		return false
	}
	for path, kind := range o.kinds {
		if file, ok := strings.CutSuffix(path, ".statementMap"); ok && kind == '{' && file != "" {
			return true
		}
	}
	return false
}

// istanbulFile is what is known of one source file until all of its members were
// read, which may come in any order.
type istanbulFile struct {
	path       string
	statements map[string]istanbulRange
	functions  map[string]istanbulFunction
	branches   map[string]istanbulBranch
	s, f       map[string]bool
	b          map[string][]bool
	some       bool // of its members
}

type istanbulPlace struct {
	Line   float64 `json:"line"`
	Column float64 `json:"column"`
}

type istanbulRange struct {
	Start istanbulPlace `json:"start"`
	End   istanbulPlace `json:"end"`
}

type istanbulFunction struct {
	Name string        `json:"name"`
	Decl istanbulRange `json:"decl"`
	Loc  istanbulRange `json:"loc"`
	Line float64       `json:"line"`
}

type istanbulBranch struct {
	Loc  istanbulRange `json:"loc"`
	Line float64       `json:"line"`
}

func parseIstanbulFinal(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	err := j.object(func(path string) error {
		f := istanbulFile{path: path}
		if err := f.read(j); err != nil {
			return err
		}
		if !f.some {
			return j.errorf("%.100q has neither statementMap nor s: want a source file of coverage-final.json", path)
		}
		return f.put(j, s)
	})
	if err != nil {
		return err
	}
	return j.end()
}

func (f *istanbulFile) read(j *jsonReader) error {
	var scratch json.RawMessage
	return j.object(func(key string) error {
		switch key {
		case "path":
			return j.read(&f.path)
		case "statementMap":
			f.some = true
			return readMap(j, &f.statements, func(to *istanbulRange) error { return j.read(to) })
		case "fnMap":
			return readMap(j, &f.functions, func(to *istanbulFunction) error { return j.read(to) })
		case "branchMap":
			return readMap(j, &f.branches, func(to *istanbulBranch) error { return j.read(to) })
		case "s":
			f.some = true
			return readMap(j, &f.s, func(to *bool) (err error) { *to, _, err = j.count(&scratch); return err })
		case "f":
			return readMap(j, &f.f, func(to *bool) (err error) { *to, _, err = j.count(&scratch); return err })
		case "b":
			return readMap(j, &f.b, func(to *[]bool) error {
				return j.array(func() error {
					taken, _, err := j.count(&scratch)
					*to = append(*to, taken)
					return err
				})
			})
		}
		return nil
	})
}

// readMap reads an object of like values.
func readMap[V any](j *jsonReader, to *map[string]V, read func(*V) error) error {
	*to = map[string]V{}
	return j.object(func(key string) error {
		var v V
		if err := read(&v); err != nil {
			return err
		}
		(*to)[key] = v
		return nil
	})
}

// put writes the file on the sheet.
func (f *istanbulFile) put(j *jsonReader, s *Sheet) error {
	file := s.cover.file(CleanName(slashed(f.path)))
	ids := make([]string, 0, len(f.statements))
	for id, at := range f.statements {
		if !within(at.Start.Line) || at.Start.Line == 0 {
			return j.errorf("%.100q: statement %.20q begins at line %v: want a whole number from 1", f.path, id, at.Start.Line)
		}
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return compareSpans(f.statements[a].span(), f.statements[b].span()) })
	for _, id := range ids {
		at := f.statements[id].span()
		file.line(int(at.StartLine), f.s[id])
		file.statements(at, 1, f.s[id])
	}
	for id, fn := range f.functions {
		line := firstLine(fn.Decl.Start.Line, fn.Loc.Start.Line, fn.Line)
		file.function(CleanName(fn.Name), line, f.f[id])
	}
	f.putBranches(file)
	return nil
}

// putBranches adds the branches in the order of their ids, which is that of the
// source code, so that two reports list those of a line alike.
func (f *istanbulFile) putBranches(file *fileCoverage) {
	ids := make([]string, 0, len(f.b))
	for id := range f.b {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	var arms armList
	for _, id := range ids {
		at := f.branches[id]
		line := firstLine(at.Loc.Start.Line, at.Line)
		for _, taken := range f.b[id] {
			arms.add(uint32(line), taken)
		}
	}
	arms.put(file)
}

// firstLine is the first of the numbers that is one of a line, or else 0.
func firstLine(lines ...float64) int {
	for _, n := range lines {
		if n > 0 && within(n) {
			return int(n)
		}
	}
	return 0
}

// span is where a statement stands. Its end may be unknown: null, or infinite.
func (r istanbulRange) span() Span {
	return Span{uint32(r.Start.Line), r.Start.column(), uint32(firstLine(r.End.Line, r.Start.Line)), r.End.column()}
}

func (p istanbulPlace) column() uint32 {
	if !within(p.Column) {
		return 0
	}
	return uint32(p.Column) + 1
}
