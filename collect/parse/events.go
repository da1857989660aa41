package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// readEvents reads a stream of one JSON object a line, between lines of other
// programs. Event decodes a line and reports whether it is one of the format's.
// The error is ErrTorn where the last line was cut off: what stands before it was
// read. N counts the format's events.
func readEvents(r io.Reader, event func(line []byte) (known bool, err error)) (n int, err error) {
	lines := newLineReader(r)
	for {
		line, ok := lines.next()
		if !ok {
			return n, lines.failure()
		}
		if len(line) == 0 || line[0] != '{' {
			continue
		}
		if lines.long {
			line = lines.shrunk(line)
		}
		known, err := event(line)
		var syntax *json.SyntaxError
		switch {
		case err == nil:
		case !errors.As(err, &syntax):
			continue // another program's JSON
		case lines.torn && n > 0:
			return n, &Error{Line: lines.number, Column: len(line) + 1, Err: ErrTorn}
		case startsType(line):
			return n, Errorf(lines.number, 0, "event is damaged: want one JSON object on the line")
		}
		if known {
			n++
		}
	}
}

// startsType reports whether a line begins as an event does, and not only as
// JSON.
func startsType(line []byte) bool {
	rest := bytes.TrimLeft(line[1:], " ")
	return bytes.HasPrefix(rest, []byte(`"type":`))
}

// shrunk reads the rest of a long line, without its long strings.
func (l *lineReader) shrunk(line []byte) []byte {
	var s shrink
	s.add(line)
	for l.long {
		s.add(l.more())
	}
	return s.out
}

// matchEvents looks in the head for a whole line that is the format's.
func matchEvents(h *Head, event func(line []byte) bool) bool {
	for line := range bytes.Lines(h.Bytes) {
		if line[0] == '{' && event(bytes.TrimRight(line, "\r\n")) {
			return true
		}
	}
	return false
}
