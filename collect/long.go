package collect

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
)

// LongLine is a line of a record file that is too long to be held in memory: the
// record of a run of some hundred thousand metrics. It is read piece by piece. What
// cannot be read so, because it is wrong or has its parts in another order than
// Encode, is read as any other line: in one piece, which also tells what is wrong.
type LongLine struct {
	In   io.ReaderAt
	At   int64 // of its first byte
	Size int   // in bytes, without the end of the line

	piece int // how much of it is in memory at a time; 0: pieceSize
}

// pieceSize is how much of a long line is in memory, of which a part in memberPart is
// room for each member. A line with a longer one is not read piece by piece.
const (
	pieceSize  = 1 << 20
	memberPart = 4
)

// TooLong reports whether a line of so many bytes had better be read as a LongLine.
func TooLong(size int) bool { return size > mostOutlined }

// Text is the whole line.
func (l LongLine) Text() ([]byte, error) {
	text := make([]byte, l.Size)
	return text, l.read(text, 0)
}

// read fills a piece with what stands behind the first so many bytes.
func (l LongLine) read(piece []byte, from int) error {
	if n, err := l.In.ReadAt(piece, l.At+int64(from)); n < len(piece) {
		return err
	}
	return nil
}

// ID is the run_id of the line as DecodeID reads it, where it stands in the first
// piece; else it is empty.
func (l LongLine) ID() string {
	piece := make([]byte, min(l.Size, blockSize))
	if l.read(piece, 0) != nil {
		return ""
	}
	return DecodeID(piece)
}

// scanner reads the line.
func (l LongLine) scanner() scanner {
	return scanner{in: &pieces{from: l, buf: make([]byte, cmp.Or(l.piece, pieceSize))}}
}

// pieces are what a scanner reads of a long line, one after the other.
type pieces struct {
	from LongLine
	buf  []byte
	read int // bytes of the line so far
}

// room sees to it that the next member is in memory. What the scanner has handed
// out as bytes is gone then.
func (s *scanner) room() {
	if s.in != nil && len(s.data)-s.pos < len(s.in.buf)/memberPart && s.in.read < s.in.from.Size && s.err == nil {
		s.in.slide(s)
	}
}

// slide moves on by what the scanner has read.
func (p *pieces) slide(s *scanner) {
	n := copy(p.buf, s.data[s.pos:])
	more := min(len(p.buf)-n, p.from.Size-p.read)
	if err := p.from.read(p.buf[n:n+more], p.read); err != nil {
		s.fail("%w", err)
		return
	}
	p.read += more
	s.data, s.pos = p.buf[:n+more], 0
}

// left reports whether there is more of the line than is in memory.
func (s *scanner) left() bool { return s.in != nil && s.in.read < s.in.from.Size }

// members is about how many members a flat object has that stands here.
func (p *pieces) members(s *scanner) int {
	count, size := 0, 0
	block := make([]byte, blockSize)
	for at := p.read - (len(s.data) - s.pos); at < p.from.Size; at += len(block) {
		block = block[:min(len(block), p.from.Size-at)]
		if p.from.read(block, at) != nil {
			return 0
		}
		end := bytes.IndexByte(block, '}')
		if end >= 0 {
			block = block[:end]
		}
		count += bytes.Count(block, []byte(`":`))
		if size += len(block); end >= 0 {
			break
		}
	}
	return min(count, size/leastMember)
}

// pass steps over the members of an object, of which there may be any number.
func (s *scanner) pass() {
	for more := s.enter('{'); more; more = s.more('{') {
		s.room()
		s.key()
		s.skip(2)
	}
}

// longPart reads a part of a record that is read piece by piece: there is no coming
// back to it.
func (r *record) longPart(i int) {
	s := &r.s
	switch {
	case i == partRunner: // of which there is little
		start := s.pos
		s.skip(1)
		r.parts[i] = bytes.Clone(s.data[start:s.pos])
		return
	case r.seen&seenMetrics == 0:
		s.fail("%s before metrics", partKeys[i])
	default:
		r.pass(i, s)
	}
	r.parts[i] = []byte{}
}

// DecodeLong reads where the run of a line comes from, as Decode does, and
// remembers nothing of it.
func (d *OriginDecoder) DecodeLong(l LongLine) (Origin, error) {
	r := record{pass: func(_ int, s *scanner) { s.pass() }}
	if r.scan(l.scanner(), new(outline).metrics) == nil {
		return r.Origin, nil
	}
	text, err := l.Text()
	if err != nil {
		return Origin{}, err
	}
	return d.Decode(text)
}

// Decode reads the run of the line as the function Decode does.
func (l LongLine) Decode() (Run, error) {
	if r, ok := l.decode(); ok {
		return r, nil
	}
	text, err := l.Text()
	if err != nil {
		return Run{}, err
	}
	return Decode(text)
}

// decode is Decode where the line can be read piece by piece.
func (l LongLine) decode() (Run, bool) {
	var metrics []Metric
	d := Decoder{keep: true}
	d.keepIn = func(i int) *Metric {
		if n := len(d.names); len(metrics) < n {
			metrics = append(make([]Metric, 0, n), metrics...)[:n] // all at once, as a rule
		}
		return &metrics[i]
	}
	row, origin, ok := d.longRow(l, d.keepIn)
	if !ok {
		return Run{}, false
	}
	for i, value := range row {
		m := d.keepIn(i)
		m.Name, m.Value = d.names[i], value
	}
	r := Run{Origin: origin, Metrics: metrics}
	if r.Metrics == nil {
		r.Metrics = []Metric{}
	}
	r.Extra = d.rec.keys()
	return r, true
}

// RowLong reads the values of a long line as Row does. Because there is no coming
// back to what describes the metrics, it is written to what metric gives for their
// positions, which may be more than Names has had; nil: nowhere. Described says that
// it was; else Describe is to be called with the line that was read in its place.
func (d *Decoder) RowLong(l LongLine, metric func(i int) *Metric) (row []float64, o Origin, described bool, err error) {
	if row, o, ok := d.longRow(l, metric); ok {
		return row, o, true, nil
	}
	text, err := l.Text()
	if err != nil {
		return nil, Origin{}, false, err
	}
	row, o, err = d.Row(text)
	return row, o, false, err
}

// longRow reads a row piece by piece and reports whether it could.
func (d *Decoder) longRow(l LongLine, metric func(i int) *Metric) ([]float64, Origin, bool) {
	d.row = d.row[:0]
	d.fill()
	describe := func(part int) func(*scanner, int, metricName) {
		return func(s *scanner, i int, name metricName) {
			if i < 0 {
				s.fail("%s of an unknown metric", partKeys[part]) // samples may make it known yet
				return
			}
			m := metric(i)
			if m == nil {
				m = &d.dropped
			}
			d.describe(m, part, s)
		}
	}
	d.rec = record{pass: func(part int, s *scanner) {
		f := d.median
		if part != partSamples {
			f = describe(part)
		}
		if err := d.walk(s, part, f); err != nil && s.err == nil {
			s.err = fmt.Errorf("%s: %w", partKeys[part], err)
		}
	}}
	d.beginSamples()
	err := d.rec.scan(l.scanner(), d.metrics)
	return d.row, d.rec.Origin, err == nil
}
