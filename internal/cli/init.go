package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/github/workflow"
)

type initOptions struct {
	forks, force bool
	issues       bool
	branch       string
	command      []string
}

func newInit(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [-- COMMAND...]",
		Short: "Write the workflow and a configuration for this repository",
		Long: `Write a workflow that runs the tests of the repository and the action behind
them, and a .plumbline.yml whose keys are comments. What runs the tests and what
files they leave is told by go.mod, Cargo.toml, package.json, pyproject.toml,
pom.xml or build.gradle, or is the COMMAND. With --forks also the workflow that
makes check and comment for pull requests of forks, whose token only reads. It
runs after the workflows that use the action, whatever they are called. A file
that exists is kept.`,
		Example: `plumbline init
plumbline init --forks
plumbline init -- make test`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if at := cmd.ArgsLenAtDash(); len(args) > 0 && at != 0 {
				return usage(fmt.Errorf("init: unknown argument %q; the command that runs the tests comes after --", args[0]))
			}
			o.command = args
			return a.initRepository(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.forks, "forks", false, "also write the workflow for pull requests of forks")
	f.BoolVar(&o.issues, "issues", false, "let the token keep the issue of notices.issue")
	f.BoolVar(&o.force, "force", false, "replace files that exist")
	f.StringVar(&o.branch, "baseline-branch", "", "`branch` whose runs are the baseline (default: git's)")
	return cmd
}

// initRepository writes what the repository lacks.
func (a *app) initRepository(ctx context.Context, o initOptions) error {
	root, err := repositoryRoot()
	if err != nil {
		return usage(err)
	}
	plan, err := a.initPlan(ctx, root, o)
	if err != nil {
		return usage(err)
	}
	written, kept := 0, []string(nil)
	for _, p := range plan {
		state, err := p.place(root, o.force)
		if err != nil {
			return failure(err)
		}
		switch state {
		case stateWritten:
			written++
		case stateKept:
			kept, p.about = append(kept, p.name), "exists"
		}
		if _, err := fmt.Fprintf(a.Stdout, "%-9s %-39s %s\n", state, p.name, p.about); err != nil {
			return failure(err)
		}
	}
	if written == 0 && len(kept) > 0 {
		return usage(fmt.Errorf("nothing is written: %s; --force replaces what exists", exist(kept)))
	}
	a.say("commit and push them; plumbline doctor says what is still in the way")
	return nil
}

func exist(names []string) string {
	if len(names) == 1 {
		return names[0] + " exists"
	}
	return strings.Join(names, ", ") + " exist"
}

// repositoryRoot is the working folder, which must be the root of a repository:
// GitHub looks for workflows nowhere else.
func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			if at != dir {
				return "", fmt.Errorf("init: the root of the repository is %s; run it there", at)
			}
			return dir, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("init: neither %s nor a folder above it is a git repository; run it in the root of one", dir)
		}
	}
}

// planned is a file that init may write.
type planned struct{ name, about, text string }

// What became of a file.
const (
	stateWritten = "wrote"
	stateKept    = "kept"
	stateSame    = "unchanged"
)

// place writes the file below root. One that exists it replaces by force alone.
func (p planned) place(root string, force bool) (state string, err error) {
	name := filepath.Join(root, filepath.FromSlash(p.name))
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, []byte(p.text)) {
		return stateSame, nil
	}
	if _, err := os.Lstat(name); err == nil && !force {
		return stateKept, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", fmt.Errorf("write %s: %w", p.name, err)
	}
	return stateWritten, replaceFile(name, func(f *os.File) error {
		_, err := f.WriteString(p.text)
		return err
	})
}

// initPlan is what the repository should have.
func (a *app) initPlan(ctx context.Context, root string, o initOptions) ([]planned, error) {
	tree := os.DirFS(root)
	files, errs := workflow.Read(tree)
	for _, err := range errs {
		a.say("%v: passed over", err)
	}
	isThere := slices.ContainsFunc(files, func(f workflow.File) bool { return f.Path == workflow.CheckFile })
	var names []string // of the workflows that measure
	for _, f := range workflow.Checks(files) {
		if f.Path != workflow.CheckFile || !o.force {
			names = append(names, f.Name)
		}
	}
	var plan []planned
	if len(names) == 0 || isThere || o.force {
		p, err := a.checkWorkflow(ctx, root, o)
		if err != nil {
			return nil, err
		}
		plan = append(plan, p)
		if !isThere || o.force {
			names = append(names, workflow.CheckName)
		}
	} else {
		a.say("%s uses plumbline already: no other workflow is written for it", workflow.Checks(files)[0].Path)
	}
	plan = append(plan, planned{cmp.Or(a.settings.config, ConfigFile), "every key in a comment", config.Sample()})
	if o.forks {
		if len(names) == 0 {
			return nil, fmt.Errorf("init: no step of %s uses plumbline, so there is nothing to report on; --force replaces it", workflow.CheckFile)
		}
		plan = append(plan, planned{workflow.ReportFile, "after runs of " + quoted(names), workflow.Report(names)})
	}
	return plan, nil
}

func quoted(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(all, ", ")
}

// checkWorkflow is the workflow that measures.
func (a *app) checkWorkflow(ctx context.Context, root string, o initOptions) (p planned, err error) {
	var kits []workflow.Kit
	if len(o.command) > 0 {
		k, err := workflow.Command(o.command)
		if err != nil {
			return p, fmt.Errorf("init: %w", err)
		}
		kits = []workflow.Kit{k}
	} else if kits = workflow.Detect(os.DirFS(root)); len(kits) == 0 {
		return p, fmt.Errorf("init: %s has no %s: say what runs the tests, such as: plumbline init -- make test", root, strings.Join(workflow.Kinds(), ", "))
	}
	var about []string
	for _, k := range kits {
		results := "its time, and the tests that it prints"
		if len(k.Results) > 0 {
			results = strings.Join(k.Results, ", ")
		}
		about = append(about, cmp.Or(k.Found, "the command")+": "+results)
	}
	return planned{workflow.CheckFile, strings.Join(about, "; "), workflow.Check(kits, cmp.Or(o.branch, a.mainBranch(ctx)), o.issues)}, nil
}

// mainBranch is the branch that changes are merged into, as far as git tells: the
// remote's, a usual name that there is, or the one that is checked out.
func (a *app) mainBranch(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	if conf, err := a.configFile(); err == nil && conf.Baseline.Branch != "" {
		return conf.Baseline.Branch
	}
	if ref, err := a.git(ctx, "symbolic-ref", "--short", "refs/remotes/origin/HEAD"); err == nil {
		return strings.TrimPrefix(ref, "origin/")
	}
	for _, b := range []string{"main", "master"} {
		if _, err := a.git(ctx, "rev-parse", "--verify", "--quiet", "refs/heads/"+b); err == nil {
			return b
		}
	}
	here, _ := a.git(ctx, "symbolic-ref", "--short", "HEAD")
	return cmp.Or(here, "main")
}
