package watch

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// Style is how a piece of a line looks.
type Style int

// The styles. A screen without colours shows them all but Bad apart, which is said
// in words as well.
const (
	Plain Style = iota
	Bold
	Dim
	Bad   // something is wrong
	Title // of the whole screen
)

// Span is a piece of a line in one style.
type Span struct {
	Text  string
	Style Style
}

// Line is one line of the screen. Its text is harmless, whatever names are in it.
type Line []Span

func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// row is a line of the body under the heading of its section.
type row struct{ heading, line Line }

const (
	gap       = 2  // columns between two figures
	leastName = 14 // columns, where that costs a figure
)

// rows are the body of the screen, width columns wide.
func (v *View) rows(h *History, width int) []row {
	var all []row
	all = append(all, problems(h.Now.Problems)...)
	for _, c := range sections() {
		series := c.chosen(h, v.Filter, v.Order)
		if len(series) > 0 {
			all = append(all, c.rows(h, series, width)...)
		}
	}
	return all
}

func problems(all []string) []row {
	var rows []row
	for _, p := range all {
		rows = append(rows, row{Line{{"problems", Bold}}, Line{{"  " + report.Clean(p, 2*maxName), Bad}}})
	}
	return rows
}

// rows writes the series of a section as a table.
func (c *section) rows(h *History, series []*collect.SeriesStatus, width int) []row {
	names, longest := make([]string, len(series)), report.Columns(c.title)
	for i, s := range series {
		names[i] = "  " + report.Clean(s.Name, maxName)
		longest = max(longest, report.Columns(names[i]))
	}
	figures := c.fit(c.figures(h, series), longest, width)
	room := width
	for _, f := range figures {
		room -= f.width
	}
	name := max(min(longest, room), 0)
	heading := Line{{pad(cut(c.title, name), name), Bold}}
	for _, f := range figures {
		heading = append(heading, Span{padLeft(f.title, f.width), Dim})
	}
	style := Plain
	rows := make([]row, len(series))
	for i, s := range series {
		if style = Plain; s.Errors && s.Value > 0 {
			style = Bad
		}
		line := Line{{pad(shorten(names[i], name), name), style}}
		for _, f := range figures {
			line = append(line, Span{padLeft(f.cells[i], f.width), style})
		}
		rows[i] = row{heading, line}
	}
	return rows
}

// figure is a column with its texts.
type figure struct {
	column
	cells []string
	width int
}

func (c *section) figures(h *History, series []*collect.SeriesStatus) []figure {
	all := make([]figure, len(c.columns))
	for i, col := range c.columns {
		f := figure{column: col, cells: make([]string, len(series)), width: report.Columns(col.title)}
		for k, s := range series {
			f.cells[k] = col.text(h, s)
			f.width = max(f.width, report.Columns(f.cells[k]))
		}
		f.width += gap
		all[i] = f
	}
	return all
}

// fit leaves figures out until the names have room.
func (c *section) fit(all []figure, longest, width int) []figure {
	for len(all) > 1 {
		room := width
		for _, f := range all {
			room -= f.width
		}
		if room >= min(longest, max(leastName, width/4)) {
			break
		}
		least := slices.MinFunc(all, func(a, b figure) int { return cmp.Compare(a.keep, b.keep) }).keep
		all = slices.DeleteFunc(all, func(f figure) bool { return f.keep == least })
	}
	return all
}

// shorten cuts the middle out of a name that stands two columns in.
func shorten(name string, width int) string {
	if width < 3 {
		return cut(name, width)
	}
	return "  " + report.Shorten(name[2:], width-2)
}

// cut ends text after width columns.
func cut(s string, width int) string {
	if report.Columns(s) <= width {
		return s
	}
	n := 0
	for i, r := range s {
		if n += report.Columns(string(r)); n > width-1 {
			return s[:i] + strings.Repeat("…", max(0, min(1, width)))
		}
	}
	return s
}

// clip ends a line after width columns.
func clip(l Line, width int) Line {
	for i, s := range l {
		n := report.Columns(s.Text)
		if n > width {
			return append(l[:i:i], Span{cut(s.Text, width), s.Style})
		}
		width -= n
	}
	return l
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-report.Columns(s)))
}
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-report.Columns(s))) + s
}
