package parse

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// csvHistory reads a table with a run in each row: a column with the time, which
// may have one with the commit, and one for each metric. A column whose first cell
// is no number says something else of the run, which is kept.
var csvHistory = History{
	Name:    "csv",
	Aliases: []string{"otava", "hunter"},
	From:    "tables as Apache Otava (Hunter) reads: time,commit,METRIC,METRIC",
	Match:   func(h *Head) bool { return isTable(h.Bytes) },
	read:    readCSVHistory,
}

// csvPast are the columns of a table by what they are.
type csvPast struct {
	header  []string
	what    []string // time, commit, branch, metric, text; empty: not known yet
	comma   rune
	timeful bool
}

// csvKinds are the columns that are no metrics, by their names.
var csvKinds = map[string]string{
	"time": "time", "timestamp": "time", "date": "time",
	"commit": "commit", "sha": "commit", "revision": "commit", "git_commit": "commit",
	"branch": "branch", "build": "text",
}

func readCSVHistory(in *pastReader) error {
	b, err := peek(in.r)
	if err != nil {
		return err
	}
	bounds := &csvBounds{r: b}
	rows := csv.NewReader(bounds)
	p := csvPast{comma: csvComma(b)}
	rows.Comma, rows.Comment, rows.TrimLeadingSpace, rows.FieldsPerRecord = p.comma, '#', true, -1
	for {
		bounds.ahead = 0
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return metricsCSVError(err)
		}
		line, _ := rows.FieldPos(0)
		if p.header == nil {
			if err := p.begin(row); err != nil {
				return Errorf(line, 1, "%w", err)
			}
			continue
		}
		if err := p.row(in, row, line); err != nil {
			return err
		}
	}
}

func (p *csvPast) begin(row []string) error {
	p.header, p.what = row, make([]string, len(row))
	seen := map[string]bool{}
	for i, name := range row {
		name = CleanName(strings.TrimSpace(name))
		if p.header[i] = name; name == "" || seen[name] {
			return fmt.Errorf("column %d is called %q: want a name of its own", i+1, name)
		}
		seen[name] = true
		p.what[i] = csvKinds[strings.ToLower(name)]
		p.timeful = p.timeful || p.what[i] == "time"
	}
	if !p.timeful {
		return fmt.Errorf("no column is called time, timestamp or date: want that of each run")
	}
	return nil
}

func (p *csvPast) row(in *pastReader, row []string, line int) error {
	if len(row) != len(p.header) {
		return in.fault(Errorf(line, 0, "row has %d cells: want %d, as the first row", len(row), len(p.header)))
	}
	run := collect.Run{}
	for i, cell := range row {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if err := p.cell(&run, i, cell); err != nil {
			if err := in.fault(Errorf(line, 0, "%w", err)); err != nil {
				return err
			}
		}
	}
	switch {
	case run.Time.IsZero():
		return in.fault(Errorf(line, 0, "row has no time"))
	case len(run.Metrics) == 0:
		return in.fault(Errorf(line, 0, "row has no number"))
	}
	return in.put(run)
}

func (p *csvPast) cell(run *collect.Run, i int, cell string) error {
	number := cell
	if p.comma == ';' {
		number = strings.Replace(cell, ",", ".", 1)
	}
	v, ok := parseFloat([]byte(number))
	if p.what[i] == "" {
		if p.what[i] = "text"; ok {
			p.what[i] = "metric"
		}
	}
	switch p.what[i] {
	case "time":
		at, ok := pastTime(cell)
		if !ok {
			return fmt.Errorf("%s %.40q is no time: want one such as 2025-05-30T14:30:45Z", p.header[i], cell)
		}
		run.Time = at
	case "commit":
		run.Commit = cell
	case "branch":
		run.Branch = cell
	case "metric":
		if !ok || notFinite(v) {
			return fmt.Errorf("%.40q of %.100q is no number", cell, p.header[i])
		}
		run.Metrics = append(run.Metrics, collect.Metric{Name: p.header[i], Value: v})
	default:
		return p.keep(run, i, cell)
	}
	return nil
}

// keep keeps what no metric is, where a record has no meaning of its own for it.
func (p *csvPast) keep(run *collect.Run, i int, cell string) error {
	text, err := json.Marshal(CleanName(cell))
	if err != nil {
		return err
	}
	if run.Extra == nil {
		run.Extra = map[string]json.RawMessage{}
	}
	run.Extra["csv."+p.header[i]] = bytes.Clone(text)
	return nil
}
