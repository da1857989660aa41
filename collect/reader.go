package collect

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
)

// MaxLine is the longest line in bytes that a Reader reads: a thousand times
// what a run with ten thousand metrics takes.
const MaxLine = 1 << 30

// blockSize is how much a Reader reads at a time to begin with, and longLine how
// much of a line it reads before it looks for the line's end, where it can.
const (
	blockSize = 64 << 10
	longLine  = 1 << 20
)

// A compressed line of trustedLine bytes or more is refused where the file took
// less than a part in mostPacked of that: no record is so much the same, and a
// small file could take a gigabyte of memory.
const (
	trustedLine = 32 << 20
	mostPacked  = 300
)

// Line is one line of a record file.
type Line struct {
	// Text has no end of line. It is good until the next line is read. It is nil of a
	// line that Long has.
	Text   []byte
	Long   *LongLine // see Reader.Pieces
	Number int       // counted from 1
	Offset int64     // of its first byte, in the text as it is uncompressed
	Size   int       // in bytes, with the end of the line
	// Torn says that the end of the line is missing, as it is where the writer
	// was killed, or wrote a file by hand without a last newline.
	Torn bool
}

// LineError is what is wrong with one line of a record file. The lines around
// it count all the same.
type LineError struct {
	File string
	Line int   // counted from 1; 0 where it was not counted
	At   int64 // offset of the line's first byte
	Torn bool  // the end of the line is missing
	Err  error
}

// Error names file and line.
func (e *LineError) Error() string {
	place := fmt.Sprintf("line %d", e.Line)
	if e.Line == 0 {
		place = fmt.Sprintf("the line at byte %d", e.At)
	}
	if e.Torn {
		return fmt.Sprintf("%s: %s is torn (no newline at its end): the run was not written completely", e.File, place)
	}
	return fmt.Sprintf("%s: %s: %v", e.File, place, e.Err)
}

// Unwrap returns what was wrong.
func (e *LineError) Unwrap() error { return e.Err }

// Reader reads record files line by line: gzip or not, with lines of any
// length up to MaxLine, in memory that grows with the longest line alone. It
// skips blank lines and a byte order mark, and takes CRLF for the end of a line.
type Reader struct {
	name       string
	r          io.Reader
	buf        []byte
	start, end int // of what is read and not yet handed out
	offset     int64
	number     int
	limit      int
	err        error // of r

	ahead  io.ReaderAt // the text from offset 0 on; nil: it can only be read once
	pieces bool        // see Pieces
	packed *counted    // what is compressed; nil: nothing
}

// counted counts what is read.
type counted struct {
	io.Reader
	bytes int
}

// Read reads and counts.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes += n
	return n, err
}

// NewReader makes a reader of r; name is what errors call it.
func NewReader(r io.Reader, name string) *Reader {
	return &Reader{name: name, r: r, limit: MaxLine}
}

// Pieces leaves lines that are TooLong where they are, as far as they can be read at
// any place: Lines yields them as Line.Long, without their text. It is to be called
// before anything is read.
func (r *Reader) Pieces() { r.pieces = true }

// Runs yields the runs in the order of the lines. The error of a bad line is a
// *LineError and does not end the sequence; any other error does.
func (r *Reader) Runs() iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		r.Pieces()
		for line, err := range r.Lines() {
			run := Run{}
			if err == nil {
				run, err = line.run()
				err = line.Fault(r.name, err)
			}
			if !yield(run, err) {
				return
			}
		}
	}
}

// Lines yields the lines that are not blank. A line that is too long is a
// *LineError and does not end the sequence; any other error does.
func (r *Reader) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for {
			line, err := r.next()
			if err == io.EOF {
				return
			}
			bad := (*LineError)(nil)
			if !yield(line, err) || err != nil && !errors.As(err, &bad) {
				return
			}
		}
	}
}

// run decodes the line.
func (l Line) run() (Run, error) {
	if l.Long != nil {
		return l.Long.Decode()
	}
	return Decode(l.Text)
}

// Fault says where a line of a file stands of which decoding gave err; nil for
// nil. What cannot be read of a torn line is blamed on the tear.
func (l Line) Fault(file string, err error) error {
	if err == nil {
		return nil
	}
	return &LineError{File: file, Line: l.Number, At: l.Offset, Torn: l.Torn, Err: err}
}

// Memory is what the lines were read into, for another use when none of them is
// needed any more and none is read.
func (r *Reader) Memory() []byte { return r.buf }

// next returns the next line that is not blank, or io.EOF.
func (r *Reader) next() (Line, error) {
	if r.buf == nil {
		if err := r.open(); err != nil {
			return Line{}, err
		}
	}
	for {
		line, err := r.line()
		if err != nil || line.Long != nil || len(bytes.TrimSpace(line.Text)) > 0 {
			return line, err
		}
	}
}

// open looks at the first bytes: gzip, a byte order mark, or neither.
func (r *Reader) open() error {
	r.buf = make([]byte, blockSize)
	r.ahead = ahead(r.r)
	from := &counted{Reader: r.r}
	in := bufio.NewReader(from)
	r.r = in
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("read %s: %w", r.name, err)
		}
		in = bufio.NewReader(unzipped)
		r.r, r.ahead, r.packed = in, nil, from
	}
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" {
		n, _ := in.Discard(3)
		r.offset = int64(n)
	}
	return nil
}

// line returns the next line, blank or not.
func (r *Reader) line() (Line, error) {
	seen := 0 // bytes behind start that are no newline
	for {
		if i := bytes.IndexByte(r.buf[r.start+seen:r.end], '\n'); i >= 0 {
			return r.take(seen+i, 1)
		}
		seen = r.end - r.start
		switch {
		case r.err == io.EOF && seen == 0:
			return Line{}, io.EOF
		case r.err == io.EOF:
			line, err := r.take(seen, 0)
			line.Torn = true
			return line, err
		case r.err != nil:
			return Line{}, fmt.Errorf("read %s: line %d: %w", r.name, r.number+1, r.err)
		case seen > r.limit:
			return Line{}, r.drop(r.tooLong())
		case seen >= trustedLine && r.doubtful(seen):
			return Line{}, r.drop(fmt.Errorf("longer than %d times what it is compressed to, which no record is", mostPacked))
		}
		if line, ok, err := r.long(); ok || err != nil {
			return line, err
		}
		r.fill()
	}
}

// doubtful reports whether so many bytes of a line are more than a file makes of
// what was read of it.
func (r *Reader) doubtful(size int) bool {
	return r.packed != nil && size/mostPacked > r.packed.bytes
}

// take hands out the next size bytes and steps over them and the newline.
func (r *Reader) take(size, newline int) (Line, error) {
	text := r.buf[r.start : r.start+size]
	r.number++
	line := Line{Text: bytes.TrimSuffix(text, []byte{'\r'}), Number: r.number, Offset: r.offset, Size: size + newline}
	r.start += size + newline
	r.offset += int64(size + newline)
	if size > r.limit {
		return Line{}, line.Fault(r.name, r.tooLong())
	}
	return line, nil
}

func (r *Reader) tooLong() error { return fmt.Errorf("longer than %d bytes", r.limit) }

// long is the line whose begin fills the memory, where it is to be read in pieces.
func (r *Reader) long() (line Line, ok bool, err error) {
	if r.front(); !r.pieces || r.end < len(r.buf) {
		return Line{}, false, nil
	}
	rest, newline := r.rest()
	size := r.end + rest
	switch {
	case rest+newline == 0: // nobody knows, as of a line that is compressed
		return Line{}, false, nil
	case size > r.limit:
		return Line{}, false, r.drop(r.tooLong())
	case !TooLong(size) || len(bytes.TrimSpace(r.buf)) == 0:
		return Line{}, false, nil
	}
	r.number++
	line = Line{Number: r.number, Offset: r.offset, Size: size + newline, Torn: newline == 0}
	line.Long = &LongLine{In: r.ahead, At: r.offset, Size: size}
	r.offset += int64(line.Size)
	r.end = 0
	r.r = io.NewSectionReader(r.ahead, r.offset, math.MaxInt64-r.offset)
	return line, true, nil
}

// front moves what is read and not yet handed out to where the memory begins.
func (r *Reader) front() {
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
}

// fill reads more, behind what is there already.
func (r *Reader) fill() {
	if r.front(); r.end == len(r.buf) {
		size := 2 * len(r.buf)
		if r.end >= longLine && r.doubtful(r.end) {
			size = max(size, trustedLine) // at once, for it is hardly ever filled but to be refused
		}
		if rest, newline := r.rest(); rest > 0 {
			size = r.end + rest + newline
			size += size/16 + 1 // the next line may be a little longer
		}
		grown := make([]byte, min(size, r.limit+2*blockSize))
		copy(grown, r.buf)
		r.buf = grown
	}
	n, err := r.r.Read(r.buf[r.end:])
	r.end += n
	r.err = err
}

// rest is how many bytes of a long line are still to be read, and whether there is
// a newline behind it; 0: nobody knows. Lines can be so long that memory that is
// doubled until one fits, and copied each time, takes longer than to read the line.
func (r *Reader) rest() (size, newline int) {
	if r.ahead == nil || r.end < longLine {
		return 0, 0
	}
	block := make([]byte, blockSize)
	for size <= r.limit {
		n, err := r.ahead.ReadAt(block, r.offset+int64(r.end+size))
		if i := bytes.IndexByte(block[:n], '\n'); i >= 0 {
			return size + i, 1
		}
		size += n
		if err == io.EOF {
			return size, 0
		}
		if err != nil || n == 0 {
			return 0, 0
		}
	}
	return size, 0 // and more: it is too long
}

// ahead is the text that in stands before, where it can be read at any place, as
// that of a file and not that of a pipe.
func ahead(in io.Reader) io.ReaderAt {
	at, ok := in.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return nil
	}
	from, err := at.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	return io.NewSectionReader(at, from, math.MaxInt64-from)
}

// drop reads to the end of a line that is refused and gives its memory back.
func (r *Reader) drop(why error) error {
	r.number++
	line := Line{Number: r.number, Offset: r.offset}
	r.offset += int64(r.end - r.start)
	r.buf = make([]byte, blockSize)
	for r.start, r.end = 0, 0; r.err == nil; r.end = 0 {
		r.fill()
		if i := bytes.IndexByte(r.buf[:r.end], '\n'); i >= 0 {
			r.start = i + 1
			r.offset += int64(r.start)
			break
		}
		r.offset += int64(r.end)
	}
	return line.Fault(r.name, why)
}
