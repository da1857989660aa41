package parse

import (
	"encoding/binary"
	"math/bits"
)

// jsonScan finds where the values of a piece of JSON end. It takes what
// encoding/json takes, strings that are no UTF-8 included, and nothing else.
type jsonScan struct {
	b     []byte
	whole bool // the file ends with b
}

// What stands for the end of a value that has none in b.
const (
	jsonShort = -1 // b ends before it
	jsonWrong = -2
)

const maxJSONDepth = 10_000 // as in encoding/json

// space is the place of the next byte that is no white space.
func (s *jsonScan) space(at int) int {
	for at < len(s.b) && (s.b[at] == ' ' || s.b[at] == '\n' || s.b[at] == '\r' || s.b[at] == '\t') {
		at++
	}
	return at
}

// value is the place behind the value that begins at a place, which is no white
// space, inside of so many others.
func (s *jsonScan) value(at, depth int) int {
	if at >= len(s.b) {
		return jsonShort
	}
	switch c := s.b[at]; c {
	case '"':
		return s.text(at)
	case '{', '[':
		if depth == maxJSONDepth {
			return jsonWrong
		}
		return s.nested(at, depth+1, c+2)
	case 't':
		return s.word(at, "true")
	case 'f':
		return s.word(at, "false")
	case 'n':
		return s.word(at, "null")
	}
	return s.number(at)
}

// nested is value for an object or array that ends with a byte.
func (s *jsonScan) nested(at, depth int, closing byte) int {
	at = s.space(at + 1)
	if at < len(s.b) && s.b[at] == closing {
		return at + 1
	}
	for {
		if closing == '}' {
			if at = s.key(at); at < 0 {
				return at
			}
		}
		if at = s.value(at, depth); at < 0 {
			return at
		}
		at = s.space(at)
		switch {
		case at >= len(s.b):
			return jsonShort
		case s.b[at] == closing:
			return at + 1
		case s.b[at] != ',':
			return jsonWrong
		}
		at = s.space(at + 1)
	}
}

// key is the place of the value of the key at a place.
func (s *jsonScan) key(at int) int {
	if at >= len(s.b) {
		return jsonShort
	}
	if s.b[at] != '"' {
		return jsonWrong
	}
	if at = s.text(at); at < 0 {
		return at
	}
	if at = s.space(at); at >= len(s.b) {
		return jsonShort
	}
	if s.b[at] != ':' {
		return jsonWrong
	}
	return s.space(at + 1)
}

// text is value for a string.
func (s *jsonScan) text(at int) int {
	for at++; ; {
		at += plainText(s.b[at:])
		if at >= len(s.b) {
			return jsonShort
		}
		switch s.b[at] {
		case '"':
			return at + 1
		case '\\':
			if at = s.escape(at + 1); at < 0 {
				return at
			}
		default:
			return jsonWrong
		}
	}
}

// escape is the place behind what follows a backslash.
func (s *jsonScan) escape(at int) int {
	if at >= len(s.b) {
		return jsonShort
	}
	switch s.b[at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at + 1
	case 'u':
		for range 4 {
			at++
			if at >= len(s.b) {
				return jsonShort
			}
			if c := s.b[at] | 0x20; (s.b[at] < '0' || s.b[at] > '9') && (c < 'a' || c > 'f') {
				return jsonWrong
			}
		}
		return at + 1
	}
	return jsonWrong
}

// plainText counts the bytes at the start of b that are neither a quote, nor a
// backslash, nor a control character. Eight are looked at at a time: in found the
// lowest bit is right.
func plainText(b []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		found := ((w - ones*' ') &^ w) | ((quote - ones) &^ quote) | ((slash - ones) &^ slash)
		if found &= high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

func (s *jsonScan) word(at int, want string) int {
	for i := range len(want) {
		if at+i >= len(s.b) {
			return jsonShort
		}
		if s.b[at+i] != want[i] {
			return jsonWrong
		}
	}
	return at + len(want)
}

// number is value for a number: it ends where it cannot go on.
func (s *jsonScan) number(at int) int {
	if s.b[at] == '-' {
		at++
	}
	switch {
	case at < len(s.b) && s.b[at] == '0':
		at++
	default:
		if at = s.digits(at); at < 0 {
			return at
		}
	}
	if at < len(s.b) && s.b[at] == '.' {
		if at = s.digits(at + 1); at < 0 {
			return at
		}
	}
	if at < len(s.b) && s.b[at]|0x20 == 'e' {
		if at++; at < len(s.b) && (s.b[at] == '+' || s.b[at] == '-') {
			at++
		}
		if at = s.digits(at); at < 0 {
			return at
		}
	}
	if at == len(s.b) && !s.whole {
		return jsonShort
	}
	return at
}

// digits is the place behind one digit or more.
func (s *jsonScan) digits(at int) int {
	from := at
	for at < len(s.b) && s.b[at] >= '0' && s.b[at] <= '9' {
		at++
	}
	switch {
	case at > from:
		return at
	case at == len(s.b):
		return jsonShort
	}
	return jsonWrong
}
