package report

import (
	"html"
	"strings"
)

// mailWidth is what a line of a plain mail has.
const mailWidth = 76

// Mail writes a notice as a mail: its subject, and its text as plain text and as
// HTML, which loads nothing from the network.
func Mail(n Notice) (subject, text, markup string) {
	w := n.words()
	subject = "[plumbline] " + w.title
	if s := clean(n.Suite, maxLabel); s != "" {
		subject += " in " + s
	}
	return subject, mailText(&w), mailHTML(&w)
}

func mailText(w *noticeWords) string {
	plain := func(s string) string { return s }
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(w.title)
	line(joinQuoted(w.about, ", ", plain))
	for _, it := range w.items {
		line("\n" + it.name)
		line("  " + it.change)
		line("  " + joinQuoted(it.place, ", ", plain))
	}
	for _, s := range []string{w.more, joinQuoted(w.by, " ", plain)} {
		if s != "" {
			line("\n" + s)
		}
	}
	if len(w.advice) > 0 {
		line("")
	}
	for _, s := range w.advice {
		for i, l := range split(s, mailWidth-2) {
			line(map[bool]string{true: "- ", false: "  "}[i == 0] + l)
		}
	}
	for _, l := range w.links {
		line("\n" + l[0] + ": " + l[1])
	}
	return b.String()
}

func mailHTML(w *noticeWords) string {
	q := func(s string) string { return "<code>" + html.EscapeString(s) + "</code>" }
	var b strings.Builder
	b.WriteString("<!doctype html><html><body style=\"font-family:sans-serif\"><h2>" + html.EscapeString(w.title) + "</h2><p>" + joinQuoted(w.about, ", ", q) + "</p><ul>")
	for _, it := range w.items {
		b.WriteString("<li>" + q(it.name) + "<br>" + html.EscapeString(it.change) + "<br>" + joinQuoted(it.place, ", ", q) + "</li>")
	}
	b.WriteString("</ul>")
	for _, s := range []string{w.more, joinQuoted(w.by, " ", q)} {
		if s != "" {
			b.WriteString("<p>" + s + "</p>")
		}
	}
	if len(w.advice) > 0 {
		b.WriteString("<ul>")
		for _, s := range w.advice {
			b.WriteString("<li>" + html.EscapeString(s) + "</li>")
		}
		b.WriteString("</ul>")
	}
	for _, l := range w.links {
		b.WriteString("<p><a href=\"" + html.EscapeString(l[1]) + "\">" + l[0] + "</a></p>")
	}
	return b.String() + "</body></html>\n"
}
