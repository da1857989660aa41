package report

import "github.com/plumbline-ci/plumbline/check"

// Headline is the result in one sentence, as text without Markdown.
func (p *Page) Headline() string { return p.headline(name) }

// Annotation says of one metric what a remark at its place in the code says, as
// text without Markdown.
func Annotation(c *check.Comparison) (title, message string) {
	r := newRow(c, sparkColumns)
	title = string(c.Status) + ": " + r.name
	message = r.baseline + " -> " + r.head
	if r.change != "" {
		message += " (" + r.change + ")"
	}
	if r.expected != "" {
		message += ", expected " + r.expected
	}
	return title, join(message, r.reason)
}

// Note writes a sentence that may quote text from outside as a paragraph of
// Markdown.
func Note(s string) string { return prose(s) }
