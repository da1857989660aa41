package check

import (
	"cmp"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// TrendOptions say how a history is searched for shifts. The zero value works.
type TrendOptions struct {
	// Newest is how many of the newest runs are news: a shift for the worse that
	// began in them gates, an older one is only listed. 0: 20.
	Newest int
}

// TrendResult is what a history shows in hindsight. Renderers decide nothing.
type TrendResult struct {
	Verdict Verdict // Pass, Regression, SuspectRun or InconclusiveRun
	Fails   bool
	Stored  int // runs of the history
	Runs    int // the newest of them, which were searched
	Newest  int // of these, the newest that gate
	// Oldest and Last are the first and the last run that were searched.
	Oldest, Last collect.Origin
	Metrics      int     // that have enough values to be searched
	Short        int     // that have too few
	Shifts       []Shift // what gates first, then the newest
	Notes        []string
}

// Shift is a change of level that lasted, or a creep of many small ones.
type Shift struct {
	Name   string
	Unit   collect.Unit
	Better collect.Direction
	Level  Level
	// Status is Regressed, Improved, Waived or, of all timings together, Suspect.
	Status Status
	// Gates says that it fails the check.
	Gates bool
	Creep bool // no single step explains the change
	// Back says that the level has returned since.
	Back bool
	// Before is the last run at the old level and After the first at the new; of a
	// creep they are what was compared. Their numbers count from 1, the oldest run
	// of the history.
	Before, After     collect.Origin
	BeforeAt, AfterAt int
	Lasting           int     // runs that have the metric since, After included
	From, To          float64 // the levels
	DeltaPct          float64 // positive: larger, not worse
	Low, High         float64 // the 95 % interval of DeltaPct; NaN where not known
	Reason            string
	History           []float64 // all values, oldest first
}

// What a search takes. The three shares are of the false-alarm rate.
const (
	trendRuns      = 200 // newest runs that are searched, at most
	trendLeast     = 12  // values that a metric needs
	trendNewest    = 20
	freshShare     = 0.7 // for shifts in the newest runs
	hindsightShare = 0.2 // for older steps
	creepShare     = 0.1
	creepBack      = 50 // runs ago
	creepLevel     = 15 // values at each end
	explained      = 0.8
	leastLasting   = 0.005 // as a logarithm: smaller shifts of what is noisy are no news
)

// Trend searches the runs of one suite, oldest first, for shifts of level that
// lasted. Thresholds give limits, levels, waivers and the false-alarm rate, which
// is here the share of clean histories that fail.
func Trend(h baseline.Baseline, t Thresholds, o TrendOptions) TrendResult {
	if o.Newest <= 0 {
		o.Newest = trendNewest
	}
	stored := len(h.Runs)
	h = newestRuns(h, trendRuns)
	r := TrendResult{Verdict: InconclusiveRun, Stored: stored, Runs: len(h.Runs), Newest: min(o.Newest, len(h.Runs))}
	if len(h.Runs) == 0 {
		r.Notes = []string{"there are no runs yet"}
		return r
	}
	r.Oldest, r.Last = h.Runs[0], h.Runs[len(h.Runs)-1]
	w := newTrender(h, t.withDefaults(r.Last), stored-len(h.Runs))
	w.read()
	r.Metrics, r.Short = len(w.series), w.short
	w.resolveAccepted()
	w.steps()
	w.creeps()
	w.fresh()
	r.Shifts = w.found
	w.settle(&r)
	return r
}

// newestRuns cuts a history to its newest runs.
func newestRuns(h baseline.Baseline, most int) baseline.Baseline {
	from := max(0, len(h.Runs)-most)
	cut := h
	cut.Runs, cut.Values = h.Runs[from:], make([][]float64, len(h.Values))
	for j, col := range h.Values {
		cut.Values[j] = col[min(from, len(col)):]
	}
	return cut
}

// trender is one search under way.
type trender struct {
	h       baseline.Baseline
	t       Thresholds
	skipped int // older runs that are not searched
	series  []*course
	common  *course // what all timings have in common, nil where too few tell
	short   int
	found   []Shift
	levels  []*acceptance // accepted ones that hold
}

// course is one metric over all runs. Its figures are oriented: larger is worse.
type course struct {
	track
	m     collect.Metric
	plan  plan
	raw   []float64 // the metric's values, NaN where a run has none or is on another machine
	y     []float64 // oriented, without what all timings of the run have in common
	wide  float64   // how much more a mean of neighbours scatters than of strangers, as a variance
	cuts  []int     // rows that begin a new level
	sd    float64   // robust deviation from the levels
	known int       // the first row after its newest step for the worse that is found
}

func newTrender(h baseline.Baseline, t Thresholds, skipped int) *trender {
	return &trender{h: h, t: t, skipped: skipped}
}

// settle judges what was found, puts it in order and draws the verdict.
func (w *trender) settle(r *TrendResult) {
	first := w.skipped + r.Runs - r.Newest + 1
	var gated, suspect []string
	for i := range r.Shifts {
		s := &r.Shifts[i]
		news := s.AfterAt >= first && !s.Back
		w.accept(s)
		w.waive(s)
		switch {
		case !news || s.Level != Fail:
		case s.Status == Regressed:
			s.Gates = true
			gated = append(gated, s.Name)
		case s.Status == Suspect:
			suspect = append(suspect, s.Name)
		}
	}
	sort.SliceStable(r.Shifts, func(i, j int) bool {
		a, b := &r.Shifts[i], &r.Shifts[j]
		return cmp.Or(-compareBool(a.Gates, b.Gates), cmp.Compare(b.AfterAt, a.AfterAt),
			cmp.Compare(math.Abs(b.DeltaPct), math.Abs(a.DeltaPct)), strings.Compare(a.Name, b.Name)) < 0
	})
	switch {
	case len(gated) > 0:
		r.Verdict, r.Fails = Regression, true
	case len(suspect) > 0:
		r.Verdict = SuspectRun
	case r.Metrics > 0:
		r.Verdict = Pass
	}
	if r.Metrics == 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("no metric has the %d values that a trend needs", trendLeast))
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
