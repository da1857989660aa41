package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// List yields the stored runs that fit the filter, newest first. Where it had to
// read many objects of single runs, it leaves a bundle of them for the next reader.
func (s *Store) List(ctx context.Context, f baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		keys, err := s.sequence(ctx, f)
		if err != nil {
			yield(baseline.Entry{}, err)
			return
		}
		r := &reading{Store: s, keys: keys, fresh: map[string]bool{}, wrote: map[string]bool{}}
		passed, err := r.list(ctx, f, yield)
		if err == nil && ctx.Err() == nil {
			r.bundle(ctx, passed)
		}
		if err != nil {
			yield(baseline.Entry{}, err)
		}
	}
}

// list yields what fits and returns all keys that it has passed. An error is one
// that ends the listing.
func (r *reading) list(ctx context.Context, f baseline.Filter, yield func(baseline.Entry, error) bool) (passed []runKey, err error) {
	first := map[string]runKey{}
	for {
		if err := ctx.Err(); err != nil {
			return passed, fmt.Errorf("list store %q: %w", r.place.name(), err)
		}
		key, ok, err := r.keys.next(ctx)
		if err != nil || !ok || key.older(f.Since) {
			return passed, err
		}
		passed = append(passed, key)
		if !key.mayFit(f) {
			continue
		}
		e, err := r.entry(ctx, key, first)
		var content contentError
		switch {
		case errors.As(err, &content):
			err = &collect.LineError{File: r.where(key.key), Line: 1, Err: content.error}
		case errors.Is(err, errMissing), err == nil && (e.ID == "" || !f.Fits(e.Origin)):
			continue
		case err != nil:
			return passed, err
		}
		if !yield(e, err) {
			return passed, nil
		}
	}
}

// entry is the run of a key; without an id: it was yielded already.
func (r *reading) entry(ctx context.Context, key runKey, first map[string]runKey) (baseline.Entry, error) {
	o, err := r.known(ctx, key)
	if err != nil {
		return baseline.Entry{}, err
	}
	if other, again := first[o.ID]; again {
		same, err := r.same(ctx, key, other, o)
		if err == nil && !same {
			err = contentError{fmt.Errorf("run %q is also at %s with other content; that one counts, as it is the newest", o.ID, r.where(other.key))}
		}
		return baseline.Entry{}, err
	}
	first[o.ID] = key
	return baseline.Entry{Origin: o, Ref: key.key, Where: r.where(key.key)}, nil
}

// same reports whether two objects have the same record.
func (r *reading) same(ctx context.Context, a, b runKey, o collect.Origin) (bool, error) {
	x, err := r.line(ctx, baseline.Entry{Origin: o, Ref: a.key})
	if err != nil {
		return false, err
	}
	y, err := r.line(ctx, baseline.Entry{Origin: o, Ref: b.key})
	return bytes.Equal(x, y), err
}
