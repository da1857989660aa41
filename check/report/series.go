package report

import (
	"math"
	"sort"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// Series is the history of one metric with all that is drawn of it, whoever draws:
// nothing is computed from it again. Its JSON is what plumblineChart of
// check/report/html takes.
type Series struct {
	Name string `json:"name"` // as it is stored
	// Label is the name as it may be shown; empty: as it is.
	Label  string       `json:"label,omitempty"`
	Unit   string       `json:"unit,omitempty"`
	Better string       `json:"better,omitempty"` // lower, higher or none
	Status check.Status `json:"status,omitempty"` // empty: a history without a head run
	// Points are the runs of the history, oldest first, and Head the head run and
	// its re-runs.
	Points []Point `json:"points"`
	Head   []Point `json:"head,omitempty"`
	// Levels are those of the history, oldest first, and Changes where they change.
	Levels  []LevelSpan `json:"levels,omitempty"`
	Changes []Change    `json:"changes,omitempty"`
	Band    *Band       `json:"band,omitempty"` // what passes for noise at the head
	// Limit is the value past which a change is more than limit and budget allow.
	Limit *float64 `json:"limit,omitempty"`
}

// Point is what one run measured.
type Point struct {
	Run    string     `json:"run"`
	Commit string     `json:"commit,omitempty"`
	Time   *time.Time `json:"time,omitempty"`
	Value  *float64   `json:"value"`           // null: not measured
	Other  bool       `json:"other,omitempty"` // on another kind of machine than the head or the newest run
	Level  bool       `json:"level,omitempty"` // one of those whose median is the level
	Old    bool       `json:"old,omitempty"`   // from before the last lasting shift
}

// LevelSpan is a level from one point to another, both included.
type LevelSpan struct {
	From  int     `json:"from"`
	To    int     `json:"to"`
	Value float64 `json:"value"`
}

// Change is where the level changes: between the points Before and At.
type Change struct {
	Before   int      `json:"before"`
	At       int      `json:"at"`
	From     float64  `json:"from"`
	To       float64  `json:"to"`
	DeltaPct *float64 `json:"delta_pct,omitempty"` // positive: larger, not worse
	// Status is regressed, improved, waived or suspect; empty: neither more nor
	// less is better.
	Status check.Status `json:"status,omitempty"`
	Creep  bool         `json:"creep,omitempty"` // many small steps in between
	Back   bool         `json:"back,omitempty"`  // the level has returned since
}

// Band bounds the values that pass for noise; a side that is not bounded is left
// out.
type Band struct {
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
}

// known is a figure, nil where there is none.
func known(x float64) *float64 {
	if !finite(x) {
		return nil
	}
	return &x
}

// NewSeries is the history that a verdict stands on, with its head.
func NewSeries(e *check.Explanation) Series {
	c := &e.Comparison
	s := newSeries(c.Name, c.Unit, c.Better)
	s.Status, s.Limit = statusOf(c), known(e.Allowed)
	for i := range e.Runs {
		r := &e.Runs[i]
		p := newPoint(&r.Origin, r.Value)
		p.Other, p.Level, p.Old = r.Other, r.Level, r.Old
		s.Points = append(s.Points, p)
	}
	for i, x := range e.Looks {
		p := Point{Value: known(x)}
		if i == 0 {
			p = newPoint(&e.Result.Head, x)
		}
		s.Head = append(s.Head, p)
	}
	for i, l := range e.Levels {
		s.Levels = append(s.Levels, LevelSpan(l))
		if i > 0 {
			s.Changes = append(s.Changes, s.change(e.Levels[i-1], l))
		}
	}
	if finite(c.Low) || finite(c.High) {
		s.Band = &Band{known(c.Low), known(c.High)}
	}
	return s
}

func newSeries(name string, u collect.Unit, better collect.Direction) Series {
	s := Series{Name: name, Unit: string(cleanUnit(u)), Better: better.String(), Points: []Point{}}
	if shown := clean(name, maxName); shown != name {
		s.Label = shown
	}
	return s
}

// newPoint is a run as a point. Id and commit are harmless to show.
func newPoint(o *collect.Origin, value float64) Point {
	return Point{Run: clean(o.ID, maxLabel), Commit: clean(o.Commit, maxLabel), Time: moment(o.Time), Value: known(value)}
}

// change is the step from one level to the next.
func (s *Series) change(from, to check.Stretch) Change {
	c := Change{Before: from.To, At: to.From, From: from.Value, To: to.Value}
	c.DeltaPct = known(100 * (to.Value - from.Value) / math.Abs(from.Value))
	switch up := to.Value > from.Value; {
	case s.Better == collect.None.String():
	case up == (s.Better == collect.Higher.String()):
		c.Status = check.Improved
	default:
		c.Status = check.Regressed
	}
	return c
}

// History is what a search for lasting shifts was made of: the runs of a suite,
// oldest first, and the shifts that were found in them.
type History struct {
	Runs   []collect.Origin
	Shifts []check.Shift // of all metrics
}

// NewHistorySeries is the history of a metric without a head run: its values are
// one a run, NaN where it was not measured. The shifts are those of the same runs.
func NewHistorySeries(m collect.Metric, values []float64, h History) Series {
	s := newSeries(m.Name, m.Unit, m.Direction())
	var other []bool
	if n := len(h.Runs); n > 0 {
		other = check.Elsewhere(h.Runs[n-1], h.Runs)
	}
	for i := range h.Runs {
		x := math.NaN()
		if i < len(values) {
			x = values[i]
		}
		p := newPoint(&h.Runs[i], x)
		p.Other = other[i]
		s.Points = append(s.Points, p)
	}
	s.shifts(m.Name, h.Shifts)
	return s
}

// shifts draws the levels between those shifts that are of the metric.
func (s *Series) shifts(name string, all []check.Shift) {
	var own []check.Shift
	for i := range all {
		x := &all[i]
		if x.Name == name && x.BeforeAt >= 1 && x.AfterAt <= len(s.Points) {
			own = append(own, *x)
		}
	}
	sort.Slice(own, func(i, j int) bool { return own[i].AfterAt < own[j].AfterAt })
	var last *LevelSpan
	for i := range own {
		x := &own[i]
		s.Better = x.Better.String()
		s.Changes = append(s.Changes, Change{
			Before: x.BeforeAt - 1, At: x.AfterAt - 1, From: x.From, To: x.To, DeltaPct: known(x.DeltaPct),
			Status: x.Status, Creep: x.Creep, Back: x.Back,
		})
		if x.Creep {
			continue
		}
		if last == nil {
			s.Levels = append(s.Levels, LevelSpan{From: s.since(0), To: x.BeforeAt - 1, Value: x.From})
		} else {
			last.To = x.BeforeAt - 1
		}
		s.Levels = append(s.Levels, LevelSpan{From: x.AfterAt - 1, To: len(s.Points) - 1, Value: x.To})
		last = &s.Levels[len(s.Levels)-1]
	}
}

// since is the first point from a place on that was measured.
func (s *Series) since(at int) int {
	for at < len(s.Points)-1 && s.Points[at].Value == nil {
		at++
	}
	return at
}
