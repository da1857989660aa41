package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

func newExplain(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "explain METRIC",
		Short: "Show all that the verdict on one metric stands on",
		Long: `Show all that the verdict on one metric stands on: its values, the level and
since when, what the whole run did to it, its noise, the threshold and where it
is from, the arithmetic, limit, rule and waiver. It judges as check does with
the same flags; its exit status is 0 whatever the verdict.`,
		Example: `plumbline explain command.seconds
plumbline explain build.seconds --history history.jsonl.gz --head head.jsonl`,
		Args: oneArg("metric", "build.seconds"),

		ValidArgsFunction: a.completeMetric,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.format != "text" {
				return usage(fmt.Errorf("--format %q: want text; check --format json has every figure", o.format))
			}
			if err := o.valid(); err != nil {
				return usage(err)
			}
			return a.explain(cmd.Context(), o, args[0])
		},
	}
	o.flags(cmd.Flags(), false)
	f := cmd.Flags()
	f.Lookup("format").Usage = "text"
	f.Lookup("all").Usage = "list every baseline run"
	return cmd
}

func (a *app) explain(ctx context.Context, o checkOptions, name string) error {
	e, err := a.explanation(ctx, o, name)
	if err != nil {
		return err
	}
	text := a.textOptions()
	text.All = o.all
	return failure(report.Explain(a.Stdout, e, text))
}

// explanation judges the head run and keeps what the verdict on one metric stands on.
func (a *app) explanation(ctx context.Context, o checkOptions, name string) (check.Explanation, error) {
	s, err := a.openPart(ctx, o.history, o.repos)
	if err != nil {
		return check.Explanation{}, err
	}
	looks, err := a.headRuns(ctx, s, o.head)
	if err != nil {
		return check.Explanation{}, err
	}
	conf, err := a.readConfig(o)
	if err != nil {
		return check.Explanation{}, err
	}
	conf.Gate.Now = a.Now()
	b, err := a.fetch(ctx, s, conf, looks[0], o)
	if err != nil {
		return check.Explanation{}, err
	}
	looks, gate := look(looks, b, conf.Gate)
	e, ok := check.Explain(looks, b, gate, name)
	if !ok {
		return e, usage(&nothingError{unknownMetric(name, looks[0], b)})
	}
	return e, nil
}

// nothingError says that what was asked for is not there yet, or never was.
type nothingError struct{ error }

// suggested is how many names an error offers.
const suggested = 5

func unknownMetric(name string, head collect.Run, b baseline.Baseline) error {
	near := report.Nearest(name, metricNames(head.Metrics, b.Metrics), suggested)
	if len(near) == 0 {
		return fmt.Errorf("no metric %q in the head run or its baseline; plumbline check --all lists them", name)
	}
	return fmt.Errorf("no metric %q in the head run or its baseline; did you mean one of these?\n  %s", name, strings.Join(near, "\n  "))
}

func metricNames(lists ...[]collect.Metric) []string {
	var names []string
	for _, ms := range lists {
		for _, m := range ms {
			names = append(names, m.Name)
		}
	}
	return names
}

// completeMetric completes the names of the newest run's metrics.
func (a *app) completeMetric(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, err := a.openPart(cmd.Context(), "", nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	looks, err := a.headRuns(cmd.Context(), s, "")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return metricNames(looks[0].Metrics), cobra.ShellCompDirectiveNoFileComp
}
