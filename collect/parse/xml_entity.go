package parse

import (
	"strconv"
	"unicode/utf8"
)

// entity decodes the entity at offset at and returns its size in the file. The
// five of XML and numbers are known; those that a DOCTYPE declares are not, for
// their expansion is how a small file becomes a large one.
func (x *xmlReader) entity(at, end int) (decoded []byte, size int, err error) {
	window := x.buf[at:min(end, at+maxEntityBytes)]
	n := 1
	for n < len(window) && (class[window[n]]&nameByte != 0 || n == 1 && window[n] == '#') {
		n++
	}
	if n == len(window) && n < maxEntityBytes {
		return nil, 0, errShort
	}
	if n == len(window) || window[n] != ';' {
		return nil, 0, x.errorf(at, "\"&\" without \";\": want &amp;")
	}
	name := window[1:n]
	if decoded = predefined(name); decoded == nil {
		if len(name) == 0 || name[0] != '#' {
			return nil, 0, x.unknownEntity(at, name)
		}
		r, ok := charReference(name[1:])
		if !ok {
			return nil, 0, x.errorf(at, "&%s; is no character that XML allows", name)
		}
		decoded = utf8.AppendRune(nil, r)
	}
	return decoded, n + 1, nil
}

func (x *xmlReader) unknownEntity(at int, name []byte) error {
	if len(name) == 0 || class[name[0]]&notFirst != 0 {
		return x.errorf(at, "\"&\" without the name of an entity: want &amp;")
	}
	return x.errorf(at, "entity &%s; is not predefined: custom entities are not expanded", name)
}

var (
	lt, gt, amp = []byte("<"), []byte(">"), []byte("&")
	apos, quot  = []byte("'"), []byte(`"`)
)

func predefined(name []byte) []byte {
	switch string(name) {
	case "lt":
		return lt
	case "gt":
		return gt
	case "amp":
		return amp
	case "apos":
		return apos
	case "quot":
		return quot
	}
	return nil
}

// charReference reads what stands between "&#" and ";".
func charReference(digits []byte) (rune, bool) {
	base := 10
	if len(digits) > 0 && digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	// ParseUint takes no sign, and without base 0 no prefix and no underscore.
	n, err := strconv.ParseUint(string(digits), base, 32)
	r := rune(n)
	return r, err == nil && n <= utf8.MaxRune && xmlRune(r)
}

// xmlRune reports whether XML 1.0 allows the character.
func xmlRune(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r >= 0xD800 && r <= 0xDFFF:
		return false
	}
	return r != 0xFFFE && r != 0xFFFF
}

// nameRune reports whether a name may have the character past ASCII that b is
// (XML 1.0, fifth edition, productions 4 and 4a).
func nameRune(b []byte, first bool) bool {
	r, _ := utf8.DecodeRune(b)
	switch {
	case r == 0xB7, r >= 0x300 && r <= 0x36F, r == 0x203F, r == 0x2040:
		return !first
	case r < 0xC0, r == 0xD7, r == 0xF7, r == 0x37E:
		return false
	}
	return r <= 0x1FFF || r == 0x200C || r == 0x200D ||
		r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF || r >= 0x3001 && r <= 0xD7FF ||
		r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD || r >= 0x10000 && r <= 0xEFFFF
}
