package parse

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decode makes UTF-8 without a byte order mark of what r gives. PowerShell
// writes UTF-16 where a command's output is sent to a file, and old XML tools
// declare ISO-8859-1.
func decode(r *bufio.Reader) (*bufio.Reader, error) {
	mark, _ := r.Peek(4)
	switch {
	case bytes.HasPrefix(mark, []byte("\xEF\xBB\xBF")):
		_, err := r.Discard(3)
		return r, err
	case bytes.HasPrefix(mark, []byte("\xFF\xFE")), bytes.HasPrefix(mark, []byte("\xFE\xFF")):
		return recode(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)), nil
	case string(mark) == "<\x00?\x00":
		return recode(r, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), nil
	case string(mark) == "\x00<\x00?":
		return recode(r, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)), nil
	case string(mark) != "<?xm":
		return r, nil
	}
	return declared(r)
}

// declared decodes XML from the encoding that it declares.
func declared(r *bufio.Reader) (*bufio.Reader, error) {
	head, _ := r.Peek(HeadBytes)
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return r, nil
	}
	name, at := declaredEncoding(head[:end])
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return r, nil
	case "iso-8859-1", "latin1", "latin-1":
		return recode(r, charmap.ISO8859_1), nil
	case "iso-8859-15":
		return recode(r, charmap.ISO8859_15), nil
	case "windows-1252", "cp1252":
		return recode(r, charmap.Windows1252), nil
	case "utf-16":
		// It has neither mark nor zero bytes: a tool that lies, as .NET's
		// StringWriter does. It is ASCII so far, so it is UTF-8.
		return r, nil
	}
	return nil, Errorf(1, at+1, "encoding %q is not supported: want UTF-8, UTF-16, ISO-8859-1 or windows-1252", name)
}

// declaredEncoding returns the encoding that an XML declaration names, and its
// offset there.
func declaredEncoding(declaration []byte) (name string, at int) {
	m := encodingDeclaration().FindSubmatchIndex(declaration)
	if m == nil {
		return "", 0
	}
	return string(declaration[m[2]:m[3]]), m[2]
}

var encodingDeclaration = lazily(`\sencoding\s*=\s*["']([^"']*)["']`)

func recode(r io.Reader, e encoding.Encoding) *bufio.Reader {
	return bufio.NewReaderSize(transform.NewReader(r, e.NewDecoder()), HeadBytes)
}
