package dash

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// suite is the part of an origin that chooses a suite.
type suite struct {
	Repository string `json:"repository"`
	Suite      string `json:"suite"`
	Job        string `json:"job"`
	Type       string `json:"type"`
}

func newSuite(s baseline.Suite) suite { return suite{s.Repository, s.Name, s.Job, s.Type} }

// run is a run without its metrics.
type run struct {
	ID   string    `json:"run_id"`
	Time time.Time `json:"timestamp"`
	suite
	Workflow  string         `json:"workflow"`
	Branch    string         `json:"branch"`
	Commit    string         `json:"git_commit"`
	Event     string         `json:"event"`
	Attempt   int            `json:"attempt"`
	RerunOf   string         `json:"rerun_of"`
	Operation string         `json:"operation"`
	Duration  *float64       `json:"duration"`
	Success   *bool          `json:"success"`
	Gate      *bool          `json:"gate_passed"`
	Runner    collect.Runner `json:"runner"`
}

func newRun(o collect.Origin) run {
	r := run{
		ID: o.ID, Time: o.Time.UTC(), suite: newSuite(baseline.SuiteOf(o)), Workflow: o.Workflow, Branch: o.Branch, Commit: o.Commit, Event: o.Event,
		Attempt: o.Attempt, RerunOf: o.RerunOf, Operation: o.Operation, Success: outcome(o.Success), Gate: outcome(o.Gate), Runner: o.Runner,
	}
	if o.Duration > 0 {
		r.Duration = &o.Duration
	}
	return r
}

func newRuns(all []baseline.Entry) []run {
	rs := make([]run, len(all))
	for i := range all {
		rs[i] = newRun(all[i].Origin)
	}
	return rs
}

func outcome(o collect.Outcome) *bool {
	if o == collect.Unsaid {
		return nil
	}
	ok := o == collect.Succeeded
	return &ok
}

// each calls do with the stored runs that fit, newest first, until it returns false.
func (s *Server) each(ctx context.Context, f baseline.Filter, do func(e baseline.Entry) bool) error {
	for e, err := range s.o.Store.List(ctx, f) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			continue // the commands tell of a line that cannot be read
		}
		if err != nil {
			return err
		}
		if f.Fits(e.Origin) && !do(e) {
			return nil
		}
	}
	return ctx.Err()
}

// newest are the newest runs that fit, at most so many.
func (s *Server) newest(ctx context.Context, f baseline.Filter, most int, fits func(o collect.Origin) bool) (all []baseline.Entry, err error) {
	err = s.each(ctx, f, func(e baseline.Entry) bool {
		if fits(e.Origin) {
			all = append(all, e)
		}
		return len(all) < most
	})
	return all, err
}

// place is where a page of runs begins: behind a run.
type place struct {
	time time.Time
	id   string
}

// behind is the place that a cursor names; nil: the first page.
func behind(q *query) *place {
	c := q.cursor(2)
	if c == nil {
		return nil
	}
	micros, err := strconv.ParseInt(c[0], 10, 64)
	if err != nil {
		q.fail(wrong("cursor", "want the next_cursor of the page before"))
	}
	return &place{time.UnixMicro(micros).UTC(), c[1]}
}

// runs lists runs, newest first.
func (s *Server) runs(ctx context.Context, q *query) (any, error) {
	f, limit, from, commit := q.filter(), q.limit(), behind(q), q.text("commit")
	if commit != "" && !isCommit(commit) {
		q.fail(wrong("commit", "%q: want a commit, or 4 or more of the letters and digits that it begins with", commit))
	}
	if q.err != nil {
		return nil, q.err
	}
	if from != nil && (f.Until.IsZero() || from.time.Before(f.Until)) {
		f.Until = from.time.Add(time.Microsecond) // times are cut to microseconds in cursors, and in some stores
	}
	var ties []baseline.Entry // of the time of the last run of the page before, whose place is not known yet
	var all []baseline.Entry
	met := from == nil
	err := s.each(ctx, f, func(e baseline.Entry) bool {
		if !met {
			switch at := e.Time.Truncate(time.Microsecond); {
			case at.After(from.time):
				return true
			case e.ID == from.id:
				met, ties = true, nil
				return true
			case at.Equal(from.time):
				ties = append(ties, e)
				return true
			}
			met, all = true, ties // the run of the cursor is gone: none of its time is left out
		}
		if strings.HasPrefix(e.Commit, commit) {
			all = append(all, e)
		}
		return len(all) <= limit
	})
	if err != nil {
		return nil, err
	}
	var next *string
	if len(all) > limit {
		all = all[:limit]
		last := all[limit-1]
		next = newCursor(strconv.FormatInt(last.Time.UnixMicro(), 10), last.ID)
	}
	return paged[run]{newRuns(all), next}, nil
}

func isCommit(text string) bool {
	odd := func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	return len(text) >= 4 && len(text) <= 64 && strings.IndexFunc(text, odd) < 0
}

// found is a run that a client names.
func (s *Server) found(ctx context.Context, id string) (baseline.Entry, error) {
	e, err := baseline.Find(ctx, s.o.Store, id)
	return e, notFound(err)
}

func notFound(err error) error {
	if none := (*baseline.FindError)(nil); errors.As(err, &none) {
		return problemf(http.StatusNotFound, "%v", err)
	}
	return err
}

// metric is what a run measured.
type metric struct {
	Name    string       `json:"name"`
	Value   float64      `json:"value"`
	Unit    string       `json:"unit"`
	Better  string       `json:"better"`
	Samples []float64    `json:"samples"`
	Tags    collect.Tags `json:"tags"`
}

// runDetail is a run with a page of its metrics.
type runDetail struct {
	run
	Total   int      `json:"metrics_total"`
	Metrics []metric `json:"metrics"`
	Next    *string  `json:"next_cursor"`
}

// run answers with a run and its metrics.
func (s *Server) run(ctx context.Context, q *query) (any, error) {
	e, err := s.found(ctx, q.id)
	if err != nil {
		return nil, err
	}
	r, err := s.o.Store.Get(ctx, e)
	if err != nil {
		return nil, err
	}
	search := baseline.NameQuery{Words: q.words()}
	ms := slices.DeleteFunc(r.Metrics, func(m collect.Metric) bool { return !search.Matches(m.Name) })
	sort.Slice(ms, func(i, j int) bool { return ms[i].Name < ms[j].Name })
	d := runDetail{run: newRun(r.Origin), Total: len(ms), Metrics: []metric{}}
	ms, d.Next = page(q, ms)
	for _, m := range ms {
		tags := m.Tags
		if tags == nil {
			tags = collect.Tags{}
		}
		d.Metrics = append(d.Metrics, metric{m.Name, m.Value, string(m.Unit), m.Direction().String(), append([]float64{}, m.Samples...), tags})
	}
	return d, q.err
}
