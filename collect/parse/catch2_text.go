package parse

import (
	"bytes"
	"io"
	"strings"
)

// catchText follows the text. A table of benchmarks stands below the name of its
// test case, each row in three lines:
//
//	benchmark name       samples       iterations    estimated
//	                     mean          low mean      high mean
//	                     std dev       low std dev   high std dev
//	-----------------------------------------------------------
//	Fibonacci 20                   100             2     8.37 ms
//	                         41.731 us      41.25 us     42.6 us
//	                          3.256 us      2.163 us     5.35 us
type catchText struct {
	sheet  *Sheet
	found  int
	failed bool
	state  catchState
	title  []string
	// column is where the figures begin; a name is not wider. Plain tables have
	// one line a row and end it with the mean.
	column int
	plain  bool
	row    catchRow
}

type catchState uint8

const (
	catchOther  catchState = iota
	catchTitle             // between the rules about a test case's name
	catchHead              // in the head of a table
	catchTable             // in its rows
	titleLines  = 32
	nameColumns = 32
)

type catchRow struct {
	name     []string
	open     bool
	v        float64
	unit     string
	measured bool
}

var (
	catchHeader  = lazily(`(?m)^benchmark name +samples +iterations +\S`)
	catchSummary = lazily(`^test cases: .*\b[1-9]\d* failed( \||\s*$)`)
	// catchFirst is the first line of a row, catchMean the second and the third.
	catchFirst = lazily(`^\s*\d+\s+\d+\s+([\d.]+) (\S+)\s*$`)
	catchMean  = lazily(`^\s*([\d.]+) (\S+)\s+[\d.]+ \S+\s+[\d.]+ \S+\s*$`)
)

func parseCatch2Text(r io.Reader, s *Sheet) error {
	c := catchText{sheet: s}
	lines := newLineReader(r)
	last := 0
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		last = lines.number
		c.line(plainLine(line))
	}
	torn := c.row.open && !c.row.measured
	c.endRow()
	switch err := lines.failure(); {
	case err != nil:
		return err
	case torn:
		return &Error{Line: last, Err: ErrTorn}
	case c.found == 0 && !c.failed:
		return errNoBenchmark
	}
	if c.failed {
		s.SuiteFailed()
	}
	return nil
}

func (c *catchText) line(line []byte) {
	text := bytes.TrimSpace(line)
	switch {
	case len(text) > 20 && len(bytes.Trim(text, "-")) == 0:
		c.rule()
	case len(text) > 20 && (len(bytes.Trim(text, "=")) == 0 || len(bytes.Trim(text, ".")) == 0):
		c.endRow()
		c.state = catchOther
	case catchHeader().Match(line):
		c.endRow()
		c.state, c.column = catchHead, bytes.Index(line, []byte("samples"))
		c.plain = bytes.HasSuffix(text, []byte(" mean"))
	case c.state == catchTitle && len(text) > 0 && len(c.title) < titleLines:
		c.title = append(c.title, string(text))
	case c.state == catchTable:
		c.tableLine(line)
	case catchSummary().Match(line):
		c.failed = true
	}
}

// rule reads a line of dashes, which begins or ends a title or a table's head.
func (c *catchText) rule() {
	c.endRow()
	switch c.state {
	case catchHead:
		c.state = catchTable
	case catchTitle:
		c.state = catchOther
	default:
		c.state, c.title = catchTitle, nil
	}
}

func (c *catchText) tableLine(line []byte) {
	name, figures := line[:min(c.column, len(line))], line[min(c.column, len(line)):]
	if bytes.Contains(line, []byte("benchmark failed (")) || bytes.Contains(line, []byte("Benchmark failed (")) {
		c.failed = true
		c.row = catchRow{}
		return
	}
	word := strings.TrimSpace(string(name))
	if word == "" && len(bytes.TrimSpace(figures)) == 0 {
		c.endRow()
		return
	}
	if m := catchFirst().FindSubmatch(figures); m != nil {
		c.endRow()
		c.row.open = true
		if c.plain {
			c.row.v, c.row.measured = parseFloat(m[1])
			c.row.unit = string(m[2])
		}
	} else if m := catchMean().FindSubmatch(figures); m != nil && c.row.open && !c.row.measured {
		c.row.v, c.row.measured = parseFloat(m[1])
		c.row.unit = string(m[2])
	}
	if c.row.open && word != "" && len(c.row.name) < nameColumns {
		c.row.name = append(c.row.name, word)
	}
}

func (c *catchText) endRow() {
	if c.row.measured {
		c.found++
		c.sheet.bench(strings.Join(append(c.title[:len(c.title):len(c.title)], strings.Join(c.row.name, " ")), "/"), c.row.unit, c.row.v)
	}
	c.row = catchRow{}
}
