package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

func newLs(a *app) *cobra.Command {
	var limit int
	var typ, branch string
	var only repos
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the stored runs, newest first",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return usage(fmt.Errorf("--limit %d: want 0 for all, or how many", limit))
			}
			if err := only.valid(); err != nil {
				return err
			}
			s, err := a.openHistory("")
			if err != nil {
				return err
			}
			list, err := a.entries(cmd.Context(), baseline.Only(s, only), limit, func(e baseline.Entry) bool {
				return (typ == "" || e.Type == typ) && (branch == "" || e.Branch == branch)
			})
			if err != nil {
				return err
			}
			rows := make([]collect.Origin, len(list))
			for i, e := range list {
				rows[i] = e.Origin
			}
			if path, err := a.storePath(); err == nil {
				a.tellWaiting(cmd.Context(), path)
			}
			return failure(report.Runs(a.Stdout, rows, a.textOptions()))
		},
	}
	f := cmd.Flags()
	f.IntVar(&limit, "limit", 20, "list at most so many; 0 is all")
	f.StringVar(&typ, "type", "", "only runs of this `type`")
	f.StringVar(&branch, "branch", "", "only runs of this `branch`")
	only.flag(f)
	return cmd
}

// entries returns the newest runs that fit, newest first; a limit of 0 is all.
// Lines that cannot be read are said and passed over.
func (a *app) entries(ctx context.Context, s baseline.Store, limit int, fits func(baseline.Entry) bool) ([]baseline.Entry, error) {
	var all []baseline.Entry
	for e, err := range s.List(ctx, baseline.Filter{}) {
		if err != nil {
			if err := a.badRun(err); err != nil {
				return all, err
			}
			continue
		}
		if fits(e) {
			all = append(all, e)
		}
		if limit > 0 && len(all) == limit {
			break
		}
	}
	return all, nil
}

// badRun says what is wrong with one stored run and goes on, or returns the
// error where the whole store cannot be read.
func (a *app) badRun(err error) error {
	if line := (*collect.LineError)(nil); !errors.As(err, &line) {
		return failure(err)
	}
	a.say("%v: passed over", err)
	return nil
}

func newShow(a *app) *cobra.Command {
	var format string
	var only repos
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one stored run: a unique beginning of its id, or latest",
		Args:  oneArg("run", "latest"),

		ValidArgsFunction: a.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usage(fmt.Errorf("--format %q: want text or json", format))
			}
			s, err := a.openForRun(cmd.Context(), args[0], only)
			if err != nil {
				return err
			}
			e, err := baseline.Find(cmd.Context(), s, args[0])
			if err != nil {
				return found(err)
			}
			run, err := s.Get(cmd.Context(), e)
			if err != nil {
				return failure(err)
			}
			if format == "json" {
				return failure(collect.Encode(a.Stdout, run))
			}
			return failure(report.Run(a.Stdout, run, a.textOptions()))
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, or json for the record")
	only.flag(cmd.Flags())
	completeWords(cmd, "format", "text", "json")
	return cmd
}

func (a *app) textOptions() report.TextOptions {
	return report.TextOptions{Color: a.color(), Width: a.width()}
}
