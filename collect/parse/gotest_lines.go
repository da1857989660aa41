package parse

import (
	"bytes"
	"errors"
	"io"
)

// ErrTorn says that the last line of a file was cut off while it was written,
// as in a killed job. All that stands before that line is on the sheet.
var ErrTorn = errors.New("the last line is cut off")

// lineBytes is how much of one line is held in memory.
const lineBytes = 64 << 10

// lineReader reads lines of any length in a buffer of one size. A bufio.Scanner
// would end at the first long line, and tests print long lines.
type lineReader struct {
	r          io.Reader
	buf        []byte
	start, end int // what is read and not handed out
	err        error

	number int  // of the line that was handed out, from 1
	long   bool // it goes on past the buffer: more has the rest
	torn   bool // it ended with the file, without an end of line
}

func newLineReader(r io.Reader) *lineReader {
	// Room for as much again as a line: a bufio.Reader in between reads into it
	// and not into its own buffer.
	return &lineReader{r: r, buf: make([]byte, 2*lineBytes)}
}

// next returns the next line without its end, or its first lineBytes if it is
// longer. The line is valid until the next call. At the end of the file ok is
// false, and err tells why if it is not the end.
func (l *lineReader) next() (line []byte, ok bool) {
	for l.long {
		l.more()
	}
	l.number++
	scanned := 0
	for {
		i := bytes.IndexByte(l.buf[l.start+scanned:l.end], '\n')
		if i >= 0 && scanned+i < lineBytes {
			return l.take(scanned+i, 1), true
		}
		scanned = l.end - l.start
		if scanned >= lineBytes {
			l.long = true
			return l.take(lineBytes, 0), true
		}
		if l.err != nil {
			l.torn = scanned > 0
			return l.take(scanned, 0), l.torn
		}
		l.fill()
	}
}

// more returns a further piece of a long line. It sets long to false with the
// last one, which may be empty.
func (l *lineReader) more() []byte {
	for l.start == l.end && l.err == nil {
		l.fill()
	}
	rest := l.buf[l.start:l.end]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		l.long = false
		return l.take(i, 1)
	}
	if l.err != nil {
		l.long, l.torn = false, true
	}
	return l.take(len(rest), 0)
}

// take hands out n bytes and drops the end of line after them.
func (l *lineReader) take(n, eol int) []byte {
	line := l.buf[l.start : l.start+n]
	l.start += n + eol
	if n > 0 && eol > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// fill reads once, after it has moved what is left to the front.
func (l *lineReader) fill() {
	if l.start > 0 {
		l.end = copy(l.buf, l.buf[l.start:l.end])
		l.start = 0
	}
	for range 100 {
		n, err := l.r.Read(l.buf[l.end:])
		l.end += n
		l.err = err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}

// failure is what ended the reading, if that was not the end of the file.
func (l *lineReader) failure() error {
	if l.err == nil || l.err == io.EOF {
		return nil
	}
	return Errorf(l.number, 0, "read: %w", l.err)
}
