package dash

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"net/http"
	"sort"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// judge judges a run that a client names. Looks are the run and its re-runs.
func (s *Server) judge(ctx context.Context, id string) (looks []collect.Run, r check.Result, err error) {
	head, reruns, err := baseline.FindLooks(ctx, s.o.Store, id)
	if err != nil {
		return nil, r, notFound(err)
	}
	if looks, err = s.read(ctx, append([]baseline.Entry{head}, reruns...)); err != nil {
		return nil, r, err
	}
	r, err = s.o.Judge.Verdict(ctx, looks)
	return looks, r, err
}

// verdict answers as plumbline check does.
func (s *Server) verdict(ctx context.Context, q *query) (any, error) {
	_, r, err := s.judge(ctx, q.id)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = report.JSON(&b, report.NewPage(r, report.Links{}))
	return b.Bytes(), err
}

// judgedRuns is how many of a suite's newest runs are searched and replayed.
const judgedRuns = 300

// newestSound is the newest run that fits and may be a baseline.
func (s *Server) newestSound(ctx context.Context, f baseline.Filter) (collect.Origin, error) {
	all, err := s.newest(ctx, f, 1, baseline.MayBeBaseline)
	if err == nil && len(all) == 0 {
		err = none("a suite to judge")
	}
	if err != nil {
		return collect.Origin{}, err
	}
	return all[0].Origin, nil
}

// trends answers as plumbline check --trend does.
func (s *Server) trends(ctx context.Context, q *query) (any, error) {
	f := q.filter()
	if q.err != nil {
		return nil, q.err
	}
	newest, err := s.newestSound(ctx, f)
	if err != nil {
		return nil, err
	}
	h, err := s.o.Judge.History(ctx, newest, f.Branch, judgedRuns)
	if err != nil {
		return nil, err
	}
	gate, err := s.o.Judge.Gate(ctx)
	if err != nil {
		return nil, fault500(err)
	}
	var b bytes.Buffer
	err = report.TrendJSON(&b, check.Trend(h, gate, check.TrendOptions{}))
	return b.Bytes(), err
}

// gateStatistics is how often a gate alerts on a suite.
type gateStatistics struct {
	suite
	Runs       int         `json:"runs"`
	Stored     int         `json:"stored_runs"`
	Oldest     *time.Time  `json:"oldest"`
	Newest     *time.Time  `json:"newest"`
	Alerting   int         `json:"alerting_runs"`
	Alerts     int         `json:"alerts"`
	Lasted     int         `json:"alerts_lasted"`
	Passed     int         `json:"alerts_passed"`
	Open       int         `json:"alerts_open"`
	AllPassed  int         `json:"runs_whose_alerts_all_passed"`
	Rate       *float64    `json:"false_alarm_rate"`
	Detectable [3]*float64 `json:"min_detectable_pct"`
	GateFailed int         `json:"gate_failed_runs"`
	Rerun      int         `json:"rerun_runs"`
	TookBack   int         `json:"reruns_took_back"`
	Noisiest   []noisy     `json:"noisiest"`
}

type noisy struct {
	Name   string `json:"name"`
	Alerts int    `json:"alerts"`
	Lasted int    `json:"lasted"`
	Passed int    `json:"passed"`
}

// A page of statistics has few suites: each is replayed.
const (
	mostReplayed = 5
	mostNoisy    = 20
)

// statistics answers how often the gate alerts, suite by suite.
func (s *Server) statistics(ctx context.Context, q *query) (any, error) {
	groups, err := s.groups(ctx, q)
	if err != nil {
		return nil, err
	}
	var suites []baseline.Suite
	for k := range gather(groups, func(g baseline.Group) (baseline.Suite, string) { return g.Suite, "" }) {
		suites = append(suites, k)
	}
	sort.Slice(suites, func(i, j int) bool {
		a, b := suites[i], suites[j]
		return cmp.Compare(suiteText(a), suiteText(b)) < 0
	})
	if q.limit() > mostReplayed {
		q.values.Set("limit", "5")
	}
	suites, next := page(q, suites)
	if q.err != nil {
		return nil, q.err
	}
	answer := paged[gateStatistics]{Items: []gateStatistics{}, Next: next}
	for _, k := range suites {
		one, err := s.replay(ctx, k, q.text("branch"))
		if err != nil {
			return nil, err
		}
		answer.Items = append(answer.Items, one)
	}
	return answer, nil
}

// replay judges the newest runs of a suite, each by those before it.
func (s *Server) replay(ctx context.Context, of baseline.Suite, branch string) (g gateStatistics, err error) {
	g = gateStatistics{suite: newSuite(of), Noisiest: []noisy{}}
	f := baseline.Filter{Suite: &of, Branch: branch}
	f.Repositories = only(of.Repository)
	if err := s.gated(ctx, f, &g); err != nil {
		return g, err
	}
	newest, err := s.newest(ctx, f, 1, baseline.MayBeBaseline)
	if err != nil || len(newest) == 0 {
		return g, err
	}
	h, err := s.o.Judge.History(ctx, newest[0].Origin, branch, judgedRuns)
	if err != nil {
		return g, err
	}
	gate, err := s.o.Judge.Gate(ctx)
	if err != nil {
		return g, fault500(err)
	}
	g.sum(check.Backtest(h, gate, check.BacktestOptions{}))
	return g, nil
}

// gated counts what gates made of the newest runs.
func (s *Server) gated(ctx context.Context, f baseline.Filter, g *gateStatistics) error {
	all, err := s.newest(ctx, f, 2*judgedRuns, func(collect.Origin) bool { return true })
	again := map[string]bool{}
	for _, e := range all {
		if e.RerunOf != "" {
			again[e.RerunOf] = true
		}
	}
	for _, e := range all {
		if e.Gate == collect.Failed {
			g.GateFailed++
		}
		if again[e.ID] {
			g.Rerun++
			if e.Gate == collect.Succeeded {
				g.TookBack++
			}
		}
	}
	return err
}

// sum takes over what a replay shows.
func (g *gateStatistics) sum(b check.BacktestResult) {
	g.Runs, g.Stored, g.Alerting, g.AllPassed, g.Alerts = b.Runs, b.Stored, b.AlertingRuns, b.PassedRuns, len(b.Alerts)
	g.Oldest, g.Newest, g.Rate = known(b.Oldest), known(b.Newest), finite(b.AlarmRate)
	for i, x := range b.Detectable {
		g.Detectable[i] = finite(x)
	}
	for _, a := range b.Alerts {
		switch a.Lasting {
		case check.Lasted:
			g.Lasted++
		case check.Passed:
			g.Passed++
		default:
			g.Open++
		}
	}
	for _, m := range b.Metrics {
		if m.Alerts > 0 && len(g.Noisiest) < mostNoisy {
			g.Noisiest = append(g.Noisiest, noisy{m.Name, m.Alerts, m.Lasted, m.Passed})
		}
	}
}

// known is the time of a run, null where there is none.
func known(o collect.Origin) *time.Time {
	if o.Time.IsZero() {
		return nil
	}
	at := o.Time.UTC()
	return &at
}

// finite is a figure, null where it is not known.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// newestRuns reads the newest runs that fit and are no second looks, newest first.
func (s *Server) newestRuns(ctx context.Context, q *query) (all []collect.Run, err error) {
	f, most := q.filter(), q.whole("runs", 1, 200, 20)
	if q.err != nil {
		return nil, q.err
	}
	entries, err := s.newest(ctx, f, most, func(o collect.Origin) bool { return o.RerunOf == "" })
	if err == nil && len(entries) == 0 {
		err = none("the newest runs")
	}
	if err != nil {
		return nil, err
	}
	return s.read(ctx, entries)
}

// notAllowed is a change that the server does not make.
func notAllowed(format string, args ...any) error {
	return problemf(http.StatusForbidden, format, args...)
}
