package report

import "strings"

// IssueTitle is the title of the issue about a notice. A title has no markup, but
// names in it are parted from what would mention somebody.
func IssueTitle(n Notice) string {
	title := "plumbline: " + n.title()
	if s := clean(n.Suite, maxLabel); s != "" {
		title += " in " + s
	}
	return cut(strings.NewReplacer("@", "@"+zeroWidth, "#", "#"+zeroWidth, "`", "'").Replace(title), 250)
}

// IssueText writes a notice as Markdown for an issue or a comment of one. Mention
// is set as it is: it is the configuration's.
func IssueText(n Notice, mention string) string {
	w := n.words()
	var b strings.Builder
	line := func(s string) {
		if s != "" {
			b.WriteString(s + "\n\n")
		}
	}
	line("**" + w.title + "**")
	line(mention)
	line(joinQuoted(w.about, ", ", code))
	if len(w.items) > 0 {
		b.WriteString("| metric | change | where |\n|---|---|---|\n")
	}
	for _, it := range w.items {
		b.WriteString("| " + code(it.name) + " | " + inline(it.change, maxProse) + " | " + joinQuoted(it.place, ", ", code) + " |\n")
	}
	if len(w.items) > 0 {
		b.WriteString("\n")
	}
	line(w.more)
	line(joinQuoted(w.by, " ", code))
	for _, s := range w.advice {
		b.WriteString("- " + s + "\n")
	}
	if len(w.advice) > 0 {
		b.WriteString("\n")
	}
	for _, l := range w.links {
		line(link(l[0], l[1]))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
