package parse

import (
	"bufio"
	"bytes"
	"io"
)

// pythonJSON makes JSON of what Python's json module writes: outside of strings
// NaN becomes an empty string and an infinity becomes null, with spaces so that
// places stay true.
type pythonJSON struct {
	r       *bufio.Reader
	text    bool // within a string
	escaped bool
	pending []byte
}

func newPythonJSON(r io.Reader) *pythonJSON { return &pythonJSON{r: bufio.NewReader(r)} }

var pythonNumbers = []struct{ word, json []byte }{
	{[]byte("NaN"), []byte(`"" `)},
	{[]byte("Infinity"), []byte("null    ")},
	{[]byte("-Infinity"), []byte("null     ")},
}

func (p *pythonJSON) Read(to []byte) (n int, err error) {
	for n < len(to) {
		if len(p.pending) > 0 {
			k := copy(to[n:], p.pending)
			p.pending = p.pending[k:]
			n += k
			continue
		}
		if n > 0 && p.r.Buffered() == 0 {
			return n, nil
		}
		c, err := p.r.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil // the error comes again
			}
			return 0, err
		}
		if to[n] = c; p.number(c) {
			continue
		}
		n++
	}
	return n, nil
}

// number notes where strings begin and end, and reports whether a word that is
// no JSON begins with c; it then waits in its place.
func (p *pythonJSON) number(c byte) bool {
	switch {
	case p.escaped:
		p.escaped = false
	case p.text && c == '\\':
		p.escaped = true
	case c == '"':
		p.text = !p.text
	case !p.text && (c == 'N' || c == 'I' || c == '-'):
		for _, w := range pythonNumbers {
			if w.word[0] != c {
				continue
			}
			if ahead, _ := p.r.Peek(len(w.word) - 1); bytes.Equal(ahead, w.word[1:]) {
				_, _ = p.r.Discard(len(ahead)) // they are in the buffer
				p.pending = w.json
				return true
			}
		}
	}
	return false
}
