package parse

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// appendText appends the text of a JSON string, given without its quotes. It
// goes as encoding/json does: a lone surrogate and a byte that is no UTF-8
// become U+FFFD. A wrong escape ends the text.
func appendText(dst, raw []byte) []byte {
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		r, n := unescape(raw[i:])
		if n == 0 {
			return dst
		}
		dst = utf8.AppendRune(dst, r)
		raw = raw[i+n:]
	}
	return dst
}

// unescape reads the escape at the start of s and returns its length, which is
// 0 if it is wrong or cut off.
func unescape(s []byte) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[1] == 'u' {
		return unescapeHex(s)
	}
	const letters, runes = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	i := bytes.IndexByte([]byte(letters), s[1])
	if i < 0 {
		return 0, 0
	}
	return rune(runes[i]), 2
}

func unescapeHex(s []byte) (rune, int) {
	r, ok := hexRune(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hexRune(s[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// hexRune reads an escape such as \u00e9.
func hexRune(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(v), err == nil
}

// keptText is how much of one string is kept of a line that does not fit in the
// buffer, and keptLine how much of the line.
const (
	keptText = 16 << 10
	keptLine = 1 << 20
)

// shrink cuts long strings out of a line of JSON that is too long for the
// buffer, so that the keys after a huge Output are still found.
type shrink struct {
	out    []byte
	inText bool
	escape bool // the byte before was a backslash that escapes
	length int  // of the string so far
}

// add takes the next piece of the line.
func (s *shrink) add(piece []byte) {
	for len(piece) > 0 && len(s.out) <= keptLine {
		if s.inText && !s.escape && s.length > keptText {
			// Nothing of interest before the next quote or backslash.
			i := bytes.IndexAny(piece[:min(len(piece), 512)], `"\`)
			if i < 0 {
				piece = piece[min(len(piece), 512):]
				continue
			}
			piece = piece[i:]
		}
		s.byte(piece[0])
		piece = piece[1:]
	}
}

func (s *shrink) byte(b byte) {
	switch {
	case !s.inText:
		s.inText, s.length = b == '"', 0
		s.out = append(s.out, b)
		return
	case s.escape:
		s.escape = false
	case b == '\\':
		// The escape is kept or dropped as one: length moves on only after it.
		s.escape = true
		if s.length <= keptText {
			s.out = append(s.out, b)
		}
		return
	case b == '"':
		s.inText = false
		s.out = append(s.out, b)
		return
	}
	if s.length <= keptText {
		s.out = append(s.out, b)
	}
	s.length++
}
