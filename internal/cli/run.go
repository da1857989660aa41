package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
	"github.com/plumbline-ci/plumbline/collect/probe"
)

// runOptions are the flags of run.
type runOptions struct {
	name, typ, prefix, output string
	dir                       string // where the command runs; empty: here
	results, collects         []string
	repeat, runs              int
	quiet, noParse            bool
	noReporters               bool // ask no tool for a report
	ruler                     bool // measure how quiet and how fast the machine is
	judge                     bool
	confirm                   int
	confirmGiven              bool                      // else as the configuration says
	rerunOf                   string                    // the run that is to be confirmed
	keep                      func(collect.Metric) bool // of what was measured; nil: all
	check                     checkOptions
	srcs                      []source
	listen                    listenOptions
	cover                     coverageOptions
	sources                   parse.Sources // what cover asks for
	sizes                     sizeOptions   // of what the command made
	live                      *liveRun      // what who watches is told; nil: nobody may
}

func newRun(a *app) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [flags] -- COMMAND ARG...",
		Short: "Run a command, measure it and what it prints, store one run",
		Long: `Run a command, measure all its processes, read what it prints and the result
files it writes. Input, output, signals and exit status pass through untouched.`,
		Example: `plumbline run --name unit --results 'out/*.xml' -- pytest --junitxml=out/t.xml
plumbline run -q --runs 8 --check -- go test -json ./...`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.confirmGiven = cmd.Flags().Changed("confirm")
			return a.run(cmd.Context(), &o, args)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return withStatus(exitRunFailed, plainFlag(err)) })
	f := cmd.Flags()
	f.SetInterspersed(false) // the command's own flags are the command's
	f.StringVar(&o.name, "name", "", "the suite's `name`, which keys its baseline")
	f.StringVar(&o.typ, "type", "command", "its metrics begin with `it`")
	f.StringArrayVar(&o.results, "results", nil, "result files that it writes: a `glob`; repeat it")
	f.StringArrayVar(&o.collects, "collect", nil, "the same, as `FORMAT=GLOB`")
	f.StringVar(&o.prefix, "prefix", "", "tests' metrics begin with this `word`")
	f.IntVar(&o.repeat, "repeat", 1, "run it `K` times: samples of one run")
	f.IntVar(&o.runs, "runs", 1, "do it all `N` times: N runs")
	f.StringVar(&o.output, "output", "", "write to this `file` or -, not to the store")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "do not show the command's standard output")
	f.BoolVar(&o.noParse, "no-parse", false, "do not read the command's standard output")
	f.BoolVar(&o.noReporters, "no-reporters", false, "ask test tools for no report of their own")
	f.StringArrayVar(&o.listen.scrape, "scrape", nil, "read this Prometheus page: a `URL`; repeat it")
	f.BoolVar(&o.listen.off, "no-listen", false, "take no StatsD or OTLP from the command")
	f.BoolVar(&o.ruler, "ruler", isTrue(a.Getenv("PLUMBLINE_RULER")), "measure noise and ruler.seconds")
	o.sizes.flags(f)
	f.BoolVar(&o.judge, "check", false, "then judge the last run, as check does")
	f.IntVar(&o.confirm, "confirm", 0, "run suspects again, `K` times at most")
	o.cover.flags(f)
	o.check.flags(f, true)
	return cmd
}

func (a *app) run(ctx context.Context, o *runOptions, args []string) error {
	if err := o.valid(args); err != nil {
		return withStatus(exitRunFailed, err)
	}
	if err := a.settings.check(); err != nil {
		return &exitError{exitRunFailed, err}
	}
	if a.settings.disabled {
		res, err := probe.Run(ctx, probe.Command{Args: args})
		return childError(res, err)
	}
	if err := a.ready(ctx, o); err != nil {
		return &exitError{exitRunFailed, err}
	}
	var end func(error)
	o.live, end = a.liveRun(o, args)
	err := a.measureRuns(ctx, o, args)
	end(err)
	return err
}

// measureRuns makes the runs that were asked for, and judges the last.
func (a *app) measureRuns(ctx context.Context, o *runOptions, args []string) error {
	var last collect.Run
	for range o.runs {
		run, err := a.measureRun(ctx, o, args)
		if err != nil {
			return err
		}
		last = run
	}
	if o.judge {
		return a.judgeRun(ctx, o, args, last)
	}
	return nil
}

// ready finds what would stop the command's run from being stored or judged,
// before hours of work are lost to it.
func (a *app) ready(ctx context.Context, o *runOptions) error {
	var err error
	if o.sources, err = o.cover.sources(ctx, o.dir); err != nil {
		return err
	}
	if err := a.writable(o.output); err != nil || !o.judge {
		return err
	}
	_, err = a.readConfig(o.check)
	return err
}

func (o *runOptions) valid(args []string) error {
	switch {
	case len(args) == 0:
		return errors.New("no command to run; want: plumbline run -- COMMAND ARG")
	case o.repeat < 1:
		return fmt.Errorf("--repeat %d: want 1 or more", o.repeat)
	case o.runs < 1:
		return fmt.Errorf("--runs %d: want 1 or more", o.runs)
	case o.confirm < 0 || o.confirm > maxConfirm:
		return fmt.Errorf("--confirm %d: want 0 to %d", o.confirm, maxConfirm)
	case o.confirm > 0 && !o.judge:
		return errors.New("--confirm needs --check, which finds what is suspect")
	case o.judge && o.output != "":
		return errors.New("--check needs the run in the store; leave out --output")
	case o.runs > 1 && o.output != "" && o.output != "-":
		return errors.New("--runs would write the same --output again and again; leave one out")
	}
	if err := validType(o.typ); err != nil {
		return err
	}
	for _, g := range o.results {
		o.srcs = append(o.srcs, source{"", g})
	}
	for _, c := range o.collects {
		s, err := parseFormatSource(c)
		if err != nil {
			return err
		}
		o.srcs = append(o.srcs, s)
	}
	if err := errors.Join(o.listen.valid(), o.sizes.valid()); err != nil {
		return err
	}
	return o.check.valid()
}

func validType(typ string) error {
	if strings.TrimSpace(typ) == "" || strings.ContainsAny(typ, "\n[]=,") {
		return fmt.Errorf("--type %q: want a word that can begin a metric's name, such as build", typ)
	}
	return nil
}

// measureRun runs the command as often as one run asks for, stores the run
// whatever became of the command, and returns an error that carries the
// command's status unless it was 0.
func (a *app) measureRun(ctx context.Context, o *runOptions, args []string) (collect.Run, error) {
	run, err := a.newStoredRun(ctx, o.typ, o.name)
	if err != nil {
		return run, &exitError{exitRunFailed, err}
	}
	run.Operation, run.RerunOf = strings.Join(args, " "), o.rerunOf
	pending, err := newPending()
	if err != nil {
		return run, &exitError{exitRunFailed, err}
	}
	defer pending.remove()
	fold := parse.NewSheet("")
	var child, own error
	for i := 0; i < o.repeat && child == nil; i++ {
		var res probe.Result
		var ms []collect.Metric
		res, ms, own, child = a.measureOnce(ctx, o, args, pending)
		if child != nil && res.Start.IsZero() {
			return run, child // it never ran: there is nothing to store
		}
		run.Duration += res.Wall.Seconds()
		for _, m := range ms {
			if o.keep == nil || o.keep(m) {
				fold.Add(m)
			}
		}
	}
	if child == nil { // else there is nothing new to measure
		ms, err := o.sizes.measure(ctx)
		for _, m := range ms {
			fold.Add(m)
		}
		own = errors.Join(own, err)
	}
	run.Metrics, run.Success = fold.Metrics(), collect.Succeeded
	if child != nil {
		run.Success = collect.Failed
	}
	switch err := a.deliver(ctx, run, o.output); {
	case waits(err):
		a.say("NOT STORED: %v", err) // and not lost, so that the command's status stands
	case err != nil:
		own = errors.Join(own, err)
	}
	return run, a.settle(child, own)
}

// settle chooses between the command's failure and our own: the command's
// status passes through, and then ours is only said.
func (a *app) settle(child, own error) error {
	if own == nil {
		return child
	}
	if child != nil {
		a.say("%v", own)
		return child
	}
	return &exitError{exitRunFailed, own}
}

// measureOnce runs the command once. Own is what plumbline could not do and
// child says that the command failed.
func (a *app) measureOnce(ctx context.Context, o *runOptions, args []string, p *pending) (res probe.Result, ms []collect.Metric, own, child error) {
	sheet, live := parse.NewSheet(o.prefix), parse.NewSheet(o.prefix)
	sheet.Sources = o.sources
	asked, err := a.askReporters(ctx, o, args)
	if err != nil {
		return res, nil, nil, &exitError{exitRunFailed, err}
	}
	defer asked.remove()
	sent, env, unheard := a.listen(o.listen, append(environIn(o.dir), pendingEnv+"="+p.name))
	c := probe.Command{Args: args, Dir: o.dir, Env: env, Interval: a.settings.interval.d, Quiet: o.quiet, Observe: o.live.observe}
	o.live.begin(sent)
	asked.join(&c)
	out := readOutput(live)
	if !o.noParse {
		c.Tee = out
	}
	built := newBuild(o.dir, args)
	var noise *probe.Noise
	if o.ruler {
		noise = probe.StartNoise()
	}
	res, err = probe.Run(ctx, c)
	out.close()
	heard := a.heard(sent)
	child = childError(res, err)
	if err != nil {
		return res, nil, nil, child
	}
	quiet := noise.Metrics()
	for _, n := range res.Notes {
		a.say("%s", n)
	}
	switch { // nobody asked for this reading: what went wrong is said and no failure
	case errors.Is(out.err, parse.ErrTorn):
		a.say("the command's output ends in the middle of a line; what stood before it counts: %v", out.err)
	case out.err != nil:
		a.say("the command's output looked like %s but could not be read: %v", out.format, out.err)
	}
	own = a.readSources(o.srcs, res.Start, sheet)
	asked.collect(a, sheet, live, out.format)
	recorded, err := p.take()
	own = errors.Join(own, err, unheard, heard.Err)
	ms = slices.Concat(res.Metrics(o.typ), built.metrics(ctx, res), quiet, sheet.Metrics(), heard.Metrics)
	return res, append(ms, recorded...), own, child
}

// childError is the command's status as an error, nil for 0.
func childError(res probe.Result, err error) error {
	if x := (*probe.StartError)(nil); errors.As(err, &x) {
		return &exitError{x.Status(), err}
	}
	if err != nil {
		return &exitError{exitRunFailed, err}
	}
	if res.Status != 0 {
		return &exitError{status: res.Status}
	}
	return nil
}

// pending is the file through which commands under run record metrics.
type pending struct{ name string }

func newPending() (*pending, error) {
	f, err := os.CreateTemp("", "plumbline-run-*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("make a file for recorded metrics: %w", err)
	}
	return &pending{f.Name()}, f.Close()
}

// take returns what was recorded so far, once.
func (p *pending) take() ([]collect.Metric, error) {
	f, err := os.Open(p.name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ms, err := readPending(f)
	if err != nil {
		return ms, err
	}
	return foldMetrics(ms), os.Truncate(p.name, 0)
}

func (p *pending) remove() { os.Remove(p.name) }
