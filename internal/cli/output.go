package cli

import (
	"bufio"
	"bytes"
	"io"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// outputReader reads what a command prints while it prints it, and puts what it
// recognises on a sheet.
type outputReader struct {
	in     *io.PipeWriter
	done   chan struct{}
	sheet  *parse.Sheet
	format string // empty while nothing was recognised
	err    error
}

func readOutput(sheet *parse.Sheet) *outputReader {
	r, w := io.Pipe()
	o := &outputReader{in: w, done: make(chan struct{}), sheet: sheet}
	go func() {
		defer close(o.done)
		o.read(bufio.NewReaderSize(r, parse.HeadBytes))
		// What comes after is not for us, but the writer must never block on it.
		_, _ = io.Copy(io.Discard, r)
	}()
	return o
}

// Write implements io.Writer.
func (o *outputReader) Write(p []byte) (int, error) { return o.in.Write(p) }

// close ends the stream and waits until it is read.
func (o *outputReader) close() {
	o.in.Close()
	<-o.done
}

// read looks for output that it knows. A build may print much before its tests
// do, so it looks again in each next stretch of whole lines.
func (o *outputReader) read(r *bufio.Reader) {
	for {
		head, err := r.Peek(parse.HeadBytes)
		if len(head) == 0 {
			return
		}
		if f, ok := parse.Detect("standard output", head); ok {
			o.format, o.err = f.Name, parse.Live(r, "standard output", f, o.sheet)
			return
		}
		n := len(head)
		if end := bytes.LastIndexByte(head, '\n'); end >= 0 && err == nil {
			n = end + 1
		}
		if _, err := r.Discard(n); err != nil {
			return
		}
	}
}
