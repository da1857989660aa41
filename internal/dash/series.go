package dash

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// series is the history of a metric.
type series struct {
	Metric metricName `json:"metric"`
	suite
	Branch   string         `json:"branch"`
	Runs     int            `json:"runs"`
	Complete bool           `json:"complete"`
	Thinned  bool           `json:"thinned"`
	Points   []point        `json:"points"`
	Levels   []level        `json:"levels"`
	Shifts   []report.Shift `json:"shifts"`
}

// point is a metric's value in a run.
type point struct {
	ID      string    `json:"run_id"`
	Time    time.Time `json:"timestamp"`
	Commit  string    `json:"git_commit"`
	Branch  string    `json:"branch"`
	Value   float64   `json:"value"`
	RerunOf string    `json:"rerun_of"`
}

func newPoint(o collect.Origin, v float64) point {
	return point{o.ID, o.Time.UTC(), o.Commit, o.Branch, v, o.RerunOf}
}

// level is a stretch of runs between two shifts.
type level struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Runs  int       `json:"runs"`
	Value float64   `json:"value"`
}

// How many runs of a history are read, at least and at most.
const (
	leastRead = 2000
	mostRead  = 5000
)

// want is which history is asked for.
type want struct {
	metric string
	filter baseline.Filter
	points int
}

// series answers with the history of a metric.
func (s *Server) series(ctx context.Context, q *query) (any, error) {
	w := want{q.needed("metric", "the whole name of one; /api/v1/metrics?q= finds it"), q.filter(), q.whole("points", 10, mostRead, 1000)}
	if q.err != nil {
		return nil, q.err
	}
	if w.filter.Suite == nil {
		one, err := s.index.Series(ctx, w.filter, w.metric, 1)
		if err != nil {
			return nil, err
		}
		if len(one.Points) == 0 {
			return nil, unknownMetric(w.metric)
		}
		of := baseline.SuiteOf(one.Points[0].Origin)
		w.filter.Suite = &of
	}
	x, err := s.history(ctx, w)
	if err == nil && len(x.Points) == 0 {
		err = unknownMetric(w.metric)
	}
	return x, err
}

func unknownMetric(name string) error {
	return problemf(http.StatusNotFound, "metric %q: no stored run that fits has it; /api/v1/metrics?q= finds names", name)
}

// history reads the history of a metric in a suite, and its levels.
func (s *Server) history(ctx context.Context, w want) (x series, err error) {
	most := min(max(leastRead, w.points), mostRead)
	read, err := s.index.Series(ctx, w.filter, w.metric, most)
	if err != nil {
		return x, err
	}
	x = series{
		Metric: newMetricName(read.Metric), suite: newSuite(*w.filter.Suite), Branch: w.filter.Branch,
		Complete: len(read.Points) < most, Points: []point{}, Levels: []level{}, Shifts: []report.Shift{},
	}
	points := sound(read.Points)
	slices.Reverse(points)
	x.Runs = len(points)
	gate, err := s.o.Judge.Gate(ctx)
	if err != nil {
		return x, fault500(err)
	}
	shifts, searched := shiftsOf(read.Metric, points, gate)
	for i := range shifts {
		x.Shifts = append(x.Shifts, report.NewShift(&shifts[i]))
	}
	x.Levels = levelsOf(points, len(points)-searched, shifts)
	x.Thinned = len(points) > w.points
	for _, p := range thin(points, w.points) {
		x.Points = append(x.Points, newPoint(p.Origin, p.Value))
	}
	return x, nil
}

// fault500 is an error of what judges: its configuration, most likely.
func fault500(err error) error {
	return problemf(http.StatusInternalServerError, "nothing can be judged: %v", err)
}

// sound are the runs that may be a baseline, or all where none is: a branch of a
// pull request has a history too.
func sound(points []baseline.Point) []baseline.Point {
	may := func(p baseline.Point) bool { return baseline.MayBeBaseline(p.Origin) }
	if !slices.ContainsFunc(points, may) {
		return points
	}
	return slices.DeleteFunc(points, func(p baseline.Point) bool { return !may(p) })
}

// shiftsOf searches the newest runs of the history of one metric for shifts that
// lasted, oldest first.
func shiftsOf(name baseline.MetricName, points []baseline.Point, gate check.Thresholds) (shifts []check.Shift, searched int) {
	if len(points) == 0 {
		return nil, 0
	}
	h := baseline.Baseline{
		Metrics: []collect.Metric{{Name: name.Name, Unit: name.Unit, Better: name.Better, Value: points[len(points)-1].Value}},
		Runs:    make([]collect.Origin, 0, len(points)),
		Values:  [][]float64{make([]float64, 0, len(points))},
	}
	for _, p := range points {
		h.Runs = append(h.Runs, p.Origin)
		h.Values[0] = append(h.Values[0], p.Value)
	}
	trend := check.Trend(h, gate, check.TrendOptions{})
	shifts = slices.DeleteFunc(trend.Shifts, func(x check.Shift) bool { return x.Name != name.Name })
	sort.Slice(shifts, func(i, j int) bool { return shifts[i].AfterAt < shifts[j].AfterAt })
	return shifts, trend.Runs
}

// leastLevel is how many runs tell a level.
const leastLevel = 3

// levelsOf are the levels between shifts, of the runs that were searched for some: the
// first of them is numbered from. A creep has none of its own.
func levelsOf(points []baseline.Point, from int, shifts []check.Shift) []level {
	ends, all := []int{}, []level{}
	for _, x := range shifts {
		if !x.Creep && x.AfterAt >= 1 && x.AfterAt <= len(points) {
			ends = append(ends, x.AfterAt-1)
		}
	}
	for _, to := range append(ends, len(points)) {
		if to-from >= leastLevel {
			values := make([]float64, 0, to-from)
			for _, p := range points[from:to] {
				values = append(values, p.Value)
			}
			all = append(all, level{points[from].Time.UTC(), points[to-1].Time.UTC(), to - from, collect.Median(values)})
		}
		from = max(from, to)
	}
	return all
}

// thin leaves out points between others: of neighbours the lowest and the highest
// stay, and so do the first and the last of all.
func thin(points []baseline.Point, most int) []baseline.Point {
	if len(points) <= most {
		return points
	}
	first, last, inner := points[0], points[len(points)-1], points[1:len(points)-1]
	buckets := (most - 2) / 2
	kept := append(make([]baseline.Point, 0, most), first)
	for i := range buckets {
		part := inner[i*len(inner)/buckets : (i+1)*len(inner)/buckets]
		low, high := 0, 0
		for j, p := range part {
			if p.Value < part[low].Value {
				low = j
			}
			if p.Value > part[high].Value {
				high = j
			}
		}
		kept = append(kept, part[min(low, high)])
		if low != high {
			kept = append(kept, part[max(low, high)])
		}
	}
	return append(kept, last)
}

// runSeries is the history of a metric as it was when a run came.
type runSeries struct {
	Series series         `json:"series"`
	Judged *report.Judged `json:"judged"`
	Head   *point         `json:"head"`
	Reruns []point        `json:"reruns"`
}

// runSeries answers with the history of a metric up to a run, and how that was
// judged.
func (s *Server) runSeries(ctx context.Context, q *query) (any, error) {
	name := q.needed("metric", "the whole name of one; /api/v1/runs/ID?q= finds it")
	points := q.whole("points", 10, mostRead, 1000)
	if q.err != nil {
		return nil, q.err
	}
	looks, result, err := s.judge(ctx, q.id)
	if err != nil {
		return nil, err
	}
	x := runSeries{Reruns: []point{}}
	for i := range result.Metrics {
		if c := &result.Metrics[i]; c.Name == name {
			judged := report.NewJudged(c)
			x.Judged = &judged
		}
	}
	for i := range looks {
		m, ok := looks[i].Metric(name)
		switch p := newPoint(looks[i].Origin, m.Value); {
		case !ok:
		case i == 0:
			x.Head = &p
		default:
			x.Reruns = append(x.Reruns, p)
		}
	}
	of := baseline.SuiteOf(looks[0].Origin)
	f := baseline.Filter{Suite: &of, Branch: result.Baseline.Branch, Until: looks[0].Time}
	f.Repositories = only(of.Repository)
	x.Series, err = s.history(ctx, want{name, f, points})
	if err == nil && x.Head == nil && len(x.Series.Points) == 0 {
		err = fmt.Errorf("run %q: %w", looks[0].ID, unknownMetric(name))
	}
	return x, err
}
