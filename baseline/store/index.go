package store

import (
	"context"
	"errors"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// source yields the items of one or several files, newest first. An error that
// is no *collect.LineError is its last.
type source interface {
	// next returns the next item or the next error; done ends the source.
	next() (it item, err error, done bool)
	close()
}

// index is a source that has read its file to the end, which may hold runs in
// any order. It keeps their origins, but not their metrics.
type index struct {
	errs  []error // yielded first
	items []item  // newest last
}

// readIndex reads a text to its end and closes it.
func readIndex(ctx context.Context, t *text, d *collect.OriginDecoder) (*index, error) {
	defer t.close()
	x := &index{}
	for line, err := range collect.NewReader(t.stream(), t.path).Lines() {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if bad := (*collect.LineError)(nil); err != nil && !errors.As(err, &bad) {
			return nil, err
		}
		var origin collect.Origin
		if err == nil {
			origin, err = d.Decode(line.Text)
			err = line.Fault(t.path, err)
		}
		if err != nil {
			x.errs = append(x.errs, err)
			continue
		}
		x.items = append(x.items, item{origin, place{t.path, line.Number, line.Offset, len(line.Text)}})
	}
	slices.SortFunc(x.items, func(a, b item) int {
		if a.newer(b) {
			return 1
		}
		return -1
	})
	return x, nil
}

func (x *index) next() (it item, err error, done bool) {
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

func (x *index) close() {}
