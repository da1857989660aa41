package store

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/plumbline-ci/plumbline/collect"
)

// blockBytes is how much of a text is looked at in one go.
const blockBytes = 64 << 10

// byteOrderMark may stand before the first line.
const byteOrderMark = "\xef\xbb\xbf"

// passage is a line of a text where it stands.
type passage struct {
	at   int64  // offset of its first byte
	size int    // in bytes, without the end of the line
	torn bool   // the end of the line is missing
	head []byte // its first bytes, at most blockBytes; good until the next line
}

// backward finds the lines of a text from the last to the first. It holds no more
// of the text than two blocks, however long a line is.
type backward struct {
	text  *text
	end   int64 // of the next line
	limit int   // the longest line in bytes
	begun bool
	key   int64 // where the last line was come to: end, before

	block []byte // the text from start on
	start int64
	piece []byte // of the text, that block does not have
}

// next returns the line before the last one, not blank, or io.EOF.
func (b *backward) next() (passage, error) {
	torn := false
	if !b.begun {
		b.begun = true
		newline, err := b.ends()
		if err != nil {
			return passage{}, err
		}
		if torn = !newline; newline {
			b.end--
		}
	}
	b.key = b.end
	for b.end >= 0 {
		end := b.end
		at, err := b.begin()
		if err != nil {
			return passage{}, err
		}
		b.end = at - 1
		line, blank, err := b.line(at, end)
		if err == nil && blank {
			torn = false
			continue
		}
		line.torn = torn
		if line.size > b.limit {
			err = collect.Line{Offset: at, Torn: torn}.Fault(b.text.path, fmt.Errorf("longer than %d bytes", b.limit))
		}
		return line, err
	}
	return passage{}, io.EOF
}

// ends reports whether the text ends with a newline.
func (b *backward) ends() (newline bool, err error) {
	if err := b.load(b.end); err != nil || b.end == 0 {
		return false, err
	}
	return b.block[len(b.block)-1] == '\n', nil
}

// load reads the block that ends at a place.
func (b *backward) load(end int64) error {
	if b.block == nil {
		b.block = make([]byte, blockBytes)
	}
	n := min(end, blockBytes)
	b.block, b.start = b.block[:n], end-n
	return b.text.read(b.block, b.start)
}

// begin finds where the line begins that ends at b.end.
func (b *backward) begin() (int64, error) {
	for end := b.end; ; end = b.start {
		if end < b.start || end > b.start+int64(len(b.block)) || end == b.start && end > 0 {
			if err := b.load(end); err != nil {
				return 0, err
			}
		}
		// A long line's blocks have no newline, which is found out many times faster
		// from the front.
		fresh := b.block[:end-b.start]
		if bytes.IndexByte(fresh, '\n') >= 0 {
			return b.start + int64(bytes.LastIndexByte(fresh, '\n')) + 1, nil
		}
		if b.start == 0 {
			return 0, nil
		}
	}
}

// line looks at the text between two places.
func (b *backward) line(at, end int64) (line passage, blank bool, err error) {
	if end > at {
		last, err := b.at(end-1, 1)
		if err != nil {
			return line, false, err
		}
		if last[0] == '\r' {
			end--
		}
	}
	line = passage{at: at, size: int(end - at)}
	if line.head, err = b.at(at, min(line.size, blockBytes)); err != nil {
		return line, false, err
	}
	if n := len(byteOrderMark); at == 0 && bytes.HasPrefix(line.head, []byte(byteOrderMark)) {
		line.at, line.size, line.head = int64(n), line.size-n, line.head[n:]
	}
	said := len(bytes.TrimSpace(line.head))
	if len(line.head) == line.size || said >= utf8.UTFMax {
		return line, said == 0, nil
	}
	// A block of blanks, which may end within one.
	whole := make([]byte, min(line.size, b.limit))
	err = b.text.read(whole, line.at)
	return line, len(bytes.TrimSpace(whole)) == 0, err
}

// at returns a piece of the text, at most a block of it.
func (b *backward) at(at int64, size int) ([]byte, error) {
	if at >= b.start && at+int64(size) <= b.start+int64(len(b.block)) {
		return b.block[at-b.start:][:size], nil
	}
	if b.piece == nil {
		b.piece = make([]byte, blockBytes)
	}
	return b.piece[:size], b.text.read(b.piece[:size], at)
}
