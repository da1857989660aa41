package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is what was measured of a detector, or what is quoted of one.
type row struct {
	name   string
	rates  map[figure]rate
	quoted []string // cells as they are; nil: measured
	watch  bool     // it watches a branch, and judges no single run
}

func measuredRow(name string, repos []*tally) row {
	r := row{name: name, rates: make(map[figure]rate)}
	for f := range figureCount {
		if x, ok := rateOf(repos, f); ok {
			r.rates[f] = x
		}
	}
	return r
}

// column is one column of the table.
type column struct {
	key, title string
	figure     figure
	cell       func(r rate) string
}

// columns are those of the table, from left to right.
func columns() []column {
	all := []column{
		{"alert_runs", "alert runs", realAlert, tenthsOf},
		{"false_alert_runs", "false-alert runs", realFalse, tenthsOf},
		{"alerts_per_run", "alerts/run", realAlerts, plain},
		{"jaccard", "Jacc.", realSame, plain},
		{"random_order_false", "A/A FA", cleanFalse, tenthsOf},
		{"random_order_worst", "worst repo", cleanFalse, worst},
		{"own_order_false", "clean-walk FA", orderFalse, tenths},
		{"reruns", "re-run", cleanRerun, mean},
	}
	all = append(all, powers("power_%g", "+%g%%", orderPower, 0)...)
	all = append(all, column{"noiseless_2", "const +2%", noiseless, mean}, column{"three_false", "3-run FA", threeFalse, mean})
	all = append(all, powers("three_power_%g", "3r +%g%%", threePower, 1)[:3]...)
	all = append(all, column{"all_slower_20", "all +20%", allSlower, mean})
	return append(all, powers("random_order_power_%g", "A/A +%g%%", cleanPower, 2)...)
}

func powers(key, title string, first figure, from int) []column {
	var out []column
	for i, by := range shifts[from:] {
		f := first + figure(from+i)
		out = append(out, column{fmt.Sprintf(key, 100*by), fmt.Sprintf(title, 100*by), f, percents})
	}
	return out
}

// The forms of a cell: per cent, but for what is counted.
func tenthsOf(r rate) string {
	return fmt.Sprintf("%.1f/%.1f/%.1f", 100*r.Median, 100*r.Mean, 100*r.Pooled)
}
func percents(r rate) string {
	return fmt.Sprintf("%.0f/%.0f/%.0f", 100*r.Median, 100*r.Mean, 100*r.Pooled)
}
func mean(r rate) string   { return fmt.Sprintf("%.0f", 100*r.Mean) }
func tenths(r rate) string { return fmt.Sprintf("%.1f", 100*r.Mean) }
func worst(r rate) string  { return fmt.Sprintf("%.0f", 100*r.Worst) }
func plain(r rate) string  { return fmt.Sprintf("%.2f", r.Mean) }

// viewColumns are those of the second table: how shifts that lasted are found as
// the runs of a branch come in.
func viewColumns() []column {
	return []column{
		{"view_alert_runs", "runs with news", viewAlert, tenthsOf},
		{"view_false_runs", "with false news", viewFalse, tenthsOf},
		{"view_found_3", "found within 3 runs", viewFound, tenthsOf},
		{"view_found_5", "within 5", viewLater, tenthsOf},
		{"view_clean_false", "clean histories that fail", viewClean, tenthsOf},
	}
}

func (r row) cells(columns []column) []string {
	cells := []string{r.name}
	for i, c := range columns {
		x, ok := r.rates[c.figure]
		switch {
		case i < len(r.quoted):
			cells = append(cells, r.quoted[i])
		case ok:
			cells = append(cells, c.cell(x))
		default:
			cells = append(cells, "")
		}
	}
	return cells
}

// formats are the forms of the table.
var formats = map[string]func(w io.Writer, rows []row) error{
	"text": writeText, "markdown": writeMarkdown, "json": writeJSON,
}

func grid(rows []row) [][]string {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.watch })
	return gridOf("detector", columns(), rows)
}

// viewGrid is the second table, nil where nothing of it was measured.
func viewGrid(rows []row) [][]string {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.rates[viewAlert].Cases == 0 })
	if len(rows) == 0 {
		return nil
	}
	return gridOf("lasting shifts", viewColumns(), rows)
}

func gridOf(first string, columns []column, rows []row) [][]string {
	head := []string{first}
	for _, c := range columns {
		head = append(head, c.title)
	}
	all := [][]string{head}
	for _, r := range rows {
		all = append(all, r.cells(columns))
	}
	return all
}

// grids prints each table that there is, with an empty line between two.
func grids(w io.Writer, rows []row, print func(io.Writer, [][]string) error) error {
	if err := print(w, grid(rows)); err != nil {
		return err
	}
	second := viewGrid(rows)
	if second == nil {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return print(w, second)
}

func writeText(w io.Writer, rows []row) error { return grids(w, rows, textGrid) }

func writeMarkdown(w io.Writer, rows []row) error { return grids(w, rows, markdownGrid) }

func textGrid(w io.Writer, lines [][]string) error {
	width := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, c := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, cells := range lines {
		var b strings.Builder
		for i, c := range cells {
			fmt.Fprintf(&b, "%-*s  ", width[i], c)
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

func markdownGrid(w io.Writer, lines [][]string) error {
	for i, cells := range lines {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")); err != nil {
			return err
		}
		if i == 0 {
			if _, err := fmt.Fprintln(w, "|"+strings.Repeat("---|", len(cells))); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeJSON writes the measured rows with all figures, as percents.
func writeJSON(w io.Writer, rows []row) error {
	type entry struct {
		Detector string          `json:"detector"`
		Figures  map[string]rate `json:"figures"`
	}
	out := []entry{}
	for _, r := range rows {
		if r.quoted != nil {
			continue
		}
		e := entry{r.name, make(map[string]rate)}
		for _, c := range slices.Concat(columns(), viewColumns()) {
			if x, ok := r.rates[c.figure]; ok {
				e.Figures[c.key] = x
			}
		}
		out = append(out, e)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
