package check

import (
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// BacktestOptions say how a history is replayed. The zero value replays all of
// it in turn, with windows of the default size.
type BacktestOptions struct {
	Runs   int                 // at most so many baseline runs each; 0: 50
	MaxAge time.Duration       // of a baseline run; 0: any
	Runner baseline.RunnerRule // how the kind of machine counts; empty: PreferRunner
	Newest int                 // replay only so many of the newest runs; 0: all
	// Each calls do for 0 to n-1, each once, and returns when all are done. It
	// may do so from several goroutines. Nil: in turn.
	Each func(n int, do func(i int))
}

// BacktestResult says what a configuration would have made of a history.
type BacktestResult struct {
	Stored int // runs of the history
	Needed int // the fewest that any can be replayed of
	Runs   int // that were replayed
	// Oldest and Newest are the first and the last that were.
	Oldest, Newest collect.Origin
	AlertingRuns   int
	Alerts         []Alert // oldest first
	// PassedRuns are alerting runs all of whose alerts passed, which looks false in
	// hindsight; AlarmRate is the share of clean runs that may alert: NaN where a
	// plain threshold decides, which promises none.
	PassedRuns int
	AlarmRate  float64
	// Confirms says that re-runs are asked for, which a history does not have:
	// what they would be asked about is counted as an alert.
	Confirms bool
	// Metrics are those that were judged at a level that gates, the most
	// alerting first, then by name.
	Metrics []Backtested
	// Detectable are the quartiles, over the metrics that have one, of
	// Backtested.MinDetectablePct: NaN where none has.
	Detectable   [3]float64
	Inconclusive int // metrics that were inconclusive more often than not
	Left         []baseline.LeftOut
	Proposal     *Proposal // nil where no limit would help
}

// Alert is one metric that would have failed one run.
type Alert struct {
	Run        collect.Origin
	Comparison Comparison
	Lasting    Lasting
}

// Lasting says whether what an alert saw was there to stay.
type Lasting int8

// Of an alert near the end of the history it is not known.
const (
	LastingUnknown Lasting = iota
	Lasted
	Passed // the next runs were back
)

// Backtested is one metric over a whole replay.
type Backtested struct {
	Name                   string
	Alerts, Lasted, Passed int
	Judged                 int // replayed runs that have it and in which it was not new
	Inconclusive           int // of these
	// MinDetectablePct is the median of what Comparison has; NaN where nothing
	// was ever known.
	MinDetectablePct float64
}

// Backtest judges each run of a history by those before it, as Compare would
// have when it came. The history is the runs of one suite that may be a baseline,
// oldest first.
func Backtest(h baseline.Baseline, t Thresholds, o BacktestOptions) BacktestResult {
	if o.Each == nil {
		o.Each = func(n int, do func(int)) {
			for i := range n {
				do(i)
			}
		}
	}
	if o.Runs <= 0 {
		o.Runs = 50
	}
	needed := t.withDefaults(collect.Origin{}).MinRuns
	first := needed
	if o.Newest > 0 {
		first = max(first, len(h.Runs)-o.Newest)
	}
	r := newReplayer(h, t, o)
	for i := first; i < len(h.Runs); i++ {
		r.todo = append(r.todo, i)
	}
	steps := r.judge()
	b := r.summarize(steps)
	b.Stored, b.Needed, b.Left = len(h.Runs), needed+1, h.Left
	b.Proposal = r.propose(&b, steps)
	return b
}

// replayer is one replay under way.
type replayer struct {
	h       baseline.Baseline
	ruled   [][]float64 // the values of h, normalised by the ruler; else its own
	t       Thresholds
	o       BacktestOptions
	columns map[string]int
	has     [][]uint64 // of each run, one bit a metric
	todo    []int      // the runs to judge

	plans    []plan // of each column
	prepared []prepared
}

// step is what the judgement of one run leaves.
type step struct {
	run        int
	fails      bool
	alerts     []Comparison
	detectable []float32 // of each column: NaN where it is not known
	states     []state
}

// state is what became of a metric in one run.
type state int8

const (
	wasAbsent state = iota // or new, or not at the level that gates
	wasJudged
	wasUnclear
)

func newReplayer(h baseline.Baseline, t Thresholds, o BacktestOptions) *replayer {
	r := &replayer{h: h, t: t, o: o, columns: make(map[string]int, len(h.Metrics))}
	r.has, r.ruled = presence(h.Values, len(h.Runs)), h.Values
	if t.Ruler != "" {
		r.ruled = normaliseHistory(t.Ruler, h).Values
	}
	for j, m := range h.Metrics {
		r.columns[m.Name] = j
	}
	r.plan()
	r.prepare()
	return r
}

// columnsAtOnce is how many columns are prepared in one go.
const columnsAtOnce = 256

// plan finds out what applies to each column.
func (r *replayer) plan() {
	r.plans = make([]plan, len(r.h.Metrics))
	for j, m := range r.h.Metrics {
		r.plans[j] = r.t.plan(m)
	}
}

// prepare prepares all columns.
func (r *replayer) prepare() {
	n := len(r.h.Metrics)
	r.prepared = make([]prepared, n)
	r.o.Each((n+columnsAtOnce-1)/columnsAtOnce, func(i int) {
		h := newHistorian(0, len(r.h.Runs))
		for j := i * columnsAtOnce; j < min(n, (i+1)*columnsAtOnce); j++ {
			r.prepared[j] = h.prepare(r.h.Values[j], sign(r.plans[j].better))
		}
	})
}

func (r *replayer) judge() []step {
	steps := make([]step, len(r.todo))
	var free sync.Pool // of memory, one a goroutine that Each has
	free.New = func() any { return r.newComparer() }
	r.o.Each(len(steps), func(i int) {
		c := free.Get().(*comparer)
		steps[i] = r.step(c, r.todo[i])
		free.Put(c)
	})
	return steps
}
