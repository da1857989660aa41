package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
	assets "github.com/plumbline-ci/plumbline/check/report/html"
)

// HTML writes a page as one file of HTML that loads nothing: what came out, the
// metrics that got worse with their histories, and a table of all. The
// explanations are those of the page's metrics.
//
// Text from outside is cleaned and escaped, and no script runs but the page's own,
// which the policy names by its hash. The figures are data of JSON in which "<" is
// an escape.
func HTML(w io.Writer, page Page, all check.Explained) error {
	b := bufio.NewWriterSize(w, 64<<10)
	style, script := assets.Theme+assets.PageStyle+assets.ChartStyle, assets.ChartScript+assets.PageScript
	fmt.Fprintf(b, webHead, hashOf(style), hashOf(script), html.EscapeString(page.Headline()), style)
	page.webTop(b)
	page.webFacts(b)
	b.WriteString(webBody)
	b.WriteString(`<script type="application/json" id="data">`)
	page.webData(b, all)
	fmt.Fprintf(b, "</script>\n<script>%s</script>\n</body>\n</html>\n", script)
	return b.Flush() // holds the first error of all writes
}

// hashOf is how a policy names a style or a script.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

const webHead = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>plumbline: %s</title>
<style>%s</style>
</head>
<body>
`

// The parts that the script fills.
const webBody = `<section id="worse" aria-labelledby="worse-title" hidden>
<h2 id="worse-title">What got worse</h2>
<div id="cards"></div>
<p id="more-worse" class="muted"></p>
</section>
<section aria-labelledby="all-title">
<h2 id="all-title">All metrics</h2>
<noscript><p>The table and the charts need JavaScript, which this page brings along; nothing is loaded.</p></noscript>
<div id="tiles" role="group" aria-label="show only metrics that are"></div>
<div class="bar" role="search" aria-label="metrics">
<label>name <input id="filter" type="search" placeholder="words of the name" autocomplete="off" spellcheck="false"></label>
<label>level <select id="level"><option value="">all</option><option>fail</option><option>warn</option><option>off</option></select></label>
<output id="shown" for="filter level"></output>
</div>
<div class="scroll"><table id="metrics" aria-labelledby="all-title">
<thead><tr>
<th scope="col" aria-sort="none"><button type="button" data-sort="name">metric</button></th>
<th scope="col" aria-sort="ascending"><button type="button" data-sort="status">status</button></th>
<th scope="col" class="num">baseline</th>
<th scope="col" class="num">head</th>
<th scope="col" class="num" aria-sort="none"><button type="button" data-sort="change">change</button></th>
<th scope="col" class="wide">history</th>
<th scope="col" class="wide" aria-sort="none"><button type="button" data-sort="level">level</button></th>
</tr></thead>
<tbody></tbody>
</table></div>
<p><button type="button" id="more" hidden>show more</button></p>
</section>
</main>
`

// coded is text from outside in a sentence of HTML.
func coded(s string) string { return "<code>" + html.EscapeString(clean(s, maxName)) + "</code>" }

// webTop writes the verdict in words.
func (p *Page) webTop(b *bufio.Writer) {
	state, says, _ := strings.Cut(p.headline(coded), ": ")
	kind := map[State]string{StateRegression: "bad", StateSuspect: "odd", StateInconclusive: "odd", StatePass: "good"}[p.State()]
	fmt.Fprintf(b, "<header class=\"top\"><p class=\"brand\">plumbline</p>\n"+
		"<button type=\"button\" id=\"theme\" hidden>dark</button></header>\n<main>\n"+
		"<section class=\"verdict is-%s\">\n<h1><span class=\"badge\">%s</span> <span class=\"says\">%s</span></h1>\n", kind, state, says)
	if s := p.subject(p.webSubject); s != "" {
		fmt.Fprintf(b, "<p class=\"subject\">%s</p>\n", s)
	}
	if gated := p.gated(); len(gated) > 0 {
		webList(b, gated)
	}
	b.WriteString("</section>\n")
}

// webSubject quotes what names the head run, its commit with a link.
func (p *Page) webSubject(s string) string {
	if full := p.Result.Head.Commit; s == commit(full) && s != "" {
		if address := p.commitAddress(full); address != "" {
			return `<a href="` + html.EscapeString(address) + `">` + coded(s) + "</a>"
		}
	}
	return coded(s)
}

// commitAddress is the page of a commit, empty where there is none.
func (p *Page) commitAddress(hash string) string {
	address := p.Links.Commits + hash
	if p.Links.Commits == "" || !webAddress(address) || !isHash(hash) {
		return ""
	}
	return address
}

// isHash reports whether a commit is named by its hash, and not by what somebody
// chose.
func isHash(s string) bool {
	return len(s) >= commitLength && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// webFacts writes what the verdict stands on, what to know of it and what to do.
func (p *Page) webFacts(b *bufio.Writer) {
	b.WriteString("<section aria-labelledby=\"about\">\n<h2 id=\"about\" class=\"unseen\">What it stands on</h2>\n<dl class=\"facts\">\n")
	fact := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "<div><dt>%s</dt><dd>%s</dd></div>\n", label, text)
		}
	}
	fact("metrics", html.EscapeString(thousands(p.tally.total)+p.counts()))
	fact("baseline", p.span(coded))
	fact("measured on", html.EscapeString(machine(&p.Result.Head.Runner)))
	fact("run", webLink("the run and its log", p.Links.Run))
	fact("docs", webLink("how to read this", p.Links.Docs))
	b.WriteString("</dl>\n")
	if len(p.Result.Notes) > 0 {
		b.WriteString("<h3>To know</h3>\n")
		webList(b, p.Result.Notes)
	}
	if next := p.next(); len(next) > 0 {
		b.WriteString("<h3>To do</h3>\n")
		webList(b, next)
	}
	b.WriteString("</section>\n")
}

func webLink(text, address string) string {
	if !webAddress(address) {
		return ""
	}
	return `<a href="` + html.EscapeString(address) + `">` + text + "</a>"
}

func webList(b *bufio.Writer, items []string) {
	b.WriteString("<ul>\n")
	for _, s := range items {
		fmt.Fprintf(b, "<li>%s</li>\n", html.EscapeString(clean(s, maxProse)))
	}
	b.WriteString("</ul>\n")
}
