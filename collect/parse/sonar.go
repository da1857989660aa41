package parse

import "io"

// sonar is SonarQube's generic form of coverage, which reporters for many tools
// write.
var sonar = Format{
	Name: "sonar", Aliases: []string{"sonarqube"},
	From:  "SonarQube generic coverage XML: jest-sonar, gcovr --sonarqube, ReportGenerator",
	Match: matchSonar, Parse: parseSonar,
}

func matchSonar(h *Head) bool {
	x, ok := h.xml()
	if !ok || string(x.name) != "coverage" {
		return false
	}
	if string(x.text("version")) != "1" {
		return false
	}
	event, err := x.next()
	return err == nil && (event == xmlEnd || event == xmlStart && string(x.name) == "file")
}

func parseSonar(r io.Reader, s *Sheet) error {
	x := newXMLReader(r)
	var file *fileCoverage
	return x.walk(func() error {
		name := string(x.name)
		switch {
		case x.depth() == 1 && name != "coverage":
			return x.errorf(x.at, "root element is <%s>: want <coverage>", name)
		case x.depth() == 1 && x.text("version") != "1":
			return x.errorf(x.at, `<coverage> has version %.100q: want 1`, x.text("version"))
		case x.depth() == 2 && name != "file":
			return x.errorf(x.at, "<%s> inside <coverage>: want <file>", name)
		case x.depth() == 2:
			path := x.text("path")
			if path == "" {
				return x.errorf(x.at, "<file> has no path")
			}
			file = s.cover.file(CleanName(slashed(path)))
		case x.depth() == 3 && name == "lineToCover":
			return sonarLine(x, file)
		}
		return nil
	}, nil, nil)
}

func sonarLine(x *xmlReader, file *fileCoverage) error {
	number, err := x.number("lineNumber")
	if err != nil {
		return err
	}
	covered := x.text("covered")
	if covered != "true" && covered != "false" {
		return x.errorf(x.at, "<lineToCover> has covered %.100q: want true or false", covered)
	}
	file.line(int(number), covered == "true")
	if _, has := x.attr("branchesToCover"); !has {
		return nil
	}
	total, err := x.number("branchesToCover")
	if err != nil {
		return err
	}
	taken := uint32(0)
	if _, has := x.attr("coveredBranches"); has {
		if taken, err = x.number("coveredBranches"); err != nil {
			return err
		}
	}
	file.branch(number, branches{tally: tally{min(taken, total), total}})
	return nil
}
