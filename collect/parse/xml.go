package parse

import (
	"bytes"
	"errors"
	"io"
)

// The limits of an XML file. They bound memory, whatever the file holds; text
// has none, for it streams by.
const (
	// maxTagBytes holds the longest start tag, and with it each of its names
	// and values. Some tools put a whole diff into a failure's message.
	maxTagBytes = 8 << 20
	// maxNameBytes bounds the memory of the names of the open elements, which
	// must be kept until they close. Real names are under 50 bytes.
	maxNameBytes = 1024
	// maxAttributes bounds the search for two of the same name.
	maxAttributes = 256
	// maxDepth is far above what any tool writes; suites nest about ten deep.
	maxDepth = 1000
	// maxEntityBytes is longer than any predefined or numeric entity.
	maxEntityBytes = 64
	// xmlBuffer is read at once: more than a bufio.Reader below holds, which
	// then copies nothing. A tag that does not fit makes it grow.
	xmlBuffer = 128 << 10
)

// xmlEvent is what next found.
type xmlEvent uint8

const (
	xmlEOF xmlEvent = iota
	xmlStart
	xmlEnd
	xmlText
)

// xmlReader reads XML as a stream of events and refuses what is not
// well-formed. It expects UTF-8, fetches nothing and expands no entity but the
// five predefined ones. After xmlStart, name and attrs hold until the next
// call; after xmlEnd, name does.
//
// encoding/xml needs twenty times the time and a hundred times the
// allocations, and it holds a value of any length in memory.
type xmlReader struct {
	// wantText makes next return text, in pieces; else text is only checked.
	wantText bool

	name  []byte // of the element, without its prefix
	attrs []xmlAttr
	chunk []byte // of text
	at    int    // where the start tag begins in buf, for errorf

	src      io.Reader
	buf      []byte
	pos, end int // buf[pos:end] is to be read
	eof      bool
	place    place // of buf[0]

	open      []byte // the names of the open elements, one after the other
	marks     []int  // where each of them begins
	selfClose bool   // the start tag was also the end
	seenRoot  bool
	brackets  int    // of the "]" before pos, for "]]>" is not allowed in text
	scratch   []byte // values that had entities
	shape     []xmlShape
	alike     bool // the attributes so far are those of shape
}

// xmlAttr is an attribute. Its name has no prefix.
type xmlAttr struct{ full, name, value []byte }

// place is a position in a file, both counted from 0.
type place struct{ line, column int }

// advance moves past b.
func (p *place) advance(b []byte) {
	if n := bytes.Count(b, newline); n > 0 {
		p.line += n
		p.column = len(b) - 1 - bytes.LastIndexByte(b, '\n')
		return
	}
	p.column += len(b)
}

var newline = []byte{'\n'}

// errShort says that the buffer ends inside of what is being read.
var errShort = errors.New("buffer too short")

func newXMLReader(r io.Reader) *xmlReader { return &xmlReader{src: r} }

// depth counts the open elements. After xmlStart it includes the new one, after
// xmlEnd no longer the closed one.
func (x *xmlReader) depth() int { return len(x.marks) }

// attr returns the value of an attribute.
func (x *xmlReader) attr(name string) ([]byte, bool) {
	for i := range x.attrs {
		if string(x.attrs[i].name) == name {
			return x.attrs[i].value, true
		}
	}
	return nil, false
}

// text returns the value of an attribute as a string, empty where it is absent.
func (x *xmlReader) text(name string) string {
	v, _ := x.attr(name)
	return string(v)
}

// errorf makes an error at offset at of the buffer.
func (x *xmlReader) errorf(at int, format string, args ...any) error {
	p := x.place
	p.advance(x.buf[:min(at, x.end)])
	return Errorf(p.line+1, p.column+1, format, args...)
}

// walk reads a whole file and calls what there is to do at each start tag, end tag
// and piece of text; of the last two either may be nil.
func (x *xmlReader) walk(start func() error, end, text func()) error {
	for {
		event, err := x.next()
		if err != nil {
			return err
		}
		switch {
		case event == xmlStart:
			err = start()
		case event == xmlEnd && end != nil:
			end()
		case event == xmlText && text != nil:
			text()
		case event == xmlEOF:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// next returns the next event. After xmlEOF the file was well-formed.
func (x *xmlReader) next() (xmlEvent, error) {
	if x.selfClose {
		x.selfClose = false
		x.pop()
		return xmlEnd, nil
	}
	for {
		if x.pos == x.end {
			if err := x.fill(); err == io.EOF {
				return xmlEOF, x.atEOF()
			} else if err != nil {
				return xmlEOF, err
			}
		}
		if x.buf[x.pos] != '<' && x.depth() == 0 {
			if err := x.skipOutside(); err != nil {
				return xmlEOF, err
			}
			continue
		}
		if x.buf[x.pos] != '<' {
			found, err := x.scanText()
			if err != nil {
				return xmlEOF, err
			}
			if found && x.wantText {
				return xmlText, nil
			}
			continue
		}
		x.brackets = 0
		event, err := x.markup()
		if err == errShort {
			err = x.more()
		}
		if err != nil || event != xmlEOF {
			return event, err
		}
	}
}

// atEOF reports whether the file may end here.
func (x *xmlReader) atEOF() error {
	switch {
	case x.depth() > 0:
		return x.errorf(x.end, "file ends inside <%s>: it is truncated", x.top())
	case !x.seenRoot:
		return x.errorf(x.end, "file has no XML element")
	}
	return nil
}

func (x *xmlReader) top() []byte { return x.open[x.marks[len(x.marks)-1]:] }

func (x *xmlReader) push(name []byte) {
	x.marks = append(x.marks, len(x.open))
	x.open = append(x.open, name...)
}

// pop closes the innermost element, whose name it leaves in x.name.
func (x *xmlReader) pop() {
	start := x.marks[len(x.marks)-1]
	x.name = local(x.open[start:])
	x.open, x.marks = x.open[:start], x.marks[:len(x.marks)-1]
}

// local strips the namespace's prefix.
func local(name []byte) []byte {
	for i, c := range name { // faster than IndexByte, for names are short
		if c == ':' && i > 0 && i < len(name)-1 {
			return name[i+1:]
		}
	}
	return name
}

// more gets bytes for a token that the buffer cuts off, or says that the file
// ends inside it.
//
// It doubles what is there: the token is read again from its start, which must
// not cost the square of its length where a reader gives little at a time.
func (x *xmlReader) more() error {
	had := x.end - x.pos
	for {
		err := x.fill()
		got := x.end - x.pos
		if err == io.EOF && got == had {
			return x.errorf(x.end, "file ends inside markup: it is truncated")
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || got >= 2*had {
			return nil
		}
	}
}

// fill adds bytes after buf[pos:end], which it moves to the front. It returns
// io.EOF only at the end of the file.
func (x *xmlReader) fill() error {
	if x.eof {
		return io.EOF
	}
	if x.pos > 0 {
		x.place.advance(x.buf[:x.pos])
		x.end = copy(x.buf, x.buf[x.pos:x.end])
		x.pos = 0
	}
	if x.end == len(x.buf) {
		if x.end >= maxTagBytes {
			return x.errorf(0, "tag is longer than %d MiB", maxTagBytes>>20)
		}
		grown := make([]byte, max(xmlBuffer, 2*len(x.buf)))
		copy(grown, x.buf[:x.end])
		x.buf = grown
	}
	for range 100 { // as bufio does: a reader that never gives anything is broken
		n, err := x.src.Read(x.buf[x.end:])
		x.end += n
		if err == io.EOF {
			x.eof = true
		} else if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
		if x.eof {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}
