package picture

import (
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// levels are drawn as steps; the last goes on, dashed, to the head that is compared
// with it.
func (p *plot) levels() {
	var steps []point
	for i, l := range p.s.Levels {
		if i > 0 && p.s.Levels[i-1].To+1 != l.From {
			p.line(level, 2, 0, steps...)
			steps = nil
		}
		y := p.y(l.Value)
		steps = append(steps, point{p.x(float64(l.From) - 0.5), y}, point{p.x(float64(l.To) + 0.5), y})
	}
	if len(steps) == 0 {
		return
	}
	p.line(level, 2, 0, steps...)
	p.legend = append(p.legend, entry{shape{role: level, width: 2}, "level"})
	if last := steps[len(steps)-1]; len(p.s.Head) > 0 {
		p.line(level, 1, 3, last, point{p.right, last.y})
	}
}

// band is what passes for noise, from the start of the level on.
func (p *plot) band() {
	b := p.s.Band
	if b == nil {
		return
	}
	from, high, low := p.left, p.hi, p.lo
	if n := len(p.s.Levels); n > 0 {
		from = p.x(float64(p.s.Levels[n-1].From) - 0.5)
	}
	if b.High != nil {
		high = *b.High
	}
	if b.Low != nil {
		low = *b.Low
	}
	p.area(from, p.y(high), p.right, p.y(low), level)
	p.shapes[len(p.shapes)-1].faint = true
	p.legend = append(p.legend, entry{shape{role: level, faint: true}, "noise band"})
}

// limit is a line where it is near enough, and words where it is not.
func (p *plot) limit() {
	at := p.s.Limit
	if at == nil {
		return
	}
	said := "limit " + collect.Quantity(*at, p.unit)
	if *at < p.lo || *at > p.hi {
		said += " (beyond the picture)"
	} else {
		p.line(limit, 1.5, 6, point{p.left, p.y(*at)}, point{p.right, p.y(*at)})
	}
	p.legend = append(p.legend, entry{shape{role: limit, width: 1.5, dash: 4}, said})
}

// changes are lines where the level changes, with how much above them.
func (p *plot) changes() {
	free := p.left // where the next label may begin
	for i := range p.s.Changes {
		c := &p.s.Changes[i]
		r := statusRole(c.Status)
		x := p.x(float64(c.At) - 0.5)
		if c.Creep {
			p.line(r, 1.5, 5, point{p.x(float64(c.Before)), p.y(c.From)}, point{p.x(float64(c.At)), p.y(c.To)})
		} else {
			p.line(r, 1, 3, point{x, top}, point{x, p.base})
		}
		if i == 0 {
			p.legend = append(p.legend, entry{shape{role: r, width: 1, dash: 3}, "change"})
		}
		free = p.changeLabel(c, x, free)
	}
}

// changeLabel writes by how much a level changed, where there is room.
func (p *plot) changeLabel(c *report.Change, x, free float64) float64 {
	if c.DeltaPct == nil {
		return free
	}
	said := collect.Signed(*c.DeltaPct, 3) + " %"
	width := textWidth(said, textSize)
	from := min(x-width/2, p.right-width)
	if from < free {
		return free
	}
	p.text(start, point{from, top - 5}, statusRole(c.Status), said)
	return from + width + 6
}

// entry is a row of the legend: a shape without a place, and its name.
type entry struct {
	mark shape
	name string
}

// writeLegend names what is in the picture in two rows, as far as there is room.
func (p *plot) writeLegend() {
	x, y := float64(edge), float64(p.o.Height)-25
	for _, e := range p.legend {
		const sample = 16
		if x+sample+6+textWidth(e.name, textSize) > float64(p.o.Width)-edge {
			if y += 16; y > float64(p.o.Height) {
				return
			}
			x = edge
		}
		m := e.mark
		switch {
		case m.radius > 0:
			m.at = []point{{x + sample/2, y - 4}}
		case m.width > 0:
			m.at = []point{{x, y - 4}, {x + sample, y - 4}}
		default:
			m.at = []point{{x, y - 9}, {x + sample, y - 9}, {x + sample, y + 1}, {x, y + 1}}
		}
		p.add(m)
		p.text(start, point{x + sample + 6, y}, faintInk, e.name)
		x += sample + 6 + textWidth(e.name, textSize) + 16
	}
}
