package picture

import (
	"cmp"
	"math"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// Sizes of what is drawn, in pixels.
const (
	titleSize  = 15
	textSize   = 11
	edge       = 14 // around the picture
	top        = 62 // above the plot: title, state and the labels of changes
	bottom     = 62 // below it: dates and the legend
	mostRadius = 3.2
	markRadius = 5
)

// plot is a picture in the making: its shapes lie in the order in which they cover
// each other.
type plot struct {
	s       report.Series
	o       Options
	title   string
	status  role // the colour of the head
	unit    collect.Unit
	left    float64 // the plot's sides
	right   float64
	base    float64 // its lower side
	lo, hi  float64 // what its lower and upper sides stand for
	columns int     // runs beside each other
	ticks   []float64
	labels  []string // of the ticks
	shapes  []shape
	legend  []entry
}

// newPlot draws a history.
func newPlot(s report.Series, o Options) *plot {
	p := &plot{s: s, o: o, unit: collect.Unit(s.Unit), status: statusRole(s.Status), columns: len(s.Points) + len(s.Head)}
	p.title = report.Shown(cmp.Or(o.Title, s.Name))
	p.area(0, 0, float64(o.Width), float64(o.Height), paper)
	p.right, p.base = float64(o.Width)-edge, float64(o.Height)-bottom
	p.words()
	if !p.scale() {
		p.text(start, point{edge, float64(o.Height) / 2}, ink, "no run has measured it yet")
		return p
	}
	p.axes()
	p.band()
	p.limit()
	p.changes()
	p.levels()
	p.points()
	p.heads()
	p.writeLegend()
	return p
}

// statusRole is the colour of what a verdict says.
func statusRole(s check.Status) role {
	switch s {
	case check.Regressed:
		return bad
	case check.Suspect, check.Waived, check.Missing:
		return doubtful
	case check.Improved:
		return good
	}
	return ink
}

// scale finds what the sides stand for; false where there is nothing to draw.
// What lies far from all values is not allowed to press them together.
func (p *plot) scale() bool {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, part := range [][]report.Point{p.s.Points, p.s.Head} {
		for i := range part {
			if v := part[i].Value; v != nil {
				lo, hi = min(lo, *v), max(hi, *v)
			}
		}
	}
	if lo > hi {
		return false
	}
	for _, l := range p.s.Levels {
		lo, hi = min(lo, l.Value), max(hi, l.Value)
	}
	span := max(hi-lo, math.Abs(hi)/50)
	least, most := lo-3*span, hi+3*span
	for _, v := range p.bounds() {
		if v != nil && *v > least && *v < most {
			lo, hi = min(lo, *v), max(hi, *v)
		}
	}
	pad := max((hi-lo)*0.06, math.Abs(hi)/200)
	if pad == 0 {
		pad = 1
	}
	p.lo, p.hi = max(lo-pad, -math.MaxFloat64), min(hi+pad, math.MaxFloat64)
	if lo >= 0 {
		p.lo = max(p.lo, 0)
	}
	return true
}

func (p *plot) bounds() []*float64 {
	all := []*float64{p.s.Limit}
	if p.s.Band != nil {
		all = append(all, p.s.Band.Low, p.s.Band.High)
	}
	return all
}

// y is where a value lies, halved on the way so that the range of the largest
// numbers is finite.
func (p *plot) y(v float64) float64 {
	part := (v/2 - p.lo/2) / (p.hi/2 - p.lo/2)
	return p.base - min(max(part, 0), 1)*(p.base-top)
}

// x is the middle of a run's column; with halves added, its sides.
func (p *plot) x(column float64) float64 {
	return p.left + (column+0.5)/float64(p.columns)*(p.right-p.left)
}

func (p *plot) add(s shape) { p.shapes = append(p.shapes, s) }

func (p *plot) line(r role, width, dash float64, at ...point) {
	p.add(shape{role: r, at: at, width: width, dash: dash})
}

func (p *plot) text(a anchor, at point, r role, s string) {
	p.add(shape{role: r, at: []point{at}, text: s, size: textSize, anchor: a})
}

func (p *plot) area(x0, y0, x1, y1 float64, r role) {
	p.add(shape{role: r, at: []point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}})
}

// points are the runs of the history.
func (p *plot) points() {
	radius := min(max((p.right-p.left)/float64(p.columns)*0.36, 1), mostRadius)
	own, others := shape{role: values, radius: radius}, shape{role: foreign, radius: radius}
	for i, r := range p.s.Points {
		if r.Value == nil {
			continue
		}
		into := &own
		if r.Other {
			into = &others
		}
		into.at = append(into.at, point{p.x(float64(i)), p.y(*r.Value)})
	}
	for _, s := range []shape{others, own} {
		if len(s.at) > 0 {
			p.add(s)
		}
	}
	if len(own.at) > 0 {
		p.legend = append(p.legend, entry{shape{role: values, radius: mostRadius}, "run"})
	}
	if len(others.at) > 0 {
		p.legend = append(p.legend, entry{shape{role: foreign, radius: mostRadius}, "other machine"})
	}
}

// heads are the head run, a large dot, and the looks that were to confirm it, rings.
func (p *plot) heads() {
	for i, r := range p.s.Head {
		if r.Value == nil {
			continue
		}
		mark, name := shape{role: p.status, radius: markRadius}, "head"
		if i > 0 {
			mark.width, name = 1.5, "confirmation"
		}
		if i < 2 {
			p.legend = append(p.legend, entry{mark, name})
		}
		mark.at = []point{{p.x(float64(len(p.s.Points) + i)), p.y(*r.Value)}}
		p.add(mark)
	}
}
