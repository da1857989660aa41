package store

import (
	"context"
	"errors"
	"io"
	"sort"

	"github.com/plumbline-ci/plumbline/collect"
)

// source yields the items of one or several files, newest first. An error that
// is no *collect.LineError is its last.
type source interface {
	// next returns the next item or the next error; done ends the source.
	next() (it item, err error, done bool)
	close()
}

// whole is a source that has read its file to the end, which may hold runs in
// any order. It keeps their origins, but not their metrics.
type whole struct {
	errs  []error // yielded first
	items []item  // newest last
}

// reading is a whole under way.
type reading struct {
	whole
	files   *files
	text    *text
	origins *collect.OriginDecoder

	indexed bool // what lines there are is kept in an index beside the file

	from   int64 // where reading begins, behind what is known
	number int   // of the last line before
	lines  []*knownLine
	gap    bool // a line behind these is too long, and what follows is not remembered
}

// readWhole reads a text to its end and closes it, unless an earlier listing has
// read it.
func (f *files) readWhole(ctx context.Context, t *text, d *collect.OriginDecoder) (*whole, error) {
	defer t.close()
	r := &reading{files: f, text: t, origins: d, indexed: f.known.kept && !t.zipped}
	if r.indexed {
		if err := r.recall(); err != nil {
			return nil, err
		}
	} else if x, ok := f.listed(t); ok {
		return x, nil
	}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	sort.Slice(r.items, func(i, j int) bool { return r.items[j].newer(r.items[i]) })
	if !r.indexed {
		f.remember(t, r.whole)
	}
	return &r.whole, nil
}

// read reads what is behind the lines that are known.
func (r *reading) read(ctx context.Context) error {
	t := r.text
	recounted := len(r.lines)
	in := t.stream()
	if r.from > 0 {
		in = io.NewSectionReader(t.at, r.from, t.size-r.from)
	}
	lines := collect.NewReader(in, t.path)
	if !r.indexed { // an index has sums of whole lines
		lines.Pieces()
	}
	for line, err := range lines.Lines() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line.Number, line.Offset = line.Number+r.number, line.Offset+r.from
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			bad.Line, bad.At = bad.Line+r.number, bad.At+r.from
			r.errs = append(r.errs, err)
			r.gap = true
			continue
		}
		if err != nil {
			return err
		}
		r.take(line)
	}
	r.files.keep(lines.Memory())
	if r.indexed {
		r.files.known.count(t, r.lines, recounted)
	}
	return nil
}

// recall takes what is known of the begin of the text.
func (r *reading) recall() error {
	r.lines = r.files.known.recount(r.text)
	for _, l := range r.lines {
		p := place{r.text.path, l.number, l.at, l.size}
		if l.read {
			r.items = append(r.items, item{l.Origin, p})
			continue
		}
		err := r.files.lend(r.text, l.at, l.size, func(text []byte) error {
			r.decode(collect.Line{Text: text, Number: l.number, Offset: l.at})
			return nil
		})
		if err != nil {
			return err
		}
	}
	if n := len(r.lines); n > 0 {
		r.from, r.number = r.lines[n-1].key+1, r.lines[n-1].number
	}
	return nil
}

// take takes the next line.
func (r *reading) take(line collect.Line) {
	if !r.indexed {
		r.decode(line)
		return
	}
	l := &knownLine{at: line.Offset, size: len(line.Text), number: line.Number, head: headSum(line.Text), proved: proofWhole}
	l.key, l.next = line.Offset+int64(line.Size)-1, line.Offset-1
	if l.at == int64(len(byteOrderMark)) && r.text.marked() {
		l.next = -1
	}
	l.Origin, l.read = r.decode(line)
	if !line.Torn && !r.gap {
		l.sum = lineSum(line.Text)
		r.lines = append(r.lines, l)
	}
}

// decode makes an item of a line, or an error.
func (r *reading) decode(line collect.Line) (collect.Origin, bool) {
	o, size, err := r.origin(line)
	if err != nil {
		r.errs = append(r.errs, line.Fault(r.text.path, err))
		return collect.Origin{}, false
	}
	r.items = append(r.items, item{o, place{r.text.path, line.Number, line.Offset, size}})
	return o, true
}

// origin is that of the run of a line, and how many bytes the line has.
func (r *reading) origin(line collect.Line) (o collect.Origin, size int, err error) {
	if line.Long != nil {
		o, err = r.origins.DecodeLong(*line.Long)
		return o, line.Long.Size, err
	}
	o, err = r.origins.Decode(line.Text)
	return o, len(line.Text), err
}

// marked reports whether the text begins with a byte order mark.
func (t *text) marked() bool {
	mark := make([]byte, len(byteOrderMark))
	return t.read(mark, 0) == nil && string(mark) == byteOrderMark
}

func (x *whole) next() (it item, err error, done bool) {
	if len(x.errs) > 0 {
		err, x.errs = x.errs[0], x.errs[1:]
		return item{}, err, false
	}
	n := len(x.items) - 1
	if n < 0 {
		return item{}, nil, true
	}
	it, x.items = x.items[n], x.items[:n]
	return it, nil, false
}

func (x *whole) close() {}
