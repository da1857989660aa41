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
	var b coverageBlock
	if b.scan(line, s.cover.lastName) {
		s.cover.block(&b)
		return nil
	}
	if lines.torn {
		return &Error{Line: lines.number, Column: len(line) + 1, Err: ErrTorn}
	}
	return Errorf(lines.number, 0, "is no block of a profile: want FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT")
}

// coverageBlock is one line of a profile.
type coverageBlock struct {
	file []byte // nil: that of the line before
	spanStatements
}

// block adds a block and the lines that it touches.
func (c *coverage) block(b *coverageBlock) {
	if b.file != nil {
		c.file(string(b.file))
	}
	c.last.spans.touched = true
	c.last.spans.add(b.spanStatements)
}

// scan reads a line. The name of the file may have spaces and colons: it ends at
// the last of these. Last is the name of the line before, which nearly always
// comes again and then need not be searched for its end.
func (b *coverageBlock) scan(line []byte, last string) bool {
	if n := len(last); n > 0 && n < len(line) && line[n] == ':' && string(line[:n]) == last && b.read(line, n) {
		return true
	}
	at := bytes.LastIndexByte(line, ':')
	if at <= 0 {
		return false
	}
	b.file = line[:at]
	return b.read(line, at)
}

// read reads what stands behind the colon that ends the name of the file.
func (b *coverageBlock) read(line []byte, colon int) bool {
	at := colon + 1
	b.StartLine, at = coverNumber(line, at, '.')
	b.StartColumn, at = coverNumber(line, at, ',')
	b.EndLine, at = coverNumber(line, at, '.')
	b.EndColumn, at = coverNumber(line, at, ' ')
	b.statements, at = coverNumber(line, at, ' ')
	b.covered = false
	if at == len(line) {
		return false
	}
	for _, c := range line[at:] { // a count may be longer than any number
		if c-'0' > 9 {
			return false
		}
		b.covered = b.covered || c != '0'
	}
	return b.StartLine > 0 && b.StartLine <= b.EndLine
}

// coverNumber reads digits and what must stand behind them, and returns what
// comes next: the end of the line, if they do not stand there. A number of a
// profile has 31 bits.
func coverNumber(line []byte, at int, end byte) (v uint32, next int) {
	n, i := uint64(0), at
	for i < len(line) {
		d := line[i] - '0'
		if d > 9 {
			break
		}
		n = n*10 + uint64(d)
		i++
	}
	if i == at || i-at > 10 || n >= 1<<31 || i == len(line) || line[i] != end {
		return 0, len(line)
	}
	return uint32(n), i + 1
}
