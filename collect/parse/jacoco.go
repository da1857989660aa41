package parse

import (
	"io"
	"strconv"
)

// jacoco is the XML report of JaCoCo, and what Kover and Pester write in its
// form. Lines and branches come from the lines of source files, functions from
// the methods; the counters that add them up count only where a report has no
// lines, as of classes without debug information. Instructions are those of the
// JVM and are not taken for statements.
var jacoco = Format{
	Name:  "jacoco",
	From:  "JaCoCo XML: Gradle, Maven, Kover, Pester (CodeCoverage.OutputFormat = JaCoCo)",
	Match: func(h *Head) bool { return h.root("report") && hasJacocoChild(h) },
	Parse: parseJacoco,
}

// hasJacocoChild looks for what stands first in JaCoCo's root, which has an
// everyday name.
func hasJacocoChild(h *Head) bool {
	x, ok := h.xml()
	if !ok {
		return false
	}
	for {
		event, err := x.next()
		if err != nil || event != xmlStart {
			return false
		}
		switch string(x.name) {
		case "package", "group", "counter":
			return true
		case "sessioninfo":
			if event, err = x.next(); err != nil || event != xmlEnd {
				return false
			}
		default:
			return false
		}
	}
}

type jacocoReader struct {
	x      *xmlReader
	sheet  *Sheet
	groups []string // the open ones, with a slash after each
	folder string   // of the open package, with its slash
	class  string
	source string // the file of the open class
	// method is open where its depth is above zero.
	method     string
	methodLine int
	methodAt   int
	file       *fileCoverage // of the open sourcefile
	sources    sourceSet
	declared   declaredTotals
}

func parseJacoco(r io.Reader, s *Sheet) error {
	j := jacocoReader{x: newXMLReader(r), sheet: s}
	if err := j.x.walk(j.start, j.end, nil); err != nil {
		return err
	}
	s.cover.declare(j.sources, j.declared)
	return nil
}

func (j *jacocoReader) start() error {
	if j.x.depth() == 1 && string(j.x.name) != "report" {
		return j.x.errorf(j.x.at, "root element is <%s>: want <report>", j.x.name)
	}
	switch string(j.x.name) {
	case "group":
		j.groups = append(j.groups, CleanName(j.x.text("name"))+"/")
	case "package":
		j.folder = ""
		if name := j.x.text("name"); name != "" {
			j.folder = name + "/"
		}
		j.sources.add(j.path(""))
	case "class":
		j.class, j.source = j.x.text("name"), j.x.text("sourcefilename")
	case "method":
		j.method, j.methodAt = j.class+"."+j.x.text("name")+j.x.text("desc"), j.x.depth()
		j.methodLine, _ = strconv.Atoi(j.x.text("line"))
	case "sourcefile":
		name := j.x.text("name")
		if name == "" {
			return j.x.errorf(j.x.at, "<sourcefile> has no name")
		}
		j.file = j.sheet.cover.file(j.path(name))
	case "line":
		if j.file != nil {
			return j.line()
		}
	case "counter":
		return j.counter()
	case "sessioninfo":
	default:
		if j.x.depth() == 2 {
			return j.x.errorf(j.x.at, "<%s> inside <report>: want <group>, <package> or <counter>", j.x.name)
		}
	}
	return nil
}

func (j *jacocoReader) end() {
	switch string(j.x.name) {
	case "group":
		j.groups = j.groups[:len(j.groups)-1]
	case "sourcefile":
		j.file = nil
	case "method":
		j.methodAt = 0
	}
}

// path is that of a source file of the open package. Of two modules, which are
// groups, both may have a package-info.java.
func (j *jacocoReader) path(name string) string {
	path := ""
	for _, g := range j.groups {
		path += g
	}
	return CleanName(path + j.folder + name)
}

// line reads the instructions (i) and branches (b) of a line, missed (m) and
// covered (c).
func (j *jacocoReader) line() error {
	number, err := j.x.number("nr")
	if err != nil {
		return err
	}
	covered, err := j.x.number("ci")
	if err != nil {
		return err
	}
	j.file.line(int(number), covered > 0)
	if _, has := j.x.attr("cb"); !has {
		return nil
	}
	taken, err := j.x.tally("cb", "mb")
	if err != nil {
		return err
	}
	j.file.branch(number, branches{tally: taken})
	return nil
}

// counter reads one of a method, which says whether it was called, or one of the
// whole report.
func (j *jacocoReader) counter() error {
	ofMethod := j.methodAt > 0 && j.x.depth() == j.methodAt+1
	kind, known := jacocoKinds[j.x.text("type")]
	if !known || !ofMethod && j.x.depth() != 2 {
		return nil
	}
	n, err := j.x.tally("covered", "missed")
	if err != nil {
		return err
	}
	switch {
	case !ofMethod:
		j.declared[kind] = n
	case kind == functionKind:
		file := j.source
		if file == "" {
			file = j.class
		}
		j.sheet.Function(j.path(file), CleanName(j.method), j.methodLine, n.covered > 0)
	}
	return nil
}

var jacocoKinds = map[string]int{"LINE": lineKind, "BRANCH": branchKind, "METHOD": functionKind}
