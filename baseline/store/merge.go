package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// part is a source of a listing that is opened when the listing reaches it.
type part struct {
	until time.Time // no run of it is later; the zero time: nobody knows
	open  func() (source, error)

	source
	head item // the next item, where ready
	live bool // head is there
}

// merge yields the items of parts, newest first. Parts come sorted by until,
// latest first and the unknown before all; a part is opened when it may have
// the next item, so what is not asked for is not read.
func merge(ctx context.Context, parts []*part, yield func(item, error) bool) {
	opened := 0
	defer func() {
		for _, p := range parts[:opened] {
			if p.source != nil {
				p.close()
			}
		}
	}()
	for {
		best := newestPart(parts[:opened])
		if opened < len(parts) && (best == nil || parts[opened].mayPrecede(best.head)) {
			p := parts[opened]
			opened++
			var err error
			if p.source, err = p.open(); err != nil {
				yield(item{}, err)
				return
			}
			if !p.advance(ctx, yield) {
				return
			}
			continue
		}
		if best == nil || !yield(best.head, nil) || !best.advance(ctx, yield) {
			return
		}
	}
}

func newestPart(parts []*part) (best *part) {
	for _, p := range parts {
		if p.live && (best == nil || p.head.newer(best.head)) {
			best = p
		}
	}
	return best
}

func (p *part) mayPrecede(it item) bool { return p.until.IsZero() || !it.Time.After(p.until) }

// advance moves head to the next item, yielding the errors on the way. False
// ends the listing.
func (p *part) advance(ctx context.Context, yield func(item, error) bool) bool {
	for {
		if err := ctx.Err(); err != nil {
			yield(item{}, err)
			return false
		}
		it, err, done := p.next()
		if err == nil {
			p.head, p.live = it, !done
			return true
		}
		bad := (*collect.LineError)(nil)
		if !yield(item{}, err) || !errors.As(err, &bad) {
			return false
		}
	}
}

// list yields the entries of parts without those that are there twice. The
// newest line of a run counts. Another one that is the same is left out without
// a word; one that differs is reported.
func (f *files) list(ctx context.Context, parts []*part) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		first := map[string]place{}
		merge(ctx, parts, func(it item, err error) bool {
			if err != nil {
				return yield(baseline.Entry{}, err)
			}
			other, again := first[it.ID]
			if !again {
				first[it.ID] = it.place
				return yield(it.entry(), nil)
			}
			same, err := f.same(ctx, it.place, other)
			if err == nil && same {
				return true
			}
			if err == nil {
				err = fmt.Errorf("run %q is also at %s with other content; that one counts, as it is the newest", it.ID, other)
			}
			return yield(baseline.Entry{}, &collect.LineError{File: it.path, Line: it.line, At: it.at, Err: err})
		})
	}
}

// same reports whether two places hold the same text.
func (f *files) same(ctx context.Context, a, b place) (bool, error) {
	if a.size != b.size {
		return false, nil
	}
	same := false
	var x []byte
	err := f.view(ctx, a, func(line []byte) error {
		x = bytes.Clone(line)
		return nil
	})
	if err == nil {
		err = f.view(ctx, b, func(line []byte) error {
			same = bytes.Equal(x, line)
			return nil
		})
	}
	return same, err
}
