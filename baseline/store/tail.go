package store

import (
	"container/heap"
	"errors"
	"io"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// The neighbourhood in which the lines of a long file are put in order: jobs
// that run side by side append in the order in which they end, which is not
// that in which they began. It is as much text as this, or as many lines where
// that is more.
const (
	nearBytes = 4 << 20
	nearLines = 64
)

// tail is a source that reads a long file from its end, and no further than it
// is asked plus the neighbourhood.
type tail struct {
	files   *files
	origins *collect.OriginDecoder // of the whole listing
	lines   backward
	near    nearest
	bytes   int // of text in near
	end     bool
}

func newTail(f *files, t *text, d *collect.OriginDecoder) *tail {
	return &tail{files: f, origins: d, lines: backward{text: t, end: t.size, limit: collect.MaxLine}}
}

func (t *tail) close() { t.lines.text.close() }

func (t *tail) next() (it item, err error, done bool) {
	for !t.end && (t.bytes < nearBytes || len(t.near) < nearLines) {
		s, err := t.line()
		if err == io.EOF {
			t.end = true
			break
		}
		if err != nil {
			bad := (*collect.LineError)(nil)
			t.end = !errors.As(err, &bad)
			return item{}, err, false
		}
		if s.time.IsZero() {
			return t.read(s)
		}
		t.bytes += s.size
		heap.Push(&t.near, s)
	}
	if len(t.near) == 0 {
		return item{}, nil, true
	}
	s := heap.Pop(&t.near).(spot)
	t.bytes -= s.size
	return t.read(s)
}

// line is the line before the last one: as it is known, or as it is read.
func (t *tail) line() (spot, error) {
	if l := t.files.known.before(&t.lines); l != nil {
		return spot{l.Time, l.at, l.size, false}, nil
	}
	line, err := t.lines.next()
	if err != nil {
		return spot{}, err
	}
	at, err := t.time(line)
	if err != nil {
		t.near = nil // the file cannot be read
		return spot{}, err
	}
	t.files.known.saw(&t.lines, line, at)
	return spot{at, line.at, line.size, line.torn}, nil
}

// time is that of a line, mostly found in its head; zero: it has none.
func (t *tail) time(line passage) (at time.Time, err error) {
	at = collect.DecodeTime(line.head)
	if at.IsZero() && len(line.head) < line.size {
		err = t.files.lend(t.lines.text, line.at, line.size, func(text []byte) error {
			at = collect.DecodeTime(text)
			return nil
		})
	}
	return at, err
}

// broken ends the source: its file cannot be read.
func (t *tail) broken(err error) (item, error, bool) {
	t.end, t.near = true, nil
	return item{}, err, false
}

// read makes an item of a line, or takes that of an earlier listing.
func (t *tail) read(s spot) (it item, err error, done bool) {
	text := t.lines.text
	if o, ok := t.files.known.found(text, s.at); ok {
		return item{o, place{text.path, 0, s.at, s.size}}, nil, false
	}
	var bad error
	if collect.TooLong(s.size) {
		it.place = place{text.path, 0, s.at, s.size}
		if it.Origin, bad = t.origins.DecodeLong(text.long(it.place)); bad == nil {
			t.files.known.learnLong(text, s.at, it.Origin, s.size)
		}
		return t.told(s, it, bad)
	}
	err = t.files.lend(text, s.at, s.size, func(line []byte) error {
		it.place = place{text.path, 0, s.at, len(line)}
		if it.Origin, bad = t.origins.Decode(line); bad == nil {
			t.files.known.learn(text, s.at, it.Origin, line)
		}
		return nil
	})
	if err != nil {
		return t.broken(err)
	}
	return t.told(s, it, bad)
}

// told is the item of a line, or what is bad about it.
func (t *tail) told(s spot, it item, bad error) (item, error, bool) {
	if bad != nil {
		return item{}, collect.Line{Offset: s.at, Torn: s.torn}.Fault(t.lines.text.path, bad), false
	}
	return it, nil, false
}

// spot is a line in the neighbourhood. The runs are read when it is their turn:
// for the newest twenty of many, that is twenty.
type spot struct {
	time time.Time
	at   int64
	size int
	torn bool
}

// nearest is a heap of spots, the newest on top.
type nearest []spot

func (n nearest) Len() int { return len(n) }
func (n nearest) Less(i, j int) bool {
	if !n[i].time.Equal(n[j].time) {
		return n[i].time.After(n[j].time)
	}
	return n[i].at > n[j].at
}
func (n nearest) Swap(i, j int) { n[i], n[j] = n[j], n[i] }
func (n *nearest) Push(x any)   { *n = append(*n, x.(spot)) }
func (n *nearest) Pop() any {
	last := len(*n) - 1
	s := (*n)[last]
	*n = (*n)[:last]
	return s
}
