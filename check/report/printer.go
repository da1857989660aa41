package report

import (
	"bufio"
	"io"
	"strings"
)

// printer writes lines of text and keeps the first error for the end.
type printer struct {
	w     *bufio.Writer
	color bool
	width int // of the terminal, in columns
}

// The widths of text: what an unsaid width means, and the least that a table is
// laid out for.
const (
	defaultWidth = 100
	leastWidth   = 40
)

func newPrinter(w io.Writer, color bool, width int) *printer {
	if width <= 0 {
		width = defaultWidth
	}
	return &printer{w: bufio.NewWriterSize(w, 64<<10), color: color, width: max(width, leastWidth)}
}

// line writes one line. All text goes through here, and so through guard.
func (p *printer) line(s string) {
	p.w.WriteString(guard(strings.TrimRight(s, " "))) // the error stays and Flush returns it
	p.w.WriteByte('\n')
}

// labeled writes a paragraph that hangs on its label.
func (p *printer) labeled(label, text string) {
	const room = 10
	lines := split(text, p.width-room)
	for i, l := range lines {
		head := strings.Repeat(" ", room)
		if i == 0 {
			head = p.dim(pad(label, room))
		}
		p.line(head + l)
	}
}

// wrap writes a paragraph behind a prefix.
func (p *printer) wrap(prefix, text string, width int, paint func(string) string) {
	for _, l := range split(text, width-columns(prefix)) {
		p.line(prefix + paint(l))
	}
}

// glue stands for a space that is no place to break a line. It is no text that
// clean lets through.
const glue = "\x00"

// split breaks text at spaces into lines of at most width columns. A word that
// is longer stays whole, and a per cent sign stays with its number.
func split(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(strings.ReplaceAll(text, " %", glue+"%"), " ") {
		word = strings.ReplaceAll(word, glue, " ")
		w := columns(word)
		if used > 0 && used+1+w > width {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += w
	}
	return append(lines, line)
}

// The colours: few, of the terminal's own palette, so that they fit dark and
// light.
func (p *printer) red(s string) string    { return p.paint("31", s) }
func (p *printer) green(s string) string  { return p.paint("32", s) }
func (p *printer) yellow(s string) string { return p.paint("33", s) }
func (p *printer) bold(s string) string   { return p.paint("1", s) }
func (p *printer) dim(s string) string    { return p.paint("2", s) }

// paint colours s but for the spaces around it.
func (p *printer) paint(code, s string) string {
	core := strings.TrimSpace(s)
	if !p.color || core == "" {
		return s
	}
	before, after, _ := strings.Cut(s, core)
	return before + "\x1b[" + code + "m" + core + "\x1b[0m" + after
}
