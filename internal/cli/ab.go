package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect/probe"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// abOptions are the flags of ab.
type abOptions struct {
	base, prepare      string
	typ, prefix        string
	budget             time.Duration
	maxPairs, minPairs int
	warmup             int
	limit, rate        string
	pin, format        string
	metrics            []string // patterns of what decides
	seed               uint64
	seeded, all        bool

	cpus       []int
	thresholds check.Thresholds
}

func newAB(a *app) *cobra.Command {
	var o abOptions
	cmd := &cobra.Command{
		Use:   "ab --base REF [flags] -- COMMAND ARG...",
		Short: "Measure base and head alternately on this machine and compare them",
		Long: `Measure a command on two states of the code, alternately on this machine, until
it is clear whether head is slower. It needs no history.

Head is the working folder as it is; base is checked out into a temporary
worktree, without submodules (let --prepare get them). Benchmarks that the
command prints decide, else its wall time does.`,
		Example: `plumbline ab --base main --prepare 'go build -o app .' -- ./app input.txt
plumbline ab --base HEAD~1 --limit 3% -- go test -run - -bench Parse ./parse`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.seeded = cmd.Flags().Changed("seed")
			return a.ab(cmd.Context(), &o, args)
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false) // the command's own flags are the command's
	f.StringVar(&o.base, "base", "", "branch, tag or commit to compare with: a `ref`")
	f.StringVar(&o.prepare, "prepare", "", "shell `command` that builds each side, run in base and in head before measuring")
	f.DurationVar(&o.budget, "budget", 10*time.Minute, "begin no pair that would end after this `time` of measuring")
	f.IntVar(&o.maxPairs, "max-pairs", 0, "measure at most `N` pairs")
	f.IntVar(&o.minPairs, "min-pairs", 5, "decide after `N` pairs at the earliest")
	f.IntVar(&o.warmup, "warmup", 1, "run each side `N` times before measuring")
	f.StringVar(&o.limit, "limit", "", "allowed worsening, such as 5% (default: the configuration's rules, then 2%)")
	f.StringVar(&o.limit, "threshold", "", "the same as --limit")
	f.StringVar(&o.rate, "alpha", "", "chance of a false alarm (default 5%)")
	f.StringArrayVar(&o.metrics, "metric", nil, "`pattern` of the metrics that decide, such as cpu.user_seconds; may be repeated")
	f.StringVar(&o.pin, "pin", "", "`CPUs` that the command may use, such as 1 or 0-3,6 (Linux)")
	f.Uint64Var(&o.seed, "seed", 0, "repeat the order of an earlier comparison (default: random)")
	f.StringVar(&o.typ, "type", "command", "metrics begin with this `word`")
	f.StringVar(&o.prefix, "prefix", "", "`name` that the tests' metrics begin with (default test, or pytest)")
	f.StringVar(&o.format, "format", "text", "text or json")
	f.BoolVar(&o.all, "all", false, "list every metric")
	completeWords(cmd, "format", "text", "json")
	return cmd
}

// ab measures, prints what came out, and returns an error with the exit status.
func (a *app) ab(ctx context.Context, o *abOptions, args []string) error {
	if err := a.abSettings(o, args); err != nil {
		return usage(err)
	}
	// From here on a signal ends the measuring and not the process: the worktree
	// must go.
	stop := listenForStop()
	defer stop.end()
	repo, err := openRepository(ctx, o.base)
	if err != nil {
		return err
	}
	tree, err := repo.checkOut(ctx)
	if err != nil {
		return stopped(stop, err)
	}
	defer func() {
		if err := tree.remove(); err != nil {
			a.say("%v", err)
		}
	}()
	m := &measuring{a: a, o: o, args: args, dirs: [2]string{tree.dir, repo.here}, stop: stop}
	if err := m.prepare(ctx); err != nil {
		return stopped(stop, err)
	}
	unpin, err := a.pin(o.cpus)
	if err != nil {
		return usage(fmt.Errorf("--pin %q: %w", o.pin, err))
	}
	defer unpin()
	c := newContest(o, m.once, a.Now)
	c.stopped, c.warn = stop.came, a.say
	p := a.startProgress("measured %d pairs")
	c.progress = p.add
	err = c.run(ctx)
	p.done()
	if err != nil {
		return stopped(stop, err)
	}
	return a.tellPairs(o, repo, c)
}

// tellPairs prints the result. Its error carries the exit status.
func (a *app) tellPairs(o *abOptions, repo *repository, c *contest) error {
	page := c.page()
	page.Base = report.Side{Ref: repo.ref, Commit: repo.base}
	page.Head = report.Side{Commit: repo.head, Dirty: repo.dirty}
	var err error
	if o.format == "json" {
		err = report.PairJSON(a.Stdout, page)
	} else {
		text := a.textOptions()
		text.All = o.all
		err = report.PairText(a.Stdout, page, text)
	}
	switch {
	case err != nil:
		return failure(fmt.Errorf("print the result: %w", err))
	case page.Fails:
		return &exitError{status: exitRegression}
	case page.Ended == report.EndedBySignal:
		return failure(errors.New("interrupted: the comparison is not complete"))
	}
	return nil
}

// abSettings checks the flags and joins them with the configuration.
func (a *app) abSettings(o *abOptions, args []string) error {
	if err := o.valid(args); err != nil {
		return err
	}
	if err := a.settings.check(); err != nil {
		return err
	}
	conf, err := a.configFile()
	if err != nil {
		return err
	}
	o.thresholds = conf.Gate
	if o.limit != "" {
		l, err := config.ParseLimit(o.limit)
		if err != nil {
			return fmt.Errorf("--limit %q: %w", o.limit, err)
		}
		o.thresholds.Limit = &l
	}
	if o.rate != "" {
		if o.thresholds.FalseAlarmRate, err = config.ParseRate(o.rate); err != nil {
			return fmt.Errorf("--alpha %q: %w", o.rate, err)
		}
	}
	if !o.seeded {
		o.seed = rand.Uint64()
	}
	return nil
}

func (o *abOptions) valid(args []string) (err error) {
	switch {
	case len(args) == 0:
		return errors.New("no command to measure; want: plumbline ab --base REF -- COMMAND ARG")
	case o.base == "":
		return errors.New("--base is missing; want the branch, tag or commit to compare with, such as --base main")
	case o.budget <= 0:
		return fmt.Errorf("--budget %v: want a time such as 10m", o.budget)
	case o.minPairs < 1:
		return fmt.Errorf("--min-pairs %d: want 1 or more", o.minPairs)
	case o.maxPairs < 0, o.maxPairs > 0 && o.maxPairs < o.minPairs:
		return fmt.Errorf("--max-pairs %d: want at least --min-pairs, which is %d", o.maxPairs, o.minPairs)
	case o.warmup < 0:
		return fmt.Errorf("--warmup %d: want 0 or more", o.warmup)
	case o.format != "text" && o.format != "json":
		return fmt.Errorf("--format %q: want text or json", o.format)
	}
	if err := validType(o.typ); err != nil {
		return err
	}
	o.cpus, err = parseCPUs(o.pin)
	return err
}

// pin binds what is measured to CPUs, where it was asked for and can be done.
func (a *app) pin(cpus []int) (unpin func(), err error) {
	if len(cpus) == 0 {
		return func() {}, nil
	}
	unpin, err = probe.Pin(cpus)
	if errors.Is(err, errors.ErrUnsupported) {
		a.say("--pin: this system cannot bind a command to CPUs; it is measured on all of them")
		return func() {}, nil
	}
	return unpin, err
}

// maxCPU is past the CPUs of any machine.
const maxCPU = 1 << 16

// parseCPUs reads a list of CPUs as Linux writes it: 0-3,6.
func parseCPUs(s string) ([]int, error) {
	if s == "" {
		return nil, nil
	}
	var cpus []int
	for part := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		low, err := strconv.ParseUint(first, 10, 16)
		high, err2 := strconv.ParseUint(last, 10, 16)
		if err != nil || err2 != nil || low > high || high >= maxCPU {
			return nil, fmt.Errorf("--pin %q: want CPUs such as 1 or 0-3,6", s)
		}
		for c := low; c <= high; c++ {
			cpus = append(cpus, int(c))
		}
	}
	return cpus, nil
}
