package parse

import "io"

// opencover is the XML of OpenCover and of coverlet in that form. A sequence point
// is a statement; it covers all the lines that it stands on. The summary counts only
// where a report has no points.
var opencover = Format{
	Name:  "opencover",
	From:  "OpenCover XML: OpenCover, coverlet (--format opencover), AltCover",
	Match: func(h *Head) bool { return h.root("CoverageSession") },
	Parse: parseOpencover,
}

type opencoverReader struct {
	x     *xmlReader
	sheet *Sheet
	files map[string]*opencoverFile // of the open module, by uid
	name  []byte                    // of the open method
	// The open method: points are its statements.
	file    *opencoverFile
	line    uint32
	points  int
	visited bool

	sources  sourceSet
	declared declaredTotals
}

type opencoverFile struct {
	cover *fileCoverage
	arms  armList
}

func parseOpencover(r io.Reader, s *Sheet) error {
	o := opencoverReader{x: newXMLReader(r), sheet: s}
	err := o.x.walk(o.start, o.end, func() {
		o.name = append(o.name, o.x.chunk[:min(len(o.x.chunk), maxTextBytes-len(o.name))]...)
	})
	if err == nil {
		s.cover.declare(o.sources, o.declared)
	}
	return err
}

func (o *opencoverReader) start() error {
	o.x.wantText = false
	if o.x.depth() == 1 && string(o.x.name) != "CoverageSession" {
		return o.x.errorf(o.x.at, "root element is <%s>: want <CoverageSession>", o.x.name)
	}
	switch string(o.x.name) {
	case "Summary":
		if o.x.depth() == 2 {
			return o.summary()
		}
	case "ModulePath", "ModuleName":
		o.x.wantText = true
		o.name = o.name[:0]
	case "Module":
		o.files = map[string]*opencoverFile{}
	case "File":
		path := CleanName(slashed(o.x.text("fullPath")))
		if path == "" || o.files == nil {
			return o.x.errorf(o.x.at, "<File> has no fullPath, or is outside of a <Module>")
		}
		o.files[o.x.text("uid")] = &opencoverFile{cover: o.sheet.cover.file(path)}
	case "Method":
		o.file, o.line, o.points, o.visited, o.name = nil, 0, 0, false, o.name[:0]
	case "Name":
		o.x.wantText = true
	case "FileRef":
		o.file = o.files[o.x.text("uid")]
	case "SequencePoint":
		return o.sequencePoint()
	case "BranchPoint":
		return o.branchPoint()
	}
	return nil
}

func (o *opencoverReader) end() {
	o.x.wantText = false
	switch string(o.x.name) {
	case "ModulePath", "ModuleName":
		o.sources.add(string(o.name))
	case "Method":
		if o.file != nil && o.points > 0 {
			o.file.cover.function(CleanName(string(o.name)), int(o.line), o.visited)
		}
	case "Module":
		for _, f := range o.files {
			f.arms.put(f.cover)
		}
		o.files = nil
	}
}

// fileOf is the file that a point names, or else that of its method.
func (o *opencoverReader) fileOf() *opencoverFile {
	if id, has := o.x.attr("fileid"); has {
		if f := o.files[string(id)]; f != nil {
			return f
		}
	}
	return o.file
}

func (o *opencoverReader) sequencePoint() error {
	var at [4]uint32
	for i, name := range []string{"sl", "sc", "el", "ec"} {
		var err error
		if at[i], err = o.x.number(name); err != nil {
			return err
		}
	}
	visited, err := o.x.hits("vc")
	if err != nil {
		return err
	}
	file := o.fileOf()
	if file == nil || at[0] == 0 || at[2] < at[0] {
		return o.x.errorf(o.x.at, "<SequencePoint> has no place: want a fileid of <Files>, and sl and el from 1")
	}
	if o.points == 0 || at[0] < o.line {
		o.line = at[0]
	}
	o.points++
	o.visited = o.visited || visited
	if o.file == nil {
		o.file = file
	}
	file.cover.spans.touched = true
	file.cover.statements(Span{at[0], at[1], at[2], at[3]}, 1, visited)
	return nil
}

func (o *opencoverReader) branchPoint() error {
	line, err := o.x.number("sl")
	if err != nil {
		return err
	}
	visited, err := o.x.hits("vc")
	if err != nil {
		return err
	}
	if file := o.fileOf(); file != nil {
		file.arms.add(line, visited)
	}
	return nil
}

// summary reads what the session declares.
func (o *opencoverReader) summary() error {
	for kind, names := range map[int][2]string{
		statementKind: {"visitedSequencePoints", "numSequencePoints"},
		branchKind:    {"visitedBranchPoints", "numBranchPoints"},
		functionKind:  {"visitedMethods", "numMethods"},
	} {
		if _, has := o.x.attr(names[1]); !has {
			continue
		}
		covered, err := o.x.number(names[0])
		if err != nil {
			return err
		}
		total, err := o.x.number(names[1])
		if err != nil {
			return err
		}
		o.declared[kind] = tally{min(covered, total), total}
	}
	return nil
}
