package check

import (
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// replayed is what a replay knows before it compares one of its runs.
type replayed struct {
	columns []prepared
	plans   []plan
	runs    int     // of the history
	order   []int32 // the column of each metric of the head run
	head    int     // its row of the history
	scatter [][]collect.Scatter
	rows    []int   // of the history: the baseline, ascending
	at      []int32 // of a row of the history: where it is in the baseline; nil: nothing is left out
}

// show sets the rows.
func (v *replayed) show(rows []int) {
	v.rows, v.at = rows, nil
	n := len(rows)
	if n == 0 || rows[n-1]-rows[0] == n-1 {
		return
	}
	v.at = make([]int32, rows[n-1]+1)
	for i, k := range rows {
		v.at[k] = int32(i)
	}
}

// load loads the part of a track's column that the baseline has. It is false
// where that is no part: values that are left out lie between, or the track is
// not on the scale that the column was prepared for.
func (v *replayed) load(h *historian, t *track) bool {
	p := &v.columns[v.order[t.at]]
	if len(v.rows) == 0 || t.plain > 0 || t.sign != p.sign {
		return false
	}
	start, end := p.before(v.rows[0]), p.before(v.rows[len(v.rows)-1]+1)
	if end-start != t.count {
		return false
	}
	start = max(start, end-seriesMost)
	h.reset(0)
	h.series = series{y: p.y[start:end], row: p.row[start:end], rank: p.rank[start:end], level: p.level[start : end+1]}
	h.at, h.first = v.at, int32(v.rows[0])
	return true
}

// columnOf is the column of a comparison; false for the run effect.
func (r *replayer) columnOf(c *comparer, at int) (int, bool) {
	if at < len(c.replay.order) {
		return int(c.replay.order[at]), true
	}
	j, ok := r.columns[c.out[at].Name]
	return j, ok
}

// newComparer makes a comparer for one run of the history after another, in the
// same memory.
func (r *replayer) newComparer() *comparer {
	return &comparer{
		looks: make([]collect.Run, 1), columns: r.columns,
		replay: &replayed{columns: r.prepared, plans: r.plans, runs: len(r.h.Runs), scatter: r.h.Scatter},
		b:      baseline.Baseline{Metrics: r.h.Metrics, Values: make([][]float64, len(r.h.Values))},
	}
}

// compare fills the comparisons of one run as Compare would, in no order and
// without the words for what did not change.
func (r *replayer) compare(c *comparer, i int) {
	metrics, v := c.looks[0].Metrics[:0], c.replay
	v.order, v.head = v.order[:0], i
	for j, m := range r.h.Metrics {
		if m.Value = r.h.Values[j][i]; finite(m.Value) {
			m.Samples = nil
			metrics, v.order = append(metrics, m), append(v.order, int32(j))
		}
	}
	c.looks[0] = collect.Run{Origin: r.h.Runs[i], Metrics: metrics}
	c.t = r.t.withDefaults(r.h.Runs[i])
	w := r.window(i)
	c.b.SameCommit, c.b.Alike = w.same, w.alike
	r.slice(&c.b, w.rows)
	v.show(w.rows)
	c.apart, c.notes, c.accepted = false, c.notes[:0], c.accepted[:0]
	c.normalise()
	c.judge()
}

// step judges one run and keeps what the summary needs of it: whole results of
// thousands of metrics and runs would fill the memory.
func (r *replayer) step(p *comparer, i int) step {
	r.compare(p, i)
	n := len(r.h.Metrics)
	s := step{run: i, detectable: unknown32(n), states: make([]state, n)}
	for k := range p.out {
		c := &p.out[k]
		j, ok := r.columnOf(p, k)
		if c.Level != Fail || !ok {
			continue
		}
		s.detectable[j] = float32(c.MinDetectablePct)
		switch c.Status {
		case Inconclusive:
			s.states[j] = wasUnclear
		case New, Missing:
		default:
			s.states[j] = wasJudged
		}
		if r.alerts(c) {
			kept := *c
			kept.History = slices.Clone(c.History) // not the whole window
			s.alerts = append(s.alerts, kept)
		}
	}
	sortByImportance(s.alerts)
	verdict := Result{Metrics: p.out}
	p.draw(&verdict)
	s.fails = verdict.Fails || len(s.alerts) > 0
	return s
}

func (r *replayer) alerts(c *Comparison) bool {
	switch c.Status {
	case Regressed:
		return true
	case Suspect:
		return r.t.Confirm > 0
	case Missing:
		return r.t.OnMissing == ActFail
	}
	return false
}

func unknown32(n int) []float32 {
	xs := make([]float32, n)
	for i := range xs {
		xs[i] = float32(math.NaN())
	}
	return xs
}
