package report

import (
	"strconv"
	"strings"
)

// The Markdown that we write is read by GitHub: GFM, then a filter of HTML, then
// filters that look for mentions and references in the text of what is left,
// where an entity has become a character again. So an entity alone hides a
// structure from the parser, but not a mention from the filters; those are
// parted by a zero-width space.
const zeroWidth = "\u200b"

// escapes are the characters that mean something in Markdown or HTML, inside a
// line and inside the cell of a table.
var escapes = [256]string{
	'&': "&amp;", '<': "&lt;", '>': "&gt;", '|': "&#124;", '`': "&#96;", '*': "&#42;", '_': "&#95;",
	'[': "&#91;", ']': "&#93;", '~': "&#126;", '\\': "&#92;", '$': "&#36;", '!': "&#33;", '"': "&#34;",
	'@': "&#64;" + zeroWidth, '#': "&#35;" + zeroWidth, ':': "&#58;" + zeroWidth,
}

// prose escapes text from outside for a line of its own in Markdown: it cannot
// leave the line, start a block in it, or do any of what inline prevents.
func prose(s string) string {
	if s = inline(s, maxProse); s == "" || s[0] >= 0x80 || s[0] == '&' || letter(s[0]) {
		return s
	}
	return "&#" + strconv.Itoa(int(s[0])) + ";" + s[1:] // no list, rule or heading starts here
}

// inline escapes text from outside for the middle of a line or the cell of a
// table. It cannot end either, emphasise, link, mention anybody, refer to an
// issue, or open or close a tag or a comment.
func inline(s string, limit int) string {
	s = clean(s, limit)
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := range len(s) {
		c := s[i]
		if escapes[c] == "" || c == '_' && word(s, i-1) && word(s, i+1) { // snake_case is no emphasis
			b.WriteByte(c)
		} else {
			b.WriteString(escapes[c])
		}
		if c == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www") || c == '-' && i >= 2 && strings.EqualFold(s[i-2:i], "gh") {
			b.WriteString(zeroWidth) // www.example.org and GH-12 are links by themselves
		}
	}
	return b.String()
}

// code sets a name from outside in code, for a sentence or the cell of a table.
//
// A code span shows its content as it stands, and GitHub neither mentions nor
// links out of it. But within one there is no way to write a pipe or an opening
// bracket that nothing before or after the Markdown parser (the splitting of
// table rows, a search for a marker comment, a filter of tags) takes for its own,
// and a backtick would need a longer fence. Names with such a character, one in
// thousands, are written as an element with entities instead.
func code(s string) string {
	s = clean(s, maxName)
	if s == "" {
		return "<code>&nbsp;</code>"
	}
	if strings.ContainsAny(s, "`<>&|\\") || guard(s) != s { // Markdown is printed to logs too
		return element(s)
	}
	return "`" + s + "`"
}

// element is code where no Markdown is read, as in the summary of a fold.
func element(s string) string { return "<code>" + inline(s, maxName) + "</code>" }

// word reports whether there is a letter or a digit of ASCII at i.
func word(s string, i int) bool {
	return i >= 0 && i < len(s) && (letter(s[i]) || '0' <= s[i] && s[i] <= '9')
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// guard keeps a line of text from being a command to the runner that reads the
// log: "::command::" where a line begins, and the older "##[command]" anywhere.
func guard(line string) string {
	if strings.HasPrefix(strings.TrimLeft(line, " "), "::") {
		line = strings.Replace(line, "::", ":"+zeroWidth+":", 1)
	}
	if strings.Contains(line, "##[") {
		line = strings.ReplaceAll(line, "##[", "##"+zeroWidth+"[")
	}
	return line
}
