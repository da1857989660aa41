package parse

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// metricsCSV reads metrics of one's own, one a row: name, value and, if wanted,
// unit and which way is better. The first row may name the columns, in any
// order, and must where tabs stand between them; else commas or semicolons do. A
// row that begins with # is a comment. Repeated names are samples of one metric.
var metricsCSV = Format{
	Name:    "metrics-csv",
	Aliases: []string{"csv"},
	From:    "any program: rows of name,value[,unit[,better]]",
	Makes:   []string{"NAME"},
	Match:   matchMetricsCSV, Parse: parseMetricsCSV,
}

func matchMetricsCSV(h *Head) bool {
	if first := h.first(); first == '<' || first == '{' || first == '[' || first == 0 {
		return false
	}
	head := h.Bytes
	if len(head) >= HeadBytes {
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	if b, err := peek(bytes.NewReader(head)); err == nil {
		rows := csv.NewReader(b)
		rows.Comma, rows.Comment = csvComma(b), '#'
		if row, err := rows.Read(); err == nil {
			if _, ok := csvHeader(row); ok {
				return true
			}
		}
	}
	return parseMetricsCSV(bytes.NewReader(head), NewSheet("")) == nil
}

// csvColumns says which column has what, -1 where none has it.
type csvColumns struct{ name, value, unit, better int }

var csvNames = map[string]string{
	"name": "name", "metric": "name", "benchmark": "name", "key": "name",
	"value": "value", "result": "value",
	"unit": "unit", "units": "unit",
	"better": "better", "direction": "better",
}

func parseMetricsCSV(r io.Reader, s *Sheet) error {
	b, err := peek(r)
	if err != nil {
		return err
	}
	bounds := &csvBounds{r: b}
	rows := csv.NewReader(bounds)
	rows.Comma = csvComma(b)
	rows.Comment = '#'
	rows.FieldsPerRecord = -1
	rows.TrimLeadingSpace = true
	rows.ReuseRecord = true
	at := csvColumns{0, 1, 2, 3}
	found, first := false, true
	for {
		bounds.ahead = 0
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return metricsCSVError(err)
		}
		if first {
			first = false
			if named, ok := csvHeader(row); ok {
				at = named
				continue
			}
			if rows.Comma == '\t' {
				return Errorf(1, 1, "first row names no columns: want name and value, where tabs stand between them")
			}
		}
		m, err := at.metric(row, rows.Comma)
		if err != nil {
			line, column := rows.FieldPos(0)
			return &Error{Line: line, Column: column, Err: err}
		}
		s.Add(m)
		found = true
	}
	if !found {
		return noResult("rows of name,value[,unit]")
	}
	return nil
}

// csvBounds ends the reading where one row would take too much memory: a quote
// that is not closed makes a row of the rest of the file.
type csvBounds struct {
	r     io.Reader
	ahead int // bytes that were read for the row
}

func (c *csvBounds) Read(p []byte) (int, error) {
	if c.ahead > lineBytes {
		return 0, fmt.Errorf("a row is longer than %d KiB", lineBytes>>10)
	}
	n, err := c.r.Read(p)
	c.ahead += n
	return n, err
}

// csvComma is what stands between the columns: the first in the first row that
// is no comment.
func csvComma(b *peeked) rune {
	head, _ := b.Peek(b.Size())
	for line := range bytes.Lines(head) {
		if text := bytes.TrimSpace(line); len(text) == 0 || text[0] == '#' {
			continue
		}
		if i := bytes.IndexAny(line, ",;\t"); i >= 0 {
			return rune(line[i])
		}
		break
	}
	return ','
}

func csvHeader(row []string) (at csvColumns, ok bool) {
	at = csvColumns{-1, -1, -1, -1}
	for i, cell := range row {
		switch csvNames[strings.ToLower(strings.TrimSpace(cell))] {
		case "name":
			at.name = i
		case "value":
			at.value = i
		case "unit":
			at.unit = i
		case "better":
			at.better = i
		default:
			return at, false
		}
	}
	return at, at.name >= 0 && at.value >= 0
}

// csvName has a letter, and is no time such as 2024-01-01T10:00Z.
var (
	csvName = lazily(`\pL`)
	csvTime = lazily(`^\d{4}[-./]\d\d|^\d+:\d\d`)
)

func (at csvColumns) metric(row []string, comma rune) (m collect.Metric, err error) {
	cell := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	name, number := cell(at.name), cell(at.value)
	if len(row) > 4 || !csvName().MatchString(name) || csvTime().MatchString(name) {
		return m, fmt.Errorf("row of %d columns begins with %.50q: want name,value[,unit[,better]]", len(row), name)
	}
	if comma == ';' {
		number = strings.Replace(number, ",", ".", 1)
	}
	v, ok := parseFloat([]byte(number))
	if !ok || notFinite(v) {
		return m, fmt.Errorf("%.50q of %.50q is no number", number, name)
	}
	better, ok := collect.ParseDirection(cell(at.better))
	if word := cell(at.better); !ok && word != "" {
		return m, fmt.Errorf("%.50q of %.50q: want lower, higher or none", word, name)
	}
	return collect.Metric{Name: CleanName(name), Value: v, Unit: collect.Unit(CleanName(cell(at.unit))), Better: better}, nil
}

// metricsCSVError gives an error of the reader its place.
func metricsCSVError(err error) error {
	var e *csv.ParseError
	if errors.As(err, &e) {
		return Errorf(e.Line, e.Column, "is no CSV: %w", e.Err)
	}
	return err
}
