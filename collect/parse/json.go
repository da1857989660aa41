package parse

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// jsonReader walks through a JSON file, or one value after the other, and holds
// one value of it at a time. Its errors have the place.
type jsonReader struct {
	dec *json.Decoder
	src *jsonSource
}

// maxJSONBytes bounds one value that is read whole, and one token.
const maxJSONBytes = 8 << 20

func newJSONReader(r io.Reader) *jsonReader {
	src := &jsonSource{src: r}
	j := &jsonReader{dec: json.NewDecoder(src), src: src}
	src.used = j.dec.InputOffset
	return j
}

// object reads an object and calls member for each key. Member reads the value,
// or leaves it to be skipped. Null is an object without members.
func (j *jsonReader) object(member func(key string) error) error {
	return j.open('{', "an object", func() error { return j.members(member) })
}

// array reads an array and calls element for each of its values. Element reads
// it, or leaves it to be skipped. Null is an array without any.
func (j *jsonReader) array(element func() error) error {
	return j.open('[', "an array", func() error {
		return j.within(func() error { return j.or(element) })
	})
}

// open reads the beginning of an array or object; rest reads what follows.
func (j *jsonReader) open(delim json.Delim, want string, rest func() error) error {
	token, err := j.dec.Token()
	if err != nil {
		return j.wrong(err)
	}
	if token == nil {
		return nil
	}
	if token != delim {
		return j.errorf("want %s, found %s", want, tokenName(token))
	}
	return rest()
}

// within reads on to the end of the array or object that is open.
func (j *jsonReader) within(next func() error) error {
	for j.dec.More() {
		if err := next(); err != nil {
			return err
		}
	}
	_, err := j.dec.Token()
	return j.wrong(err)
}

// token reads a value that is no array or object, or the beginning of one.
func (j *jsonReader) token() (json.Token, error) {
	token, err := j.dec.Token()
	return token, j.wrong(err)
}

// members reads the members of an object whose beginning was read.
func (j *jsonReader) members(member func(key string) error) error {
	return j.within(func() error {
		token, err := j.dec.Token()
		if err != nil {
			return j.wrong(err)
		}
		return j.or(func() error { return member(token.(string)) })
	})
}

// or skips the next value where read reads nothing.
func (j *jsonReader) or(read func() error) error {
	before := j.dec.InputOffset()
	if err := read(); err != nil {
		return err
	}
	if j.dec.InputOffset() == before {
		return j.skip()
	}
	return nil
}

// skip reads past one value, of any size.
func (j *jsonReader) skip() error {
	for depth := 0; ; {
		token, err := j.dec.Token()
		if err != nil {
			return j.wrong(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// read reads one value of at most 8 MiB into to, as json.Unmarshal does.
func (j *jsonReader) read(to any) error { return j.wrong(j.dec.Decode(to)) }

// more reports whether a further value follows, in the array or object that is
// open or, outside of any, in the file.
func (j *jsonReader) more() bool { return j.dec.More() }

// end is an error where anything but space follows the value that was read.
func (j *jsonReader) end() error {
	_, err := j.dec.Token()
	if err == io.EOF {
		return nil
	}
	if err == nil {
		err = errors.New("want the end of the file after the first value")
	}
	return j.wrong(err)
}

// done ends a file whose value was read with err: nothing may follow.
func (j *jsonReader) done(err error) error {
	if err == nil {
		err = j.end()
	}
	return err
}

// errorf makes an error at the place up to which the file was read.
func (j *jsonReader) errorf(format string, args ...any) *Error {
	line, column := j.src.place(j.dec.InputOffset())
	return Errorf(line, column, format, args...)
}

// wrong gives an error of the decoder its place.
func (j *jsonReader) wrong(err error) error {
	if err == nil {
		return nil
	}
	at := j.dec.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		at, err = j.src.given, errors.New("the file ends within a value: it was cut off")
	case errors.As(err, &syntax):
		at, err = at+j.strays(), errors.New("is no JSON: "+syntax.Error())
	case errors.As(err, &kind):
		err = fmt.Errorf("%q is %s: want %s", kind.Field, kind.Value, wanted(kind))
	}
	line, column := j.src.place(at)
	return &Error{Line: line, Column: column, Err: err}
}

// strays is how far after the last token a syntax error lies: the offset in the
// error itself leaves out what was read as tokens.
func (j *jsonReader) strays() int64 {
	rest, err := io.ReadAll(io.LimitReader(j.dec.Buffered(), maxJSONBytes))
	if err != nil {
		return 0
	}
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(rest, new(json.RawMessage)), &syntax) {
		return max(syntax.Offset-1, 0)
	}
	return 0
}

// wanted says what a Go type is in JSON.
func wanted(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "string":
		return "a string"
	case "bool":
		return "true or false"
	case "slice", "array":
		return "an array"
	case "struct", "map":
		return "an object"
	}
	return "a number"
}

func tokenName(token json.Token) string {
	switch kind, _ := kindOf(token); kind {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// jsonSource counts lines for the decoder, and stops it where one value would
// take too much memory.
type jsonSource struct {
	src   io.Reader
	used  func() int64 // how far the decoder has come
	given int64        // how far it has been fed
	// Line is that of offset from, at which it begins. Lengths are those of the
	// lines after it, as varints from which skipped ones are dropped: a file of
	// nothing but line ends must not take eight times its size.
	line    int
	from    int64
	lengths []byte
	skipped int
	last    int64 // the end of the last line in lengths
}

func (s *jsonSource) Read(p []byte) (int, error) {
	used := s.used()
	s.forget(used)
	if s.given-used > maxJSONBytes {
		return 0, fmt.Errorf("a value is longer than %d MiB", maxJSONBytes>>20)
	}
	n, err := s.src.Read(p)
	for i := 0; i < n; {
		k := bytes.IndexByte(p[i:n], '\n')
		if k < 0 {
			break
		}
		i += k + 1
		end := s.given + int64(i)
		s.lengths = binary.AppendUvarint(s.lengths, uint64(end-s.last))
		s.last = end
	}
	s.given += int64(n)
	return n, err
}

// forget drops the lines that are behind.
func (s *jsonSource) forget(used int64) {
	for s.skipped < len(s.lengths) {
		length, n := binary.Uvarint(s.lengths[s.skipped:])
		if s.from+int64(length) > used {
			break
		}
		s.line, s.from, s.skipped = s.line+1, s.from+int64(length), s.skipped+n
	}
	if s.skipped > len(s.lengths)/2 {
		s.lengths = s.lengths[:copy(s.lengths, s.lengths[s.skipped:])]
		s.skipped = 0
	}
}

// place is the line and column of an offset, both from 1.
func (s *jsonSource) place(at int64) (line, column int) {
	s.forget(at)
	return s.line + 1, int(max(at-s.from, 0)) + 1
}
