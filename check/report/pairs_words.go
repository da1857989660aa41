package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
)

// headline is the result in one sentence.
func (p *PairPage) headline() string {
	than := name(p.Base.Ref)
	switch p.Verdict {
	case check.Regression:
		return fmt.Sprintf("regression: %s got worse than %s by more than the limit allows", p.those(check.Regressed), than)
	case check.SuspectRun:
		return fmt.Sprintf("suspect: %s got worse than %s; whether by more than the limit allows is not certain", p.those(check.Suspect), than)
	case check.InconclusiveRun:
		if len(p.deciding()) == 0 {
			return "inconclusive: no metric that decides was measured"
		}
		return fmt.Sprintf("inconclusive: %s, and whether %s got worse than %s is open", p.ending(), p.those(check.Inconclusive), than)
	}
	return fmt.Sprintf("pass: %s; a worsening beyond the limit is ruled out", p.passed(than))
}

// deciding are the metrics that decide.
func (p *PairPage) deciding() (all []*check.Comparison) {
	for i := range p.Metrics {
		if m := &p.Metrics[i]; m.Level == check.Fail {
			all = append(all, m)
		}
	}
	return all
}

// those names the metric that decides and has a status, or counts them.
func (p *PairPage) those(s check.Status) string {
	all, found := p.deciding(), ""
	n := 0
	for _, m := range all {
		if m.Status == s {
			n++
			found = clean(m.Name, maxName)
		}
	}
	if n == 1 {
		return found
	}
	return fmt.Sprintf("%s of %s", thousands(n), plural(len(all), "metric"))
}

func (p *PairPage) passed(than string) string {
	all := p.deciding()
	if len(all) == 1 {
		return fmt.Sprintf("%s did not get worse than %s", clean(all[0].Name, maxName), than)
	}
	return fmt.Sprintf("none of %s got worse than %s", plural(len(all), "metric"), than)
}

func (p *PairPage) ending() string {
	switch p.Ended {
	case EndedByBudget:
		return fmt.Sprintf("the budget of %s is spent", inWords(p.Budget))
	case EndedByPairs:
		return fmt.Sprintf("--max-pairs %d is reached", p.MaxPairs)
	case EndedBySignal:
		return "interrupted"
	}
	return "measuring ended"
}

func (p *PairPage) notes() []string {
	var notes []string
	if p.Base.Commit == p.Head.Commit && !p.Head.Dirty {
		notes = append(notes, "base and head are the same commit: whatever differs is the machine or what --prepare left")
	}
	open := p.Verdict == check.InconclusiveRun || p.Verdict == check.SuspectRun
	switch {
	case p.Pairs < p.MinPairs && p.Verdict == check.InconclusiveRun:
		notes = append(notes, TooFew(p.Each, p.Pairs, p.MinPairs))
	case open && p.Needed > p.Allowed && p.Pairs >= p.MinPairs:
		notes = append(notes, TooNoisy(p.PairResult, p.Allowed))
	}
	return notes
}

// TooNoisy says with numbers that the machine is too noisy for the limit and the
// pairs that there can be.
func TooNoisy(r check.PairResult, allowed int) string {
	return fmt.Sprintf("with the noise seen so far (%s a pair of %s) it takes about %s pairs to rule out %s; the budget allows %s",
		pct(r.NoisePct), clean(r.Noisiest, maxName), thousands(roundUp(r.Needed)), changePct(r.LimitPct), thousands(allowed))
}

// TooFew says that there is no time for the fewest pairs that decide.
func TooFew(each time.Duration, allowed, least int) string {
	return fmt.Sprintf("a pair takes about %s: the budget allows %d, and it takes %d at least to decide", inWords(each), allowed, least)
}

// roundUp keeps two figures: the forecast has no more.
func roundUp(n int) int {
	step := 1
	for n/step >= 100 {
		step *= 10
	}
	return (n + step - 1) / step * step
}

func (p *PairPage) next() []string {
	switch p.Verdict {
	case check.Regression:
		return []string{"undo what made it worse; or, where it is worth its price, allow more by --limit"}
	case check.Pass:
		return nil
	}
	steps := []string{"give it more pairs by --budget or --max-pairs, a quieter machine or --pin, or a larger --limit"}
	if s := p.calmer(); s != "" {
		steps = append(steps, s)
	}
	return steps
}

// calmer tells of the processor time where it scatters much less than the wall
// time: on a busy machine it does.
func (p *PairPage) calmer() string {
	const cpu = "cpu.user_seconds"
	at := slices.IndexFunc(p.Metrics, func(m check.Comparison) bool { return m.Name == cpu })
	if at < 0 || p.Noisiest != p.Clock || !(p.Changes[at].NoisePct < p.NoisePct/2) {
		return ""
	}
	return fmt.Sprintf("or let processor time decide, by --metric %s: it scatters by %s a pair where the wall time does by %s",
		cpu, strings.TrimPrefix(changePct(p.Changes[at].NoisePct), "+"), pct(p.NoisePct))
}
