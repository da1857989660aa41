package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// maxConfirm is the most re-runs, as in the configuration.
const maxConfirm = 10

// confirmer takes second looks at a run of which something is suspect.
type confirmer struct {
	a    *app
	o    runOptions // of the re-runs
	args []string   // the whole command
	most int        // re-runs
	gate check.Thresholds
	b    baseline.Baseline
	why  string       // b could not be read
	on   check.Action // what that does

	head   collect.Run
	reruns []collect.Run
	whole  bool // what a filter chose was not what is needed
}

// judgeRun judges the run of a command that was just stored. Where something is
// suspect, it runs the command again, as often as was asked for.
func (a *app) judgeRun(ctx context.Context, o *runOptions, args []string, head collect.Run) error {
	s, err := a.openPart(ctx, "", nil)
	if err != nil {
		return err
	}
	conf, err := a.readConfig(o.check)
	if err != nil {
		return err
	}
	c := &confirmer{a: a, o: *o, args: args, most: conf.Gate.Confirm, gate: conf.Gate, head: head}
	if o.confirmGiven {
		c.most = o.confirm
	}
	c.o.rerunOf = head.ID
	c.gate.Confirm, c.gate.Now = max(c.gate.Confirm, c.most), a.Now()
	if c.b, c.why, err = a.fetchOrSay(ctx, s, conf, head, checkOptions{}); err != nil {
		return err
	}
	c.on = conf.Gate.OnInconclusive
	return a.print(o.check, c.verdict(ctx))
}

// verdict judges the head run, and with each re-run again until nothing that
// gates is suspect.
func (c *confirmer) verdict(ctx context.Context) check.Result {
	r := c.judge()
	for i := 1; i <= c.most && len(r.Suspects()) > 0 && ctx.Err() == nil; i++ {
		c.look(ctx, &r, i)
		r = c.judge()
	}
	if open := r.Suspects(); c.most > 0 && len(open) > 0 {
		c.a.say("NOT CONFIRMED: %s, for want of re-runs that could be judged; no regression is reported for %s",
			suspectText(len(open)), strings.Join(open[:min(len(open), 3)], ", "))
	}
	return r
}

func (c *confirmer) judge() check.Result {
	looks, gate := check.Looks(c.head, c.reruns, c.b, c.gate)
	r := check.Compare(looks, c.b, gate)
	if c.why != "" {
		blind(&r, "the baseline", c.why, c.on)
	}
	return r
}

// look runs the command again, for the suspects alone where that can be done. A
// filter that leaves out one of them is worth nothing: then all runs again.
func (c *confirmer) look(ctx context.Context, r *check.Result, i int) {
	suspects := r.Suspects()
	why := suspectText(len(suspects)) + ": running"
	turn := fmt.Sprintf("(%d of at most %d)", i, c.most)
	if p, ok := c.part(r); ok {
		c.a.say("%s %s again %s", why, p.what, turn)
		run, ok := c.rerun(ctx, p.args, p.fits)
		if ok && check.Measured(run, p.wanted) {
			c.reruns = append(c.reruns, run)
			return
		}
		c.whole = true
		if ctx.Err() != nil {
			return
		}
		why = "that did not measure all of them: running"
	}
	c.a.say("%s the whole command again %s", why, turn)
	if run, ok := c.rerun(ctx, c.args, nil); ok {
		c.reruns = append(c.reruns, run)
	}
}

// rerun measures and stores a second look. One that failed is none. Of a part,
// what the whole command took means nothing and is not kept.
func (c *confirmer) rerun(ctx context.Context, args []string, fits func(collect.Metric) bool) (collect.Run, bool) {
	o := c.o
	o.keep = fits
	run, err := c.a.measureRun(ctx, &o, args)
	if err != nil {
		c.a.say("the re-run failed and counts for nothing: %v", err)
	}
	return run, err == nil
}

// part is a part of a command.
type part struct {
	filter
	args   []string
	wanted []string // metrics that it must measure
}

// part is the command that measures the suspects and what it takes to judge
// them.
func (c *confirmer) part(r *check.Result) (part, bool) {
	f, ok := filterOf(c.args)
	if c.whole || !ok {
		return part{}, false
	}
	wanted, ok := r.Wanted(func(name string) bool {
		m, ok := c.head.Metric(name)
		return ok && f.fits(m)
	})
	if !ok {
		return part{}, false
	}
	metrics := make([]collect.Metric, len(wanted))
	for i, name := range wanted {
		metrics[i], _ = c.head.Metric(name)
	}
	args, ok := f.narrow(c.args, metrics)
	return part{f, args, wanted}, ok
}

func suspectText(n int) string {
	if n == 1 {
		return "1 metric is suspect"
	}
	return fmt.Sprintf("%d metrics are suspect", n)
}
