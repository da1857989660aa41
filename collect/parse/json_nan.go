package parse

import (
	"bufio"
	"io"
)

// notANumber makes null of the words NaN, Infinity and -Infinity outside of
// strings. C++ libraries and Python's json write them, and JSON has none.
type notANumber struct {
	src     *bufio.Reader
	text    bool // inside a string
	escaped bool
	pending []byte // what does not fit in the last Read
}

func newNotANumber(r io.Reader) *notANumber { return &notANumber{src: bufio.NewReader(r)} }

// Read fills p with what r gives, with null in place of the words.
func (f *notANumber) Read(p []byte) (n int, err error) {
	n = copy(p, f.pending)
	f.pending = f.pending[n:]
	for n < len(p) && (n == 0 || f.src.Buffered() > 0) {
		c, err := f.src.ReadByte()
		if err != nil {
			return n, err
		}
		if word := f.word(c); word > 0 {
			if _, err := f.src.Discard(word - 1); err != nil {
				return n, err
			}
			k := copy(p[n:], "null")
			f.pending = append(f.pending, "null"[k:]...)
			n += k
			continue
		}
		p[n] = c
		n++
	}
	return n, nil
}

// word is the length of the word that c begins, 0 where it begins none.
func (f *notANumber) word(c byte) int {
	switch {
	case f.text:
		f.text = c != '"' || f.escaped
		f.escaped = c == '\\' && !f.escaped
	case c == '"':
		f.text = true
	case c == 'N' || c == 'I' || c == '-':
		for _, word := range []string{"NaN", "-NaN", "Infinity", "-Infinity"} {
			if word[0] != c {
				continue
			}
			if ahead, _ := f.src.Peek(len(word) - 1); string(ahead) == word[1:] {
				return len(word)
			}
		}
	}
	return 0
}
