package parse

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-ci/plumbline/collect"
)

// asvText reads what asv run prints of one commit, with the tables of benchmarks
// that have parameters. The environment tells series apart, unless it is the one
// that was there (--python=same), and so do parameters. Figures are rounded as
// asv rounds them: its results file has more. What failed is left out.
var asvText = Format{
	Name:  "asv-text",
	From:  "asv run of one commit",
	Makes: []string{"bench/NAME.ns_per_op[env=ENV,PARAM=V]", "bench/NAME.bytes_per_op[env=ENV]", "bench/NAME.value[env=ENV]"},
	Match: func(h *Head) bool {
		o := asvTextReader{}
		return h.anyLine("%] ", func(line string) bool {
			name, value := o.result(line)
			return name != "" && (asvWords[value] || o.put(NewSheet(""), name, collect.Tags{}, value))
		})
	},
	Parse: parseASVText,
}

var (
	asvLine   = lazily(`^\[\s*[\d.]+%\] (?:·{2,}|-{2,}) ([A-Za-z_][\w.<>()-]*)\s+(\S.*?)\s*$`)
	asvBorder = lazily(`^(?:\[\s*[\d.]+%\] (?:·+|-+))?\s*=+( =+)*\s*$`)
	asvRule   = lazily(`^\s*[-=]+( [-=]+)*\s*$`)
	asvCommit = lazily(`^\[\s*[\d.]+%\] \S+ For .*commit (\S+)`)
	asvEnv    = lazily(`^\[\s*[\d.]+%\] \S+ Benchmarking (\S+)`)
	asvValue  = lazily(`^([-+]?\d[\d.]*(?:e[-+]?\d+)?)(?:±[\d.e+-]+)?([^\d\s±]*)$`)
	// asvWords stand where there is no figure, or where a table follows.
	asvWords = map[string]bool{"ok": true, "failed": true, "n/a": true, "skipped": true}
)

type asvTextReader struct {
	sheet       *Sheet
	commit, env string
	name        string   // of the benchmark whose table comes
	table       []string // its lines
	found       bool
}

func parseASVText(r io.Reader, s *Sheet) error {
	a := asvTextReader{sheet: s}
	err := textLines(r, a.line)
	a.endTable()
	if err == nil && !a.found {
		return noResult(`lines such as "[ 50.00%] ··· suite.time_keys  11.1±0.01μs"`)
	}
	return err
}

var errASVCommits = errors.New(`results of several commits: want those of one, such as of "asv run HEAD^!"`)

func (a *asvTextReader) line(n int, line string) error {
	if asvBorder().MatchString(line) || len(a.table) > 0 && strings.HasPrefix(line, "  ") {
		if a.name != "" {
			a.table = append(a.table, line)
		}
		return nil
	}
	a.endTable()
	if m := asvCommit().FindStringSubmatch(line); m != nil {
		if a.commit != "" && a.commit != m[1] {
			return &Error{Line: n, Err: errASVCommits}
		}
		a.commit = m[1]
	}
	if m := asvEnv().FindStringSubmatch(line); m != nil {
		a.env = m[1]
		if strings.HasPrefix(a.env, "existing") {
			a.env = ""
		}
		return nil
	}
	if name, value := a.result(line); name != "" {
		a.name = name
		a.put(a.sheet, name, collect.Tags{}, value)
	}
	return nil
}

// result reads a line of a benchmark; the name is empty in any other.
func (a *asvTextReader) result(line string) (name, value string) {
	m := asvLine().FindStringSubmatch(line)
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}

// put reports whether value is a figure: 11.1±0.01μs, 2.42k, 42.
func (a *asvTextReader) put(s *Sheet, name string, tags collect.Tags, value string) bool {
	m := asvValue().FindStringSubmatch(value)
	if m == nil {
		return false
	}
	v, ok := groupedNumber(m[1])
	unit := m[2]
	if size, letter := asvSizes[unit]; letter && asvUnit(name) != "s" {
		v, unit = v*size, "B"
	} else if unit == "" {
		unit = asvUnit(name)
	}
	if !ok || unit == "s" && m[2] == "" {
		return false
	}
	if a.env != "" {
		tags["env"] = a.env
	}
	s.benchTagged(name, tags, measureOf(unit), v)
	a.found = true
	return true
}

// asvSizes are the letters behind numbers of bytes.
var asvSizes = map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}

// endTable reads the table of a benchmark with parameters. Parameters are
// columns at its left; the last ones may instead run along its top, under their
// names and above their values.
func (a *asvTextReader) endTable() {
	lines, name := a.table, a.name
	if len(lines) == 0 {
		return
	}
	a.table, a.name = nil, ""
	t := asvTable{spans: asvSpans(lines[0], '=')}
	for i, line := range lines[1:] {
		if asvRule().MatchString(line) {
			continue
		}
		switch {
		case t.header == nil && t.top == "" && strings.HasPrefix(strings.TrimSpace(line), "-- "):
			t.top = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "-- "))
			if below := lines[1:]; i+1 < len(below) {
				t.left = asvSpans(below[i+1], '-')
			}
		case t.header == nil:
			t.header = t.cells(line)
		default:
			t.row(line, func(tags collect.Tags, value string) { a.put(a.sheet, name, tags, value) })
		}
	}
}

type asvTable struct {
	spans  [][2]int // of its columns, in characters
	left   [][2]int // the first is that of the parameters at the left
	top    string   // names of the parameters along the top
	header []string
}

// asvSpans finds the runs of a character in a line.
func asvSpans(line string, of rune) (spans [][2]int) {
	open, i := false, 0
	for _, c := range line {
		if c == of && !open {
			spans = append(spans, [2]int{i, i})
		}
		if open = c == of; open {
			spans[len(spans)-1][1] = i + 1
		}
		i++
	}
	return spans
}

func (t *asvTable) cells(line string) []string {
	runes := []rune(line)
	cells := make([]string, len(t.spans))
	for i, at := range t.spans {
		if at[0] < len(runes) {
			cells[i] = strings.TrimSpace(string(runes[at[0]:min(at[1], len(runes))]))
		}
	}
	return cells
}

func (t *asvTable) row(line string, put func(collect.Tags, string)) {
	if !utf8.ValidString(line) {
		return
	}
	cells := t.cells(line)
	params := len(cells) - 1
	if len(t.left) > 0 {
		params = 0
		for params < len(cells) && t.spans[params][1] <= t.left[0][1] {
			params++
		}
	}
	for i := params; i < len(cells); i++ {
		tags := collect.Tags{}
		for p := range params {
			tags[t.header[p]] = unquoted(cells[p])
		}
		if t.top != "" {
			tags[t.top] = unquoted(t.header[i])
		}
		put(tags, cells[i])
	}
}
