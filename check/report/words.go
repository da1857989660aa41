package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// A quote makes text from outside harmless for one medium.
type quote func(string) string

// title heads the section.
func (s Section) title() string {
	n := s.Total
	m := plural(n, "metric")
	switch s.Status {
	case check.Regressed:
		return "regressed: " + m + " got worse"
	case check.Suspect:
		return "suspect: " + m + " " + verb(n, "looks", "look") + " worse"
	case check.Waived:
		return "waived: " + m + " got worse and " + verb(n, "is", "are") + " allowed to"
	case check.Improved:
		return "improved: " + m + " got better"
	case check.Missing:
		return "missing: " + m + " of the baseline " + verb(n, "is", "are") + " not in this run"
	case check.New:
		return "new: " + m + " without a baseline"
	case check.Inconclusive:
		return "inconclusive: " + m + " could not be judged"
	case unjudged:
		return "off: " + m + " not judged"
	}
	return string(s.Status) + ": " + m
}

// counts lists how many metrics there are of each status, to follow their total.
func (p *Page) counts() string {
	var b strings.Builder
	sep := ": "
	for _, s := range p.Sections {
		b.WriteString(sep + thousands(s.Total) + " " + string(s.Status))
		sep = ", "
	}
	return b.String()
}

// span describes the baseline: how old it is and whether it is comparable.
func (p *Page) span(q quote) string {
	w := p.Result.Baseline
	if p.Result.Unread != "" && p.tally.total == 0 {
		return "not asked for"
	}
	if p.Result.Unread != "" {
		return "could not be read"
	}
	if w.Runs == 0 {
		return "none yet"
	}
	s := p.base(q)
	if !w.Oldest.IsZero() && !w.Newest.IsZero() {
		from, to := day(w.Oldest), day(w.Newest)
		if from == to {
			s += " on " + to
		} else {
			s += ", " + from + " to " + to
		}
	}
	if w.NewestCommit != "" {
		s += ", the newest " + q(commit(w.NewestCommit))
	}
	if p.Result.Head.Runner == (collect.Runner{}) {
		return s // whether the machines are alike, nobody knows
	}
	switch {
	case w.SameRunner == w.Runs:
		return s + ", all on this kind of machine"
	case w.SameRunner == 0 && w.OtherRunner == 0:
		return s // nobody knows either
	case w.SameRunner == 0 && w.OtherRunner == w.Runs:
		return s + ", none on this kind of machine"
	case w.SameRunner == 0:
		return s + ", none known to be on this kind of machine"
	}
	return fmt.Sprintf("%s, %s on this kind of machine", s, thousands(w.SameRunner))
}

// subject describes the head run.
func (p *Page) subject(q quote) string {
	h := p.Result.Head
	var parts []string
	if h.ID != "" {
		parts = append(parts, "run "+q(shortID(h.ID)))
	}
	if h.Commit != "" {
		parts = append(parts, "commit "+q(commit(h.Commit)))
	}
	if h.Branch != "" {
		parts = append(parts, "branch "+q(h.Branch))
	}
	if !h.Time.IsZero() {
		parts = append(parts, minute(h.Time))
	}
	return strings.Join(parts, ", ")
}

func day(t time.Time) string    { return t.UTC().Format("2 Jan 2006") }
func minute(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

// How much of a hash is enough for people: of a commit as much as git shows, of a
// run the least that a list of runs shows (see shortIDs).
const (
	commitLength = 7
	idLength     = 8
)

func commit(s string) string  { return shortenHex(s, commitLength) }
func shortID(s string) string { return shortenHex(s, idLength) }

func shortenHex(s string, n int) string {
	if s = clean(s, maxName); len(s) <= n {
		return s
	}
	for i := range n {
		if c := s[i] | 0x20; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return s // not a hash: a name that somebody chose
		}
	}
	return s[:n]
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

func thousands(n int) string { return collect.Quantity(float64(n), "") }

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
