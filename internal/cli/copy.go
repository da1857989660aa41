package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// copyOptions are the flags of copy.
type copyOptions struct {
	repos repos
	since string
	dry   bool
}

func newCopy(a *app) *cobra.Command {
	var o copyOptions
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy the runs of one store into another, and compare them",
		Long: `Copy the runs of one store, file or archive into another store, the oldest
first, and read again what arrived: count and checksum of both are told. What is
there already stays as it is and is not copied again, so that a copy that was
interrupted goes on where it was. - is the store of PLUMBLINE_PATH or of the
configuration.

Exit status 3 says that something was not copied: a run that is there with
another content, one that was refused, or a line that cannot be read.`,
		Example: `plumbline copy .plumbline git:perf
plumbline copy history.jsonl.gz - --since 2026-01-01 --dry-run`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(fmt.Errorf("want two stores, as in: plumbline copy .plumbline git:perf; there are %d", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.repos.valid(); err != nil {
				return err
			}
			return a.copy(cmd.Context(), o, args[0], args[1])
		},
	}
	f := cmd.Flags()
	o.repos.flag(f)
	f.StringVar(&o.since, "since", "", "only runs of this `day` or age and later, such as 2026-03-01 or 90d")
	f.BoolVar(&o.dry, "dry-run", false, "say what would be copied and store nothing")
	return cmd
}

func (a *app) copy(ctx context.Context, o copyOptions, fromPath, toPath string) error {
	if a.settings.disabled {
		a.say("disabled: nothing was copied")
		return nil
	}
	since, err := a.since(o.since)
	if err != nil {
		return usage(fmt.Errorf("--since %q: %w", o.since, err))
	}
	if fromPath, err = a.copyPath("FROM", fromPath); err != nil {
		return err
	}
	if toPath, err = a.copyPath("TO", toPath); err != nil {
		return err
	}
	if toPath == fromPath || store.Scheme(toPath)+store.Scheme(fromPath) == "" && filepath.Clean(toPath) == filepath.Clean(fromPath) {
		return usage(fmt.Errorf("FROM and TO are both %s: want two stores", store.Name(toPath)))
	}
	from, err := a.openRead(fromPath)
	if err != nil {
		return err
	}
	if err := takesRuns(toPath); err != nil {
		return err
	}
	to, err := a.open(toPath)
	if err != nil {
		return err
	}
	p := a.startProgress("copied %d runs")
	r, err := baseline.Copy(ctx, from, to, baseline.CopyOptions{
		Filter: baseline.Filter{Repositories: o.repos, Since: since}, DryRun: o.dry, Each: p.add,
		Tell: func(err error) { a.say("not copied: %v", err) },
	})
	p.done()
	return a.copied(r, err, o.dry, store.Name(fromPath), store.Name(toPath))
}

// copyPath is an argument of copy.
func (a *app) copyPath(what, path string) (string, error) {
	if path == "-" {
		return a.storePath()
	}
	if err := unsaid(what, path); err != nil {
		return "", err
	}
	return plainPath(path), nil
}

// since reads a day, or an age that is counted back from now. Empty is the zero
// time.
func (a *app) since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	age, err := config.ParseAge(text)
	if err != nil {
		return time.Time{}, errors.New("want a day such as 2026-03-01, or an age such as 90d")
	}
	return a.Now().Add(-age), nil
}

// copied tells what became of a copy. Its error carries the exit status.
func (a *app) copied(r baseline.CopyResult, failed error, dry bool, from, to string) error {
	did := "copied"
	if dry {
		did = "to be copied; nothing was"
	}
	_, err := fmt.Fprintf(a.Stdout, "%s %s\n%d were there, %d differ, %d refused, %d unreadable\n",
		count(r.Copied, "run"), did, r.There, r.Differ, r.Refused, r.Unreadable)
	if err == nil && !dry {
		_, err = fmt.Fprintf(a.Stdout, "%d read  sha256 %s  %s\n%d there sha256 %s  %s\n", r.From.Runs, r.From, from, r.To.Runs, r.To, to)
	}
	switch {
	case failed != nil:
		return failure(fmt.Errorf("copy %s to %s: %w; the same command goes on where this one ended", from, to, failed))
	case err != nil:
		return failure(err)
	case r.Whole(), dry && r.Differ+r.Unreadable == 0:
		return nil
	case r.Differ+r.Refused+r.Unreadable+r.Lost == 0:
		return failure(fmt.Errorf("what %s has now is not what was read of %s: the checksums differ", to, from))
	}
	return &exitError{status: exitFailure}
}
