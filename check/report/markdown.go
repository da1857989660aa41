package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// MaxMarkdownBytes is the most that Markdown and Comment write. GitHub refuses
// comments and check summaries of more than 65,536 characters.
const MaxMarkdownBytes = 65_000

const (
	maxRows      = 100     // of one status: who reads more looks at the JSON
	maxNoteBytes = 6 << 10 // of all notes together
	maxLinkBytes = 2 << 10 // of one address
	nameColumns  = 72      // of a name in a table
	sparkColumns = 16      // of a history in a table
	moreBytes    = 64      // of the line that says how many rows were left out
)

// Markdown writes a page for a job summary or a check: the result as heading,
// tables of what got worse with a chart of the worst, folds with the rest of what
// changed, the counts, and where it all comes from. It never writes more than
// MaxMarkdownBytes: rows that do not fit are counted, and no tag, row or fold is
// ever cut.
func Markdown(w io.Writer, page Page) error {
	head := "### " + page.headline(code) + "\n"
	_, err := io.WriteString(w, head+page.body(MaxMarkdownBytes-len(head)))
	return err
}

// body is the page without its headline in at most so many bytes. Where there is
// room for little, notes go first, then folds, then tables, then all of it.
func (p *Page) body(most int) string {
	foot := p.footer(maxNoteBytes)
	if len(foot) > most/2 {
		foot = p.footer(most / 16)
	}
	left := most - len(foot)
	if left < 0 {
		return ""
	}
	var blocks []block
	for _, s := range p.Sections {
		if listed[s.Status] > 0 {
			b := newBlock(s)
			if frame := len(b.open) + len(b.close) + moreBytes; frame <= left {
				left -= frame
				blocks = append(blocks, b)
			}
		}
	}
	aid := p.chart() + p.recipe()
	if len(aid) > left/2 {
		aid = ""
	}
	left -= len(aid)
	var out strings.Builder
	for i := range blocks {
		if blocks[i].close != "" { // the folds begin: what helps with the tables before them comes first
			out.WriteString(aid)
			aid = ""
		}
		left = blocks[i].write(&out, left)
	}
	out.WriteString(aid)
	out.WriteString(foot)
	return out.String()
}

// block is a section: a table, in a fold unless it is about something worse.
type block struct {
	open, close string
	rows        []string
	total       int // metrics of the section; rows are the first of them
}

func newBlock(s Section) block {
	b := block{total: s.Total}
	shown := s.Metrics[:min(maxRows, len(s.Metrics))]
	reason := ""
	if reasoned(s.Status) {
		reason = common(s.Metrics)
	}
	columns, rows := cells(s.Status, shown, reasoned(s.Status) && reason == "")
	switch s.Status {
	case check.Regressed, check.Suspect, check.Waived:
		b.open = "\n**" + s.title() + "**\n\n"
	default:
		b.open = "\n<details><summary>" + s.title() + "</summary>\n\n"
		b.close = "\n</details>\n"
	}
	if reason != "" {
		b.open += prose(reason) + "\n\n"
	}
	for _, c := range columns {
		b.open += "| " + c.head + " "
	}
	b.open += "|\n"
	for _, c := range columns {
		b.open += c.rule()
	}
	b.open += "|\n"
	for _, r := range rows {
		b.rows = append(b.rows, "| "+strings.Join(r, " | ")+" |\n")
	}
	return b
}

func (c column) rule() string {
	if c.right {
		return "|---:"
	}
	return "|---"
}

// write writes as many rows as fit into left bytes and returns how many bytes
// are left then. The frame and the line about the rest are paid for already.
func (b *block) write(out *strings.Builder, left int) int {
	out.WriteString(b.open)
	n := 0
	for n < len(b.rows) && len(b.rows[n]) <= left {
		out.WriteString(b.rows[n])
		left -= len(b.rows[n])
		n++
	}
	if rest := b.total - n; rest > 0 {
		fmt.Fprintf(out, "\n%s more are not listed here.\n", thousands(rest))
	}
	out.WriteString(b.close)
	return left
}

// cells sets out comparisons as the cells of a table, escaped. Columns in which
// no row says anything are left out.
func cells(s check.Status, metrics []check.Comparison, reasons bool) ([]column, [][]string) {
	all := []column{
		{head: "metric"}, {head: "baseline", right: true}, {head: "head", right: true}, {head: "change", right: true},
		{head: "expected", right: true}, {head: "limit"}, {head: "q", right: true}, {head: "history"}, {head: "why"},
	}
	whole := make([]string, len(metrics))
	for i := range metrics {
		whole[i] = clean(metrics[i].Name, maxName)
	}
	short := names(whole, nameColumns)
	full, used := make([][]string, len(metrics)), make([]bool, len(all))
	for i := range metrics {
		full[i] = cellsOf(&metrics[i], short[i], reasons)
		for j, c := range full[i] {
			used[j] = used[j] || c != "" && c != collect.NoFigure
		}
	}
	used[0] = true
	rows := make([][]string, len(full))
	for i := range full {
		rows[i] = only(full[i], used)
	}
	return only(all, used), rows
}

func cellsOf(c *check.Comparison, name string, reasons bool) []string {
	r := newRow(c, sparkColumns)
	change, history, why := r.change, "", ""
	if r.direction != "" && change != "" {
		change += " " + r.direction
	}
	if r.past != "" {
		history = "`" + r.past + r.now + "`"
	}
	if reasons {
		why = cell(r.reason)
	}
	return []string{
		code(name), cell(r.baseline), cell(r.head), cell(change),
		cell(r.expected), cell(r.limit), cell(r.q), history, why,
	}
}

// cell escapes a figure with its unit, or a few words. Units are text from
// outside too.
func cell(s string) string { return inline(s, maxProse) }

// only keeps the elements that are used.
func only[T any](all []T, used []bool) []T {
	var kept []T
	for i, x := range all {
		if used[i] {
			kept = append(kept, x)
		}
	}
	return kept
}

// footer says what was compared with what, and what to know about it, with so
// many bytes of notes.
func (p *Page) footer(notes int) string {
	var b strings.Builder
	item := func(label, text string) { b.WriteString(item(label, text)) }
	b.WriteString("\n")
	b.WriteString("- " + plural(p.tally.total, "metric") + p.counts() + "\n")
	item("head", p.subject(code))
	item("baseline", p.span(code))
	listNotes(item, "gate", p.gated(), notes)
	listNotes(item, "note", p.Result.Notes, notes)
	for _, n := range p.next() {
		item("next", n)
	}
	item("run", link("the run", p.Links.Run))
	if s := link("every metric with its history", p.Links.Page); s != "" {
		item("page", s+", as report.html in the run's artifact")
	}
	item("docs", link("how to read this", p.Links.Docs))
	return b.String()
}

// item is an item of a list, nothing where the text is empty.
func item(label, text string) string {
	if text == "" {
		return ""
	}
	return "- " + label + ": " + text + "\n"
}

// listNotes writes as many notes as may stand in a footer and counts the rest.
func listNotes(item func(label, text string), label string, notes []string, room int) {
	for i, n := range notes {
		text := cell(n)
		if room -= len(text); room < 0 {
			item(label, "and "+thousands(len(notes)-i)+" more")
			return
		}
		item(label, text)
	}
}

// link makes a link of an address on the web and nothing of anything else.
func link(text, address string) string {
	if !webAddress(address) {
		return ""
	}
	return "[" + text + "](" + address + ")"
}

// webAddress reports whether an address is of the web and holds nothing that could
// end a link in Markdown or HTML.
func webAddress(address string) bool {
	web := strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
	odd := strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>()[]\\`\"|", r)
	})
	return web && !odd && len(address) <= maxLinkBytes
}
