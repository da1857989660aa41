package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/internal/config"
)

func newPrune(a *app) *cobra.Command {
	var keep baseline.Keep
	var within string
	var dry bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old runs from the store",
		Long: `Remove the runs that no --keep flag wants kept. Lines that cannot be read are
never removed, and runs that are stored meanwhile are not touched.`,
		Example: `plumbline prune --keep 200 --dry-run
plumbline prune --keep 50 --keep-within 90d`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if keep.Last < 0 {
				return usage(fmt.Errorf("--keep %d: want 1 or more", keep.Last))
			}
			if within != "" {
				d, err := config.ParseAge(within)
				if err != nil {
					return usage(fmt.Errorf("--keep-within: %w", err))
				}
				keep.Within = d
			}
			if !keep.Limits() {
				return usage(errors.New("say what to keep: --keep N, --keep-within AGE, or both"))
			}
			return a.prune(cmd.Context(), keep, dry)
		},
	}
	f := cmd.Flags()
	f.IntVar(&keep.Last, "keep", 0, "keep the newest `N` runs of each suite and branch")
	f.StringVar(&within, "keep-within", "", "keep the runs that are no older than this `age`, such as 90d")
	f.BoolVar(&dry, "dry-run", false, "say what would go and remove nothing")
	return cmd
}

func (a *app) prune(ctx context.Context, keep baseline.Keep, dry bool) error {
	if err := a.writable(""); err != nil {
		return err
	}
	s, err := a.openHistory("")
	if err != nil {
		return err
	}
	entries, err := a.entries(ctx, s, 0, func(baseline.Entry) bool { return true })
	if err != nil {
		return err
	}
	var gone []string
	for _, f := range keep.Plan(entries, a.Now()) {
		if f.Kept {
			continue
		}
		gone = append(gone, f.ID)
		if _, err := fmt.Fprintf(a.Stdout, "%s  %s  %s\n", f.ID, f.Time.UTC().Format("2006-01-02 15:04"), strings.Join(f.Reasons, "; ")); err != nil {
			return failure(err)
		}
	}
	if dry {
		a.say("%s of %d would be removed; nothing was", count(len(gone), "run"), len(entries))
		return nil
	}
	if len(gone) > 0 {
		if err := s.Delete(ctx, gone...); err != nil {
			return failure(err)
		}
	}
	a.say("removed %s of %d", count(len(gone), "run"), len(entries))
	return nil
}
