package parse

import (
	"bytes"
	"encoding/json"
	"strings"
)

// HeadBytes is how much of a file Match gets to see.
const HeadBytes = 64 << 10

// Head is the beginning of a file, for Match. What several formats ask of it is
// looked up once.
type Head struct {
	// Name is the file's name, which may be empty.
	Name string
	// Bytes are the first HeadBytes of the file, decoded to UTF-8; all of it
	// where it is shorter.
	Bytes []byte

	outline *jsonOutline
}

// xml reads up to the root element, whose name and attributes x holds. Each call
// begins anew.
func (h *Head) xml() (x *xmlReader, ok bool) {
	if h.first() != '<' {
		return nil, false
	}
	x = &xmlReader{buf: h.Bytes, end: len(h.Bytes), eof: true} // which many formats ask for: it reads in place
	event, err := x.next()
	return x, err == nil && event == xmlStart
}

// root reports whether the file is XML with a root element of one of these
// names.
func (h *Head) root(names ...string) bool {
	x, ok := h.xml()
	if !ok {
		return false
	}
	for _, name := range names {
		if string(x.name) == name {
			return true
		}
	}
	return false
}

// first is the first byte that is no space, 0 where there is none.
func (h *Head) first() byte {
	for _, c := range h.Bytes {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// json returns the outline of the first JSON value of the file, as far as the
// head shows it. It is empty for what is no JSON.
func (h *Head) json() *jsonOutline {
	if h.outline == nil {
		h.outline = outlineOf(h.Bytes)
	}
	return h.outline
}

// A jsonOutline knows which members a JSON value has. A path names them from the
// top, with dots between and [] for the first element of an array:
// "results[].times", "[].name", "testResults[].assertionResults".
type jsonOutline struct {
	// kinds holds, by path, the first byte of the value: { [ " t f n, or 0 for a
	// number. The path of the whole is empty.
	kinds map[string]byte
	// text holds the strings of up to 100 bytes.
	text map[string]string
}

// has reports whether all the paths are there.
func (o *jsonOutline) has(paths ...string) bool {
	for _, p := range paths {
		if _, ok := o.kinds[p]; !ok {
			return false
		}
	}
	return true
}

// is reports whether the value at a path is of a kind: { [ " t f n, or 0 for a
// number.
func (o *jsonOutline) is(path string, kind byte) bool {
	k, ok := o.kinds[path]
	return ok && k == kind
}

// outlineDepth is how far down an outline looks.
const outlineDepth = 6

func outlineOf(head []byte) *jsonOutline {
	o := &jsonOutline{kinds: map[string]byte{}, text: map[string]string{}}
	d := json.NewDecoder(bytes.NewReader(head))
	if token, err := d.Token(); err == nil && (token == json.Delim('{') || token == json.Delim('[')) {
		o.value(d, token, "", 0)
	}
	return o
}

// value notes a value whose first token was read, and reads the rest of it; it
// reports whether the head goes on.
func (o *jsonOutline) value(d *json.Decoder, first json.Token, path string, depth int) bool {
	noted := depth <= outlineDepth
	if _, twice := o.kinds[path]; twice {
		noted = false
	}
	kind, text := kindOf(first)
	if noted {
		o.kinds[path] = kind
		if kind == '"' && len(text) <= 100 {
			o.text[path] = text
		}
	}
	if kind != '{' && kind != '[' {
		return true
	}
	if !noted {
		return skipOpen(d)
	}
	for d.More() {
		at := path + "[]"
		if kind == '{' {
			key, err := d.Token()
			if err != nil {
				return false
			}
			at = strings.TrimPrefix(path+"."+key.(string), ".")
		}
		token, err := d.Token()
		if err != nil || !o.value(d, token, at, depth+1) {
			return false
		}
	}
	_, err := d.Token()
	return err == nil
}

// kindOf is the first byte of the value that a token begins, 0 of a number.
func kindOf(token json.Token) (kind byte, text string) {
	switch v := token.(type) {
	case json.Delim:
		return byte(v), ""
	case string:
		return '"', v
	case bool:
		if v {
			return 't', ""
		}
		return 'f', ""
	case nil:
		return 'n', ""
	}
	return 0, ""
}

// skipOpen reads to the end of the array or object that is open.
func skipOpen(d *json.Decoder) bool {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return true
}
