package parse

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// class has what each byte may be.
var class = classes()

const (
	space uint8 = 1 << iota
	nameByte
	notFirst // of a name
	special  // in text: needs a look
)

func classes() (t [256]uint8) {
	for c := range 256 {
		b := byte(c)
		switch {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			t[c] = space
		case b < ' ' || b >= 0x80 || b == '<' || b == '&' || b == ']':
			t[c] = special
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == ':':
			t[c] = nameByte
		case b >= '0' && b <= '9', b == '-', b == '.':
			t[c] = nameByte | notFirst
		}
	}
	return t
}

// plain counts the bytes at the start of b that need no look. It tries eight at
// a time, which is what makes text cheap.
func plain(b []byte) int {
	i := 0
	for i+8 <= len(b) {
		if plainWord(binary.LittleEndian.Uint64(b[i:])) {
			i += 8
			continue
		}
		for end := i + 8; i < end; i++ {
			if class[b[i]]&special != 0 {
				return i
			}
		}
	}
	for i < len(b) && class[b[i]]&special == 0 {
		i++
	}
	return i
}

// plainWord reports whether none of the eight bytes in w is a control
// character, "<", "&", "]" or past ASCII. It may say no where it is yes.
func plainWord(w uint64) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	found := w | (w - ones*' ')
	found |= (w ^ ones*'<') - ones
	found |= (w ^ ones*'&') - ones
	found |= (w ^ ones*']') - ones
	return found&high == 0
}

// scanText reads text at pos up to markup, an entity or the end of the buffer.
// It leaves what it read in chunk.
func (x *xmlReader) scanText() (found bool, err error) {
	start := x.pos
	for x.pos < x.end {
		n := plain(x.buf[x.pos:x.end])
		if n > 0 {
			if x.brackets > 1 && x.buf[x.pos] == '>' {
				return false, x.errorf(x.pos, "\"]]>\" outside of CDATA: want ]]&gt;")
			}
			x.brackets = 0
			x.pos += n
			continue
		}
		switch x.buf[x.pos] {
		case '<':
			return x.endText(start)
		case '&':
			x.brackets = 0
			if x.pos > start {
				return x.endText(start)
			}
			return x.textEntity()
		case ']':
			x.brackets++
			x.pos++
		default:
			x.brackets = 0
			size, err := x.char(x.pos, x.end)
			if err == errShort {
				if x.pos > start {
					return x.endText(start)
				}
				return false, x.more()
			}
			if err != nil {
				return false, err
			}
			x.pos += size
		}
	}
	return x.endText(start)
}

// endText hands out buf[start:pos].
func (x *xmlReader) endText(start int) (bool, error) {
	x.chunk = x.buf[start:x.pos]
	return true, nil
}

// skipOutside skips text outside of the root, where only space may stand.
func (x *xmlReader) skipOutside() error {
	x.pos = x.skipSpace(x.pos)
	if x.pos < x.end && x.buf[x.pos] != '<' {
		return x.outside()
	}
	return nil
}

func (x *xmlReader) outside() error {
	where := "before"
	if x.seenRoot {
		where = "after the end of"
	}
	return x.errorf(x.pos, "text %s the root element", where)
}

// textEntity reads an entity at pos.
func (x *xmlReader) textEntity() (bool, error) {
	decoded, size, err := x.entity(x.pos, x.end)
	if err == errShort {
		return false, x.more()
	}
	x.chunk = decoded
	x.pos += size
	return true, err
}

// char checks the character at offset at and returns its size. End is where the
// stretch ends that it must lie in.
func (x *xmlReader) char(at, end int) (size int, err error) {
	c := x.buf[at]
	if c < utf8.RuneSelf {
		if c < ' ' && class[c]&space == 0 {
			return 0, x.errorf(at, "character U+%04X is not allowed in XML", c)
		}
		return 1, nil
	}
	r, size := utf8.DecodeRune(x.buf[at:end])
	if r == utf8.RuneError && size == 1 {
		if !utf8.FullRune(x.buf[at:end]) {
			return 0, errShort
		}
		return 0, x.errorf(at, "invalid UTF-8 (byte 0x%02x)", c)
	}
	if r == 0xFFFE || r == 0xFFFF {
		return 0, x.errorf(at, "character U+%04X is not allowed in XML", r)
	}
	return size, nil
}

// skipTo reads past the next delim and checks what stands before it. It streams:
// what it skips may have any length.
func (x *xmlReader) skipTo(delim string, keep func(b []byte)) error {
	for {
		rest := x.buf[x.pos:x.end]
		n := bytes.Index(rest, []byte(delim))
		stop := x.pos + n
		if n < 0 {
			stop = max(x.pos, x.end-len(delim)+1) // the delimiter may have begun
		}
		start := x.pos
		err := x.checkTo(stop)
		if keep != nil && x.pos > start {
			keep(x.buf[start:x.pos])
		}
		if err == errShort && n >= 0 {
			err = x.errorf(x.pos, "invalid UTF-8 (byte 0x%02x)", x.buf[x.pos])
		}
		if err != nil && err != errShort {
			return err
		}
		if n >= 0 {
			x.pos += len(delim)
			return nil
		}
		if err := x.more(); err != nil {
			return err
		}
	}
}

// checkTo moves pos to stop, past characters that XML allows. It returns
// errShort in front of a character that stop cuts.
func (x *xmlReader) checkTo(stop int) error {
	for x.pos < stop {
		if n := plain(x.buf[x.pos:stop]); n > 0 {
			x.pos += n
			continue
		}
		size, err := x.char(x.pos, stop)
		if err != nil {
			return err
		}
		x.pos += size
	}
	return nil
}

func firstRune(b []byte) string {
	_, size := utf8.DecodeRune(b)
	return string(b[:size])
}
