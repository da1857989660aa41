package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// pruneOptions are the flags of prune. Those of the rules are empty or 0 where
// the configuration decides.
type pruneOptions struct {
	last, oldLast                                  int
	within, hourly, daily, weekly, monthly, yearly string
	branches, events, tags                         []string
	dry                                            bool
	archive, format                                string
	repos                                          repos
}

func newPrune(a *app) *cobra.Command {
	var o pruneOptions
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old runs from the store, by rules of count and age",
		Long: `Remove the runs that no rule wants kept: those of the configuration's retention
and of the --keep flags, which win over the key of the same name. The newest run
of a suite and branch stays, and so does what a pinned baseline, a waiver or an
accepted level refers to. Lines that cannot be read stay too.`,
		Example: `plumbline prune --keep-within 30d --keep-daily 1y --keep-tag 'v*' --dry-run
plumbline prune --keep-last 50 --archive dir:old-runs`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("keep") {
				a.say("--keep is now --keep-last")
				o.last = o.oldLast
			}
			return a.prune(cmd.Context(), o)
		},
	}
	o.flags(cmd.Flags())
	completeWords(cmd, "format", "text", "json")
	return cmd
}

func (o *pruneOptions) flags(f *pflag.FlagSet) {
	f.IntVar(&o.last, "keep-last", 0, "keep the newest `N` runs of each suite and branch")
	f.IntVar(&o.oldLast, "keep", 0, "what --keep-last was")
	_ = f.MarkHidden("keep")
	f.StringVar(&o.within, "keep-within", "", "keep the runs no older than this `age`, such as 90d")
	for _, t := range o.thins() {
		f.StringVar(t.text, "keep-"+t.key, "", "keep one of each "+t.unit+", for `N` "+t.unit+"s or an age")
	}
	f.StringArrayVar(&o.branches, "keep-branch", nil, "keep the runs of branches that fit this `pattern`")
	f.StringArrayVar(&o.events, "keep-event", nil, "keep the runs of events that fit this `pattern`")
	f.StringArrayVar(&o.tags, "keep-tag", nil, "keep the runs of commits whose tag fits this `pattern`")
	o.repos.flag(f)
	f.BoolVar(&o.dry, "dry-run", false, "list all runs with the reasons, and remove none")
	f.StringVar(&o.archive, "archive", "", "copy what goes to this `store` first, and compare")
	f.StringVar(&o.format, "format", "text", "text or json")
}

// thinFlag is a flag that keeps one run a period.
type thinFlag struct {
	key, unit string
	text      *string
	of        func(*baseline.Keep) *baseline.Thin
}

func (o *pruneOptions) thins() []thinFlag {
	return []thinFlag{
		{"hourly", "hour", &o.hourly, func(k *baseline.Keep) *baseline.Thin { return &k.Hourly }},
		{"daily", "day", &o.daily, func(k *baseline.Keep) *baseline.Thin { return &k.Daily }},
		{"weekly", "week", &o.weekly, func(k *baseline.Keep) *baseline.Thin { return &k.Weekly }},
		{"monthly", "month", &o.monthly, func(k *baseline.Keep) *baseline.Thin { return &k.Monthly }},
		{"yearly", "year", &o.yearly, func(k *baseline.Keep) *baseline.Thin { return &k.Yearly }},
	}
}

// over lets the flags override what the configuration says.
func (o *pruneOptions) over(r *config.Retention) (err error) {
	if o.last < 0 {
		return fmt.Errorf("--keep-last %d: want 1 or more", o.last)
	}
	if o.last > 0 {
		r.Keep.Last = o.last
	}
	if o.within != "" {
		if r.Keep.Within, err = config.ParseAge(o.within); err != nil {
			return fmt.Errorf("--keep-within: %w", err)
		}
	}
	for _, t := range o.thins() {
		if *t.text == "" {
			continue
		}
		if *t.of(&r.Keep), err = config.ParseThin(*t.text); err != nil {
			return fmt.Errorf("--keep-%s: %w", t.key, err)
		}
	}
	for _, p := range []struct {
		flag string
		from []string
		to   *[]string
	}{{"branch", o.branches, &r.Branches}, {"event", o.events, &r.Events}, {"tag", o.tags, &r.Tags}} {
		for _, s := range p.from {
			if s == "" {
				return fmt.Errorf("--keep-%s is empty; want a pattern", p.flag)
			}
		}
		if len(p.from) > 0 {
			*p.to = p.from
		}
	}
	if !r.Keep.Limits() {
		return errors.New("say what to keep: --keep-last N, --keep-within AGE, --keep-daily N or AGE, or others of prune --help, or retention in the configuration")
	}
	return nil
}

func (a *app) prune(ctx context.Context, o pruneOptions) error {
	if o.format != "text" && o.format != "json" {
		return usage(fmt.Errorf("--format %q: want text or json", o.format))
	}
	conf, err := a.configFile()
	if err != nil {
		return usage(err)
	}
	if err := o.over(&conf.Retention); err != nil {
		return usage(err)
	}
	if err := a.writable(""); err != nil {
		return err
	}
	if err := a.checkArchive(o.archive); err != nil {
		return usage(err)
	}
	// What other repositories of a shared store refer to is not known here.
	s, err := a.openPart(ctx, "", o.repos)
	if err != nil {
		return err
	}
	entries, err := a.entries(ctx, s, 0, func(baseline.Entry) bool { return true })
	if err != nil {
		return err
	}
	keep := conf.Retention.Keep
	if keep.Holds, err = a.holds(ctx, conf); err != nil {
		return usage(err)
	}
	fates := keep.Plan(entries, a.Now())
	if err := a.tellFates(fates, o); err != nil {
		return failure(fmt.Errorf("print the list: %w", err))
	}
	return a.carryOut(ctx, s, fates, o)
}

func (a *app) tellFates(fates []baseline.Fate, o pruneOptions) error {
	rows := make([]report.Fate, len(fates))
	for i, f := range fates {
		rows[i] = report.Fate{Run: f.Origin, Kept: f.Kept, Reasons: f.Reasons}
	}
	if o.format == "json" {
		return report.PruningJSON(a.Stdout, rows, o.dry)
	}
	return report.Pruning(a.Stdout, rows, o.dry, a.textOptions())
}

// carryOut archives and removes what goes. What is to be archived is removed only
// when all of it is.
func (a *app) carryOut(ctx context.Context, s baseline.Store, fates []baseline.Fate, o pruneOptions) error {
	var gone []string
	for _, f := range fates {
		if !f.Kept {
			gone = append(gone, f.ID)
		}
	}
	if o.dry {
		a.say("%s of %d would be removed; nothing was", count(len(gone), "run"), len(fates))
		return nil
	}
	if o.archive != "" && len(gone) > 0 {
		if err := a.archive(ctx, s, fates, o.archive); err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		if err := s.Delete(ctx, gone...); err != nil {
			return failure(err)
		}
	}
	a.say("removed %s of %d", count(len(gone), "run"), len(fates))
	return nil
}
