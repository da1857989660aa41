package export

import (
	"bufio"
	"bytes"
	"io"
	"iter"

	"github.com/plumbline-ci/plumbline/collect"
)

// JSONL writes the records as they are stored, one a line: what it writes can be
// read as a store again.
func JSONL(w io.Writer, runs iter.Seq2[collect.Run, error]) error {
	return records(w, runs, frame{between: "\n", after: "\n"})
}

// JSON writes an array of the same records, one a line.
func JSON(w io.Writer, runs iter.Seq2[collect.Run, error]) error {
	return records(w, runs, frame{before: "[\n", between: ",\n", after: "\n]\n", none: "[]\n"})
}

// frame is what stands around records that have no end of line of their own.
type frame struct{ before, between, after, none string }

func records(w io.Writer, runs iter.Seq2[collect.Run, error], f frame) error {
	b := bufio.NewWriterSize(w, 64<<10) // it keeps its first error for Flush
	var line bytes.Buffer
	lead, tail := f.before, f.none
	for r, err := range runs {
		if err == nil {
			line.Reset()
			err = collect.Encode(&line, r)
		}
		if err != nil {
			b.Flush() // the runs so far; its own error would say less
			return err
		}
		b.WriteString(lead)
		if _, err := b.Write(bytes.TrimSuffix(line.Bytes(), []byte("\n"))); err != nil {
			return err
		}
		lead, tail = f.between, f.after
	}
	b.WriteString(tail)
	return b.Flush()
}
