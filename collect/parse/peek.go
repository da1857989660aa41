package parse

import (
	"bufio"
	"io"
)

// A peeked is a file of which the first byte that is no space is known.
type peeked struct {
	*bufio.Reader
	first byte
}

// peek looks for the first byte of r that is no space, within what a buffer
// holds. Nothing is read away.
func peek(r io.Reader) (*peeked, error) {
	p := &peeked{Reader: bufio.NewReader(r)}
	for n := 1; ; n++ {
		ahead, err := p.Peek(n)
		if len(ahead) < n {
			if err == io.EOF || err == bufio.ErrBufferFull {
				return p, nil
			}
			return p, err
		}
		switch c := ahead[n-1]; c {
		case ' ', '\t', '\r', '\n':
		default:
			p.first = c
			return p, nil
		}
	}
}
