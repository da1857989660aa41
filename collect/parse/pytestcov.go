package parse

import (
	"bytes"
	"io"
	"strconv"
)

// pytestcov is the table that pytest-cov and coverage report print. It has totals
// only; those of branches are not in it, for a branch may be missed or partial.
var pytestcov = Format{
	Name: "pytest-cov-text", Aliases: []string{"coverage-text"},
	From:  "the table of pytest --cov or coverage report (text or markdown)",
	Match: matchPytestcov, Parse: parsePytestcov,
}

func matchPytestcov(h *Head) bool {
	rest := h.Bytes
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, newline)
		if pytestcovHead(tableCells(line)) {
			return true
		}
	}
	return false
}

// tableCells splits a line of the table, which may be one of Markdown.
func tableCells(line []byte) [][]byte {
	if bytes.IndexByte(line, '|') < 0 {
		return bytes.Fields(line)
	}
	return bytes.FieldsFunc(line, func(r rune) bool {
		return r == '|' || r == '*' || r == ' ' || r == '\t' || r == '\r' || r == '\\'
	})
}

// pytestcovHead knows Name Stmts Miss [Branch BrPart] Cover [Missing].
func pytestcovHead(cells [][]byte) bool {
	if len(cells) < 4 || string(cells[0]) != "Name" || string(cells[1]) != "Stmts" || string(cells[2]) != "Miss" {
		return false
	}
	return string(cells[3]) == "Cover" || len(cells) > 5 && string(cells[3]) == "Branch" && string(cells[5]) == "Cover"
}

func parsePytestcov(r io.Reader, s *Sheet) error {
	lines := newLineReader(r)
	var of sourceSet
	open, found := 0, false
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		cells := tableCells(line)
		switch {
		case pytestcovHead(cells):
			open, of = lines.number, 0
		case open == 0 || len(cells) < 4 || lines.long:
		case string(cells[0]) == "TOTAL":
			t, err := pytestcovTotal(lines.number, cells)
			if err != nil {
				return err
			}
			s.cover.declare(of, declaredTotals{lineKind: t})
			open, found = 0, true
		default:
			of.add(slashed(string(cells[0])))
		}
	}
	switch {
	case lines.failure() != nil:
		return lines.failure()
	case open > 0:
		return Errorf(open, 0, "the table that begins here has no TOTAL: it was cut off")
	case !found:
		return Errorf(1, 0, "has no table: want Name Stmts Miss Cover")
	}
	return nil
}

// pytestcovTotal reads TOTAL STATEMENTS MISSED ... PERCENT.
func pytestcovTotal(line int, cells [][]byte) (tally, error) {
	total, err := strconv.ParseUint(string(cells[1]), 10, 31)
	if err != nil {
		return tally{}, Errorf(line, 0, "TOTAL has %.100q statements: want a whole number", cells[1])
	}
	missed, err := strconv.ParseUint(string(cells[2]), 10, 31)
	if err != nil || missed > total {
		return tally{}, Errorf(line, 0, "TOTAL has %.100q missed: want a whole number, of %d at most", cells[2], total)
	}
	return tally{uint32(total - missed), uint32(total)}, nil
}
