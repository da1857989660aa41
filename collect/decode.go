package collect

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"time"
)

// Decode reads a run from one line of a record file, with or without the end
// of the line. A metric that has samples and no value gets their median. What
// units, better and tags say of metrics that the run does not have is dropped;
// everything else that the record says is in the run. Metrics may share a map of
// tags, which is not to be changed.
func Decode(line []byte) (Run, error) {
	d := Decoder{keep: true}
	row, origin, err := d.Row(line)
	if err != nil {
		return Run{}, err
	}
	r := Run{Origin: origin, Metrics: make([]Metric, len(row))}
	for i, value := range row {
		r.Metrics[i] = Metric{Name: d.names[i], Value: value}
		if i < len(d.kept) {
			r.Metrics[i].Samples = d.kept[i]
		}
	}
	if err := d.Describe(r.Metrics, func(int) bool { return true }); err != nil {
		return Run{}, err
	}
	r.Extra = d.rec.keys()
	return r, nil
}

// DecodeOrigin reads where the run of a line comes from. It checks the rest of
// the line as Decode does, but for names that are there twice, and allocates
// nothing for it.
func DecodeOrigin(line []byte) (Origin, error) {
	var d OriginDecoder
	return d.Decode(line)
}

// DecodeExtent reads how many metrics a line has and how many bytes the longest
// of their names takes there. It allocates nothing, so that whoever does not trust
// a line can refuse it before Decode makes room for its metrics.
func DecodeExtent(line []byte) (metrics, longest int, err error) {
	var r record
	err = r.read(line, func(s *scanner) {
		for more := s.enter('{'); more; more = s.more('{') {
			raw, _ := s.key()
			metrics, longest = metrics+1, max(longest, len(raw))
			s.finite("value")
		}
	})
	return metrics, longest, err
}

// DecodeID reads the run_id of a line and looks no further than to it. It is
// empty where there is none.
func DecodeID(line []byte) string {
	s := scanner{data: line}
	if !s.seek("run_id") {
		return ""
	}
	return s.text("run_id")
}

// DecodeTime reads the timestamp of a line and looks no further than to it. It
// is the zero time where there is none.
func DecodeTime(line []byte) time.Time {
	s := scanner{data: line}
	if !s.seek("timestamp") {
		return time.Time{}
	}
	return s.time("timestamp")
}

// seek moves to the value of a key of an object.
func (s *scanner) seek(key string) bool {
	for more := s.enter('{'); more; more = s.more('{') {
		raw, plain := s.key()
		if string(raw) == key || !plain && unquote(raw, plain) == key {
			return s.err == nil
		}
		s.skip(1)
	}
	return false
}

// blame adds to an error the name of the metric that was read as raw.
func (s *scanner) blame(raw []byte, plain bool) {
	if s.err != nil && raw != nil {
		s.err = fmt.Errorf("metric %q: %w", unquote(raw, plain), s.err)
	}
}

// Decoder reads the values of many runs as rows of numbers. It remembers the
// names of their metrics, so that a name costs memory once and not once a run,
// and no time to speak of where runs have the same metrics in the same order.
// The zero Decoder is ready. It serves one goroutine.
type Decoder struct {
	names   []string
	odd     map[int]string // those that a record spells otherwise, as it does
	index   map[string]int // see lookUp
	indexed int            // names that it has, the first ones
	row     []float64
	rec     record // the last one
	xs      []float64
	texts   *strings.Builder // see text

	outline outline
	reading int                 // of samples, so many by now
	sampled []int               // by metric: the reading that last had samples of it
	early   bool                // the samples of this row are read
	scatter []Scatter           // by metric, of this row; empty where none has two samples
	none    map[string]bool     // has an empty list of samples in this row, and no metric
	keep    bool                // one row is read, of which the samples are wanted and no scatter
	kept    [][]float64         // by metric, the samples
	free    []float64           // of which they are made
	keepIn  func(i int) *Metric // where they are kept; nil: in kept
	dropped Metric              // what is said of metrics that nobody asks for

	words    map[string]string // units and directions, of which there are few
	tagged   []byte            // the text of the last tags
	lastTags Tags
}

// Names returns the metrics' names in the order in which they were first seen:
// position i of a row is the value of metric i. The slice is the decoder's own
// and grows with each row.
func (d *Decoder) Names() []string { return d.names }

// Begin gives the first positions to names, of which none may be there twice. It
// is to be called before anything else.
func (d *Decoder) Begin(names []string) {
	d.reserve(len(names))
	for _, name := range names {
		d.add(name, spelled(name))
	}
}

// reserve makes room for so many names, where there are none yet.
func (d *Decoder) reserve(names int) {
	d.names, d.row = make([]string, 0, names), make([]float64, 0, names)
}

// Intern returns the position of a name, which it adds where it is new.
func (d *Decoder) Intern(name string) int {
	i, ok := d.lookUp()[name]
	if !ok {
		i = d.add(name, spelled(name))
	}
	return i
}

// Lookup returns the position of a name; false: it has none.
func (d *Decoder) Lookup(name string) (i int, ok bool) {
	i, ok = d.lookUp()[name]
	return i, ok
}

// lookUp is the index of all names. It is made when it is asked for: runs that
// have the same metrics in the same order never do.
func (d *Decoder) lookUp() map[string]int {
	if d.index == nil {
		d.index = make(map[string]int, len(d.names))
	}
	for ; d.indexed < len(d.names); d.indexed++ {
		d.index[d.names[d.indexed]] = d.indexed
	}
	return d.index
}

// spelled is a name between the quotes of a record.
func spelled(name string) string {
	if strings.ContainsAny(name, `"\`) {
		text := appendString(nil, name)
		return string(text[1 : len(text)-1])
	}
	return name
}

func (d *Decoder) add(name, raw string) int {
	i := len(d.names)
	d.names = append(d.names, name)
	if raw != name {
		if d.odd == nil {
			d.odd = make(map[int]string)
		}
		d.odd[i] = raw
	}
	return i
}

// raw is a name as a record spells it.
func (d *Decoder) raw(i int) string {
	if d.odd != nil {
		if raw, ok := d.odd[i]; ok {
			return raw
		}
	}
	return d.names[i]
}

// Row reads the metrics' values of one line, NaN where the run does not have a
// metric. The row is as long as Names and good until the next call. After an
// error names may have been added and there is no row.
func (d *Decoder) Row(line []byte) ([]float64, Origin, error) {
	d.row = d.row[:0]
	d.fill()
	d.rec = record{outline: &d.outline, samples: d.samples}
	d.outline.begin()
	d.early = false
	d.beginSamples()
	if err := d.rec.read(line, d.metrics); err != nil {
		return nil, Origin{}, err
	}
	if !d.early {
		if err := d.each(partSamples, d.median); err != nil {
			return nil, Origin{}, err
		}
	}
	return d.row, d.rec.Origin, nil
}

// Scatter tells how far the samples inside the run of the last row lie apart, by
// the positions of Names, of which it may have fewer. It is empty where no metric
// has two samples, and good until the next row.
func (d *Decoder) Scatter() []Scatter { return d.scatter }

// firstMetrics reads the metrics of the first row of all, whose names are new. It
// reports whether it could: what is wrong, and whose name is there twice, metrics
// finds out again.
func (d *Decoder) firstMetrics(s *scanner) bool {
	d.reserve(s.members())
	own, sorted := *s, true
	for more := own.enter('{'); more; more = own.more('{') {
		own.room()
		raw, plain := own.key()
		name, as := "", ""
		if plain {
			name = d.text(raw)
			as = name
		} else {
			name, as = unquote(raw, plain), string(raw)
		}
		i := d.add(name, as)
		sorted = sorted && (i == 0 || d.names[i-1] < name)
		d.row = append(d.row, own.finite("value"))
	}
	if own.err != nil || !sorted && len(d.lookUp()) < len(d.names) {
		clear(d.index)
		clear(d.odd)
		d.names, d.row, d.indexed = d.names[:0], d.row[:0], 0
		if s.in != nil {
			s.fail("metrics again from where they begin")
			return true
		}
		return false
	}
	*s = own
	return true
}

// text makes a string of a name, in one piece of memory with others.
func (d *Decoder) text(raw []byte) string {
	b := d.texts
	if b == nil || b.Cap()-b.Len() < len(raw) {
		b = new(strings.Builder)
		b.Grow(max(len(raw), textsAtOnce))
		d.texts = b
	}
	start := b.Len()
	b.Write(raw)
	return b.String()[start:]
}

// textsAtOnce is how many bytes of names memory is made for in one go: few, so that
// who keeps one name does not keep much.
const textsAtOnce = 4 << 10

// leastMember is how many bytes a member of an object takes, as far as room is
// made for it before it is read.
const leastMember = 24

// members is about how many members a flat object has that stands here.
func (s *scanner) members() int {
	if s.in != nil {
		return s.in.members(s)
	}
	text := s.data[s.pos:][:s.flatSize()]
	return min(bytes.Count(text, []byte(`":`)), len(text)/leastMember)
}

// flatSize is about how many bytes a flat object has that stands here.
func (s *scanner) flatSize() int {
	text := s.data[s.pos:]
	if end := bytes.IndexByte(text, '}'); end >= 0 {
		return end
	}
	return len(text)
}

// fill lengthens the row to all names that are known by now.
func (d *Decoder) fill() {
	for len(d.row) < len(d.names) {
		d.row = append(d.row, math.NaN())
	}
}

// metrics reads the object of the metrics into the row.
func (d *Decoder) metrics(s *scanner) {
	if len(d.names) == 0 && d.firstMetrics(s) {
		return
	}
	next := 0 // the metric that most likely follows
	for more := s.enter('{'); more; more = s.more('{') {
		s.room()
		i := d.name(s, next)
		if s.err != nil {
			return
		}
		x := s.finite("value")
		if s.err != nil {
			s.err = fmt.Errorf("metric %q: %w", d.names[i], s.err)
			return
		}
		if d.row[i] == d.row[i] {
			s.fail("metric %q is there twice", d.names[i])
			return
		}
		d.row[i] = x
		next = i + 1
	}
}

// name reads a metric's name and returns its position. It first compares with
// the metric that the last run had here: that is a few times faster than to
// find the end of the name and to look it up.
func (d *Decoder) name(s *scanner, next int) int {
	if next < len(d.names) && s.take(d.raw(next)) {
		return next
	}
	raw, plain := s.key()
	if s.err != nil {
		return 0
	}
	index := d.lookUp()
	if i, ok := index[string(raw)]; ok && plain {
		return i
	}
	name := unquote(raw, plain)
	i, ok := index[name]
	if !ok {
		as := name
		if !plain {
			as = string(raw)
		}
		i = d.add(name, as)
		d.fill()
	}
	return i
}

// take steps over the name that is spelled raw, and the colon, where exactly
// this name stands here. Raw has no quote but escaped ones, so the quote behind
// it is the end of the string.
func (s *scanner) take(raw string) bool {
	if s.space() != '"' {
		return false
	}
	start := s.pos + 1
	end := start + len(raw)
	if end >= len(s.data) || s.data[end] != '"' || string(s.data[start:end]) != raw {
		return false
	}
	s.pos = end + 1
	s.want(':', "behind a name")
	return s.err == nil
}
