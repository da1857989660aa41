package parse

import (
	"bytes"
	"strconv"
)

// testEvent is one line of go test -json. Its texts point into the line, still
// as JSON wrote them; see text.
type testEvent struct {
	action, pkg, test, output []byte
	elapsed                   float64
	timed                     bool // Elapsed is there
}

// jsonCursor walks over one JSON object without nested values of interest. It
// checks the structure and leaves inside strings and numbers alone unless they
// are used: encoding/json costs ten times as much on these lines.
type jsonCursor struct {
	line []byte
	at   int
}

// scan reads an object. It reports false if the line is no whole object or has
// a value of the wrong kind. Of a repeated key the last one counts.
func (e *testEvent) scan(line []byte) bool {
	if e.usual(line) {
		return true
	}
	*e = testEvent{}
	c := jsonCursor{line: line}
	if c.peek() != '{' {
		return false
	}
	c.at++
	if c.peek() == '}' {
		c.at++
		return c.done()
	}
	for {
		if !e.member(&c) {
			return false
		}
		switch c.peek() {
		case ',':
			c.at++
		case '}':
			c.at++
			return c.done()
		default:
			return false
		}
	}
}

// usual reads an event as test2json writes it: these keys in this order, without
// spaces, and no quote inside a string but in Output. It reports false of anything else, of
// which it may have read a part.
func (e *testEvent) usual(line []byte) bool {
	e.test, e.output, e.timed, e.elapsed = nil, nil, false, 0
	c := jsonCursor{line: line}
	if !c.past(`{"Time":"`) || c.simple() == nil || !c.past(`,"Action":"`) {
		return false
	}
	if e.action = c.simple(); e.action == nil || !c.past(`,"Package":"`) {
		return false
	}
	if e.pkg = c.simple(); e.pkg == nil {
		return false
	}
	if c.past(`,"Test":"`) {
		if e.test = c.simple(); e.test == nil {
			return false
		}
	}
	if c.past(`,"Elapsed":`) {
		v, end := plainFloat(line, c.at)
		if end == c.at {
			return false
		}
		e.elapsed, e.timed, c.at = v, true, end
	} else if c.past(`,"Output":"`) {
		c.at--
		var ok bool
		if e.output, ok = c.text(); !ok {
			return false
		}
	}
	return c.past("}") && c.at == len(line)
}

// past moves behind what stands next, if that is want.
func (c *jsonCursor) past(want string) bool {
	if rest := c.line[c.at:]; len(rest) < len(want) || string(rest[:len(want)]) != want {
		return false
	}
	c.at += len(want)
	return true
}

// simple reads a string whose first quote was read. It returns nil for one that a
// backslash stands at the end of, or before a quote inside it.
func (c *jsonCursor) simple() []byte {
	i := bytes.IndexByte(c.line[c.at:], '"')
	if i < 0 {
		return nil
	}
	s := c.line[c.at : c.at+i]
	if i > 0 && s[i-1] == '\\' {
		return nil
	}
	c.at += i + 1
	return s
}

func (e *testEvent) member(c *jsonCursor) bool {
	if c.peek() != '"' {
		return false
	}
	key, ok := c.text()
	if !ok || c.peek() != ':' {
		return false
	}
	c.at++
	if bytes.IndexByte(key, '\\') >= 0 {
		key = appendText(nil, key)
	}
	first := c.peek()
	var into *[]byte
	switch string(key) {
	case "Action":
		into = &e.action
	case "Package":
		into = &e.pkg
	case "Test":
		into = &e.test
	case "Output":
		into = &e.output
	case "Elapsed":
		return e.time(c, first)
	}
	if into == nil {
		return c.skip(first)
	}
	if first != '"' {
		return first == 'n' && c.skip(first) // null says nothing, as in encoding/json
	}
	*into, ok = c.text()
	return ok
}

func (e *testEvent) time(c *jsonCursor, first byte) bool {
	from := c.at
	if first == '"' || first == '{' || first == '[' || !c.skip(first) {
		return false
	}
	text := c.line[from:c.at]
	if first == 'n' {
		return true
	}
	v, ok := parseFloat(text)
	if !ok {
		return false
	}
	e.elapsed, e.timed = v, true
	return true
}

// peek returns the next byte that is no space, or 0 at the end.
func (c *jsonCursor) peek() byte {
	for ; c.at < len(c.line); c.at++ {
		switch b := c.line[c.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

func (c *jsonCursor) done() bool { return c.peek() == 0 && c.at == len(c.line) }

// text reads a string and returns what stands between its quotes.
func (c *jsonCursor) text() ([]byte, bool) {
	c.at++
	from := c.at
	for {
		i := bytes.IndexByte(c.line[c.at:], '"')
		if i < 0 {
			return nil, false
		}
		c.at += i + 1
		end := c.at - 1
		if c.line[end-1] != '\\' || !escaped(c.line[from:end]) {
			return c.line[from:end], true
		}
	}
}

// escaped reports whether what follows s is escaped: an odd number of
// backslashes ends s.
func escaped(s []byte) bool {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// skip passes over a value that begins with first.
func (c *jsonCursor) skip(first byte) bool {
	switch first {
	case '"':
		_, ok := c.text()
		return ok
	case '{', '[':
		return c.skipNested()
	}
	from := c.at
	for c.at < len(c.line) && !endsScalar(c.line[c.at]) {
		c.at++
	}
	return scalar(c.line[from:c.at])
}

func endsScalar(b byte) bool { return b == ',' || b == '}' || b == ']' || b <= ' ' }

// skipNested passes over an object or array by counting, however deep it is.
func (c *jsonCursor) skipNested() bool {
	for depth := 0; c.at < len(c.line); {
		switch c.line[c.at] {
		case '"':
			if _, ok := c.text(); !ok {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		c.at++
		if depth == 0 {
			return true
		}
	}
	return false
}

// scalar reports whether s is a word or a number of JSON.
func scalar(s []byte) bool {
	switch string(s) {
	case "null", "true", "false":
		return true
	}
	for _, b := range s {
		if (b < '0' || b > '9') && b != '.' && b != '-' && b != '+' && b != 'e' && b != 'E' {
			return false
		}
	}
	return len(s) > 0
}

// parseFloat reads a number. Most of them are short: up to 15 digits a quotient
// of two exact numbers is the nearest float64.
func parseFloat(s []byte) (v float64, ok bool) {
	var mantissa uint64
	digits, point := 0, -1
	for i, b := range s {
		switch {
		case b >= '0' && b <= '9':
			mantissa = mantissa*10 + uint64(b-'0')
			digits++
		case b == '.' && point < 0:
			point = i
		default:
			digits = len(exactPowers) // let strconv see to it
		}
		if digits >= len(exactPowers) {
			v, err := strconv.ParseFloat(string(s), 64)
			return v, err == nil
		}
	}
	if digits == 0 {
		return 0, false
	}
	if point < 0 {
		return float64(mantissa), true
	}
	return float64(mantissa) / exactPowers[len(s)-1-point], true
}

// exactPowers are powers of ten that float64 holds without loss.
var exactPowers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}
