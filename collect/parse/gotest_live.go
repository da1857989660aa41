package parse

import (
	"bufio"
	"errors"
	"io"
)

// Live reads the output of a command as File reads a file, in a format that
// Detect has found. A command may be killed while it writes: where the error is
// ErrTorn, what stood before the last line is on the sheet all the same. On any
// other error nothing is.
func Live(r io.Reader, name string, f Format, s *Sheet) error {
	buffered, err := decode(bufio.NewReaderSize(r, HeadBytes))
	if err != nil {
		return locate(err, name)
	}
	sheet := s.fresh()
	err = f.Parse(buffered, sheet)
	if err == nil || errors.Is(err, ErrTorn) {
		s.Merge(sheet)
	}
	if err != nil {
		return locate(err, name)
	}
	return nil
}
