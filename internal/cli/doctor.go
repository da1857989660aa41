package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/github"
)

func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what would keep the gate silent, and what to do about it",
		Long: `Say what would keep the gate silent or make it lie, and what to do about it: the
configuration, the clock, git, the store, how many baseline runs the next run of
each suite has and why others are left out, and the workflows. In a job of
GitHub Actions also the event, what the token in GITHUB_TOKEN or GH_TOKEN may
do, and the artifacts of earlier runs; mode: doctor of the action asks besides
whether artifacts are taken. It changes nothing.

Exit status 2 says that a setting is wrong, 3 that something cannot be done that
the gate needs. Warnings leave it 0.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.Getenv("GITHUB_ACTIONS") != "true" || a.Getenv("GITHUB_WORKSPACE") == "" {
				return a.doctor(cmd.Context(), nil)
			}
			step, err := github.NewStep(a.inRunStep, a.Stdout)
			if err != nil {
				return failure(err)
			}
			defer step.Close()
			hub := step.Connect("plumbline/" + version())
			return a.doctor(cmd.Context(), &job{app: a, step: step, hub: hub, budget: newBudget(cmd.Context(), step.Inputs.Timeout)})
		},
	}
}

// inRunStep is the environment of a step that runs a command: its token is where
// people put it, and a file of the workflow's own gave it no inputs.
func (a *app) inRunStep(name string) string {
	if name == "INPUT_GITHUB-TOKEN" {
		for _, v := range []string{"GITHUB_TOKEN", "GH_TOKEN"} {
			if token := a.Getenv(v); token != "" {
				return token
			}
		}
	}
	return a.Getenv(name)
}

// doctor is an examination under way.
type doctor struct {
	*app
	job    *job // nil: this is no job of GitHub Actions
	conf   config.Config
	found  []report.Finding
	status int // that the problems ask for
}

// doctor looks at everything, and then tells of it.
func (a *app) doctor(ctx context.Context, j *job) error {
	d := &doctor{app: a, job: j}
	d.environment()
	d.configuration()
	d.clock()
	d.gitFolder(ctx)
	d.folder(ctx)
	d.workflows(ctx)
	if j != nil {
		d.onGitHub(ctx)
	}
	if err := d.tell(); err != nil {
		return failure(fmt.Errorf("print what was found: %w", err))
	}
	if d.status != 0 {
		return &exitError{status: d.status}
	}
	return nil
}

func (d *doctor) tell() error {
	if d.job == nil {
		return report.Findings(d.Stdout, d.found, d.textOptions())
	}
	log := d.job.step.Log() // the runner obeys commands in what is printed
	return errors.Join(report.Findings(log, d.found, d.textOptions()), log.Close())
}

func (d *doctor) add(s report.Severity, about, what, do string) {
	d.found = append(d.found, report.Finding{Severity: s, About: about, What: what, Do: do})
}

func (d *doctor) ok(about, format string, args ...any) {
	d.add(report.Sound, about, fmt.Sprintf(format, args...), "")
}

// problem is something that asks for an exit status. What the user has set comes
// before what the world does.
func (d *doctor) problem(status int, about, what, do string) {
	if d.status == 0 || status == exitUsage {
		d.status = status
	}
	d.add(report.Problem, about, what, do)
}

func (d *doctor) environment() {
	if err := d.settings.check(); err != nil {
		d.problem(exitUsage, "environment", err.Error(), "set it right, or unset it")
	}
	if d.settings.disabled {
		d.add(report.Warned, "environment", "PLUMBLINE_DISABLED is set: commands run, and nothing is recorded", "unset it")
	}
}

// soon is how long before its end a waiver is told of: the day after, it makes
// the configuration an error.
const soon = 14 * 24 * time.Hour

func (d *doctor) configuration() {
	name := d.settings.config
	if name == "" {
		name = ConfigFile
	}
	conf, err := d.judging()
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			d.problem(exitUsage, "configuration", line, "put it right: until then nothing is judged, and check exits with 2")
		}
		return
	}
	d.conf = conf
	gate := &conf.Gate
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		d.ok("configuration", "there is no %s: the defaults hold", name)
	} else {
		d.ok("configuration", "%s is sound: %s, %s, %s", name,
			count(len(gate.Rules), "rule"), count(len(gate.Waivers), "waiver"), count(len(gate.Accepted), "accepted level"))
	}
	if n := gate.RunsNeeded(); conf.Baseline.Runs > 0 && conf.Baseline.Runs < n {
		d.add(report.Warned, "configuration", fmt.Sprintf("baseline.runs is %d and gate.min-runs %d, so that nothing is ever judged from history", conf.Baseline.Runs, n),
			fmt.Sprintf("set baseline.runs to %d or more, or gate.min-runs lower", n))
	}
	for _, w := range gate.Waivers {
		if left := w.Until.Sub(d.Now()); !w.Until.IsZero() && left < soon {
			d.add(report.Warned, "configuration", fmt.Sprintf("the waiver of %q ends on %s, and is an error from the day after", w.Metric, w.Until.Format(time.DateOnly)),
				"mend what it is for and remove it, or give it a later day")
		}
	}
}

// judging is the configuration that judges here.
func (d *doctor) judging() (config.Config, error) {
	if d.job != nil && d.job.step.Event.Privileged() {
		e := d.job.step.Event
		if err := d.job.configureFrom(cmp.Or(e.Base, e.DefaultBranch)); err != nil {
			return config.Config{}, err
		}
	}
	return d.readConfig(d.options())
}

// options are those of the step, where there is one.
func (d *doctor) options() checkOptions {
	if d.job == nil {
		return checkOptions{}
	}
	return d.job.o
}

// builtAfter is before this program was written: no clock is right that says
// less.
var builtAfter = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (d *doctor) clock() {
	const do = "set the clock: only what was measured before a run is its baseline"
	if now := d.Now(); now.Before(builtAfter) {
		d.problem(exitFailure, "clock", "it says "+now.UTC().Format("2006-01-02 15:04")+" UTC, which is past", do)
		return
	}
	d.ok("clock", "it says %s UTC", d.Now().UTC().Format("2006-01-02 15:04"))
}

// gitFolder looks at what git tells of the working folder: commit, branch and, for
// some settings, history.
func (d *doctor) gitFolder(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	if _, err := exec.LookPath("git"); err != nil && d.job == nil {
		d.add(report.Warned, "git", "there is no program git, so that runs do not say their commit and branch", "install git")
		return
	}
	head, err := d.git(ctx, "rev-parse", "HEAD")
	if err != nil {
		if d.job == nil {
			d.add(report.Warned, "git", "there is no commit of a git repository here, so that runs do not say theirs, and no branch is the baseline", "work in a repository")
		}
		return
	}
	shallow, _ := d.git(ctx, "rev-parse", "--is-shallow-repository")
	why := d.needsHistory()
	switch {
	case shallow != "true":
		d.ok("git", "commit %.7s, with its history", head)
	case why == "":
		d.ok("git", "commit %.7s; the checkout is shallow, which is enough here", head)
	default:
		d.add(report.Warned, "git", "the checkout is shallow, and "+why+" needs the history to be found",
			"give actions/checkout fetch-depth: 0, or run git fetch --unshallow --tags")
	}
	if d.job != nil || d.conf.Baseline.Branch != "" {
		return
	}
	remote, _ := d.git(ctx, "remote")
	if _, err := d.git(ctx, "symbolic-ref", "refs/remotes/origin/HEAD"); err != nil && strings.Contains("\n"+remote+"\n", "\norigin\n") {
		d.add(report.Warned, "git", "git does not know which branch changes are merged into, so that each branch is compared with itself",
			"git remote set-head origin --auto, or set baseline.branch in "+ConfigFile)
	}
}

// needsHistory is what of the configuration git is asked about.
func (d *doctor) needsHistory() string {
	for _, a := range d.conf.Gate.Accepted {
		if a.Since.Commit != "" {
			return fmt.Sprintf("the level of %q that is accepted since %s", a.Metric, a.Since.Text)
		}
	}
	if c := d.conf.Baseline.Commit; c != "" && d.job == nil {
		return "baseline.commit: " + c
	}
	return ""
}
