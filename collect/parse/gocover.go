package parse

import (
	"bytes"
	"io"
)

// gocover reads the profiles of go test -coverprofile, in any mode, and several
// of them in one file. A block that occurs more than once, as with -coverpkg, is
// one block, covered if any of them was.
//
// Statements are counted as go tool cover -func does for functions: what stands
// outside of all functions, such as a literal in a variable, counts here too, as
// it does in the figure that go test prints. Lines are those that blocks touch.
var gocover = Format{
	Name:  "gocover",
	From:  "go test -coverprofile, go tool covdata textfmt",
	Match: matchGocover, Parse: parseGocover,
}

func matchGocover(h *Head) bool {
	head := h.Bytes
	line, _, whole := bytes.Cut(head, []byte{'\n'})
	mode, ok := coverMode(bytes.TrimSuffix(line, []byte{'\r'}))
	return ok && knownMode(mode) && (whole || len(head) < HeadBytes)
}

func coverMode(line []byte) (mode []byte, ok bool) { return bytes.CutPrefix(line, []byte("mode: ")) }

func knownMode(mode []byte) bool {
	switch string(mode) {
	case "set", "count", "atomic":
		return true
	}
	return false
}

func parseGocover(r io.Reader, s *Sheet) error {
	lines := newLineReader(r)
	begun := false
	for {
		line, ok := lines.next()
		if !ok {
			return lines.failure()
		}
		if lines.long {
			return Errorf(lines.number, lineBytes, "line is longer than %d bytes: want FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT", lineBytes)
		}
		if mode, ok := coverMode(line); ok && knownMode(mode) {
			begun = true
			continue
		}
		if len(line) == 0 {
			continue
		}
		if !begun {
			return Errorf(lines.number, 0, "no mode before it: want mode: set, mode: count or mode: atomic")
		}
		if err := coverLine(line, lines, s); err != nil {
			return err
		}
	}
}

func coverLine(line []byte, lines *lineReader, s *Sheet) error {
	if b, ok := coverBlock(line); ok {
		s.cover.block(b)
		return nil
	}
	if lines.torn {
		return &Error{Line: lines.number, Column: len(line) + 1, Err: ErrTorn}
	}
	return Errorf(lines.number, 0, "is no block of a profile: want FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT")
}

// coverageBlock is one line of a profile.
type coverageBlock struct {
	file []byte
	spanStatements
}

// block adds a block and the lines that it touches.
func (c *coverage) block(b coverageBlock) {
	if c.last == nil || c.lastName != string(b.file) {
		c.file(string(b.file))
	}
	c.last.spans.touched = true
	c.last.spans.add(b.spanStatements)
}

// coverBlock reads a line from its end, because the name of the file may have
// spaces and colons.
func coverBlock(line []byte) (b coverageBlock, ok bool) {
	rest := numberBefore{line: line, at: len(line), ok: true}
	b.covered = rest.anyDigits() // a count may be longer than any number
	rest.byte(' ')
	b.statements = rest.number()
	rest.byte(' ')
	b.EndColumn = rest.number()
	rest.byte('.')
	b.EndLine = rest.number()
	rest.byte(',')
	b.StartColumn = rest.number()
	rest.byte('.')
	b.StartLine = rest.number()
	rest.byte(':')
	b.file = line[:rest.at]
	return b, rest.ok && len(b.file) > 0 && b.StartLine > 0 && b.StartLine <= b.EndLine
}

// numberBefore reads a line backwards.
type numberBefore struct {
	line []byte
	at   int // behind what is not read
	ok   bool
}

func (n *numberBefore) byte(want byte) {
	if n.at == 0 || n.line[n.at-1] != want {
		n.ok = false
		return
	}
	n.at--
}

// number reads digits. A number of a profile has 31 bits.
func (n *numberBefore) number() uint32 {
	v, unit, from := uint64(0), uint64(1), n.at
	for n.at > 0 && unit <= 1e9 && n.digit() {
		v += unit * uint64(n.line[n.at-1]-'0')
		unit *= 10
		n.at--
	}
	if n.at == from || v >= 1<<31 {
		n.ok = false
	}
	return uint32(v)
}

// anyDigits reads digits and reports whether one of them is not 0.
func (n *numberBefore) anyDigits() (positive bool) {
	from := n.at
	for n.at > 0 && n.digit() {
		positive = positive || n.line[n.at-1] != '0'
		n.at--
	}
	n.ok = n.ok && n.at < from
	return positive
}

func (n *numberBefore) digit() bool { return n.line[n.at-1] >= '0' && n.line[n.at-1] <= '9' }
