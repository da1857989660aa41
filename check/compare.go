package check

import (
	"math"
	"slices"

	"github.com/montanaflynn/stats"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Compare judges a run against its baseline. looks[0] is the head run; what
// follows are re-runs of the same code, which confirm or clear what the head run
// made suspect. It is total: whatever the numbers are, it answers.
func Compare(looks []collect.Run, b baseline.Baseline, t Thresholds) Result {
	return compared(looks, b, t).result()
}

// compared is a comparison that has judged every metric.
func compared(looks []collect.Run, b baseline.Baseline, t Thresholds) *comparer {
	if len(looks) == 0 {
		looks = []collect.Run{{}}
	}
	c := newComparer(looks, b, t)
	c.judge()
	return c
}

// newComparer makes a comparison that is ready to be judged.
func newComparer(looks []collect.Run, b baseline.Baseline, t Thresholds) *comparer {
	c := &comparer{t: t.withDefaults(looks[0].Origin)}
	c.looks, c.b = looks, b
	c.normalise()
	c.index()
	return c
}

// judge fills out, in no order.
func (c *comparer) judge() {
	c.resolveAccepted()
	c.read()
	c.fit()
	c.decide()
	c.budgets()
	c.chances()
	c.findMissing()
	c.waive()
}

// comparer is one comparison under way.
type comparer struct {
	looks []collect.Run
	b     baseline.Baseline
	t     Thresholds

	columns map[string]int   // of the baseline, by name; nil: not asked for yet
	replay  *replayed        // nil: this is no replay
	again   []map[string]int // metrics of the re-runs, by name

	out      []Comparison
	plans    []*plan
	kinds    map[plan]*plan // those of plans, of which few differ
	values   []float64      // the looks of each comparison, one behind the other
	tracks   []track
	families []*family
	arena    []float64 // of the tracks
	old      int       // the oldest baseline runs, so many, have nothing in any track's past
	scaler   *scaler
	effect   effect
	ruler    ruler
	notes    []string

	few      fewRuns
	scratch  scratch
	told     []Samples // of which there is memory for several at once
	accepted []*acceptance
	apart    bool // some tracks lack the runs on other kinds of machine
	plain    bool // a plain threshold decided on some metric

	// Of explanations: made once for all of them.
	teller *historian
	asked  map[Level]*family
}

func (c *comparer) index() {
	c.columns = nil
	for _, r := range c.looks[1:] {
		names := make(map[string]int, len(r.Metrics))
		for i, m := range r.Metrics {
			names[m.Name] = i
		}
		c.again = append(c.again, names)
	}
}

// columnOf finds the column of a metric, which is probably at a place: a baseline
// that is fetched for the head run has its metrics first and in its order.
func (c *comparer) columnOf(name string, at int) (int, bool) {
	wide := min(len(c.b.Metrics), len(c.b.Values))
	if uint(at) < uint(wide) && c.b.Metrics[at].Name == name {
		return at, true
	}
	if c.columns == nil {
		c.columns = make(map[string]int, wide)
		for j, m := range c.b.Metrics[:wide] {
			c.columns[m.Name] = j
		}
	}
	j, ok := c.columns[name]
	return j, ok
}

// rows are the runs of the baseline.
func (c *comparer) rows() int { return len(c.b.Runs) }

// read makes a comparison of each metric of the head run, with all that is known
// before any test, and sorts out which are judged from history.
func (c *comparer) read() {
	head := c.looks[0].Metrics
	c.out, c.plans = grown(c.out, len(head)+1)[:len(head)], grown(c.plans, len(head))
	c.values, c.tracks = make([]float64, len(head)*len(c.looks)), c.tracks[:0]
	for i, m := range head {
		c.plans[i] = c.plan(i, m)
		c.lookUp(c.valuesOf(i), m)
		c.out[i] = newComparison(m, c.plans[i])
		if c.ruler.lack == "" && c.ruler.normalises(m.Name, m.Unit) {
			c.out[i].NormalisedBy = c.ruler.name
		}
		c.sort(i, m)
	}
}

// valuesOf are the looks of a comparison; nil: it is of none of the head's metrics.
func (c *comparer) valuesOf(i int) []float64 {
	n := len(c.looks)
	if n*i >= len(c.values) {
		return nil
	}
	return c.values[n*i : n*(i+1) : n*(i+1)]
}

// lookUp finds what each look measured of a metric.
func (c *comparer) lookUp(values []float64, m collect.Metric) {
	values[0] = m.Value
	c.lookAgain(values, m.Name, c.looks)
}

// lookAgain does it for the re-runs.
func (c *comparer) lookAgain(values []float64, name string, looks []collect.Run) {
	for k, names := range c.again {
		values[k+1] = math.NaN()
		if at, ok := names[name]; ok {
			values[k+1] = looks[k+1].Metrics[at].Value
		}
	}
}

func newComparison(m collect.Metric, p *plan) Comparison {
	nan := math.NaN()
	return Comparison{
		Name: m.Name, Unit: m.Unit, Better: p.better, Level: p.level, Head: m.Value, Limit: p.limitText(),
		Baseline: nan, DeltaPct: nan, P: nan, Q: nan, Low: nan, High: nan, MinDetectablePct: nan,
	}
}

// sort decides by which means a metric is judged, and does it where that needs
// no other metric.
func (c *comparer) sort(i int, m collect.Metric) {
	out, p := &c.out[i], c.plans[i]
	col, apart := c.likeWithLike(m, c.headColumn(i, m.Name))
	out.History = present(col)
	out.Runs = len(out.History)
	inside, any := c.samplesOf(i, m, col)
	if any {
		out.Samples = c.tell(inside.told())
	}
	switch {
	case !finite(m.Value):
		out.Head = math.NaN()
		out.set(Inconclusive, "the head run's value is no finite number")
	case c.ruler.name != "" && m.Name == c.ruler.name:
		out.set(Unchanged, "the ruler that timings are normalised by: shown and not judged")
	case p.level == Off:
		out.set(Unchanged, offText(p.why))
	case out.Runs == 0 && apart == "":
		out.set(New, newText(c.rows()))
	case p.better == collect.None:
		out.set(Unchanged, "shown and not judged: neither more nor less of it is better")
	case p.against.Plain() && out.Runs > 0:
		c.comparePlainly(i)
	case p.exact:
		c.compareExactly(i)
	case apart != "":
		out.set(Inconclusive, apart)
	case out.Runs < c.t.MinRuns:
		out.set(Inconclusive, c.fewRunsReason(out))
	default:
		c.tracks = slices.Grow(c.tracks, len(c.plans)-i) // for all that may come, where there is none
		c.tracks = append(c.tracks, newTrack(i, p, col, c.valuesOf(i)))
		t := &c.tracks[len(c.tracks)-1]
		t.name = m.Name
		if any {
			inside.looks = slices.Clone(inside.looks)
			t.samples = &samples{}
			*t.samples = inside
		}
		if out.NormalisedBy != "" {
			t.raw = c.readings(i, m.Name)
		}
		return // the method finds the level
	}
	if out.Runs > 0 && math.IsNaN(out.Baseline) {
		middle, _ := stats.Median(out.History)
		out.setBaseline(middle)
	}
}

// column is the column of the i-th comparison, nil where the baseline has none.
func (c *comparer) column(i int, name string) []float64 {
	if j, ok := c.columnOf(name, i); ok {
		return c.at(j)
	}
	return nil
}

// headColumn is the same for the i-th metric of the head run.
func (c *comparer) headColumn(i int, name string) []float64 {
	if c.replay != nil {
		return c.at(int(c.replay.order[i]))
	}
	return c.column(i, name)
}

func (c *comparer) plan(i int, m collect.Metric) *plan {
	accepted := c.acceptedLevel(m.Name)
	var p plan
	if c.replay == nil {
		p = c.t.plan(m)
	} else if known := &c.replay.plans[c.replay.order[i]]; accepted != nil {
		p = *known
	} else {
		return known
	}
	p.accepted = accepted
	return c.shared(p)
}

// shared is a plan, once for all metrics that it applies to.
func (c *comparer) shared(p plan) *plan {
	known := c.kinds[p]
	if known == nil {
		if c.kinds == nil {
			c.kinds = make(map[plan]*plan)
		}
		own := p // which alone leaves the stack
		known = &own
		c.kinds[p] = known
	}
	return known
}

func (c *comparer) at(j int) []float64 { return c.b.Values[j][:min(len(c.b.Values[j]), c.rows())] }

// newHistorian makes one that can look at all columns.
func (c *comparer) newHistorian() *historian {
	if c.replay != nil {
		return newHistorian(c.rows(), c.replay.runs)
	}
	return newHistorian(c.rows(), c.rows())
}

// grown is a slice of n elements, whatever they are, in the memory of s where
// that is enough.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// present are the values that were measured; col itself where all were.
func present(col []float64) []float64 {
	if count(col) == len(col) {
		return col
	}
	return measured(col)
}

// fit runs the method up to the z of each metric and run.
func (c *comparer) fit() {
	c.old = c.unused()
	rows, looks := c.rows()-c.old, len(c.looks)
	c.arena = grown(c.arena, len(c.tracks)*(rows+4*looks))
	arena := c.arena
	for i := range arena {
		arena[i] = math.NaN()
	}
	if c.scaler == nil || len(c.scaler.buffer) != rows {
		c.scaler = newScaler(rows)
	}
	h, s := c.newHistorian(), c.scaler
	h.old = int32(c.old)
	all := make([]*track, len(c.tracks))
	for i := range c.tracks {
		t := &c.tracks[i]
		all[i] = t
		t.past, arena = arena[:rows:rows], arena[rows:]
		t.head, arena = arena[:looks:looks], arena[looks:]
		t.stretch, arena = arena[:looks:looks], arena[looks:]
		t.unrest, arena = arena[:looks:looks], arena[looks:]
		t.over, arena = arena[:looks:looks], arena[looks:]
		for k := range t.stretch {
			t.stretch[k], t.unrest[k], t.over[k] = 1, 1, 0
		}
		if c.replay == nil || c.out[t.at].NormalisedBy != "" || !c.replay.load(h, t) {
			h.load(t)
		}
		h.judge(t)
	}
	c.effect = s.removeEffect(all, rows, looks)
	for _, t := range all {
		s.measure(t)
	}
	s.removeUnrest(all, rows, looks)
	for _, t := range all {
		s.standardize(t)
		if t.samples != nil {
			t.samples.loose = make([]float64, looks)
			t.loosen(c.out[t.at].Samples)
		}
	}
	c.forgetOthers()
}

// unused is how many of the oldest baseline runs lie before the newest values of
// every track, by which it is judged.
func (c *comparer) unused() int {
	least := c.rows()
	for i := range c.tracks {
		t := &c.tracks[i]
		if t.count == c.rows() {
			least = min(least, max(t.count-seriesMost, 0))
			continue
		}
		skip, k := t.count-seriesMost, 0
		for ; k < least && (!finite(t.col[k]) || skip > 0); k++ {
			if finite(t.col[k]) {
				skip--
			}
		}
		least = min(least, k)
	}
	return least
}

// past is what a track has of a baseline run, NaN where it has nothing.
func (c *comparer) past(past []float64, run int) float64 {
	if run < c.old {
		return math.NaN()
	}
	return past[run-c.old]
}

func (c *Comparison) set(s Status, reason string) { c.Status, c.Reason = s, reason }

// setBaseline fills what the head is compared with, and the change.
func (c *Comparison) setBaseline(x float64) {
	c.Baseline = x
	c.DeltaPct = ratioPct(c.Head-x, math.Abs(x))
}
