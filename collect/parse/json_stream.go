package parse

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strconv"
)

// jsonStream reads JSON as a json.Decoder does, token by token and value by value,
// with the same values, errors and offsets. It is several times as fast: it looks
// at what is skipped once, and sets the fields of structs itself; see jsonFields.
// Whatever it does not know it leaves to encoding/json.
type jsonStream struct {
	src      io.Reader
	buf      []byte
	pos, end int   // what is read and not handed out
	base     int64 // the offset of buf[0]
	err      error // of src
	open     []jsonState
	state    jsonState
	slowTo   int64 // no value ends in memory that begins before this offset; see pass
	fields   jsonFields
}

// jsonState is what may come next.
type jsonState uint8

const (
	jsonTop jsonState = iota
	jsonArrayStart
	jsonArrayValue
	jsonArrayComma
	jsonObjectStart
	jsonObjectKey
	jsonObjectColon
	jsonObjectValue
	jsonObjectComma
)

// jsonStreamBytes is more than a bufio.Reader below holds, which then copies nothing.
const jsonStreamBytes = 128 << 10

func newJSONStream(r io.Reader) *jsonStream {
	return &jsonStream{src: r, buf: make([]byte, jsonStreamBytes), fields: jsonFields{}}
}

// InputOffset is the offset behind the last token or value.
func (d *jsonStream) InputOffset() int64 { return d.base + int64(d.pos) }

// More reports whether a further value follows in what is open.
func (d *jsonStream) More() bool {
	c, err := d.peek()
	return err == nil && c != ']' && c != '}'
}

// Token reads the next token.
func (d *jsonStream) Token() (json.Token, error) {
	for {
		c, err := d.peek()
		if err != nil {
			return nil, err
		}
		switch c {
		case '[', '{':
			if !d.value() {
				return nil, d.unexpected()
			}
			d.pos++
			d.open = append(d.open, d.state)
			d.state = jsonArrayStart
			if c == '{' {
				d.state = jsonObjectStart
			}
			return json.Delim(c), nil
		case ']', '}':
			start, comma := jsonArrayStart, jsonArrayComma
			if c == '}' {
				start, comma = jsonObjectStart, jsonObjectComma
			}
			if d.state != start && d.state != comma {
				return nil, d.unexpected()
			}
			d.pos++
			d.state, d.open = d.open[len(d.open)-1], d.open[:len(d.open)-1]
			d.valueEnd()
			return json.Delim(c), nil
		case ':', ',':
			if !d.separator(c) {
				return nil, d.unexpected()
			}
			continue
		}
		return d.scalar(c)
	}
}

// scalar reads a key, or a value that is no array or object and begins with c.
func (d *jsonStream) scalar(c byte) (json.Token, error) {
	if c == '"' && (d.state == jsonObjectStart || d.state == jsonObjectKey) {
		var key string
		was := d.state
		d.state = jsonTop
		err := d.Decode(&key)
		d.state = was
		if err != nil {
			return nil, err
		}
		d.state = jsonObjectColon
		return key, nil
	}
	if !d.value() {
		return nil, d.unexpected()
	}
	var v any
	err := d.Decode(&v)
	return v, err
}

// separator steps over a colon or comma where one may stand.
func (d *jsonStream) separator(c byte) bool {
	switch {
	case c == ':' && d.state == jsonObjectColon:
		d.state = jsonObjectValue
	case c == ',' && d.state == jsonArrayComma:
		d.state = jsonArrayValue
	case c == ',' && d.state == jsonObjectComma:
		d.state = jsonObjectKey
	default:
		return false
	}
	d.pos++
	return true
}

// value reports whether a value may come next.
func (d *jsonStream) value() bool {
	return d.state == jsonTop || d.state == jsonArrayStart || d.state == jsonArrayValue || d.state == jsonObjectValue
}

func (d *jsonStream) valueEnd() {
	switch d.state {
	case jsonArrayStart, jsonArrayValue:
		d.state = jsonArrayComma
	case jsonObjectValue:
		d.state = jsonObjectComma
	}
}

// Decode reads the next value into to, as json.Unmarshal does.
func (d *jsonStream) Decode(to any) error {
	if err := d.beforeValue(); err != nil {
		return err
	}
	if d.fast(to) {
		return nil
	}
	raw, err := d.raw()
	if err != nil {
		return err
	}
	d.pos += len(raw)
	d.valueEnd()
	if m, ok := to.(*json.RawMessage); ok {
		*m = append((*m)[:0], bytes.TrimLeft(raw, " \t\r\n")...)
		return nil
	}
	return json.Unmarshal(raw, to)
}

// beforeValue steps over what stands before the next value.
func (d *jsonStream) beforeValue() error {
	if d.state == jsonArrayComma || d.state == jsonObjectColon {
		c, err := d.peek()
		switch {
		case err != nil:
			return err
		case d.separator(c):
		case d.state == jsonArrayComma:
			return errJSON("expected comma after array element")
		default:
			return errJSON("expected colon after object key")
		}
	}
	if !d.value() {
		return errJSON("not at beginning of value")
	}
	return nil
}

// fast is Decode for what is plain. It reports whether it was.
func (d *jsonStream) fast(to any) bool {
	v := reflect.ValueOf(to).Elem()
	if d.fields.custom(v.Type()) || !v.IsZero() { // what is there counts, and could not be put back
		return false
	}
	for {
		f := jsonFill{jsonScan: d.scan(), fields: d.fields}
		end := f.fill(v, f.space(0))
		if end >= 0 {
			d.pos += end
			d.valueEnd()
			return true
		}
		v.SetZero()
		if end != jsonShort || d.more() != nil {
			return false
		}
	}
}

// scan is what there is to scan.
func (d *jsonStream) scan() jsonScan { return jsonScan{d.rest(), d.err == io.EOF} }

// raw is the next value as it stands, with the space before it, which is good until
// more is read.
func (d *jsonStream) raw() ([]byte, error) {
	for {
		s := d.scan()
		end := s.value(s.space(0), 0)
		switch {
		case end >= 0:
			return s.b[:end], nil
		case end == jsonWrong:
			return nil, json.Unmarshal(s.b, new(json.RawMessage))
		}
		switch err := d.more(); {
		case err == io.EOF && s.whole:
			return nil, io.ErrUnexpectedEOF
		case err != nil && err != io.EOF:
			return nil, err
		}
	}
}

// pass steps over the next value where all of it is in memory.
func (d *jsonStream) pass() bool {
	for {
		c, err := d.peek()
		if err != nil || c == ']' || c == '}' || d.InputOffset() < d.slowTo {
			return false
		}
		if d.state == jsonArrayComma || d.state == jsonObjectColon {
			if !d.separator(c) {
				return false
			}
			continue
		}
		if !d.value() {
			return false
		}
		s := d.scan()
		end := s.value(0, 0)
		if end >= 0 {
			d.pos += end
			d.valueEnd()
			return true
		}
		if end == jsonWrong || len(s.b) >= jsonStreamBytes/2 || d.more() != nil {
			// Token by token, then: none of these bytes is looked at a third time.
			d.slowTo = d.base + int64(d.end)
			return false
		}
	}
}

// errJSON is what is wrong at the place up to which was read.
type errJSON string

// Error says what it is.
func (e errJSON) Error() string { return string(e) }

// unexpected is the error of the next byte, as encoding/json words it.
func (d *jsonStream) unexpected() error {
	context := " looking for beginning of value"
	switch d.state {
	case jsonArrayComma:
		context = " after array element"
	case jsonObjectStart:
		context = ""
	case jsonObjectKey:
		context = " looking for beginning of object key string"
	case jsonObjectColon:
		context = " after object key"
	case jsonObjectComma:
		context = " after object key:value pair"
	}
	quoted := strconv.Quote(string(rune(d.buf[d.pos])))
	switch quoted = quoted[1 : len(quoted)-1]; quoted {
	case "'":
		quoted = `\'`
	case `\"`:
		quoted = `"`
	}
	return errJSON("invalid character '" + quoted + "'" + context)
}

// peek steps over white space and returns the next byte, without stepping over it.
func (d *jsonStream) peek() (byte, error) {
	for at := d.pos; ; {
		s := jsonScan{b: d.buf[:d.end]}
		if at = s.space(at); at < d.end {
			d.pos = at
			return d.buf[at], nil
		}
		at -= d.pos
		if err := d.more(); err != nil {
			return 0, err
		}
		at += d.pos
	}
}

// more reads on. It doubles what is there, for that may be looked at from its begin
// again, which must not cost the square of its length.
func (d *jsonStream) more() error {
	had := d.end - d.pos
	for d.err == nil {
		d.err = d.readOnce()
		if got := d.end - d.pos; got >= 2*had && got > 0 {
			return nil
		}
	}
	if d.end-d.pos > had {
		return nil // the error comes again
	}
	return d.err
}

// readOnce reads once, behind what it moves to the front.
func (d *jsonStream) readOnce() error {
	if d.pos > 0 {
		d.base += int64(d.pos)
		d.end = copy(d.buf, d.buf[d.pos:d.end])
		d.pos = 0
	}
	if d.end == len(d.buf) {
		d.buf = append(d.buf, make([]byte, len(d.buf))...)
	}
	for range 100 {
		n, err := d.src.Read(d.buf[d.end:])
		d.end += n
		if n > 0 || err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// rest is what was read and not handed out.
func (d *jsonStream) rest() []byte { return d.buf[d.pos:d.end] }
