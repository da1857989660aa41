package cli

import "bytes"

// mostDashes bounds what is held of a line that may yet be the one to leave out.
const mostDashes = 4096

// lineFilter leaves out lines of dashes, a title and whatever follows it, and
// passes all else on at once: only dashes at the beginning of a line are held until
// the next byte tells.
type lineFilter struct {
	title string
	held  []byte // of a line that may be left out
	state lineState
	out   []byte
}

type lineState int

const (
	lineBegin lineState = iota // nothing of the line was seen
	lineHeld                   // dashes, and perhaps a part of the title
	linePass                   // another line: the rest of it is passed on
	lineDrop                   // the line: the rest of it is left out
)

// newLineFilter wants a title that does not begin with a dash.
func newLineFilter(title string) *lineFilter { return &lineFilter{title: title} }

// next implements probe.Command's Filter.
func (f *lineFilter) next(piece []byte, last bool) []byte {
	f.out = f.out[:0]
	for len(piece) > 0 {
		line := piece
		if end := bytes.IndexByte(piece, '\n'); end >= 0 {
			line = piece[:end+1]
		}
		piece = piece[len(line):]
		f.line(line)
	}
	if last {
		f.release()
	}
	return f.out
}

// line takes the next part of a line, whose end it may be.
func (f *lineFilter) line(b []byte) {
	ended := b[len(b)-1] == '\n'
	if f.state == lineBegin && b[0] != '-' {
		f.state = linePass
	}
	if f.state == lineBegin || f.state == lineHeld {
		f.held, f.state = append(f.held, b...), lineHeld
		f.judge()
	} else if f.state == linePass {
		f.out = append(f.out, b...)
	}
	if ended {
		f.release()
		f.state = lineBegin
	}
}

// judge looks at what is held: it is the line, it may become it, or it is another.
func (f *lineFilter) judge() {
	rest := string(bytes.TrimLeft(f.held, "-"))
	many := len(f.held)-len(rest) > mostDashes
	switch {
	case !many && len(rest) >= len(f.title) && rest[:len(f.title)] == f.title:
		f.held, f.state = f.held[:0], lineDrop
	case many || len(rest) >= len(f.title) || rest != f.title[:len(rest)]:
		f.release()
		f.state = linePass
	}
}

// release passes on what is held.
func (f *lineFilter) release() {
	f.out = append(f.out, f.held...)
	f.held = f.held[:0]
}
