package check_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// until is the history up to a run, as columns.
func (h real) until(end int) baseline.Baseline {
	b := baseline.Baseline{Metrics: h.metrics, Runs: h.origins[:end]}
	for _, col := range h.values {
		b.Values = append(b.Values, col[:end])
	}
	return b
}

// place is a metric at a run.
type place struct{ metric, run int }

const (
	labelZ    = 4.5 // what offline labels ask of a shift
	labelSide = 8
)

// levels are those of the lasting shifts that the whole of a series shows, with the run
// effect taken out, and its deviation from them. It is apart from the code that is tested on purpose.
func levels(ys []float64) (level []float64, sd float64) {
	level = make([]float64, len(ys))
	var cut func(from, to int)
	cut = func(from, to int) {
		best, at := 0.0, 0
		for k := labelSide; k <= to-from-labelSide; k++ {
			if z := math.Abs(rankZ(ys[from:to], k)); z > best {
				best, at = z, k
			}
		}
		if best >= labelZ {
			cut(from, from+at)
			cut(from+at, to)
			return
		}
		m := middleOf(ys[from:to])
		for i := from; i < to; i++ {
			level[i] = m
		}
	}
	cut(0, len(ys))
	off := make([]float64, len(ys))
	for i := range off {
		off[i] = math.Abs(ys[i] - level[i])
	}
	return level, 1.4826 * middleOf(off)
}

// rankZ is the normal score of the rank sum of the first k values.
func rankZ(ys []float64, k int) float64 {
	n, wins, ties := float64(len(ys)), 0.0, 0.0
	seen := make(map[float64]float64)
	sorted := slices.Sorted(slices.Values(ys))
	for i, y := range sorted {
		seen[y] += float64(i + 1)
	}
	number := make(map[float64]float64)
	for _, y := range sorted {
		number[y]++
	}
	for _, t := range number {
		ties += t*t*t - t
	}
	for _, y := range ys[:k] {
		wins += seen[y] / number[y]
	}
	a := float64(k)
	v := a * (n - a) / 12 * (n + 1 - ties/(n*(n-1)))
	if v <= 0 {
		return 0
	}
	return (wins - a*(n+1)/2) / math.Sqrt(v)
}

func middleOf(ys []float64) float64 {
	s := slices.Sorted(slices.Values(ys))
	if len(s) == 0 {
		return math.NaN()
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// oriented gives the logarithms of a history, larger is worse, without run effect where
// there are five timings.
func (h real) oriented() (ys [][]float64, effect []float64) {
	var timings []int
	for j, m := range h.metrics {
		d := 1.0
		if m.Tags["better"] == "larger" || m.Direction() == collect.Higher {
			d = -1
		}
		col := make([]float64, h.runs)
		for i, x := range h.values[j] {
			col[i] = d * math.Log(x)
		}
		ys = append(ys, col)
		u := string(m.Unit)
		if strings.Contains(u, "ns") || strings.Contains(u, "ms") || strings.Contains(u, "sec") || strings.Contains(u, "/s") || strings.HasPrefix(u, "s") {
			timings = append(timings, j)
		}
	}
	effect = make([]float64, h.runs)
	if len(timings) < 5 {
		return ys, effect
	}
	typical := make([]float64, len(ys))
	for _, j := range timings {
		typical[j] = middleOf(there(ys[j]))
	}
	for i := range effect {
		var off []float64
		for _, j := range timings {
			off = append(off, ys[j][i]-typical[j])
		}
		if off = there(off); len(off) > 0 {
			effect[i] = middleOf(off)
		}
	}
	for _, j := range timings {
		for i := range ys[j] {
			ys[j][i] -= effect[i]
		}
	}
	return ys, effect
}

func there(xs []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(xs), func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}

// worsenings are the lasting real shifts for the worse.
func (h real) worsenings() map[place]bool {
	out := make(map[place]bool)
	ys, _ := h.oriented()
	for j, col := range ys {
		var rows []int
		for i, y := range col {
			if !math.IsNaN(y) && !math.IsInf(y, 0) {
				rows = append(rows, i)
			}
		}
		if len(rows) < 2*labelSide {
			continue
		}
		level, sd := levels(there(col))
		for q := range rows[1:] {
			if jump := level[q+1] - level[q]; jump > max(0.03, 2*sd) {
				out[place{j, rows[q+1]}] = true
			}
		}
	}
	return out
}

// persists says whether the five runs after the newest keep half of a shift and are more than two standard errors off
// the old level; known is false where there are too few.
func (h real) persists(metric, newest int, s *check.Shift) (lasts, known bool) {
	d := 1.0
	if h.metrics[metric].Tags["better"] == "larger" {
		d = -1
	}
	col := h.values[metric]
	past, next := there(col[:s.AfterAt-1]), there(col[newest+1:])
	if len(next) < 3 {
		return false, false
	}
	past, next = past[max(0, len(past)-20):], next[:min(5, len(next))]
	off := make([]float64, len(past))
	for i, x := range past {
		off[i] = math.Abs(x - s.From)
	}
	jump, kept := (s.To-s.From)*d, (middleOf(next)-s.From)*d
	return kept >= jump/2 && kept > 2*1.2533*1.4826*middleOf(off)*math.Sqrt(1/float64(len(past))+1/float64(len(next))), true
}

// tally is what a replay of the trend view over a history found.
type tally struct {
	runs, alerting, falsely, shifts, found, clean, cleanAlerts int
	wrongCreep, wrongOld                                       int
}

func (h real) replayTrend() (r tally) {
	const first = 30
	worse := h.worsenings()
	flags := make(map[place]bool)
	names := make(map[string]int)
	for j, m := range h.metrics {
		names[m.Name] = j
	}
	before := map[string]bool{}
	for end := first; end <= h.runs; end++ {
		r.runs++
		now := map[string]bool{}
		fresh, wrong := false, false
		for _, s := range check.Trend(h.until(end), check.Thresholds{}, check.TrendOptions{}).Shifts {
			if !s.Gates {
				continue
			}
			now[s.Name] = true
			p := place{names[s.Name], end - 1}
			flags[p] = true
			if before[s.Name] {
				continue // said before
			}
			fresh = true
			if lasts, known := h.persists(p.metric, p.run, &s); known && !lasts {
				wrong = true
				if s.Creep {
					r.wrongCreep++
				} else if s.Lasting > 8 {
					r.wrongOld++
				}
			}
		}
		before = now
		if fresh {
			r.alerting++
		}
		if wrong {
			r.falsely++
		}
	}
	for p := range worse {
		if p.run < first || p.run+2 >= h.runs {
			continue
		}
		r.shifts++
		for d := -1; d <= 2; d++ {
			if flags[place{p.metric, p.run + d}] {
				r.found++
				break
			}
		}
	}
	return r
}

// cleaned takes the lasting shifts out, of the run effect too, and puts the runs in random order.
func (h real) cleaned(rng *rand.Rand) real {
	ys, effect := h.oriented()
	flat := func(col []float64) {
		if len(there(col)) < 2*labelSide {
			return
		}
		level, _ := levels(there(col))
		q := 0
		for i, y := range col {
			if !math.IsNaN(y) && !math.IsInf(y, 0) {
				col[i] = y - level[q] + level[len(level)-1]
				q++
			}
		}
	}
	plain, _ := h.oriented()
	flat(effect)
	order := rng.Perm(h.runs)
	out := real{metrics: h.metrics, runs: h.runs, origins: h.origins}
	for j, col := range ys {
		flat(col)
		d := 1.0
		if h.metrics[j].Tags["better"] == "larger" || h.metrics[j].Direction() == collect.Higher {
			d = -1
		}
		xs := make([]float64, h.runs)
		for i, k := range order {
			shared := d*math.Log(h.values[j][k]) - plain[j][k] // the effect, where it was taken out
			if shared != 0 {
				shared = effect[k]
			}
			xs[i] = math.Exp(d * (col[k] + shared))
		}
		out.values = append(out.values, xs)
	}
	return out
}

// TestTrendCorpus measures the trend view on the real histories beside the project. PLUMBLINE_CORPUS=all takes all of them.
func TestTrendCorpus(t *testing.T) {
	onceIsEnough(t)
	files, _ := filepath.Glob(filepath.Join("..", "..", "shared", "corpus", "*.jsonl.gz"))
	if len(files) == 0 {
		t.Skip("the corpus of real histories is not beside the project")
	}
	if os.Getenv("PLUMBLINE_CORPUS") != "all" {
		files = files[:6]
	}
	var all tally
	share, suites := 0.0, 0.0
	rng := rand.New(rand.NewPCG(5, 6))
	for _, f := range files {
		h := readReal(t, filepath.Base(f))
		r := h.replayTrend()
		for range 8 {
			r.clean++
			if check.Trend(h.cleaned(rng).until(h.runs), check.Thresholds{}, check.TrendOptions{}).Fails {
				r.cleanAlerts++
			}
		}
		t.Logf("%-60s %+v", filepath.Base(f), r)
		all.runs += r.runs
		all.alerting += r.alerting
		all.falsely += r.falsely
		all.shifts += r.shifts
		all.found += r.found
		all.wrongCreep += r.wrongCreep
		all.wrongOld += r.wrongOld
		if r.shifts > 0 {
			share += float64(r.found) / float64(r.shifts)
			suites++
		}
		all.clean += r.clean
		all.cleanAlerts += r.cleanAlerts
	}
	t.Logf("%+v mean %.2f found %.2f false %.3f clean %.3f", all, share/suites, float64(all.found)/float64(all.shifts), float64(all.falsely)/float64(all.runs), float64(all.cleanAlerts)/float64(all.clean))
	if bound := binomialBound(all.clean, 0.05); all.cleanAlerts > bound {
		t.Errorf("%d of %d clean histories fail, want %d at most", all.cleanAlerts, all.clean, bound)
	}
	if all.falsely > all.runs*8/100 || 3*all.found < all.shifts {
		t.Errorf("%d of %d runs alert falsely, %d of %d shifts are found; want 8 %% at most, and a third", all.falsely, all.runs, all.found, all.shifts)
	}
}
