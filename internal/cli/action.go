package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
	"github.com/plumbline-ci/plumbline/internal/github"
)

func newAction(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "action",
		Short: "Be one step of GitHub Actions: collect, compare, publish",
		Long: `Be one step of GitHub Actions, as action.yml describes it: collect the result
files that the inputs name, compare them with the store in the workspace, write
the job's summary and the step's outputs. The inputs come as INPUT_ variables.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// File names and what errors quote of files are not to be trusted: the
			// runner obeys commands on either stream.
			log := github.Disarm(a.Stderr)
			defer log.Close()
			a.Stderr = log
			step, err := github.NewStep(a.Getenv, a.Stdout)
			if err != nil {
				github.LogError(a.Stdout, err.Error())
				if u := (*github.UsageError)(nil); errors.As(err, &u) {
					return usage(err)
				}
				return failure(err)
			}
			defer step.Close()
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			err = a.action(ctx, step)
			if x := (*exitError)(nil); errors.As(err, &x) && x.err != nil {
				step.Error(x.err.Error())
				return &exitError{status: x.status}
			}
			return err
		},
	}
}

// action does what the step's inputs ask for. Where ctx ends, because the job was
// cancelled, the work with GitHub is cut short and all else done.
func (a *app) action(ctx context.Context, step *github.Step) error {
	local := context.WithoutCancel(ctx)
	// Paths in the configuration and in the inputs are those of the workspace.
	if err := os.Chdir(step.Dir); err != nil {
		return failure(err)
	}
	in := step.Inputs
	if in.Mode == github.ModeSetup {
		return a.setup(step)
	}
	o := checkOptions{
		threshold: in.Threshold, against: in.Against, confirm: in.Confirm, format: "markdown",
		branch: in.BaselineBranch, commit: in.BaselineCommit, runs: in.BaselineRuns,
	}
	if err := a.actionSettings(in, &o); err != nil {
		return usage(err)
	}
	j := &job{app: a, step: step, hub: step.Connect("plumbline/" + version()), o: o, budget: newBudget(ctx, in.Timeout)}
	if in.Mode == github.ModeDoctor {
		return a.doctor(local, j)
	}
	if in.Mode == github.ModeReport {
		return j.report(local)
	}
	if err := j.configure(); err != nil {
		return err
	}
	if err := a.writable(""); err != nil {
		return err // a mistake is told before the work
	}
	if err := a.gitHere(); err != nil {
		return usage(err)
	}
	run, err := j.measured(local)
	if err != nil {
		return err
	}
	if a.settings.path, err = a.storePath(); err != nil {
		return err
	}
	defer a.giveBack(step) // also of what a failure left behind
	a.stranger = step.Event.Privileged() || step.Event.PullRequest != 0
	switch err := a.put(local, run); {
	case waits(err):
		step.Warn(err.Error() + "; a job that starts afresh loses it, unless a cache keeps " + DefaultPath)
	case err != nil:
		return err
	}
	if in.Mode == github.ModeCollect {
		return j.keepUnjudged(run)
	}
	return j.finish(local, run)
}

// gitHere holds that a store in a branch can be used.
func (a *app) gitHere() error {
	path, err := a.storePath()
	if err != nil || store.Scheme(path) != "git" {
		return err
	}
	if _, err := exec.LookPath("git"); err != nil {
		return fmt.Errorf("store %s: the program git is not here, and the action's own image has none: take two steps, this one with mode: setup, and one of run with plumbline run --check -- COMMAND (.github/docs/git.md shows it)", store.Name(path))
	}
	return nil
}

// place says where earlier runs are, and what keeps this one from joining them.
func (j *job) place() error {
	err := j.settle()
	if j.kept {
		for _, p := range j.hub.Problems {
			j.step.Warn(p)
		}
	}
	return err
}

// settle reads of the configuration where earlier runs are: in the artifacts of
// workflow runs, unless another store was named.
func (j *job) settle() error {
	conf, err := j.readConfig(j.o)
	if err != nil {
		return err
	}
	e := j.step.Event
	j.branch = cmp.Or(conf.Baseline.Branch, e.Base, e.DefaultBranch)
	j.pin, j.on = conf.Baseline.Commit, conf.Gate.OnInconclusive
	j.runs = cmp.Or(conf.Baseline.Runs, 50)
	j.timed = wantsDurations(j.step.Inputs.Durations, conf.Gate.Rules)
	// A folder of the environment is what the steps of a job hand on to each other.
	j.kept = cmp.Or(j.step.Inputs.Store, conf.Baseline.Store, "artifact") == "artifact" && store.Scheme(plainPath(j.settings.path)) == ""
	return nil
}

// keepUnjudged is mode collect: the run is kept, and another step judges it.
func (j *job) keepUnjudged(run collect.Run) error {
	err := j.step.SetOutputs(github.Outputs{RunID: run.ID})
	if j.kept {
		if keepErr := j.keep(run); keepErr != nil {
			j.step.Warn(keepErr.Error())
		}
	}
	return failure(err)
}

// measured is the run of this step: the figures of the result files.
func (j *job) measured(ctx context.Context) (collect.Run, error) {
	name := j.step.Inputs.Name
	if name == "" && j.step.Inputs.Matrix != "" {
		name = j.step.Suite() // the legs of a matrix are one job, and not one suite
	}
	run, err := j.newStoredRun(ctx, resultsType, name)
	if err != nil {
		return run, err
	}
	earlier, err := j.earlierSteps(ctx, run.Origin)
	if err != nil {
		return run, err
	}
	timed := j.ownDurations()
	made, err := j.stepSizes(ctx)
	if err != nil {
		return run, err
	}
	timed = append(timed, made...)
	sheet := parse.NewSheet("")
	if err := j.stepResults(j.step, sheet); err != nil && !(errors.Is(err, errNoResults) && len(earlier)+len(timed) > 0) {
		return run, usage(err)
	}
	sheet.Sources = j.sources(sheet)
	run.Metrics = append(j.join(sheet.Metrics(), earlier), timed...)
	for _, r := range earlier {
		if r.Success == collect.Failed {
			run.Success = collect.Failed // what broke half-way is no baseline
		}
	}
	if len(run.Metrics) == 0 {
		return run, usage(errors.New("the result files hold no figure that plumbline measures: nothing stored"))
	}
	return run, nil
}

// actionSettings lets the inputs override environment and configuration.
func (a *app) actionSettings(in github.Inputs, o *checkOptions) error {
	if in.Debug {
		a.settings.log.debug = true
	}
	if in.Config != "" {
		a.settings.config = in.Config
	}
	if in.Store != "" && in.Store != "artifact" {
		path, err := addressOf(in.Store)
		if err != nil {
			return fmt.Errorf("input store: %w", err)
		}
		a.settings.path = path
	}
	return o.valid()
}

// setup makes this very program a command of the job's later steps.
func (a *app) setup(step *github.Step) error {
	program, err := os.Executable()
	if err != nil {
		return failure(err)
	}
	dirs, err := step.Setup(program)
	if err != nil {
		return failure(err)
	}
	a.say("later steps find plumbline in %s", strings.Join(dirs, " or in "))
	return nil
}

// giveBack lets the owner of the workspace have what the step wrote there.
func (a *app) giveBack(step *github.Step) {
	for _, name := range written(a.settings.path) {
		path, err := filepath.Abs(name)
		if err == nil {
			err = step.GiveBack(path)
		}
		if err != nil && !errors.Is(err, github.ErrOutside) {
			step.Warn(err.Error())
		}
	}
}
