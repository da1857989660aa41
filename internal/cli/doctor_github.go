package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
	"github.com/plumbline-ci/plumbline/internal/github/workflow"
)

// workflows looks at the workflow files of the repository around the working
// folder.
func (d *doctor) workflows(ctx context.Context) {
	top := ""
	if d.job != nil {
		top = d.job.step.Workspace
	} else if top, _ = d.git(ctx, "rev-parse", "--show-toplevel"); top == "" {
		return
	}
	root, err := os.OpenRoot(top) // a link of a checkout leads nowhere else
	if err != nil {
		return
	}
	defer root.Close()
	files, errs := workflow.Read(root.FS())
	for _, err := range errs {
		d.add(report.Warned, "workflow", err.Error(), "mend it: GitHub cannot read it either")
	}
	checks := workflow.Checks(files)
	if len(checks) == 0 {
		if d.job == nil {
			d.add(report.Noted, "workflow", "no workflow of this repository uses plumbline", "for GitHub Actions: plumbline init")
		}
		return
	}
	branch := d.conf.Baseline.Branch
	if d.job != nil {
		branch = cmp.Or(branch, d.job.step.Event.DefaultBranch)
	}
	if branch == "" {
		branch = d.mainBranch(ctx)
	}
	problems := workflow.Problems(files, branch, github.InputNames())
	for _, p := range problems {
		d.add(report.Warned, "workflow", p.What, p.Do)
	}
	var names []string
	for _, f := range checks {
		names = append(names, f.Path)
		if f.Pulls() && !workflow.Reports(files, f.Name) {
			d.add(report.Noted, "workflow", f.Path+": pull requests of forks and of Dependabot get neither check nor comment from it, as their token only reads",
				"plumbline init --forks writes the workflow that makes them")
		}
	}
	if len(problems) == 0 {
		d.ok("workflow", "%s", strings.Join(names, ", "))
	}
}

// onGitHub looks at what a job of GitHub Actions has.
func (d *doctor) onGitHub(ctx context.Context) {
	d.event()
	net, cancel := d.job.budget.stage(publishing)
	defer cancel()
	if err := d.job.settle(); err != nil {
		return // the configuration was told
	}
	d.token(net)
	d.channels()
	if !d.job.kept {
		d.stored(ctx)
		return
	}
	if d.artifacts(net); d.job.hub.Results == nil && d.job.step.OnServer() {
		d.stored(ctx) // as the action does
	} else if d.job.hub.Repo != nil {
		d.past(ctx, net)
	}
}

func (d *doctor) event() {
	e := d.job.step.Event
	name := e.Origin.Event
	switch {
	case !e.Known():
		d.add(report.Warned, "event", fmt.Sprintf("%q is no event that the action is made for: it takes the run for one of %q", name, e.Origin.Branch),
			"run it on push, pull_request, merge_group, schedule or workflow_dispatch")
	case e.Privileged():
		d.add(report.Noted, "event", name+": the job has a token that writes, and a stranger may have started it. The configuration of the base counts", "")
	default:
		d.ok("event", "%s", name)
	}
	if d.job.hub.ReadsOnly() {
		d.add(report.Noted, "event", "the pull request is of a fork or of Dependabot: its token only reads, and its result and summary stand in for check and comment",
			"plumbline init --forks writes the workflow that makes them")
	}
}

// token asks what it may do, and what time it is there.
func (d *doctor) token(net context.Context) {
	hub := d.job.hub
	rights, err := hub.Rights(net, d.job.branch)
	if err != nil {
		d.problem(exitFailure, "token", err.Error(), "give the step env: {GITHUB_TOKEN: ${{ github.token }}}; the action has it by itself")
		return
	}
	if d.conf.Notices.Issue != nil && !hub.ReadsOnly() {
		rights = append(rights, hub.IssueRight(net))
	}
	for _, r := range rights {
		switch {
		case r.Err == nil:
			d.ok("token", "%s, for %s", r.Permission, r.For)
		case hub.Excused(r.Err):
			d.add(report.Noted, "token", fmt.Sprintf("no %s, for %s, as with every fork", r.Permission, r.For), "")
		case r.Reading:
			d.problem(exitFailure, "token", fmt.Sprintf("without %s every verdict is inconclusive: %v", r.For, reason(net, r.Err)), "give the job the permission "+r.Permission)
		default:
			d.add(report.Warned, "token", fmt.Sprintf("there is not %s: %v", r.For, reason(net, r.Err)), "give the job the permission "+r.Permission)
		}
	}
	if ahead, known := hub.ClockAhead(); known && ahead.Abs() > clockSlack {
		d.add(report.Warned, "clock", fmt.Sprintf("it is %s off GitHub's", ahead.Abs()), "set the clock of the runner: only what was measured before a run is its baseline")
	}
}

// channels looks at what the environment has of those who are told by notices.
func (d *doctor) channels() {
	n := newsOf(d.conf, collect.Origin{}, nil)
	for _, c := range n.channels(d.app) {
		if err := c.Check(); err != nil {
			d.add(report.Warned, "notices", err.Error(), "give the step the variable from a secret of the repository, under env")
		}
	}
	if len(n.conf.To) > 0 && n.conf.Issue == nil && d.job.kept {
		d.add(report.Warned, "notices", "nothing remembers what was told, so that nothing is sent", "set notices.issue, whose issue remembers it")
	}
}

func (d *doctor) artifacts(net context.Context) {
	switch err := d.job.hub.TakesArtifacts(net); {
	case err == nil:
		d.ok("artifacts", "the run can be kept as one")
	case errors.Is(err, github.ErrOutOfReach):
		d.add(report.Noted, "artifacts", err.Error(), "a step of the action with mode: doctor asks it")
	case errors.Is(err, artifact.ErrUnsupported):
		d.add(report.Warned, "artifacts", err.Error(), "keep the folder "+DefaultPath+" between jobs by a cache, or name one that stays by store: dir:PATH")
	default:
		d.problem(exitFailure, "artifacts", reason(net, err).Error(), "try again: without it the run is no part of any later baseline")
	}
}

// past looks at the artifacts of earlier workflow runs.
func (d *doctor) past(ctx, net context.Context) {
	j := d.job
	past, err := j.hub.Past(net, github.Wanted{Branch: j.branch, Runs: j.runs, Pin: j.pin})
	if err != nil {
		d.problem(exitFailure, "baseline", fmt.Sprintf("what earlier runs measured cannot be read: %v", reason(net, err)), "give the token what it lacks; else try again")
		return
	}
	for _, n := range past.Notes {
		d.add(report.Noted, "baseline", n, "")
	}
	for _, why := range slices.Sorted(maps.Keys(past.Left)) {
		d.add(report.Noted, "baseline", count(past.Left[why], "artifact")+" of the name left out: "+why, "")
	}
	if past.History.Runs() == 0 {
		d.add(report.Warned, "baseline", fmt.Sprintf("no workflow run of %s on %s that succeeded has an artifact of the suite %q", j.step.Event.Workflow, j.branch, j.step.Suite()),
			fmt.Sprintf("let the workflow run on pushes to %s, with the same job and name", j.branch))
		return
	}
	s, remove, err := j.unpack(past.History.JSONL())
	if err != nil {
		d.problem(exitFailure, "baseline", err.Error(), "give the step a folder that it may write to")
		return
	}
	defer remove()
	o := j.o
	o.refuse, o.within = past.Refuse, past.Pinned
	d.suites(ctx, s, d.list(ctx, s, "what the artifacts carry"), o)
}

// stored looks at the baseline in a store that is no artifact.
func (d *doctor) stored(ctx context.Context) {
	s, err := d.openHistory("")
	if err != nil {
		d.add(report.Warned, "baseline", err.Error(), "keep the folder between jobs: by a cache, or on a runner of your own")
		return
	}
	path, _ := d.storePath()
	d.suites(ctx, s, d.list(ctx, s, store.Name(path)), d.options())
}
