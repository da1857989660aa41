package parse

import (
	"encoding/json"
	"io"
	"path"
	"strings"
)

// gcov is the JSON of gcov, one or more documents in a file, and of gcovr, which
// is of the same form.
var gcov = Format{
	Name: "gcov", Aliases: []string{"gcovr"},
	From:  "gcov --json-format (unpacked, or --stdout), gcovr --json",
	Match: matchGcov, Parse: parseGcov,
}

func matchGcov(h *Head) bool {
	o := h.json()
	if !o.is("files", '[') {
		return false
	}
	return o.has("gcc_version") || o.has("gcovr/format_version") ||
		o.has("files[].lines[].line_number") || o.has("files[].file", "files[].lines", "files[].functions")
}

func parseGcov(r io.Reader, s *Sheet) error {
	j := newJSONReader(r)
	for first := true; first || j.more(); first = false {
		if err := gcovDocument(j, s); err != nil {
			return err
		}
	}
	return j.end()
}

// gcovDocument reads one document. The folder that its names are relative to may
// stand behind them.
func gcovDocument(j *jsonReader, s *Sheet) error {
	var document Sheet
	folder, found := "", false
	err := j.object(func(key string) error {
		switch key {
		case "current_working_directory":
			return j.read(&folder)
		case "files":
			found = true
			return j.array(func() error { return gcovFile(j, &document) })
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !found {
		return j.errorf("has no files: want those of gcov --json-format")
	}
	for name, f := range document.cover.files {
		name = slashed(name)
		if folder != "" && !absolute(name) {
			name = path.Join(slashed(folder), name)
		}
		s.cover.file(CleanName(name)).merge(f)
	}
	return nil
}

// absolute reports whether a path with slashes begins at a root or a drive.
func absolute(path string) bool {
	return strings.HasPrefix(path, "/") || len(path) > 1 && path[1] == ':'
}

func gcovFile(j *jsonReader, s *Sheet) error {
	var name string
	var file fileCoverage
	some := false
	err := j.object(func(key string) error {
		switch key {
		case "file":
			return j.read(&name)
		case "lines":
			some = true
			return j.array(func() error { return gcovLine(j, &file) })
		case "functions":
			return j.array(func() error { return gcovFunction(j, &file) })
		}
		return nil
	})
	if err != nil {
		return err
	}
	if name == "" || !some {
		return j.errorf("file has no name or no lines: want those of gcov --json-format")
	}
	s.cover.file(name).merge(&file)
	return nil
}

// gcovLine reads a line. One that is in several instances of a template is listed
// for each of them.
func gcovLine(j *jsonReader, file *fileCoverage) error {
	var line struct {
		Number   *uint32     `json:"line_number"`
		Count    json.Number `json:"count"`
		NonCode  bool        `json:"gcovr/noncode"`
		Excluded bool        `json:"gcovr/excluded"`
		Branches []struct {
			Count json.Number `json:"count"`
		} `json:"branches"`
	}
	if err := j.read(&line); err != nil {
		return err
	}
	if line.NonCode || line.Excluded {
		return nil
	}
	covered, ok := anyHits([]byte(line.Count))
	if line.Number == nil || *line.Number > maxLine || !ok {
		return j.errorf("line has no line_number or no count: want whole numbers")
	}
	file.line(int(*line.Number), covered)
	var arms armList
	for _, b := range line.Branches {
		taken, _ := anyHits([]byte(b.Count))
		arms.add(*line.Number, taken)
	}
	arms.put(file)
	return nil
}

func gcovFunction(j *jsonReader, file *fileCoverage) error {
	var f struct {
		Name     string      `json:"name"`
		Start    uint32      `json:"start_line"`
		Line     uint32      `json:"lineno"` // gcovr's
		Count    json.Number `json:"execution_count"`
		Excluded bool        `json:"gcovr/excluded"`
	}
	if err := j.read(&f); err != nil {
		return err
	}
	if called, ok := anyHits([]byte(f.Count)); ok && !f.Excluded {
		file.function(CleanName(f.Name), int(max(f.Start, f.Line)), called)
	}
	return nil
}
