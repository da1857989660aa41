package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// report is mode report: it judges what a pull request's workflow run measured,
// with the rights that the run did not have. Nothing but figures is taken from
// the run. Who it is comes from GitHub, what it is compared with from the
// accepted runs of this repository, and how from the base branch. The gate is the
// check: the step fails only where the work could not be done.
func (j *job) report(ctx context.Context) error {
	net, cancel := j.budget.stage(searching)
	defer cancel()
	m, err := j.hub.Measured(net)
	if u := (*github.UsageError)(nil); errors.As(err, &u) {
		return usage(err)
	}
	if err != nil {
		return failure(fmt.Errorf("report on a workflow run: %w", reason(net, err)))
	}
	if why := notReported(m); why != "" {
		j.step.Notice(why)
		return nil
	}
	if err := j.configureFrom(m.Event.Base); err != nil {
		return err
	}
	j.step.Event.Base = m.Event.Base
	if err := j.place(); err != nil {
		return usage(err)
	}
	if !j.kept {
		return usage(errors.New("mode report compares with artifacts of earlier runs; the store that the configuration names has no run of a stranger"))
	}
	all, more, err := j.hub.Foreign(net, m)
	if err != nil {
		return failure(fmt.Errorf("report on a workflow run: %w", reason(net, err)))
	}
	return j.reportAll(ctx, m, all, more)
}

func notReported(m github.Measured) string {
	switch run := m.Event.Run; {
	case m.Event.Origin.Event != "pull_request":
		return fmt.Sprintf("workflow run %d is of the event %s, which reports by itself: nothing to do", run, m.Event.Origin.Event)
	case !m.Open:
		return fmt.Sprintf("no open pull request has the commit of workflow run %d as its newest: nothing to do", run)
	}
	return ""
}

// reportAll judges each suite of the run and publishes the lot.
func (j *job) reportAll(ctx context.Context, m github.Measured, all []github.Foreign, more int) error {
	var suites []*reported
	for i := range all {
		suites = append(suites, j.reportSuite(ctx, m, &all[i]))
	}
	if more > 0 {
		j.step.Warn(fmt.Sprintf("the run has %d more artifacts than are read: left out", more))
	}
	if len(all) == 0 {
		step, hub := j.hub.About(m, m.Event.Origin.Workflow)
		suites = append(suites, j.unreadable(step, hub, m, errors.New("the run left no artifact of plumbline: its job failed before, or they have expired")))
	}
	html, errs := j.keepPages(suites)
	net, cancel := j.budget.stage(publishing)
	defer cancel()
	var parts []report.Part
	total := github.Outputs{Verdict: check.Pass, HTML: html}
	for _, s := range suites {
		errs = append(errs, s.show()...)
		errs = append(errs, s.job.makeCheck(net, s.page, collect.Run{})...) // the files that it may point to are not here
		parts = append(parts, report.NewPart(s.job.step.Stamp(), s.page))
		s.count(&total)
	}
	if j.step.Inputs.Comment != github.CommentNever {
		errs = append(errs, suites[0].job.comment(net, parts[0], parts[1:]...)...)
	}
	j.complain(append(errs, j.step.SetOutputs(total)))
	return nil
}

// reported is what a suite of the run comes to.
type reported struct {
	job    *job // as it would have been in the run
	run    collect.Run
	result check.Result
	page   report.Page
	web    []byte // the page in HTML; none of what could not be read
}

// reportSuite judges one artifact of the run. The suite is the one that accepted
// runs with an artifact of that name are of; only where there are none is it the
// one that the record claims, if the name agrees.
func (j *job) reportSuite(ctx context.Context, m github.Measured, f *github.Foreign) *reported {
	step, hub := f.About(m)
	s := &job{app: j.app, step: step, hub: hub, o: j.o, branch: j.branch, pin: j.pin, runs: j.runs, on: j.on, kept: true, other: true, budget: j.budget}
	looks, err := s.looks(f)
	unread := s.readPast()
	suite, known := s.past.History.Last()
	switch {
	case known:
		step.Inputs.Name = suiteOf(suite, m)
	case err == nil && f.Names(suiteOf(looks[0].Origin, m)):
		suite = looks[0].Origin
		step.Inputs.Name = suiteOf(suite, m)
	case err == nil:
		err = errors.New("its record is of another suite than its name says")
	}
	if err != nil {
		return j.unreadable(step, hub, m, fmt.Errorf("artifact %s: %w", f.Label, err))
	}
	for i := range looks {
		looks[i].Origin = originOf(m, suite, looks[i].Origin, i)
	}
	r, err := s.against(ctx, looks, unread)
	if err != nil {
		return j.unreadable(step, hub, m, err)
	}
	page := report.NewPage(r.Result, s.links())
	web, err := webPage(page, r)
	if err != nil {
		j.step.Warn(err.Error())
	}
	return &reported{job: s, run: looks[0], result: r.Result, page: page, web: web}
}

// looks reads the figures of a stranger.
func (j *job) looks(f *github.Foreign) ([]collect.Run, error) {
	net, cancel := j.budget.stage(searching)
	defer cancel()
	looks, err := f.Looks(net)
	return looks, reason(net, err)
}

// suiteOf is the name of a run's suite, as the step had it that made the run.
func suiteOf(o collect.Origin, m github.Measured) string {
	if o.Name != "" {
		return o.Name
	}
	return m.Event.Origin.Workflow + "/" + o.Job
}

// originOf says of a run, or of its i-th re-run, where it is from. Only the machine
// and whether the command succeeded are the run's own word.
func originOf(m github.Measured, suite, said collect.Origin, i int) collect.Origin {
	o := m.Event.Origin
	o.Time, o.Type, o.Name, o.Job = m.Time, resultsType, suite.Name, suite.Job
	o.Runner, o.Success = said.Runner, said.Success
	o.ID = fmt.Sprintf("run-%d", m.Event.Run)
	if i > 0 {
		o.RerunOf, o.ID = o.ID, fmt.Sprintf("%s-%d", o.ID, i)
	}
	return o
}

// unreadable is a suite that cannot be judged, which is no pass.
func (j *job) unreadable(step *github.Step, hub *github.Hub, m github.Measured, why error) *reported {
	j.step.Warn(why.Error())
	run := collect.Run{Origin: originOf(m, collect.Origin{}, collect.Origin{}, 0)}
	r := check.Result{Head: run.Origin, Verdict: check.Pass}
	r.Blind(fmt.Sprintf("what the workflow run measured could not be read, so nothing was compared: %v", why), j.on)
	return &reported{
		job: &job{app: j.app, step: step, hub: hub, o: j.o, budget: j.budget}, run: run, result: r,
		page: report.NewPage(r, report.Links{Run: step.RunURL()}),
	}
}

// show writes log and summary.
func (s *reported) show() []error {
	log := s.job.step.Log()
	_, err := fmt.Fprintf(log, "%s\n", s.job.step.Suite())
	errs := []error{err, report.Text(log, s.page, report.TextOptions{}), log.Close()}
	var md bytes.Buffer
	return append(errs, report.Markdown(&md, s.page), s.job.step.Summary(md.Bytes()))
}

var fromBest = []check.Verdict{check.Pass, check.InconclusiveRun, check.SuspectRun, check.Regression}

// count adds a suite to the step's outputs; of the verdicts the worst counts.
func (s *reported) count(o *github.Outputs) {
	r := &s.result
	if slices.Index(fromBest, r.Verdict) > slices.Index(fromBest, o.Verdict) {
		o.Verdict = r.Verdict
	}
	o.Regressed += r.Counts[check.Regressed]
	o.Suspect += r.Counts[check.Suspect]
	o.Improved += r.Counts[check.Improved]
	o.New += r.Counts[check.New]
	o.Missing += r.Counts[check.Missing]
	o.BaselineRuns = max(o.BaselineRuns, r.Baseline.Runs)
}
