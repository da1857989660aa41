package report

import "strings"

// A table is aligned text. Columns that are empty in all rows are left out, and
// those that do not fit give way, the least telling first.
type table struct {
	columns []column
	rows    [][]string // one cell a column
	notes   []string   // one a row; where not empty, it goes below the row
}

type column struct {
	head  string
	right bool // numbers
	// yield says which columns go first where the width does not suffice: the
	// highest; 0 stays.
	yield int
	// paint colours a padded cell; nil: as it is.
	paint func(string) string
	// flex marks the one column of names, which shrinks before any column yields.
	flex bool
}

const (
	indent = "  "
	gap    = "  "
)

// leastName is how many columns a name keeps before another column has to go.
func leastName(width int) int { return max(24, width*3/10) }

// write renders the table within width columns. The names of the flexible
// column are shortened, and where even that is not enough they stand on lines of
// their own.
func (t *table) write(p *printer, width int) {
	widths := t.measure()
	flex := -1
	for i, c := range t.columns {
		if c.flex {
			flex = i
		}
	}
	if flex >= 0 {
		t.fit(widths, flex, width-len(indent))
	}
	heads := make([]string, len(t.columns))
	for i, c := range t.columns {
		heads[i] = c.head
	}
	t.line(p, heads, widths, nil)
	for i, cells := range t.rows {
		t.line(p, cells, widths, t.columns)
		if t.notes != nil && t.notes[i] != "" {
			p.wrap(indent+indent, t.notes[i], width, p.dim)
		}
	}
}

// measure gives each column's width; 0 leaves it out.
func (t *table) measure() []int {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		for _, cells := range t.rows {
			widths[i] = max(widths[i], columns(cells[i]))
		}
		if widths[i] > 0 {
			widths[i] = max(widths[i], columns(c.head))
		}
	}
	return widths
}

// fit makes the row width columns wide: first the names give way down to
// leastName, then whole columns go.
func (t *table) fit(widths []int, flex, width int) {
	for {
		rest := 0
		for i, w := range widths {
			if i != flex && w > 0 {
				rest += w + len(gap)
			}
		}
		room := width - rest
		if room >= widths[flex] {
			return
		}
		victim := -1
		for i, c := range t.columns {
			if widths[i] > 0 && c.yield > 0 && (victim < 0 || c.yield > t.columns[victim].yield) {
				victim = i
			}
		}
		if least := leastName(width); room >= least || victim < 0 {
			t.squeeze(widths, flex, max(room, least))
			return
		}
		widths[victim] = 0
	}
}

func (t *table) squeeze(widths []int, flex, room int) {
	whole := make([]string, len(t.rows))
	for i := range t.rows {
		whole[i] = t.rows[i][flex]
	}
	for i, n := range names(whole, room) {
		t.rows[i][flex] = n
	}
	widths[flex] = room
}

// line writes one row. A name that is too long for its column gets a line of
// its own, so that the figures stay in theirs.
func (t *table) line(p *printer, cells []string, widths []int, paint []column) {
	var b strings.Builder
	b.WriteString(indent)
	first := true
	for i, w := range widths {
		if w == 0 {
			continue
		}
		if !first {
			b.WriteString(gap)
		}
		first = false
		if columns(cells[i]) > w {
			p.line(b.String() + cells[i])
			b.Reset()
			b.WriteString(indent + strings.Repeat(" ", w))
			continue
		}
		cell := pad(cells[i], w)
		if t.columns[i].right {
			cell = padLeft(cells[i], w)
		}
		switch {
		case paint == nil:
			cell = p.dim(cell)
		case paint[i].paint != nil:
			cell = paint[i].paint(cell)
		}
		b.WriteString(cell)
	}
	p.line(b.String())
}
