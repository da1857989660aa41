package collect

import (
	"bytes"
	"slices"
)

// OriginDecoder reads the origins of many records of one store. It remembers what
// the records have in common: run after run the same metrics in the same order,
// with the same units and tags. What stands in a record as it stood in an earlier
// one was checked then, and to compare bytes is many times faster than to read
// them. The zero OriginDecoder is ready. It serves one goroutine.
type OriginDecoder struct {
	outline outline
	record  record // that is being read; it is too large to be made for each
}

// Decode reads where the run of a line comes from, as DecodeOrigin does.
func (d *OriginDecoder) Decode(line []byte) (Origin, error) {
	d.record = record{outline: &d.outline}
	d.outline.begin()
	if err := d.record.read(line, d.outline.metrics); err != nil {
		return Origin{}, err
	}
	return d.record.Origin, nil
}

// mostOutlined is the longest record that anything is remembered of: one of some
// hundred thousand metrics. Of longer ones few are read, and to remember them
// would take longer than to read them.
const mostOutlined = 32 << 20

// outline is what is remembered of earlier records. The first record leaves
// nothing here, because most who read one read no other.
type outline struct {
	records int
	parts   [len(partKeys)][]byte // each as the last record had it that had another one
	names   []byte                // of the metrics with quotes and colon, one behind the other
	ends    []int                 // of each name
	learn   bool                  // names are to be remembered
	words   map[string]string     // that origins have
}

// begin begins with the next record.
func (o *outline) begin() {
	o.records++
	if o.records == 2 {
		o.learn = true
	}
}

// part steps over a part of a record, which is an object.
func (o *outline) part(i int, s *scanner) {
	// Samples are never the same.
	if o == nil || o.records < 2 || i == partSamples || len(s.data) > mostOutlined {
		s.skip(1)
		return
	}
	start := s.pos
	// The text of an object ends where its last brace is. So where it stands here
	// the object here is the same.
	if known := o.parts[i]; len(known) > 0 && bytes.HasPrefix(s.data[start:], known) {
		s.pos += len(known)
		return
	}
	s.skip(1)
	if s.err == nil {
		o.parts[i] = append(o.parts[i][:0], s.data[start:s.pos]...)
	}
}

// metrics checks the object of the metrics.
func (o *outline) metrics(s *scanner) {
	learn := o.learn && len(s.data) <= mostOutlined
	if learn {
		o.names, o.ends, o.learn = slices.Grow(o.names[:0], s.flatSize()), slices.Grow(o.ends[:0], s.members()), false
	}
	next, read, missed := 0, 0, 0
	for more := s.enter('{'); more; more = s.more('{') {
		s.room()
		s.space()
		start := s.pos
		if at, ok := o.take(next, s); ok {
			next = at + 1
		} else {
			s.key()
			missed++
		}
		end := s.pos
		s.finite("value")
		if s.err != nil {
			name := scanner{data: s.data[:end], pos: start}
			s.blame(name.str())
			return
		}
		read++
		if learn {
			o.names = append(o.names, s.data[start:end]...)
			o.ends = append(o.ends, len(o.names))
		}
	}
	o.learn = o.records > 1 && !learn && 2*missed > read
}

// take steps over the name and the colon of the metric at a place, or of the one
// behind it: a run may lack one.
func (o *outline) take(at int, s *scanner) (int, bool) {
	for end := min(at+2, len(o.ends)); at < end; at++ {
		from := 0
		if at > 0 {
			from = o.ends[at-1]
		}
		if name := o.names[from:o.ends[at]]; bytes.HasPrefix(s.data[s.pos:], name) {
			s.pos += len(name)
			return at, true
		}
	}
	return 0, false
}
