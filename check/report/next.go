package report

import "github.com/plumbline-ci/plumbline/check"

// next says what to do about a result. It names only commands and keys that
// there are.
func (p *Page) next() []string {
	var steps []string
	by := p.tally.by
	if by[check.Regressed] > p.tally.warned[check.Regressed] {
		steps = append(steps, "undo what made it worse; or, where that is worth its price, let it pass in .plumbline.yml: with a waiver until a day, or as the accepted level")
	}
	if by[check.Suspect] > 0 {
		steps = append(steps, "measure the same commit once more: a second run that agrees makes it a regression, one that does not clears it")
	}
	if by[check.Regressed]+by[check.Suspect] > 0 {
		steps = append(steps, "plumbline explain NAME shows all that the verdict on one metric stands on, with the arithmetic")
	}
	// A run that is no more than missing metrics has nothing to gather.
	if nothing := p.tally.judged == 0 && by[check.Missing] < max(p.tally.total, 1); nothing || p.Result.Verdict == check.InconclusiveRun {
		steps = append(steps, p.gather())
	}
	if by[check.Missing] > 0 {
		steps = append(steps, "see whether what is missing was removed or renamed, or did not run")
	}
	if p.listsLess() {
		steps = append(steps, "plumbline check --all lists every metric, and with --format json every figure")
	}
	return steps
}

// gather says how metrics without enough of a baseline get one.
func (p *Page) gather() string {
	switch {
	case p.Result.Unread != "" && p.Result.Head.ID == "":
		return "run plumbline check again when the store can be read"
	case p.Result.Unread != "" && p.tally.total == 0:
		return "see the log of the run, and start its jobs again"
	case p.Result.Unread != "":
		return "run the job again when the baseline can be read; what this run measured is not lost by it"
	case p.tally.total == 0:
		return "give plumbline run or plumbline collect the result files to read"
	case p.tally.by[unjudged] == p.tally.total:
		return "take level: off from a rule in .plumbline.yml to have metrics judged"
	}
	return "store more runs of the branch to compare with, by plumbline run or plumbline collect; metrics are judged once they have enough of them"
}

// listsLess reports whether a page lists only a part of what changed.
func (p *Page) listsLess() bool {
	for _, s := range p.Sections {
		if n := listed[s.Status]; n > 0 && s.Total > n {
			return true
		}
	}
	return false
}
