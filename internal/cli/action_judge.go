package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
)

// verdictFile is the JSON verdict, for later steps; see folder for where.
const verdictFile = "verdict.json"

// job is one step of GitHub Actions under way.
type job struct {
	*app
	step   *github.Step
	hub    *github.Hub
	o      checkOptions
	branch string       // whose runs are the baseline; empty: not known
	pin    string       // the commit or tag that is the baseline; empty: none
	runs   int          // that a baseline has
	on     check.Action // an inconclusive verdict
	kept   bool         // earlier runs are in artifacts, and this one is to be too
	past   github.Past
	other  bool     // the run is of another workflow, whose folder is not here
	budget *budget  // of the work with GitHub
	timed  bool     // the durations of jobs and steps are wanted
	notes  []string // for the report
}

// finish compares, keeps the run, publishes, and turns the verdict into the
// status that the inputs ask for. What goes wrong in keeping and publishing is
// said, and does not change the verdict.
func (j *job) finish(ctx context.Context, run collect.Run) error {
	all, err := j.judge(ctx, run)
	if err != nil {
		return err
	}
	r := all.Result
	run.Gate = collect.Succeeded
	if r.Fails {
		run.Gate = collect.Failed
	}
	page := report.NewPage(r, j.links())
	web, webErr := webPage(page, all)
	errs := []error{webErr, j.publish(page, web, run.ID)}
	part := report.NewPart(j.step.Stamp(), page)
	if j.kept {
		errs = append(errs, j.keepJudged(run, page, part, web))
	}
	errs = append(errs, j.announce(page, run, part)...)
	errs = append(errs, j.notify(ctx, r, run)...)
	j.complain(errs)
	if failsStep(j.step.Inputs.FailOn, r) {
		return &exitError{status: exitRegression}
	}
	return nil
}

// judge compares the run with what earlier runs measured. Where these could not
// be read the verdict says so, and is no pass.
func (j *job) judge(ctx context.Context, run collect.Run) (check.Explained, error) {
	if !j.kept {
		s, err := j.openPart(ctx, "", nil)
		if err != nil {
			return check.Explained{}, err
		}
		return j.judged(ctx, j.o, s, []collect.Run{run})
	}
	unread := j.readPast()
	if unread == nil {
		j.earlierDurations(run)
	}
	return j.against(ctx, []collect.Run{run}, unread)
}

// readPast reads the earlier runs from artifacts.
func (j *job) readPast() (unread error) {
	net, cancel := j.budget.stage(searching)
	defer cancel()
	if j.past, unread = j.hub.Past(net, github.Wanted{Branch: j.branch, Runs: j.runs, Pin: j.pin}); unread != nil {
		unread = reason(net, unread)
		j.step.Warn(fmt.Sprintf("the baseline could not be read: %v", unread))
	}
	return unread
}

// against compares a run and its re-runs with the earlier runs that were read.
func (j *job) against(ctx context.Context, looks []collect.Run, unread error) (check.Explained, error) {
	s, remove, err := j.pastStore()
	if err != nil {
		return check.Explained{}, failure(err)
	}
	defer remove()
	j.o.refuse, j.o.within = j.past.Refuse, j.past.Pinned
	all, err := j.judged(ctx, j.o, s, looks)
	if err != nil {
		return all, err
	}
	r := &all.Result
	r.Notes = append(append(r.Notes, j.past.Notes...), j.notes...)
	if at := j.past.Distance(r.Baseline.NewestCommit); at != "" {
		r.Notes = append(r.Notes, at)
	}
	if unread != nil {
		r.Blind(fmt.Sprintf("the baseline could not be read, so nothing was compared: %v", unread), j.on)
	}
	return all, nil
}

// pastStore is where the baseline is searched: the runs that the artifacts had.
// Where no run can become an artifact it is the workspace's folder, which a cache
// or the runner itself may keep. On events with rights that folder may be the
// stranger's.
func (j *job) pastStore() (s baseline.Store, remove func(), err error) {
	if !j.other && j.hub.Results == nil && !j.step.Event.Privileged() && j.past.History.Runs() == 0 {
		s, err = j.openHistory("")
		return s, func() {}, err
	}
	return j.unpack(j.past.History.JSONL())
}

// unpack makes a store of records.
func (j *job) unpack(records []byte) (s baseline.Store, remove func(), err error) {
	dir, err := os.MkdirTemp(j.scratch(), "plumbline-*")
	if err != nil {
		return nil, nil, fmt.Errorf("unpack the earlier runs: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) } // the runner empties its folder too
	name := filepath.Join(dir, "artifacts.jsonl")
	if err := os.WriteFile(name, records, 0o600); err != nil {
		remove()
		return nil, nil, fmt.Errorf("unpack the earlier runs: %w", err)
	}
	j.o.history = name
	if s, err = store.Open(name); err != nil {
		remove()
	}
	return s, remove, err
}

// scratch is a folder for files of this step: the runner's, or the workspace's
// where an old runner does not give it to containers.
func (j *job) scratch() string {
	for _, dir := range []string{j.Getenv("RUNNER_TEMP"), os.TempDir()} {
		if info, err := os.Stat(dir); dir != "" && err == nil && info.IsDir() {
			return dir
		}
	}
	if path := j.settings.path; path != "" && store.Scheme(path) == "" {
		return path
	}
	return "."
}

// publish writes log, summary, verdict file and outputs, each whether or not
// the others could be written.
func (j *job) publish(page report.Page, web []byte, id string) error {
	r := &page.Result
	log := j.step.Log()
	errs := []error{report.Text(log, page, report.TextOptions{}), log.Close()}
	var md bytes.Buffer
	errs = append(errs, report.Markdown(&md, page), j.step.Summary(md.Bytes()))
	dir := folder(j.settings.path)
	file := filepath.Join(dir, verdictFile)
	errs = append(errs, os.MkdirAll(dir, 0o777), replaceFile(file, func(f *os.File) error { return report.JSON(f, page) }))
	file, err := filepath.Abs(file)
	html, htmlErr := writePage(filepath.Join(dir, artifact.PageFile), web)
	errs = append(errs, err, htmlErr, j.step.SetOutputs(github.Outputs{
		Verdict: r.Verdict, Regressed: r.Counts[check.Regressed], Suspect: r.Counts[check.Suspect],
		Improved: r.Counts[check.Improved], New: r.Counts[check.New], Missing: r.Counts[check.Missing],
		BaselineRuns: r.Baseline.Runs, RunID: id, Report: file, HTML: html,
	}))
	return errors.Join(errs...)
}

// failsStep says whether the inputs want this result to fail the step.
func failsStep(on github.FailOn, r check.Result) bool {
	return on.Regression && r.Fails ||
		on.Suspect && r.Counts[check.Suspect] > 0 ||
		on.Inconclusive && (r.Counts[check.Inconclusive] > 0 || r.Verdict == check.InconclusiveRun) ||
		on.Missing && r.Counts[check.Missing] > 0 ||
		on.Warning && slices.ContainsFunc(r.Metrics, func(c check.Comparison) bool {
			return c.Status == check.Regressed && c.Level == check.Warn
		}) ||
		on.NoBaseline && r.Baseline.Runs == 0
}
