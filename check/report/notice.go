package report

import (
	"math"
	"strconv"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Notice is news of one suite on a branch: metrics that got worse for good, or
// that are back.
type Notice struct {
	Back                      bool
	Suite, Branch, Repository string
	Shifts                    []NoticeShift
	// Authors wrote the Commits that the first shift lies between.
	Authors []string
	Commits int
	// Addresses, each of which may be empty: of those commits, of the run that
	// found it, and of the issue.
	Compare, Run, Issue string
}

// NoticeShift is one metric of a notice. A figure that is not known is NaN.
type NoticeShift struct {
	Metric        string
	Unit          collect.Unit
	From, To      float64 // of one that is back: from the bad level to where it is
	Before, After string  // the commits that it lies between
	Since         time.Time
	Leg           string // of a matrix that found it; empty: there is none
	Lasting       int    // runs since, 0 where one run told
	Creep         bool
	Accepted      bool // back only in so far as somebody let it pass
}

// A notice is read in passing: what is more is counted.
const (
	noticeShifts  = 10
	noticeAuthors = 10
)

// noticeWords are a notice in words. Only those in quoted have text from outside.
type noticeWords struct {
	title  string // in fixed words
	about  []quoted
	items  []noticeItem
	more   string
	by     []quoted // who wrote it
	links  [][2]string
	advice []string // with no text from outside but commits
}

// quoted is a label in fixed words and text from outside, clean and not yet
// escaped for any medium.
type quoted struct{ label, text string }

type noticeItem struct {
	name   string // quoted
	change string // figures and the unit, clean
	place  []quoted
}

func (n *Notice) words() noticeWords {
	w := noticeWords{title: n.title()}
	for _, q := range []quoted{{"suite", n.Suite}, {"branch", n.Branch}, {"repository", n.Repository}} {
		if q.text = clean(q.text, maxName); q.text != "" {
			w.about = append(w.about, q)
		}
	}
	for i := range n.Shifts[:min(len(n.Shifts), noticeShifts)] {
		w.items = append(w.items, n.Shifts[i].item(n.Back))
	}
	if more := len(n.Shifts) - noticeShifts; more > 0 {
		w.more = "and " + plural(more, "more metric")
	}
	if !n.Back {
		w.by, w.advice = n.by(), n.advice()
	}
	for _, l := range [][2]string{{"the run", n.Run}, {"the commits", n.Compare}, {"the issue", n.Issue}} {
		if link("", l[1]) != "" { // an address that no Markdown takes is none for the others either
			w.links = append(w.links, l)
		}
	}
	return w
}

// title is the news in one line of fixed words.
func (n *Notice) title() string {
	m := plural(len(n.Shifts), "metric")
	if !n.Back {
		return "regression: " + m + " got worse"
	}
	for i := range n.Shifts {
		if !n.Shifts[i].Accepted {
			return "recovered: " + m + " " + verb(len(n.Shifts), "is", "are") + " back"
		}
	}
	return "accepted: " + m + " " + verb(len(n.Shifts), "is", "are") + " let pass"
}

func (s *NoticeShift) item(back bool) noticeItem {
	from, to := collect.Distinctly(s.From, s.To, cleanUnit(s.Unit))
	it := noticeItem{name: clean(s.Metric, maxName), change: to}
	if finite(s.From) {
		it.change = from + " → " + to
		if pct := (s.To - s.From) / math.Abs(s.From) * 100; finite(pct) && s.From != 0 {
			it.change += " (" + collect.Signed(pct, 2) + " %)"
		}
	}
	switch {
	case s.Accepted:
		it.change = "let pass at " + to
	case s.Creep:
		it.change += " in small steps"
	}
	if s.After != "" {
		label := "since"
		if back {
			label = "at"
		}
		it.place = append(it.place, quoted{label, commit(s.After)})
	}
	if s.Before != "" && !back {
		it.place = append(it.place, quoted{"good until", commit(s.Before)})
	}
	if !s.Since.IsZero() {
		it.place = append(it.place, quoted{"on " + minute(s.Since), ""})
	}
	if s.Leg != "" {
		it.place = append(it.place, quoted{"in", clean(s.Leg, maxLabel)})
	}
	return it
}

func (n *Notice) by() []quoted {
	if n.Commits == 0 {
		return nil
	}
	all := []quoted{{plural(n.Commits, "commit"), ""}}
	for i, a := range n.Authors {
		if i == noticeAuthors {
			return append(all, quoted{"and " + thousands(len(n.Authors)-i) + " more", ""})
		}
		label := ""
		if i == 0 {
			label = "by"
		}
		all = append(all, quoted{label, clean(a, maxLabel)})
	}
	return all
}

// advice says what to do. Commits in it are hexadecimal or left out.
func (n *Notice) advice() []string {
	undo := "undo what made it worse"
	since := "COMMIT"
	if s := n.Shifts; len(s) > 0 {
		before, after := commit(s[0].Before), commit(s[0].After)
		if hexadecimal(after) {
			since = after
		}
		if hexadecimal(before) && hexadecimal(after) && n.Commits != 1 {
			undo += "; git bisect start " + after + " " + before + " narrows it down"
		}
	}
	return []string{
		undo,
		"or let it pass in .plumbline.yml: under waivers until a day, or under accepted as the new level, since: " + since,
		"plumbline explain NAME shows what the verdict on one metric stands on",
	}
}

func hexadecimal(s string) bool {
	_, err := strconv.ParseUint(s, 16, 64)
	return err == nil && len(s) == commitLength
}

// joinQuoted writes labels and texts in a row.
func joinQuoted(all []quoted, sep string, q quote) string {
	s := ""
	for i, x := range all {
		if i > 0 {
			s += sep
		}
		s += x.label
		if x.label != "" && x.text != "" {
			s += " "
		}
		if x.text != "" {
			s += q(x.text)
		}
	}
	return s
}
