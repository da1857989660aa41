package parse

import (
	"encoding/binary"
	"math/bits"
)

// Most tags have attributes of the same names in the same order as the tag before
// them: a million test cases are written by one loop. The names of a tag are kept,
// and where they come again they need not be checked.

// xmlShape is an attribute as it begins: name=" with the quote.
type xmlShape struct {
	begin []byte
	local int // where the name without its prefix begins
}

// likeBefore returns the shape of the attribute at offset at, if it begins as that
// of the tag before at the same place, or nil.
func (x *xmlReader) likeBefore(at int) *xmlShape {
	if len(x.attrs) >= len(x.shape) {
		return nil
	}
	s := &x.shape[len(x.attrs)]
	if n := len(s.begin); n <= x.end-at && string(x.buf[at:at+n]) == string(s.begin) {
		return s
	}
	return nil
}

// again reads the attribute at offset at, whose shape is known, as attribute does.
func (x *xmlReader) again(at int, s *xmlShape) (end int, err error) {
	from := at + len(s.begin)
	end = from + plainAttr(x.buf[from:x.end])
	if end == x.end {
		return at, errShort
	}
	value := x.buf[from:end]
	end++
	if x.buf[end-1] != '"' {
		if value, end, err = x.quotedValue(from, end-1, '"'); err != nil {
			return at, err
		}
	}
	name := x.buf[at : from-len(`="`)]
	x.attrs = append(x.attrs, xmlAttr{full: name, name: name[s.local:], value: value})
	return end, nil
}

// shapeOf puts the shape of a tag in the place of another.
func shapeOf(to []xmlShape, attrs []xmlAttr) []xmlShape {
	const most = 16 // tags have about five
	for i, a := range attrs[:min(len(attrs), most)] {
		if i < cap(to) {
			to = to[:i+1] // with the memory of earlier names
		} else {
			to = append(to, xmlShape{})
		}
		to[i].begin = append(append(to[i].begin[:0], a.full...), `="`...)
		to[i].local = len(a.full) - len(a.name)
	}
	return to
}

// plainAttr counts the bytes at the start of b that need no look in a value: all
// but <, &, ", control characters and what is no ASCII. Eight are looked at at a
// time. In found the lowest bit is right, and those above it may be wrong.
func plainAttr(b []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		found := w | (w - ones*' ')
		found |= (w ^ ones*'<') - ones
		found |= (w ^ ones*'&') - ones
		found |= (w ^ ones*'"') - ones
		if found &= high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] < 0x80 && b[i] != '<' && b[i] != '&' && b[i] != '"' {
		i++
	}
	return i
}
