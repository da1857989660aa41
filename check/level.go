package check

import "math"

// The level of a metric is the median of its newest values since the last
// lasting shift. A shift is where a rank-sum test between what lies before and
// after it reaches shiftZ, far above chance for the best of all splits.
const (
	shiftZ      = 3.6
	leastSide   = 5  // runs on each side of a shift
	levelRuns   = 20 // at most so many of the newest runs make the level
	replayRuns  = 20 // a baseline this long is replayed
	replayLeast = 10 // and a metric in it with so many values
	warmUp      = 10 // runs that come before the first that is replayed, at most
	// A series is judged by its newest values, at most so many. Fifty runs are
	// what the method was measured with, and twice as many showed no gain.
	seriesMost = 100
)

// spread is how much further a run scatters around the median of c others than
// around the true level: the median's variance is 1.57/c of one run's.
func spread(c int) float64 { return math.Sqrt(1 + 1.57/float64(c)) }

// historian finds levels and residuals of one series after another. Its buffers
// are reused.
type historian struct {
	rows int
	own  series // buffers for a track that is alone

	series          // of the track, all or part of one
	old     int32   // runs of the window before the first that a past has
	at      []int32 // where each of its rows is in the window; nil: first rows further
	first   int32
	scratch []float64
	keys    []uint64 // of rankAll

	// The window of the search: ranks of y[start:end].
	start, end int
	dominance  []int32 // of each split: pairs that fall minus pairs that rise over it
	ties       []int32 // how often each rank occurs
	tieSum     float64 // sum of t^3 - t over ties
	inverse    []float64
	bars       [][]int32 // by size of the window: what a dominance must pass, without ties
	passed     bool      // whether any did when the last value came
	spreads    [levelRuns + 1]float64
	recent     []float64 // the newest values of the window, at most levelRuns, sorted
}

// newHistorian makes one for baselines of so many rows, which may be windows
// onto a history of more.
func newHistorian(rows, history int) *historian {
	most := min(rows, seriesMost)
	h := &historian{
		rows: rows, scratch: make([]float64, history), keys: make([]uint64, history),
		own:       series{y: make([]float64, most), row: make([]int32, most), rank: make([]int32, most)},
		dominance: make([]int32, most+1), ties: make([]int32, history),
		inverse: make([]float64, most+1), bars: bars(most), recent: make([]float64, 0, levelRuns+1),
	}
	for k := 1; k <= most; k++ {
		h.inverse[k] = 1 / float64(k)
	}
	for c := 1; c <= levelRuns; c++ {
		h.spreads[c] = spread(c)
	}
	return h
}

// judge fills level, past and head of the track that is loaded. A long history
// is replayed: each past run is judged by the level that was known before it, as
// the head is now. A short one has no runs to spare for that, and its residuals
// are from the median of the segment that a run belongs to.
func (h *historian) judge(t *track) {
	n := len(h.y)
	for t.from = 0; t.from < n && int(h.place(t.from)) < t.cut; t.from++ {
	}
	if t.from == n {
		t.from = 0 // none since the cut: what came before it is all there is
	}
	if h.rows >= replayRuns && n >= replayLeast {
		t.replayed = true
		h.replay(t, n)
	} else {
		h.segments(t, n)
	}
	t.spread = spread(t.settled)
	for i, x := range t.looks {
		t.head[i] = math.NaN()
		if finite(x) {
			t.head[i] = t.orient(x) - t.level
		}
	}
	t.resolution()
}

// load takes the newest values of a track and ranks them.
func (h *historian) load(t *track) {
	h.reset(0)
	n, skip := 0, t.count-seriesMost
	for i, x := range t.col {
		if !finite(x) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		h.own.y[n], h.own.row[n] = t.orient(x), int32(i)
		n++
	}
	h.series = series{y: h.own.y[:n], row: h.own.row[:n], rank: h.own.rank[:n]}
	h.at, h.first = nil, 0
	h.rankAll(h.keys)
}

// place is where a value of the series belongs in the window's columns.
func (h *historian) place(q int) int32 {
	if h.at != nil {
		return h.at[h.row[q]]
	}
	return h.row[q] - h.first
}

func (h *historian) replay(t *track, n int) {
	warm := min(warmUp, max(3, n/3))
	h.reset(0)
	for q := range n {
		if q > 0 && q == t.from {
			h.cutAtShifts()
			t.before, _ = h.recentLevel()
			h.reset(q)
		}
		if q >= warm && h.end > h.start {
			h.cutAtShifts()
			level, c := h.recentLevel()
			t.past[h.place(q)-h.old] = (h.y[q] - level) / h.spreads[c]
		}
		h.add()
	}
	h.cutAtShifts()
	t.level, t.settled = h.recentLevel()
	t.since = int(h.place(h.start))
	t.base = h.inUnit(t, n-t.settled, n)
}

// segments peels segments off, the newest first.
func (h *historian) segments(t *track, n int) {
	for end := n; end > 0; {
		h.cutBefore(t, end)
		level := h.median(h.start, end)
		if end == t.from {
			t.before = level
		}
		if end == n {
			t.level, t.settled = level, end-h.start
			t.base = h.inUnit(t, h.start, end)
		}
		for q := h.start; q < end; q++ {
			t.past[h.place(q)-h.old] = h.y[q] - level
		}
		end = h.start
	}
}

// cutBefore is where the level begins that ends before a value.
func (h *historian) cutBefore(t *track, end int) int {
	from := t.from
	if end <= from {
		from = 0
	}
	h.reset(from)
	for h.end < end {
		h.add()
	}
	h.cutAtShifts()
	return h.start
}
