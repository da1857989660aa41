package store

import (
	"encoding/binary"
	"strings"
)

// valuesReader reads the end of a file of values piece by piece, for the names of a
// million metrics had better be in memory once.
type valuesReader struct {
	indexDecoder
	text    *text
	at, end int64 // of what is not read yet
	buf     []byte
	last    strings.Builder // of names
}

const (
	// leastName is how many bytes of a file a name takes at least.
	leastName = 2
	// rowBytes are as many as the place of a row takes at most, numberBytes as a number.
	rowBytes    = 8 + 5*numberBytes
	numberBytes = binary.MaxVarintLen64
	// namesAtOnce is how many bytes of names memory is made for in one go. Who keeps
	// one name keeps as much, but the names of a suite are kept together.
	namesAtOnce = 256 << 10
)

// left is how many bytes are still to be decoded.
func (r *valuesReader) left() int64 { return int64(len(r.rest)) + r.end - r.at }

// room sees to it that the next so many bytes are in memory, or all that are left.
func (r *valuesReader) room(n int) {
	if len(r.rest) >= n || r.at == r.end || r.bad {
		return
	}
	buf := r.buf
	if size := max(n, blockBytes); len(buf) < size {
		buf = make([]byte, size)
	}
	had := copy(buf, r.rest)
	more := int(min(int64(len(buf)-had), r.end-r.at))
	r.bad = r.text.read(buf[had:had+more], r.at) != nil
	r.at += int64(more)
	r.buf, r.rest = buf, buf[:had+more]
}

// names reads how many names there are, and these. Each is new.
func (r *valuesReader) names() []string {
	r.room(numberBytes)
	count := r.number()
	if count < 0 || count > r.left()/leastName {
		r.bad = true
		return nil
	}
	all := make([]string, 0, count)
	for n := range count {
		r.room(2 * numberBytes)
		at, size := r.number(), r.number()
		if r.bad || at != n || size < 0 || size > r.left() {
			r.bad = true
			return nil
		}
		r.room(int(size))
		all = append(all, r.name(int(size)))
	}
	r.room(numberBytes)
	return all
}

// name makes a string of the next bytes, in one piece of memory with others.
func (r *valuesReader) name(size int) string {
	if r.bad {
		return ""
	}
	if r.last.Cap()-r.last.Len() < size {
		r.last.Reset()
		r.last.Grow(max(size, namesAtOnce))
	}
	from := r.last.Len()
	r.last.Write(r.rest[:size])
	r.rest = r.rest[size:]
	return r.last.String()[from:]
}
