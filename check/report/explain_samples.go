package report

import (
	"fmt"
	"strconv"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// samples tells what is inside the runs from what is between them, and what
// repetitions are worth.
func (p *printer) samples(e *check.Explanation) {
	s := e.Comparison.Samples
	if s == nil {
		return
	}
	p.labeled("samples", samplesText(s))
	if advice := s.Advice(); advice != "" {
		p.labeled("", advice)
	}
	if finite(s.With(1)) {
		now := max(s.Baseline, 1)
		p.labeled("", fmt.Sprintf("with 1, %d, %d repetitions in each, runs would differ by ±%s, ±%s, ±%s",
			2*now, 4*now, pct(s.With(1)), pct(s.With(2*now)), pct(s.With(4*now))))
	}
}

// samplesText is how many there are in the head run and in the baseline's.
func samplesText(s *check.Samples) string {
	text := "head " + apart(s.Head, s.HeadPct, " apart")
	if s.Baseline > 0 {
		text += "; baseline " + apart(s.Baseline, s.BaselinePct, " apart") + " in the middle run"
	}
	return text
}

// apart is how many samples there are and how far apart they lie.
func apart(n int, sd float64, behind string) string {
	if n == 1 || !finite(sd) {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d, ±%s%s", n, pct(sd), behind)
}

// inside is the samples of one run in a table, empty where nothing was repeated.
func inside(s collect.Scatter) string {
	if s.Samples < 2 {
		return ""
	}
	return apart(int(s.Samples), 100*float64(s.Part), "")
}
