package export

import (
	"encoding/csv"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// csvHead names the columns. They stay as they are; new ones go to the end.
var csvHead = []string{
	"run_id", "timestamp", "type", "branch", "git_commit", "success", "name", "value", "unit", "samples",
}

// CSV writes one row for each value of a metric, below a row of column names,
// quoted as RFC 4180 asks for. Timestamps are RFC 3339 in UTC, success is true,
// false or empty, and samples are numbers parted by spaces in the order of
// measurement. A run without metrics has no row.
//
// A spreadsheet computes a text that begins with =, +, - or @. Branches and names
// come from outside, so such a text, also behind a tab, a line break or spaces,
// gets an apostrophe before it, which spreadsheets do not show. Who needs the exact
// text takes json. Numbers are written as they are.
func CSV(w io.Writer, runs iter.Seq2[collect.Run, error]) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvHead); err != nil {
		return err
	}
	row := make(csvRow, len(csvHead))
	for r, err := range runs {
		if err != nil {
			c.Flush() // the runs so far; its own error would say less
			return err
		}
		row.run(r.Origin)
		for i := range r.Metrics {
			row.metric(&r.Metrics[i])
			if err := c.Write(row); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// csvRow has a cell for each column.
type csvRow []string

func (row csvRow) run(o collect.Origin) {
	row[0], row[1], row[2] = plainText(o.ID), stamp(o.Time), plainText(o.Type)
	row[3], row[4], row[5] = plainText(o.Branch), plainText(o.Commit), success(o.Success)
}

func (row csvRow) metric(m *collect.Metric) {
	row[6], row[7], row[8], row[9] = plainText(m.Name), number(m.Value), plainText(string(m.Unit)), numbers(m.Samples)
}

// plainText keeps a spreadsheet from reading a text as a formula.
func plainText(s string) string {
	if t := strings.TrimLeft(s, " \t\r\n\v\f\u00a0\ufeff"); t != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(t)[0]) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func success(o collect.Outcome) string {
	switch o {
	case collect.Succeeded:
		return "true"
	case collect.Failed:
		return "false"
	}
	return ""
}

// number writes the shortest number that reads as the same value; what is no
// number is an empty cell.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func numbers(vs []float64) string {
	var b strings.Builder
	for i, v := range vs {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(number(v))
	}
	return b.String()
}
