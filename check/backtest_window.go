package check

import (
	"math"
	"math/bits"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// window is the baseline that a run of the history had when it came: what
// baseline.Fetch would have selected, as rows of the columns that are in memory.
type window struct {
	rows  []int // ascending
	same  bool  // of the head's own commit
	alike int   // as in baseline.Baseline
}

func (r *replayer) window(i int) window {
	rule := r.o.Runner
	w := r.newest(i, rule == baseline.RequireRunner, 0)
	if rule != "" && rule != baseline.PreferRunner {
		return w
	}
	alike := 0
	for _, k := range w.rows {
		if !r.otherMachine(i, k) {
			alike++
		}
	}
	if alike == len(w.rows) {
		return w
	}
	w.alike = baseline.EnoughAlike(r.o.Runs, r.t.MinRuns)
	if alike >= w.alike || w.same {
		return w
	}
	if like := r.newest(i, true, baseline.SearchBack*r.o.Runs); len(like.rows) >= w.alike && !like.same {
		w.rows = slices.Concat(like.rows[:len(like.rows)-alike], w.rows)
	}
	return w
}

func (r *replayer) otherMachine(i, k int) bool {
	return baseline.OtherMachine(r.h.Runs[i].Runner, r.h.Runs[k].Runner)
}

// newest are the newest runs that qualify, on the head's kind of machine alone or
// on any. The search ends where it has passed by so many of other kinds; 0: it
// does not.
func (r *replayer) newest(i int, alike bool, most int) window {
	head := r.h.Runs[i]
	var rows, own []int
	passed := 0
	for k := i - 1; k >= 0 && len(rows) < r.o.Runs && (most == 0 || passed < most); k-- {
		run := r.h.Runs[k]
		switch {
		case r.o.MaxAge > 0 && head.Time.Sub(run.Time) > r.o.MaxAge:
		case alike && r.otherMachine(i, k):
			passed++
		case !r.comparable(i, k):
		case head.Commit != "" && run.Commit == head.Commit:
			own = append(own, k)
		default:
			rows = append(rows, k)
		}
	}
	same := len(rows) == 0 && len(own) > 0
	if same {
		// Another attempt of the very job is no baseline, not even then.
		rows = slices.DeleteFunc(own, func(k int) bool {
			a, b := head.Attempt, r.h.Runs[k].Attempt
			return a > 0 && b > 0 && a != b
		})
		rows = rows[:min(len(rows), r.o.Runs)]
	}
	slices.Reverse(rows)
	return window{rows: rows, same: same && len(rows) > 0}
}

// comparable reports whether a run has half of the head's metrics.
func (r *replayer) comparable(head, run int) bool {
	all, shared := 0, 0
	for w, x := range r.has[head] {
		all += bits.OnesCount64(x)
		shared += bits.OnesCount64(x & r.has[run][w])
	}
	return 2*shared >= all
}

// slice fills a baseline with the given rows of the history, without a copy where
// they are neighbours, as they mostly are.
func (r *replayer) slice(b *baseline.Baseline, rows []int) {
	n := len(rows)
	if r.h.Scatter != nil {
		b.Scatter = scatterOf(r.h.Scatter, rows)
	}
	if n > 0 && rows[n-1]-rows[0] == n-1 {
		b.Runs = r.h.Runs[rows[0] : rows[0]+n]
		for j, col := range r.h.Values {
			b.Values[j] = col[rows[0] : rows[0]+n : rows[0]+n]
		}
		return
	}
	b.Runs = make([]collect.Origin, 0, n)
	for _, k := range rows {
		b.Runs = append(b.Runs, r.h.Runs[k])
	}
	arena := make([]float64, n*len(b.Values))
	for j, col := range r.h.Values {
		b.Values[j], arena = arena[:n:n], arena[n:]
		for at, k := range rows {
			b.Values[j][at] = col[k]
		}
	}
}

// scatterOf is what the samples of the given rows say.
func scatterOf(whole [][]collect.Scatter, rows []int) [][]collect.Scatter {
	out := make([][]collect.Scatter, len(whole))
	for j, col := range whole {
		if col == nil {
			continue
		}
		out[j] = make([]collect.Scatter, len(rows))
		for at, k := range rows {
			if k < len(col) {
				out[j][at] = col[k]
			}
		}
	}
	return out
}

// presence is one bit a column of each run: whether the run has the metric.
func presence(values [][]float64, runs int) [][]uint64 {
	has := make([][]uint64, runs)
	words := (len(values) + 63) / 64
	for i := range has {
		has[i] = make([]uint64, words)
	}
	for j, col := range values {
		for i, x := range col {
			if finite(x) {
				has[i][j/64] |= 1 << (j % 64)
			}
		}
	}
	return has
}

// nextRuns is how many runs after an alert say whether it lasted.
const nextRuns = 5

// lasting says what the next runs make of an alert: it lasted where their median
// keeps more than half of the jump and is more than two standard errors off the
// old level.
func (r *replayer) lasting(i int, c *Comparison) Lasting {
	j, d := r.columns[c.Name], sign(c.Better)
	jump := (c.Head - c.Baseline) * d
	if !(jump > 0) {
		return LastingUnknown // missing, or over a budget without being worse
	}
	col, factor := r.h.Values[j], 1.0
	if c.NormalisedBy != "" {
		col = r.ruled[j]
		factor = c.Head / col[i]
	}
	var next []float64
	for _, x := range col[i+1:] {
		if x *= factor; finite(x) && len(next) < nextRuns {
			next = append(next, x)
		}
	}
	if len(next) < nextRuns {
		return LastingUnknown
	}
	kept := (median(next) - c.Baseline) * d
	if kept > jump/2 && kept > 2*levelError(c) {
		return Lasted
	}
	return Passed
}

// levelError is the standard error of the level and of the next runs' median
// together.
func levelError(c *Comparison) float64 {
	past := c.History[max(0, len(c.History)-levelRuns):]
	off := make([]float64, len(past))
	for i, x := range past {
		off[i] = math.Abs(x - c.Baseline)
	}
	const median1 = 1.57 // the variance of a median, in that of a mean
	return robust * median(off) * math.Sqrt(median1/float64(len(past))+median1/nextRuns)
}
