package picture

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// axes draws the grid with values in their unit at the left and dates below.
func (p *plot) axes() {
	p.ticks = niceTicks(p.lo, p.hi, max(int(p.base-top)/45, 2))
	p.labels = tickLabels(p.ticks, p.unit)
	widest := 0.0
	for _, l := range p.labels {
		widest = max(widest, textWidth(l, textSize))
	}
	p.left = edge + widest + 8
	for i, v := range p.ticks {
		y := p.y(v)
		p.line(grid, 1, 0, point{p.left, y}, point{p.right, y})
		p.text(end, point{p.left - 7, y + 4}, faintInk, p.labels[i])
	}
	p.line(faintInk, 1, 0, point{p.left, p.base}, point{p.right, p.base})
	p.dates()
}

// niceTicks are round values between two, at most so many or a few more.
func niceTicks(lo, hi float64, most int) []float64 {
	span := hi - lo
	if math.IsInf(span, 0) || span <= 0 {
		return []float64{lo, hi}
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(most))))
	for _, m := range []float64{1, 2, 5, 10} {
		if span/(step*m) <= float64(most) {
			step *= m
			break
		}
	}
	var all []float64
	for k := math.Ceil(lo / step); k*step <= hi && len(all) <= 2*most; k++ {
		all = append(all, k*step)
	}
	if len(all) < 2 || all[0] == all[1] {
		return []float64{lo, hi} // finer than numbers of that size are
	}
	return all
}

// tickLabels writes values with as many figures as it takes to tell them apart.
func tickLabels(ticks []float64, u collect.Unit) []string {
	for n := 3; ; n++ {
		labels := make([]string, len(ticks))
		for i, v := range ticks {
			labels[i] = collect.Precisely(v, u, n)
		}
		if n >= 9 || len(slices.Compact(slices.Clone(labels))) == len(labels) {
			return labels
		}
	}
}

// moments are the times of all columns, the zero time where it is not known.
func (p *plot) moments() []time.Time {
	all := make([]time.Time, 0, p.columns)
	for _, r := range slices.Concat(p.s.Points, p.s.Head) {
		var at time.Time
		if r.Time != nil {
			at = r.Time.UTC()
		}
		all = append(all, at)
	}
	return all
}

// period is the first and the last time that is known.
func (p *plot) period() (first, last time.Time) {
	for _, at := range p.moments() {
		switch {
		case at.IsZero():
		case first.IsZero():
			first, last = at, at
		default:
			last = at
		}
	}
	return first, last
}

// dates label the columns below, as many as fit: with the time of day where all
// is of two days, and with the number of the run where no time is known.
func (p *plot) dates() {
	const room = 104
	first, last := p.period()
	layout := "2 Jan 2006"
	if last.Sub(first) < 48*time.Hour {
		layout = "2 Jan 15:04"
	}
	n := min(max(int((p.right-p.left)/room), 2), p.columns)
	said, all, before := "", p.moments(), math.Inf(-1)
	for k := range n {
		column := 0
		if n > 1 {
			column = k * (p.columns - 1) / (n - 1)
		}
		label := fmt.Sprintf("run %d", column+1)
		if !first.IsZero() {
			for column > 0 && all[column].IsZero() {
				column-- // a re-run whose time is not told
			}
			label = all[column].Format(layout)
		}
		x := p.x(float64(column))
		p.line(faintInk, 1, 0, point{x, p.base}, point{x, p.base + 4})
		width := textWidth(label, textSize)
		from := min(max(x-width/2, edge), p.right-width)
		if label == said || from < before || !first.IsZero() && all[column].IsZero() {
			continue
		}
		p.text(start, point{from, p.base + 16}, faintInk, label)
		said, before = label, from+width+6
	}
}

// words are the title and, under it, what the history comes to.
func (p *plot) words() {
	width := float64(p.o.Width) - 2*edge
	p.add(shape{role: ink, at: []point{{edge, 24}}, text: fit(p.title, titleSize, width), size: titleSize})
	if said := p.state(); said != "" {
		p.add(shape{role: p.status, at: []point{{edge, 41}}, text: fit(said, textSize, width), size: textSize})
	}
}

// state says in words what there is to see.
func (p *plot) state() string {
	var parts []string
	if p.s.Status != "" {
		parts = append(parts, string(p.s.Status))
	}
	if n := len(p.s.Levels); n > 0 && len(p.s.Head) > 0 && p.s.Head[0].Value != nil {
		was, is := collect.Distinctly(p.s.Levels[n-1].Value, *p.s.Head[0].Value, p.unit)
		parts = append(parts, was+" -> "+is)
	} else if n > 0 {
		parts = append(parts, "level "+collect.Quantity(p.s.Levels[n-1].Value, p.unit))
	}
	if better := p.s.Better; better == "lower" || better == "higher" {
		parts = append(parts, better+" is better")
	}
	return strings.Join(parts, ", ")
}

// describe says the same, and what the axes do, for those who do not see.
func (p *plot) describe() string {
	said := []string{fmt.Sprintf("%d runs", len(p.s.Points))}
	if first, last := p.period(); !first.IsZero() {
		said[0] += " from " + first.Format("2 Jan 2006") + " to " + last.Format("2 Jan 2006")
	}
	if s := p.state(); s != "" {
		said = append(said, s)
	}
	for i := range p.s.Changes {
		c := &p.s.Changes[i]
		was, is := collect.Distinctly(c.From, c.To, p.unit)
		said = append(said, fmt.Sprintf("level %s -> %s at run %d", was, is, c.At+1))
	}
	if p.s.Limit != nil {
		said = append(said, "limit "+collect.Quantity(*p.s.Limit, p.unit))
	}
	return strings.Join(said, "; ")
}
