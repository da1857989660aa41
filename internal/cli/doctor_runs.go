package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// mostSuites bounds the suites that are looked at, those with the newest runs.
const mostSuites = 12

// suites says of each suite of a store what its next run would be compared with.
// Options are those of the comparison.
func (d *doctor) suites(ctx context.Context, s baseline.Store, all []baseline.Entry, o checkOptions) {
	if d.status == exitUsage {
		return // by what configuration is not known
	}
	seen := map[string]bool{}
	var metrics []string
	for _, e := range all {
		key := strings.Join([]string{e.Type, e.Name, e.Job}, "\x00")
		if e.Name != "" {
			key = strings.Join([]string{e.Type, e.Name}, "\x00")
		}
		if e.RerunOf != "" || seen[key] {
			continue
		}
		if seen[key] = true; len(seen) > mostSuites {
			d.add(report.Noted, "baseline", fmt.Sprintf("only the %d suites with the newest runs were looked at", mostSuites), "")
			break
		}
		newest, err := s.Get(ctx, e)
		if err == nil {
			err = d.suite(ctx, s, newest, o)
		}
		if err != nil {
			d.problem(exitFailure, "baseline", err.Error(), "mend the store")
			return
		}
		for _, m := range newest.Metrics {
			metrics = append(metrics, m.Name)
		}
	}
	if len(metrics) > 0 {
		d.patterns(metrics)
	}
}

// suite looks at the baseline that the next run of a suite will have, which is
// taken to be like its newest.
func (d *doctor) suite(ctx context.Context, s baseline.Store, newest collect.Run, o checkOptions) error {
	next := newest
	next.ID, next.Commit, next.Attempt, next.Time = "", "", 0, d.Now()
	quiet := *d.app
	quiet.Stderr = io.Discard // what cannot be read was told
	b, err := quiet.fetch(ctx, s, d.conf, next, o)
	if err != nil {
		return err
	}
	needed := d.conf.Gate.RunsNeeded()
	what := fmt.Sprintf("%s: the next run has %s to be compared with", suiteName(newest.Origin), count(len(b.Runs), "run"))
	left, do := leftOut(b.Left)
	if len(b.Runs) >= needed {
		d.ok("baseline", "%s%s", what, left)
	} else {
		switch {
		case len(b.Runs) == d.conf.Baseline.Runs && do == "":
			do = fmt.Sprintf("set baseline.runs to %d or more", needed)
		case do == "":
			do = fmt.Sprintf("let the baseline branch be measured %s more", times(needed-len(b.Runs)))
		}
		d.add(report.Warned, "baseline", fmt.Sprintf("%s, and %d are needed before anything is judged from history%s", what, needed, left), do)
	}
	d.machines(newest.Origin, b)
	if ruler := d.conf.Gate.Ruler; ruler != "" && !slices.ContainsFunc(newest.Metrics, func(m collect.Metric) bool { return m.Name == ruler }) {
		d.add(report.Warned, "configuration", fmt.Sprintf("%s: the newest run does not have the ruler %q, so that no timing is judged", suiteName(newest.Origin), ruler),
			"measure it, or remove baseline.ruler")
	}
	return nil
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// suiteName is a suite as people know it.
func suiteName(o collect.Origin) string {
	switch {
	case o.Name != "":
		return fmt.Sprintf("suite %q (%s)", o.Name, o.Type)
	case o.Job != "":
		return fmt.Sprintf("job %q (%s)", o.Job, o.Type)
	}
	return fmt.Sprintf("runs of type %q", o.Type)
}

// machines says where too few runs are on the newest run's kind of machine.
func (d *doctor) machines(newest collect.Origin, b baseline.Baseline) {
	if b.Alike == 0 {
		return
	}
	alike := 0
	for _, r := range b.Runs {
		if !baseline.OtherMachine(newest.Runner, r.Runner) {
			alike++
		}
	}
	if alike < b.Alike {
		d.add(report.Warned, "baseline", fmt.Sprintf("%s: %d of them are on the newest run's kind of machine (%s), and times are judged from %d on",
			suiteName(newest), alike, cmp.Or(newest.Runner.CPUModel, newest.Runner.Arch), b.Alike), "measure on one kind of machine, or name a ruler: baseline.ruler")
	}
}

// advice is what to do where runs are left out for a reason that begins so.
var advice = []struct{ reason, do string }{
	{"of pull requests", "what pull requests measure is no baseline: let the baseline branch be measured too, on push"},
	{"of other branches", "let the baseline branch be measured too, or name the one that is: baseline.branch in " + ConfigFile},
	{"failed", "a run whose command failed is no baseline: plumbline ls shows them"},
	{"that failed their gate", "what the gate refused is no baseline: where the new level is to stay, accept it: accepted in " + ConfigFile},
	{"of other commits", "measure the commit or tag of baseline.commit, or remove it"},
	{"older than", "measure more often, or raise baseline.max-age"},
	{"on another kind", "measure on one kind of machine, or set baseline.runner: prefer"},
	{"with fewer than half", "the suite has changed much: its new runs will be the baseline"},
	{"later than", "set the clocks of this machine and of those that measured"},
}

// ofOthers are the reasons by which runs of other suites are left out.
var ofOthers = []string{"of another suite", "of another job", "of another type"}

// leftOut says which runs are no baseline, and what to do about the most of them.
func leftOut(all []baseline.LeftOut) (text, do string) {
	all = slices.DeleteFunc(slices.Clone(all), func(l baseline.LeftOut) bool { return slices.Contains(ofOthers, l.Reason) })
	slices.SortStableFunc(all, func(a, b baseline.LeftOut) int { return b.Runs - a.Runs })
	var parts []string
	for _, l := range all {
		parts = append(parts, fmt.Sprintf("%d %s", l.Runs, l.Reason))
		for _, a := range advice {
			if do == "" && strings.HasPrefix(l.Reason, a.reason) {
				do = a.do
			}
		}
	}
	if len(parts) > 0 {
		text = "; left out: " + strings.Join(parts, ", ")
	}
	return text, do
}

// patterns looks for those of the configuration that are for no metric of the
// newest runs: most often they are typing errors.
func (d *doctor) patterns(metrics []string) {
	const do = "plumbline show latest has the names; in a pattern * stands for any characters but /"
	used := make([]bool, len(d.conf.Gate.Rules))
	off := 0
	for _, m := range metrics {
		i := slices.IndexFunc(d.conf.Gate.Rules, func(r check.Rule) bool { return check.Match(r.Match, m) })
		if i < 0 {
			continue
		}
		used[i] = true
		if d.conf.Gate.Rules[i].Level == check.Off {
			off++
		}
	}
	for i, r := range d.conf.Gate.Rules {
		if !used[i] {
			d.add(report.Warned, "configuration", fmt.Sprintf("the rule for %q decides about no metric of the newest runs: none matches, or an earlier rule comes first", r.Match), do)
		}
	}
	if off == len(metrics) {
		d.add(report.Warned, "configuration", "rules of level off match every metric, so that nothing is judged", "give what matters another level")
	}
	for _, w := range d.conf.Gate.Waivers {
		if !slices.ContainsFunc(metrics, func(m string) bool { return check.Match(w.Metric, m) }) {
			d.add(report.Noted, "configuration", fmt.Sprintf("the waiver of %q is for no metric of the newest runs", w.Metric), do)
		}
	}
}
