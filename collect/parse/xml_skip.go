package parse

import (
	"bytes"
	"strings"
)

// instruction skips <?target ...?>, the XML declaration too.
func (x *xmlReader) instruction() error {
	begin := x.place == place{} && x.pos == 0
	target, at, err := x.readName(x.pos + 2)
	if err != nil {
		return err
	}
	if strings.EqualFold(string(target), "xml") && !(begin && string(target) == "xml") {
		return x.errorf(x.pos, "XML declaration that is not at the start of the file")
	}
	if at == x.end {
		return errShort
	}
	if class[x.buf[at]]&space == 0 && x.buf[at] != '?' {
		return x.errorf(at, "invalid character %q: want a space or \"?>\"", x.buf[at])
	}
	x.pos = at
	return x.skipTo("?>", nil)
}

// declaration reads what begins with <! at pos.
func (x *xmlReader) declaration() (xmlEvent, error) {
	const comment, cdata, doctype = "<!--", "<![CDATA[", "<!DOCTYPE"
	rest := x.buf[x.pos:x.end]
	for _, begin := range []string{comment, cdata, doctype} {
		if len(rest) < len(begin) && strings.HasPrefix(begin, string(rest)) {
			return xmlEOF, errShort
		}
		if !bytes.HasPrefix(rest, []byte(begin)) {
			continue
		}
		switch begin {
		case comment:
			x.pos += len(begin)
			return xmlEOF, x.comment()
		case cdata:
			return x.cdata(len(begin))
		}
		return xmlEOF, x.doctype(len(begin))
	}
	return xmlEOF, x.errorf(x.pos, "invalid markup \"<!\": want a comment, CDATA or DOCTYPE")
}

// comment skips to the end of a comment, which may not hold "--".
func (x *xmlReader) comment() error {
	if err := x.skipTo("--", nil); err != nil {
		return err
	}
	if x.pos == x.end {
		if err := x.more(); err != nil {
			return err
		}
	}
	if x.buf[x.pos] != '>' {
		return x.errorf(x.pos, "\"--\" inside a comment")
	}
	x.pos++
	return nil
}

// cdata skips a CDATA section, whose begin has n bytes. Where text is wanted,
// it collects the first maxTextBytes.
func (x *xmlReader) cdata(n int) (xmlEvent, error) {
	if x.depth() == 0 {
		return xmlEOF, x.outside()
	}
	x.pos += n
	if !x.wantText {
		return xmlEOF, x.skipTo("]]>", nil)
	}
	x.scratch = x.scratch[:0]
	err := x.skipTo("]]>", func(b []byte) {
		x.scratch = append(x.scratch, b[:min(len(b), maxTextBytes-len(x.scratch))]...)
	})
	x.chunk = x.scratch
	return xmlText, err
}

// maxTextBytes is how much of a CDATA section is kept where text is wanted,
// such as the path of a source folder.
const maxTextBytes = 64 << 10

// doctype skips a document type, whose begin has n bytes, and all that it
// declares. Nothing that it names is read.
func (x *xmlReader) doctype(n int) error {
	if x.depth() > 0 || x.seenRoot {
		return x.errorf(x.pos, "DOCTYPE behind the start of the root element")
	}
	x.pos += n
	brackets := 0
	for {
		c, err := x.nextByte()
		if err != nil {
			return err
		}
		switch c {
		case '"', '\'':
			err = x.skipTo(string(c), nil)
		case '[':
			brackets++
		case ']':
			brackets--
		case '<':
			err = x.subset()
		case '>':
			if brackets <= 0 {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

// subset reads what follows a "<" inside a DOCTYPE: comments and instructions
// may hold quotes that end nowhere, a declaration holds whole ones and ends with
// the ">" that doctype passes over.
func (x *xmlReader) subset() error {
	c, err := x.nextByte()
	if err != nil {
		return err
	}
	if c == '?' {
		return x.skipTo("?>", nil)
	}
	for range 2 {
		if c, err = x.peekByte(); err != nil || c != '-' {
			return err
		}
		x.pos++
	}
	return x.comment()
}

func (x *xmlReader) nextByte() (byte, error) {
	c, err := x.peekByte()
	if err != nil {
		return 0, err
	}
	size, err := x.char(x.pos, x.end)
	for err == errShort {
		if err = x.more(); err == nil {
			size, err = x.char(x.pos, x.end)
		}
	}
	x.pos += size
	return c, err
}

func (x *xmlReader) peekByte() (byte, error) {
	if x.pos == x.end {
		if err := x.more(); err != nil {
			return 0, err
		}
	}
	return x.buf[x.pos], nil
}
