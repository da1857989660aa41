package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/watch"
	"github.com/plumbline-ci/plumbline/internal/watch/live"
)

func newWatch(a *app) *cobra.Command {
	interval := seconds{d: time.Second}
	var filter string
	cmd := &cobra.Command{
		Use:   "watch [PID|SOCKET|URL]",
		Short: "Watch a run under way, or a recorder, on the terminal",
		Long: `Watch a run under way, or the recorder of a program, on the terminal: rates,
counters, gauges, percentiles, errors, CPU and RAM. Without an argument it is
the one run of yours that is under way. Where there is no terminal, a line at
each interval is written. Keys: q quit, / filter, s sort, arrows scroll, ? help.`,
		Example: `plumbline watch
plumbline watch --interval 5 --filter http. http://localhost:8080/metrics`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.settings.check(); err != nil {
				return err
			}
			source, err := watched(cmd.Context(), args)
			if err != nil {
				return err
			}
			defer source.Close()
			return failure(a.watch(cmd.Context(), watch.Options{Source: source, Interval: interval.d, Filter: filter, Out: a.Stdout}))
		},
	}
	cmd.Flags().Var(&interval, "interval", "time between two looks")
	cmd.Flags().StringVar(&filter, "filter", "", "show series whose name has this `text`")
	return cmd
}

// watch shows a screen where there is one, else lines.
func (a *app) watch(ctx context.Context, o watch.Options) error {
	if out, ok := a.Stdout.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		o.Width, _, _ = term.GetSize(int(out.Fd()))
		if name := a.Getenv("TERM"); name != "" && name != "dumb" {
			return watch.Screen(ctx, o)
		}
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return watch.Lines(ctx, o)
}

// watched is what the arguments name.
func watched(ctx context.Context, args []string) (*live.Source, error) {
	if len(args) == 0 {
		return onlyRun(ctx)
	}
	if pid, err := strconv.Atoi(args[0]); err == nil {
		return runOf(ctx, pid)
	}
	if filepath.Ext(args[0]) == ".sock" && !strings.Contains(args[0], "://") {
		return live.AtSocket(args[0]), nil
	}
	source, err := live.AtURL(args[0])
	return source, usage(err)
}

// onlyRun is the run under way, where there is one and no other.
func onlyRun(ctx context.Context) (*live.Source, error) {
	runs, err := live.Runs(ctx, live.Folder())
	switch {
	case err != nil:
		return nil, failure(err)
	case len(runs) == 0:
		return nil, failure(errors.New("no run of yours is under way here; start one with plumbline run, or give the address of a recorder, such as http://localhost:8080/metrics"))
	case len(runs) == 1:
		return live.AtSocket(runs[0].Socket), nil
	}
	return nil, usage(fmt.Errorf("%d runs are under way; say which, by its number:%s", len(runs), listOf(runs)))
}

func runOf(ctx context.Context, pid int) (*live.Source, error) {
	runs, err := live.Runs(ctx, live.Folder())
	if err != nil {
		return nil, failure(err)
	}
	for _, r := range runs {
		if r.PID == pid {
			return live.AtSocket(r.Socket), nil
		}
	}
	if len(runs) == 0 {
		return nil, usage(fmt.Errorf("%d: no run of yours is under way here", pid))
	}
	return nil, usage(fmt.Errorf("%d is no run under way; these are:%s", pid, listOf(runs)))
}

// listOf are runs, a line each.
func listOf(runs []live.Run) string {
	var b strings.Builder
	for _, r := range runs {
		up := r.Status.Time.Sub(r.Status.Started).Truncate(time.Second)
		fmt.Fprintf(&b, "\n  %d  up %s  %s", r.PID, up, report.Clean(r.Status.Name, 100))
	}
	return b.String()
}
