package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// checkOptions are the flags of check, of which run --check has some.
type checkOptions struct {
	history, head     string
	format, threshold string
	against           string
	branch, commit    string
	within            *string // the commit that commit means, empty where that is not known; nil: git is to tell
	runs              int
	confirm           *int // nil: as the configuration says
	all               bool
	refuse            func(collect.Origin) string // as in baseline.Query
	trend             bool
	newest            int // runs whose shifts fail a trend; 0: the default
	repos             repos
	notify            notifying
}

func (o *checkOptions) flags(f *pflag.FlagSet, underRun bool) {
	f.StringVar(&o.threshold, "threshold", "", "allowed `change` of all metrics, such as 20%")
	f.StringVar(&o.against, "against", "", "`what` to compare with: history, last or mean:N")
	f.StringVar(&o.branch, "baseline-branch", "", "baseline's `branch` (default: that merged into)")
	f.StringVar(&o.commit, "baseline-commit", "", "compare with runs of this `commit` or tag alone")
	f.IntVar(&o.runs, "baseline-runs", 0, "newest `N` baseline runs at most (default 50)")
	f.StringVar(&o.format, "format", "text", "`form`: text, markdown or json")
	f.BoolVar(&o.all, "all", false, "list the unchanged metrics too")
	if underRun {
		return
	}
	f.StringVar(&o.history, "history", "", "a store, .jsonl file or .zip of them: its `path` (default: the store)")
	f.StringVar(&o.head, "head", "", "`run` to judge: id or file (default: the newest)")
	f.Func("confirm", "`N` re-runs must agree, or it is but suspect", func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > maxConfirm {
			return fmt.Errorf("want 0 to %d", maxConfirm)
		}
		o.confirm = &n
		return nil
	})
	o.repos.flag(f)
	f.BoolVar(&o.trend, "trend", false, "search the whole history for lasting shifts")
	f.IntVar(&o.newest, "newest", 0, "newest `N` runs whose shifts fail --trend (default 20)")
	f.BoolVar(&o.notify.send, "notify", false, "tell those whom notices in the configuration names")
	f.BoolVar(&o.notify.dry, "dry-run", false, "with --notify: print what would be sent")
}

func (o *checkOptions) valid() error {
	if _, ok := renderers[o.format]; !ok {
		return fmt.Errorf("--format %q: want text, markdown or json", o.format)
	}
	if o.runs < 0 {
		return fmt.Errorf("--baseline-runs %d: want 1 or more", o.runs)
	}
	if err := errors.Join(o.validTrend(), o.notify.valid()); err != nil {
		return err
	}
	if o.commit != "" {
		if _, err := config.ParseCommit(o.commit); err != nil {
			return fmt.Errorf("--baseline-commit %w", err)
		}
	}
	if o.threshold != "" {
		if _, err := config.ParseLimit(o.threshold); err != nil {
			return fmt.Errorf("--threshold %q: %w", o.threshold, err)
		}
	}
	if o.against != "" {
		if _, err := check.ParseAgainst(o.against); err != nil {
			return fmt.Errorf("--against: %w", err)
		}
	}
	return nil
}

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Compare the head run with its baseline and give the verdict",
		Long: `Compare the head run with its baseline: earlier runs of the same suite that
succeeded. Exit status 1 says that something got worse than noise and the
configuration allow. A metric without a baseline is new, one with too few runs
inconclusive; neither is ever compared with an invented number.`,
		Example: `plumbline check
plumbline check --threshold 20% --format markdown
plumbline check --history history.jsonl.gz --head head.jsonl --format json
plumbline check --trend --newest 30`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.valid(); err != nil {
				return usage(err)
			}
			if o.trend {
				return a.trend(cmd.Context(), o)
			}
			return a.check(cmd.Context(), o)
		},
	}
	o.flags(cmd.Flags(), false)
	completeWords(cmd, "format", "text", "markdown", "json")
	return cmd
}

func (a *app) check(ctx context.Context, o checkOptions) error {
	s, err := a.openPart(ctx, o.history, o.repos)
	if err != nil {
		return err
	}
	if o.history == "" {
		a.deliverWaiting(ctx, s)
	}
	looks, err := a.headRuns(ctx, s, o.head)
	if why := unread(ctx, err); why != "" {
		if looks, err = a.waitingHead(ctx, o); err == nil && looks == nil {
			return a.compareNothing(o, why)
		}
	}
	if err != nil {
		return err
	}
	return a.compare(ctx, o, s, looks)
}

// compare gives the verdict and prints it. Its error carries the exit status.
func (a *app) compare(ctx context.Context, o checkOptions, s baseline.Store, looks []collect.Run) error {
	r, err := a.verdict(ctx, o, s, looks)
	if err != nil {
		return err
	}
	err = a.print(o, r)
	a.notifyOf(ctx, o, r.Head, func() []notice.Finding { return notice.OfCheck(r) })
	return err
}

// print shows a verdict. Its error carries the exit status.
func (a *app) print(o checkOptions, r check.Result) error {
	if err := renderers[o.format](a, report.NewPage(r, report.Links{}), o.all); err != nil {
		return failure(fmt.Errorf("print the verdict: %w", err))
	}
	if r.Fails {
		return &exitError{status: exitRegression}
	}
	return nil
}

// verdict compares the head run with its baseline in the store.
func (a *app) verdict(ctx context.Context, o checkOptions, s baseline.Store, looks []collect.Run) (check.Result, error) {
	t, err := a.trial(ctx, o, s, looks)
	if err != nil {
		return check.Result{}, err
	}
	r := check.Compare(t.looks, t.baseline, t.gate)
	t.end(&r)
	return r, nil
}

// judged does so, and tells all about each metric, which takes as much memory again.
func (a *app) judged(ctx context.Context, o checkOptions, s baseline.Store, looks []collect.Run) (check.Explained, error) {
	t, err := a.trial(ctx, o, s, looks)
	if err != nil {
		return check.Explained{}, err
	}
	all := check.ExplainAll(t.looks, t.baseline, t.gate)
	t.end(&all.Result)
	return all, nil
}

// trial is all that a head run is judged by.
type trial struct {
	looks    []collect.Run
	baseline baseline.Baseline
	gate     check.Thresholds
	conf     config.Config
	unread   string // why the baseline could not be read, if so
}

func (a *app) trial(ctx context.Context, o checkOptions, s baseline.Store, looks []collect.Run) (t trial, err error) {
	if t.conf, err = a.readConfig(o); err != nil {
		return t, err
	}
	t.conf.Gate.Now = a.Now()
	if t.baseline, t.unread, err = a.fetchOrSay(ctx, s, t.conf, looks[0], o); err != nil {
		return t, err
	}
	reclaim()
	t.looks, t.gate = look(looks, t.baseline, t.conf.Gate)
	return t, nil
}

// end adds to the result what the comparison itself does not know.
func (t *trial) end(r *check.Result) {
	if t.unread != "" {
		blind(r, "the baseline", t.unread, t.conf.Gate.OnInconclusive)
	} else {
		pinNote(r, t.conf)
	}
}

// look tells the head's own re-runs, which count as they did when they were made,
// from looks that somebody put together.
func look(runs []collect.Run, b baseline.Baseline, gate check.Thresholds) ([]collect.Run, check.Thresholds) {
	head, others := runs[0], runs[1:]
	if len(others) == 0 || slices.ContainsFunc(others, func(r collect.Run) bool { return r.RerunOf != head.ID }) {
		return runs, gate
	}
	return check.Looks(head, others, b, gate)
}

var renderers = map[string]func(a *app, p report.Page, all bool) error{
	"text": func(a *app, p report.Page, all bool) error {
		return report.Text(a.Stdout, p, report.TextOptions{Color: a.color(), Width: a.width(), All: all})
	},
	"markdown": func(a *app, p report.Page, _ bool) error { return report.Markdown(a.Stdout, p) },
	"json":     func(a *app, p report.Page, _ bool) error { return report.JSON(a.Stdout, p) },
}

// openHistory opens a store or a history file.
func (a *app) openHistory(path string) (baseline.Store, error) {
	if err := unsaid("--history", path); err != nil {
		return nil, err
	}
	if path == "" {
		var err error
		if path, err = a.storePath(); err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); !a.far(path) && errors.Is(err, os.ErrNotExist) {
			return nil, usage(&nothingError{fmt.Errorf("there is no store %s yet; store a first run with: plumbline run -- COMMAND", path)})
		}
	}
	return a.openRead(path)
}

// headRuns are the head run and its re-runs, without their samples: the lines of a
// file, or one run of the store.
func (a *app) headRuns(ctx context.Context, s baseline.Store, head string) ([]collect.Run, error) {
	if head == "-" {
		return readLooks(a.Stdin, "standard input")
	}
	if info, err := os.Stat(head); head != "" && err == nil && !info.IsDir() {
		f, err := os.Open(head)
		if err != nil {
			return nil, usage(err)
		}
		defer f.Close()
		return readLooks(f, head)
	}
	if head == "" {
		head = baseline.Latest
	}
	e, reruns, err := baseline.FindLooks(ctx, s, head)
	if err != nil {
		return nil, found(fmt.Errorf("head run: %w", err))
	}
	var looks []collect.Run
	for _, e := range append([]baseline.Entry{e}, reruns...) {
		r, err := s.Get(ctx, e)
		if err != nil {
			return nil, failure(err)
		}
		r.ForgetSamples()
		looks = append(looks, r)
	}
	return looks, nil
}

// readLooks reads the head run and its re-runs. A bad line is an error here and
// not skipped: it may be the very run that is to be judged.
func readLooks(r io.Reader, name string) ([]collect.Run, error) {
	var looks []collect.Run
	for run, err := range collect.NewReader(r, name).Runs() {
		if err != nil {
			return nil, usage(fmt.Errorf("head run: %w", err))
		}
		run.ForgetSamples()
		looks = append(looks, run)
	}
	if len(looks) == 0 {
		return nil, usage(fmt.Errorf("head run: %s holds no run", name))
	}
	reclaim()
	return looks, nil
}

// fetch gives the baseline. Where no branch was asked for, the first of the
// default branches that has runs counts; a plain file or folder is taken as it
// is, because whoever made it has chosen. It also finds the commits that accepted
// levels of the configuration begin with.
func (a *app) fetch(ctx context.Context, s baseline.Store, c config.Config, head collect.Run, o checkOptions) (baseline.Baseline, error) {
	from := c.Baseline
	q := baseline.Query{
		Head: head.Origin, Runs: from.Runs, MaxAge: from.MaxAge, Runner: from.Runner, MinRuns: c.Gate.MinRuns, Refuse: o.refuse,
	}
	q.Metrics = make([]string, len(head.Metrics))
	for i := range head.Metrics {
		q.Metrics[i] = head.Metrics[i].Name
	}
	if c.Gate.Ruler == "" { // which goes by the unit that each run says
		q.Described = head.Metrics
	}
	if o.within != nil {
		q.Commit = *o.within
	} else if from.Commit != "" {
		q.Commit = a.pinned(ctx, from.Commit)
	}
	branches := []string{from.Branch}
	if from.Branch == "" && (o.history == "" || store.Scheme(plainPath(o.history)) != "") {
		branches = append(a.defaultBranches(ctx, head.Origin), "")
	}
	a.locate(ctx, c.Gate.Accepted, head.Commit)
	p := a.startProgress("reading the baseline: %d runs")
	defer p.done()
	var b baseline.Baseline
	for _, q.Branch = range branches {
		var err error
		if b, err = baseline.Fetch(ctx, countReads(s, p), q); err != nil {
			return b, failure(fmt.Errorf("read the baseline: %w", err))
		}
		if len(b.Runs) > 0 {
			break
		}
	}
	for _, err := range b.Unreadable {
		a.say("%v: passed over", err)
	}
	return b, nil
}
