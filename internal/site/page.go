package site

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// policy lets a page load what lies beside it and nothing else: 'self' on a server,
// file: where it was opened from a folder.
const policy = "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; base-uri 'none'; form-action 'none'"

// frame is a page around its body; up leads to the site's root.
func frame(title, up, body string) []byte {
	return []byte(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="` + policy + `">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>` + html.EscapeString(title) + `</title>
<link rel="stylesheet" href="` + up + `assets/site.css">
<script src="` + up + `assets/site.js" defer></script>
</head>
<body>
` + body + `</body>
</html>
`)
}

// indexPage lists the suites by repository.
func indexPage(suites []Suite) []byte {
	var b strings.Builder
	b.WriteString("<main>\n<h1>Performance history</h1>\n")
	if len(suites) == 0 {
		b.WriteString("<p>No runs are stored yet.</p>\n")
	}
	for i := range suites {
		s := &suites[i]
		repository := s.Newest.Repository
		if i == 0 || suites[i-1].Newest.Repository != repository {
			if i > 0 {
				b.WriteString("</tbody></table></div>\n")
			}
			if repository != "" {
				fmt.Fprintf(&b, "<h2>%s</h2>\n", shown(repository))
			}
			fmt.Fprintf(&b, `<div class="scroll"><table aria-label="suites of %s"><thead><tr><th scope="col">suite</th><th scope="col">verdict</th><th scope="col" class="num">metrics</th>`+
				`<th scope="col" class="num">runs</th><th scope="col" class="num">shifts</th><th scope="col">newest run</th></tr></thead><tbody>`+"\n", cmp.Or(shown(repository), "no repository"))
		}
		folder := s.folder()
		fmt.Fprintf(&b, `<tr><th scope="row"><a href="%s/index.html">%s</a></th><td><img src="%s/verdict.svg" alt="%s"></td><td class="num">%d</td><td class="num">%d</td><td class="num">%d</td><td>%s</td></tr>`+"\n",
			folder, html.EscapeString(s.title()), folder, shown(s.Verdict.Message), len(s.History.Metrics), len(s.History.Runs), len(s.Trend.Shifts), moment(s.Newest.Time))
	}
	if len(suites) > 0 {
		b.WriteString("</tbody></table></div>\n")
	}
	b.WriteString("</main>\n")
	return frame("Performance history", "", b.String())
}

// page is that of a suite. Its list of metrics is filled in by the script.
func (s *Suite) page() []byte {
	var b strings.Builder
	title := s.title()
	b.WriteString(`<header><nav><a href="../index.html">all suites</a></nav>` + "\n")
	fmt.Fprintf(&b, "<h1>%s</h1>\n", html.EscapeString(title))
	if r := s.Newest.Repository; r != "" {
		fmt.Fprintf(&b, "<p>%s</p>\n", shown(r))
	}
	fmt.Fprintf(&b, `<p><img src="verdict.svg" alt="verdict on the newest run: %s"> %d runs, the newest of %s</p></header>`+"\n",
		shown(s.Verdict.Message), len(s.History.Runs), moment(s.Newest.Time))
	b.WriteString("<main>\n")
	s.shiftTable(&b)
	b.WriteString(`<h2 id="metrics">Metrics</h2>
<form role="search"><label>search <input type="search" id="search" autocomplete="off" spellcheck="false"></label>
<label>sort by <select id="sort"><option value="name">name</option><option value="change">largest shift</option><option value="newest">newest shift</option><option value="value">value</option></select></label>
<output id="found"></output></form>
<div id="list"></div>
<button id="more" type="button" hidden>show more</button>
<noscript><p>The list of metrics needs the script of this site. The pictures are in the folders charts and badges.</p></noscript>
</main>
<script src="list.js" defer></script>
`)
	return frame(title, "../", b.String())
}

// mostShifts is how many shifts a page lists: the newest.
const mostShifts = 50

// shiftTable lists the shifts with the commits that they lie between.
func (s *Suite) shiftTable(b *strings.Builder) {
	b.WriteString("<h2>Shifts of level that lasted</h2>\n")
	shifts := slices.Clone(s.Trend.Shifts)
	if len(shifts) == 0 {
		b.WriteString("<p>None was found.</p>\n")
		return
	}
	sort.SliceStable(shifts, func(i, j int) bool { return shifts[i].AfterAt > shifts[j].AfterAt })
	b.WriteString(`<div class="scroll"><table aria-label="shifts"><thead><tr><th scope="col">metric</th><th scope="col" class="num">change</th><th scope="col">level</th><th scope="col">between</th><th scope="col">since</th></tr></thead><tbody>` + "\n")
	for i := range shifts[:min(len(shifts), mostShifts)] {
		x := &shifts[i]
		was, is := collect.Distinctly(x.From, x.To, x.Unit)
		fmt.Fprintf(b, `<tr><th scope="row"><a href="#%s">%s</a></th><td class="num %s">%s</td><td>%s</td><td>%s</td><td>%s</td></tr>`+"\n",
			slug(x.Name), shown(x.Name), mood(x), percent(x.DeltaPct), html.EscapeString(report.Shown(was+" → "+is)), s.between(x), moment(x.After.Time))
	}
	b.WriteString("</tbody></table></div>\n")
	if n := len(shifts) - mostShifts; n > 0 {
		fmt.Fprintf(b, "<p>and %d older ones</p>\n", n)
	}
}

func percent(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return collect.NoFigure
	}
	return collect.Signed(x, 3) + " %"
}

// mood is the style of a change.
func mood(x *check.Shift) string {
	switch x.Status {
	case check.Improved:
		return "good"
	case check.Regressed:
		return "bad"
	}
	return "odd"
}

// between is the commits that a shift lies between, with a link to what changed.
func (s *Suite) between(x *check.Shift) string {
	from, to := x.Before.Commit, x.After.Commit
	if from == "" || to == "" {
		return fmt.Sprintf("runs %d and %d", x.BeforeAt, x.AfterAt)
	}
	text := "<code>" + shown(from[:min(len(from), 7)]) + "</code> and <code>" + shown(to[:min(len(to), 7)]) + "</code>"
	if s.Address == "" {
		return text
	}
	address := s.Address + "/compare/" + url.PathEscape(from) + "..." + url.PathEscape(to)
	return `<a href="` + html.EscapeString(address) + `">` + text + "</a>"
}

func shown(s string) string { return html.EscapeString(report.Shown(s)) }

func moment(t time.Time) string {
	if t.IsZero() {
		return collect.NoFigure
	}
	t = t.UTC()
	return `<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2 Jan 2006 15:04") + "</time>"
}
