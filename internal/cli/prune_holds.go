package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// holds are what pruning keeps because the configuration refers to it, and what
// the user wants for ever.
func (a *app) holds(ctx context.Context, conf config.Config) ([]baseline.Hold, error) {
	pin, err := a.pinHold(ctx, conf.Baseline.Commit)
	if err != nil {
		return nil, err
	}
	tags, err := a.tagHolds(ctx, conf.Retention.Tags)
	if err != nil {
		return nil, err
	}
	hs := append(pin, tags...)
	for _, p := range conf.Retention.Branches {
		fits := func(o collect.Origin) bool { return check.Match(p, o.Branch) }
		hs = append(hs, baseline.Hold{Fits: fits, Why: fmt.Sprintf("of a branch that fits %q", p)})
	}
	for _, p := range conf.Retention.Events {
		fits := func(o collect.Origin) bool { return check.Match(p, o.Event) }
		hs = append(hs, baseline.Hold{Fits: fits, Why: fmt.Sprintf("of an event that fits %q", p)})
	}
	hs = append(hs, waiverHolds(conf)...)
	return append(hs, a.acceptedHolds(ctx, conf.Gate.Accepted)...), nil
}

// shaDigits of a sha tell its commit.
const shaDigits = 7

// pinHold keeps the runs of the commit that the baseline is pinned to. Which
// runs these are must be known: to guess wrong would be to remove them.
func (a *app) pinHold(ctx context.Context, name string) ([]baseline.Hold, error) {
	if name == "" {
		return nil, nil
	}
	sha := a.pinned(ctx, name)
	if sha == name && (len(sha) < shaDigits || !hexRE.MatchString(sha)) {
		return nil, fmt.Errorf("the baseline is pinned to %q, which git does not know here: prune where git has that tag, so that its runs stay, or pin the baseline to a sha", name)
	}
	fits := func(o collect.Origin) bool { return baseline.OfCommit(o, sha) }
	return []baseline.Hold{{Fits: fits, Why: fmt.Sprintf("the baseline is pinned to %s", name)}}, nil
}

// tagHolds keep the runs of the commits that have tags that fit.
func (a *app) tagHolds(ctx context.Context, patterns []string) ([]baseline.Hold, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	out, err := a.git(ctx, "for-each-ref", "--format=%(refname:strip=2) %(objectname) %(*objectname)", "refs/tags")
	if err != nil {
		return nil, errors.New("git does not tell which tags there are: prune in a checkout of the repository, or keep no runs by their tags")
	}
	shallow, err := a.git(ctx, "rev-parse", "--is-shallow-repository")
	var hs []baseline.Hold
	for _, p := range patterns {
		commits := taggedCommits(out, p)
		if len(commits) == 0 && (err != nil || shallow != "false") {
			return nil, fmt.Errorf("no tag fits %q in this checkout, which may lack some, as it is shallow: fetch all tags first (with actions/checkout, fetch-depth: 0)", p)
		}
		if len(commits) == 0 {
			a.say("no tag fits %q, so that it keeps nothing", p)
		}
		fits := func(o collect.Origin) bool { return commits[o.Commit] }
		hs = append(hs, baseline.Hold{Fits: fits, Why: fmt.Sprintf("of a commit whose tag fits %q", p)})
	}
	return hs, nil
}

// taggedCommits reads git's list of tags, one a line: its name, what it names,
// and where that is an annotation the commit behind it.
func taggedCommits(list, pattern string) map[string]bool {
	commits := map[string]bool{}
	for line := range strings.Lines(list) {
		if words := strings.Fields(line); len(words) > 1 && check.Match(pattern, words[0]) {
			commits[words[len(words)-1]] = true
		}
	}
	return commits
}

// waiverHolds keep what a waiver's ceiling counts from: the runs that make the
// baseline now. Without the older of them the level would rise to that of the
// runs that the waiver let pass.
func waiverHolds(conf config.Config) []baseline.Hold {
	runs, b := conf.Baseline.Runs, conf.Baseline.Branch
	if runs <= 0 {
		runs = baseline.DefaultRuns
	}
	fits := func(o collect.Origin) bool {
		return baseline.MayBeBaseline(o) && (b == "" || o.Branch == "" || o.Branch == b)
	}
	var hs []baseline.Hold
	for _, w := range conf.Gate.Waivers {
		why := fmt.Sprintf("one of the newest %d that the waiver of %s counts from", runs, w.Metric)
		hs = append(hs, baseline.Hold{Fits: fits, Newest: runs, Why: why})
	}
	return hs
}

// acceptedHolds keep the runs of the commits that accepted levels begin with, and
// the first run since then.
func (a *app) acceptedHolds(ctx context.Context, accepted []check.Acceptance) []baseline.Hold {
	a.locate(ctx, accepted, "HEAD")
	var hs []baseline.Hold
	for i := range accepted {
		since, metric := &accepted[i].Since, accepted[i].Metric
		if since.Commit != "" {
			fits := func(o collect.Origin) bool { return baseline.OfCommit(o, since.Commit) }
			hs = append(hs, baseline.Hold{Fits: fits, Why: fmt.Sprintf("the level of %s is accepted since its commit, %s", metric, since.Text)})
		}
		fits := func(o collect.Origin) bool { return baseline.MayBeBaseline(o) && since.Has(o) }
		hs = append(hs, baseline.Hold{Fits: fits, Oldest: 1, Why: fmt.Sprintf("the first since %s, from when on the level of %s is accepted", since.Text, metric)})
	}
	return hs
}
