package collect

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// scanner reads one JSON text from memory, front to back, without allocating.
// It accepts what encoding/json accepts. The first error sticks and ends every
// loop, so that callers look at err once and not after each token.
type scanner struct {
	data []byte
	pos  int
	err  error
	in   *pieces // of which data is a piece; nil: data is all
}

// maxDepth bounds nesting as encoding/json does.
const maxDepth = 10000

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: %w", s.pos+1, fmt.Errorf(format, args...))
	}
}

// space skips white space and returns the byte behind it, 0 at the end.
func (s *scanner) space() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) want(c byte, where string) {
	if got := s.space(); got != c || s.err != nil {
		s.fail("want %q %s, have %s", c, where, s.excerpt())
		return
	}
	s.pos++
}

// enter steps into an object or array and reports whether it has a member.
func (s *scanner) enter(open byte) bool {
	s.want(open, "here")
	if s.err != nil {
		return false
	}
	if s.space() == open+2 { // '}' is '{'+2, and ']' is '['+2
		s.pos++
		return false
	}
	return true
}

// more steps over what is between two members and reports whether another one
// follows.
func (s *scanner) more(open byte) bool {
	if s.err != nil {
		return false
	}
	switch s.space() {
	case ',':
		s.pos++
		return true
	case open + 2:
		s.pos++
		return false
	}
	s.fail("want ',' or %q, have %s", open+2, s.excerpt())
	return false
}

// key reads a member's name and the colon behind it. The result is the text
// between the quotes as it stands, escapes included.
func (s *scanner) key() (raw []byte, plain bool) {
	raw, plain = s.str()
	s.want(':', "behind a name")
	return raw, plain
}

// str reads a string and returns the text between its quotes as it stands.
// Where plain is true this is the string itself; elsewhere unquote makes it.
func (s *scanner) str() (raw []byte, plain bool) {
	s.want('"', "here")
	if s.err != nil {
		return nil, false
	}
	// Nearly every string has no escape: its end is found by the two searches
	// that the processor is fastest at. They are tried once a string, because
	// with many escapes they would look at the same bytes again and again.
	rest := s.data[s.pos:]
	if end := bytes.IndexByte(rest, '"'); end >= 0 && bytes.IndexByte(rest[:end], '\\') < 0 {
		raw = rest[:end]
		if control, ascii := look(raw); !control {
			s.pos += end + 1
			return raw, ascii || utf8.Valid(raw)
		}
	}
	return s.oddStr()
}

// look reports whether text has control characters, and whether all of it is
// ASCII, eight bytes at a time.
func look(text []byte) (control, ascii bool) {
	const highs, spaces = 0x8080808080808080, 0x2020202020202020
	var below, high uint64
	for len(text) >= 8 {
		x := binary.LittleEndian.Uint64(text)
		below |= (x - spaces) &^ x
		high |= x
		text = text[8:]
	}
	for _, c := range text {
		x := uint64(c)
		below |= (x - 0x20) &^ x & 0x80
		high |= x
	}
	return below&highs != 0, high&highs == 0
}

// oddStr reads the rest of a string that has escapes, or is wrong.
func (s *scanner) oddStr() (raw []byte, plain bool) {
	start := s.pos
	for plain = true; s.pos < len(s.data) && s.err == nil; {
		switch c := s.data[s.pos]; {
		case c == '"':
			raw = s.data[start:s.pos]
			s.pos++
			return raw, plain && utf8.Valid(raw)
		case c == '\\':
			plain = false
			s.escape()
		case c < ' ':
			s.fail("control character %q in a string", c)
		default:
			s.pos++
		}
	}
	s.fail("the string that begins at byte %d does not end", start)
	return nil, false
}

// escape steps over a backslash and what it escapes.
func (s *scanner) escape() {
	size := 2
	if s.pos+1 < len(s.data) && s.data[s.pos+1] == 'u' {
		size = 6
	}
	if s.pos+size > len(s.data) {
		s.pos = len(s.data)
		return
	}
	token := s.data[s.pos : s.pos+size]
	valid := false
	switch token[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		valid = true
	case 'u':
		_, err := strconv.ParseUint(string(token[2:]), 16, 16)
		valid = err == nil
	}
	if !valid {
		s.fail("unknown escape %q in a string", token)
		return
	}
	s.pos += size
}

// unquote returns the string that str read as raw. Half of a surrogate pair
// and bytes that are not UTF-8 become U+FFFD.
func unquote(raw []byte, plain bool) string {
	if plain {
		return string(raw)
	}
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return "" // not reached: str has checked every escape
	}
	return text
}

// skip steps over one value of any kind that stands inside of depth objects
// and arrays.
func (s *scanner) skip(depth int) {
	switch c := s.space(); {
	case c == '"':
		s.str()
	case c == '{' || c == '[':
		if depth++; depth > maxDepth {
			s.fail("nested deeper than %d levels", maxDepth)
			return
		}
		for more := s.enter(c); more; more = s.more(c) {
			if c == '{' {
				s.key()
			}
			if s.err == nil && s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
				s.digits() // as in a long list of samples
				continue
			}
			s.skip(depth)
		}
	case c == '-' || '0' <= c && c <= '9':
		s.digits()
	default:
		s.word()
	}
}

// word reads true, false or null and returns it.
func (s *scanner) word() string {
	s.space()
	for _, word := range [...]string{"true", "false", "null"} {
		if end := s.pos + len(word); end <= len(s.data) && string(s.data[s.pos:end]) == word {
			s.pos = end
			return word
		}
	}
	s.fail("want a value, have %s", s.excerpt())
	return ""
}

// null steps over a null and reports whether one was there.
func (s *scanner) null() bool {
	if s.space() != 'n' {
		return false
	}
	return s.word() != ""
}

// excerpt quotes what stands at the current position, for an error.
func (s *scanner) excerpt() string {
	if s.pos >= len(s.data) {
		return "the end"
	}
	end := s.pos
	for end < len(s.data) && end < s.pos+24 {
		if c := s.data[end]; end > s.pos && (c == ',' || c == '}' || c == ']' || c == ' ') {
			break
		}
		end++
	}
	return strconv.Quote(string(s.data[s.pos:end]))
}

// number reads a number. One that no float64 can hold is an error, in which
// what names it.
func (s *scanner) number(what string) float64 {
	start := s.pos
	n := s.digits()
	if s.err != nil {
		return 0
	}
	if n.exact && n.exp >= -22 && n.exp <= 22 {
		return n.value()
	}
	text := s.data[start:s.pos]
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(x, 0) {
		s.pos = start
		s.fail("%s: want a finite number, %s is out of range", what, text)
		return 0
	}
	return x
}

// decimal is a number as written: mantissa × 10^exp, where exact says that the
// mantissa fits into a float64's 53 bits.
type decimal struct {
	mantissa uint64
	exp      int
	negative bool
	exact    bool
}

var powersOf10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// value is correctly rounded for an exact decimal with |exp| <= 22, because
// both operands of its one operation are exact (W. D. Clinger, 1990).
func (n decimal) value() float64 {
	x := float64(n.mantissa)
	if n.exp < 0 {
		x /= powersOf10[-n.exp]
	} else {
		x *= powersOf10[n.exp]
	}
	if n.negative {
		x = -x
	}
	return x
}

// digits reads a number by JSON's grammar.
func (s *scanner) digits() (n decimal) {
	d, i := s.data, s.pos
	if i < len(d) && d[i] == '-' {
		n.negative = true
		i++
	}
	first := i
	for ; i < len(d) && d[i]-'0' <= 9; i++ {
		n.mantissa = n.mantissa*10 + uint64(d[i]-'0')
	}
	count := i - first
	valid := count > 0 && (count == 1 || d[first] != '0')
	if valid && i < len(d) && d[i] == '.' {
		i++
		point := i
		for ; i < len(d) && d[i]-'0' <= 9; i++ {
			n.mantissa = n.mantissa*10 + uint64(d[i]-'0')
		}
		n.exp = point - i
		count += i - point
		valid = i > point
	}
	// Nineteen digits cannot overflow the 64 bits.
	n.exact = count <= 19 && n.mantissa < 1<<53
	if valid && i < len(d) && d[i]|0x20 == 'e' {
		i++
		if i < len(d) && (d[i] == '+' || d[i] == '-') {
			i++
		}
		n.exact = false // rare: left to strconv
		power := i
		for i < len(d) && d[i]-'0' <= 9 {
			i++
		}
		valid = i > power
	}
	if !valid {
		s.fail("want a number, have %s", s.excerpt())
		return n
	}
	s.pos = i
	return n
}
