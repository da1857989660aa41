package watch

import (
	"fmt"
	"math"
	"time"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// View is what a person chose to see.
type View struct {
	Filter string // series whose name has this, whatever the case; empty: all
	Order  Order
	Every  time.Duration // the interval, to be shown
	Err    error         // why the newest figures are not here; nil: they are

	typing bool // the filter
	help   bool
	top    int // row of the body that is the first on the screen
	page   int // rows that were on the screen last
	total  int
}

// Draw makes the screen: height lines of width columns at most.
func (v *View) Draw(h *History, width, height int) []Line {
	lines := v.lines(h, width, height)
	for i := range lines {
		lines[i] = clip(lines[i], width)
	}
	return lines
}

func (v *View) lines(h *History, width, height int) []Line {
	lines := v.head(h, width)
	room := height - len(lines) - 1
	if room < 1 {
		return append(lines[:max(0, min(len(lines), height-1))], v.foot(width))
	}
	body := v.body(h, width, room)
	if v.help {
		body = helpLines(room)
	}
	lines = append(lines, body...)
	for len(lines) < height-1 {
		lines = append(lines, nil)
	}
	return append(lines, v.foot(width))
}

// body are the rows from the top on, each section under its heading.
func (v *View) body(h *History, width, room int) []Line {
	rows := v.rows(h, width)
	v.total = len(rows)
	v.top = max(0, min(v.top, v.last(rows, room)))
	lines, shown := lay(rows[v.top:], room)
	v.page = shown
	if len(rows) == 0 {
		text := "nothing was counted or measured yet"
		if v.Filter != "" {
			text = "no name has this in it"
		}
		return []Line{nil, {{"  " + text, Dim}}}
	}
	return lines
}

// lay puts rows under their headings into so many lines, and says how many rows
// that were.
func lay(rows []row, room int) (lines []Line, shown int) {
	heading := ""
	for _, r := range rows {
		need := 1
		if t := r.heading.String(); t != heading {
			if heading, need = t, 2; room >= 16 {
				need = 3
			}
			if len(lines)+need > room {
				break
			}
			if need == 3 {
				lines = append(lines, nil)
			}
			lines = append(lines, r.heading)
		} else if len(lines)+need > room {
			break
		}
		lines = append(lines, r.line)
		shown++
	}
	return lines, shown
}

// last is the highest top at which the screen is full.
func (v *View) last(rows []row, room int) int {
	for top := max(0, len(rows)-room); top < len(rows); top++ {
		if _, shown := lay(rows[top:], room); top+shown == len(rows) {
			return top
		}
	}
	return max(0, len(rows)-1)
}

// head tells what is watched and how it is.
func (v *View) head(h *History, width int) []Line {
	right := " up " + span(h.uptime()) + " "
	if v.Every > 0 && width >= 60 {
		right = " up " + span(h.uptime()) + "  every " + v.Every.String() + " "
	}
	left := fmt.Sprintf(" %s  pid %d", report.Clean(h.Now.Name, maxName), h.Now.PID)
	room := max(0, width-report.Columns(right))
	lines := []Line{{{pad(cut(left, room), room) + right, Title}}}
	if len(h.memory.values) > 0 {
		lines = append(lines, curveLine("CPU", &h.loads, "%", width), curveLine("RAM", &h.memory, "B", width))
	}
	return append(lines, summaryLine(h, width))
}

// curveLine draws the course of a figure.
func curveLine(name string, c *curve, unit collect.Unit, width int) Line {
	now, most := collect.Quantity(c.now(), unit), collect.Quantity(c.most, unit)
	if len(c.values) == 0 {
		most = collect.NoFigure
	}
	text := fmt.Sprintf(" %9s  most %9s", now, most)
	if width < 60 {
		text = fmt.Sprintf(" %9s", now)
	}
	room := max(0, width-len(" CPU  ")-report.Columns(text))
	return Line{{" " + name + "  ", Dim}, {pad(report.Spark(c.last(room)), room), Plain}, {text, Bold}}
}

func summaryLine(h *History, width int) Line {
	n, rate := h.errors()
	text := fmt.Sprintf(" %s, ", many(len(h.Now.Series), "series", "series"))
	wrong, style := "no errors", Dim
	if n != 0 {
		wrong, style = collect.Quantity(n, "")+" errors", Bad
		if !math.IsNaN(rate) {
			wrong += " (" + collect.Quantity(rate, "") + "/s)"
		}
	}
	if p := len(h.Now.Problems); p > 0 {
		wrong, style = wrong+", "+many(p, "problem", "problems"), Bad
	}
	return Line{{text, Dim}, {wrong, style}}
}

// foot tells of keys, or of what is typed or wrong.
func (v *View) foot(width int) Line {
	switch {
	case v.typing:
		return Line{{" filter: " + report.Clean(v.Filter, maxName) + "_", Bold}}
	case v.Err != nil:
		return Line{{" no answer, asking again: " + report.Clean(v.Err.Error(), 2*maxName), Bad}}
	}
	where := ""
	if v.total > v.page {
		where = fmt.Sprintf("%d-%d of %d ", v.top+1, v.top+v.page, v.total)
	}
	filter, order := "filter", "sort: "+v.Order.String()
	if v.Filter != "" {
		filter += ": " + report.Clean(v.Filter, maxName)
	}
	if width < 60 {
		order = "sort"
	}
	keys := " q quit  / " + filter + "  s " + order + "  ? help"
	room := max(0, width-len(where))
	return Line{{pad(cut(keys, room), room) + where, Dim}}
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return collect.Quantity(float64(n), "") + " " + more
}

// span is a duration as people tell it who look at it each second.
func span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm %02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh %02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd %02dh", s/86400, s/3600%24)
}
