package parse

import "bytes"

// markup reads what begins with "<" at pos. It returns xmlEOF for what is no
// event, such as a comment, and errShort where the buffer ends too early; pos
// is then as it was.
func (x *xmlReader) markup() (xmlEvent, error) {
	rest := x.buf[x.pos:x.end]
	if len(rest) < 2 {
		return xmlEOF, errShort
	}
	switch rest[1] {
	case '/':
		return x.endTag()
	case '?':
		return xmlEOF, x.instruction()
	case '!':
		return x.declaration()
	}
	return x.startTag()
}

// startTag reads <name attribute="value" ...> or <name .../>.
func (x *xmlReader) startTag() (xmlEvent, error) {
	name, at, err := x.readName(x.pos + 1)
	if err != nil {
		return xmlEOF, err
	}
	x.attrs, x.scratch, x.alike = x.attrs[:0], x.scratch[:0], true
	for {
		spaced := at
		if at = x.skipSpace(at); at == x.end {
			return xmlEOF, errShort
		}
		switch c := x.buf[at]; {
		case c == '>':
			return x.opened(name, at+1)
		case c == '/':
			if at+1 == x.end {
				return xmlEOF, errShort
			}
			if x.buf[at+1] != '>' {
				return xmlEOF, x.errorf(at, "\"/\" inside <%s> without \">\"", name)
			}
			x.selfClose = true
			return x.opened(name, at+2)
		case spaced == at:
			return xmlEOF, x.errorf(at, "invalid character %q inside <%s>: want a space, \"/\" or \">\"", c, name)
		}
		if at, err = x.attribute(at); err != nil {
			return xmlEOF, err
		}
	}
}

// opened ends a start tag at offset at.
func (x *xmlReader) opened(name []byte, at int) (xmlEvent, error) {
	if x.depth() == 0 && x.seenRoot {
		return xmlEOF, x.errorf(x.pos, "element <%s> after the end of the root element", name)
	}
	if x.depth() == maxDepth {
		return xmlEOF, x.errorf(x.pos, "elements nest deeper than %d", maxDepth)
	}
	x.seenRoot = true
	if !x.alike {
		x.shape = shapeOf(x.shape[:0], x.attrs)
	}
	x.push(name)
	x.name = local(name)
	x.at, x.pos = x.pos, at
	return xmlStart, nil
}

// attribute reads name="value" at offset at and returns the offset behind it.
func (x *xmlReader) attribute(at int) (int, error) {
	if x.alike {
		if begin := x.likeBefore(at); begin != nil {
			return x.again(at, begin)
		}
		x.alike = false
	}
	start := at
	name, at, err := x.readName(at)
	if err != nil {
		return at, err
	}
	if at = x.skipSpace(at); at == x.end {
		return at, errShort
	}
	if x.buf[at] != '=' {
		return at, x.errorf(at, "attribute %s has no value: want %s=\"...\"", name, name)
	}
	if at = x.skipSpace(at + 1); at == x.end {
		return at, errShort
	}
	quote := x.buf[at]
	if quote != '"' && quote != '\'' {
		return at, x.errorf(at, "value of attribute %s is not quoted", name)
	}
	value, end, err := x.quotedValue(at+1, at+1, quote)
	if err != nil {
		return at, err
	}
	return end, x.keep(start, xmlAttr{full: name, name: local(name), value: value})
}

// quotedValue reads a value at offset at and returns the offset behind it. Up to
// seen it is known to be plain.
func (x *xmlReader) quotedValue(at, seen int, quote byte) ([]byte, int, error) {
	n := bytes.IndexByte(x.buf[seen:x.end], quote)
	if n < 0 {
		// Nothing of a huge value is looked at twice but by this search.
		return nil, at, errShort
	}
	value, err := x.value(at, seen, seen+n)
	return value, seen + n + 1, err
}

// keep adds an attribute that was found at offset at.
func (x *xmlReader) keep(at int, a xmlAttr) error {
	for i := range x.attrs {
		if bytes.Equal(x.attrs[i].full, a.full) {
			return x.errorf(at, "attribute %s is given twice", a.full)
		}
	}
	if len(x.attrs) == maxAttributes {
		return x.errorf(at, "element has more than %d attributes", maxAttributes)
	}
	x.attrs = append(x.attrs, a)
	return nil
}

// value checks buf[at:end] as the value of an attribute, from seen on, and
// decodes it.
func (x *xmlReader) value(at, seen, end int) ([]byte, error) {
	raw := x.buf[at:end]
	n := seen - at
	n += plainAttr(raw[n:])
	if n == len(raw) {
		return raw, nil
	}
	// The decoded value is never longer, so earlier ones stay where they are
	// for as long as scratch does not have to grow; if it does, they keep the
	// old array alive.
	from := len(x.scratch)
	copied := 0
	for n < len(raw) {
		switch c := raw[n]; c {
		case '<':
			return nil, x.errorf(at+n, "\"<\" inside a value: want &lt;")
		case '&':
			x.scratch = append(x.scratch, raw[copied:n]...)
			decoded, size, err := x.entity(at+n, end)
			if err == errShort {
				err = x.errorf(at+n, "\"&\" without \";\": want &amp;")
			}
			if err != nil {
				return nil, err
			}
			x.scratch = append(x.scratch, decoded...)
			n += size
			copied = n
		default:
			size, err := x.char(at+n, end)
			if err == errShort {
				err = x.errorf(at+n, "invalid UTF-8 (byte 0x%02x)", c)
			}
			if err != nil {
				return nil, err
			}
			n += size
		}
		n += plainAttr(raw[n:])
	}
	if copied == 0 {
		return raw, nil
	}
	x.scratch = append(x.scratch, raw[copied:]...)
	return x.scratch[from:len(x.scratch):len(x.scratch)], nil
}

// endTag reads </name>.
func (x *xmlReader) endTag() (xmlEvent, error) {
	rest := x.buf[x.pos+2 : x.end]
	if x.depth() == 0 {
		return xmlEOF, x.errorf(x.pos, "end tag without a start tag")
	}
	top := x.top()
	if len(rest) <= len(top) {
		if !bytes.HasPrefix(top, rest) {
			return xmlEOF, x.mismatch()
		}
		return xmlEOF, errShort
	}
	at := x.pos + 2 + len(top)
	if !bytes.HasPrefix(rest, top) {
		return xmlEOF, x.mismatch()
	}
	if x.buf[at] != '>' {
		spaced := at
		if at = x.skipSpace(at); at == x.end {
			return xmlEOF, errShort
		}
		if spaced == at || x.buf[at] != '>' {
			return xmlEOF, x.mismatch()
		}
	}
	x.pos = at + 1
	x.pop()
	return xmlEnd, nil
}

// mismatch says which end tag was found and which was wanted.
func (x *xmlReader) mismatch() error {
	name, _, err := x.readName(x.pos + 2)
	if err != nil {
		return err
	}
	return x.errorf(x.pos, "mismatched tag </%s>: want </%s>", name, x.top())
}

// readName reads a name at offset at and returns the offset behind it.
func (x *xmlReader) readName(at int) ([]byte, int, error) {
	start := at
	for at < x.end && at-start <= maxNameBytes {
		c := x.buf[at]
		if c < 0x80 {
			if class[c]&nameByte == 0 {
				break
			}
			at++
			continue
		}
		size, err := x.char(at, x.end)
		if err != nil {
			return nil, at, err
		}
		if !nameRune(x.buf[at:at+size], at == start) {
			break
		}
		at += size
	}
	if at-start > maxNameBytes {
		return nil, at, x.errorf(start, "name is longer than %d bytes", maxNameBytes)
	}
	if at == x.end {
		return nil, at, errShort
	}
	if at == start || class[x.buf[start]]&notFirst != 0 {
		return nil, at, x.errorf(start, "invalid character %q: want a name", firstRune(x.buf[start:x.end]))
	}
	return x.buf[start:at], at, nil
}

// skipSpace returns the offset of the first byte that is no white space.
func (x *xmlReader) skipSpace(at int) int {
	for at < x.end && class[x.buf[at]]&space != 0 {
		at++
	}
	return at
}
