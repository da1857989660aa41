package blob

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/plumbline-ci/plumbline/collect"
)

// known is a run that was read.
type known struct {
	tag    string // of its object
	body   []byte // nil: let go
	loose  bool   // it came from its own object
	origin collect.Origin
	err    error // what is wrong with its content
	done   bool  // origin or err is set
}

// maxHeld is how many bytes of bodies are kept. A run that was let go is read
// again when it is wanted.
const maxHeld = 256 << 20

// is reports whether this is the run that a listing names. Of one that no listing
// has named yet nobody knows whether it is still there.
func (k *known) is(key runKey) bool {
	return k != nil && (k.done || k.body != nil) && k.tag == key.tag && key.tag != ""
}

func (s *Store) hold(key string, k *known) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[key] = k
	s.order = append(s.order, key)
	s.held += len(k.body)
	for s.held > maxHeld && len(s.order) > 1 {
		if old := s.runs[s.order[0]]; old != nil && old != k {
			s.held -= len(old.body)
			old.body = nil
		}
		s.order = s.order[1:]
	}
}

// reading is a List under way.
type reading struct {
	*Store
	keys  *sequence
	width int             // so many runs are read at once
	fresh map[string]bool // folders whose bundles were listed again
	wrote map[string]bool // keys of the bundles that it left
}

// known gives the run of a key; errMissing: it is no longer there.
func (r *reading) known(ctx context.Context, key runKey) (collect.Origin, error) {
	for {
		k := r.recall(key)
		if k.is(key) {
			return r.origin(k)
		}
		b := r.bundleOf(key)
		if b == nil {
			break
		}
		if err := r.unpack(ctx, b); err != nil {
			return collect.Origin{}, err
		}
	}
	if err := r.fetch(ctx, key); err != nil {
		return collect.Origin{}, err
	}
	k := r.recall(key)
	if k == nil {
		return collect.Origin{}, errMissing
	}
	return r.origin(k)
}

func (r *reading) recall(key runKey) *known {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[key.key]
}

// contentError is about one run alone.
type contentError struct{ error }

// origin decodes a run that was read, once.
func (r *reading) origin(k *known) (collect.Origin, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !k.done {
		line, err := r.codec.decode(k.body)
		if err == nil {
			k.origin, err = collect.DecodeOrigin(line)
		}
		k.err, k.done = err, true
	}
	if k.err != nil {
		return k.origin, contentError{k.err}
	}
	return k.origin, nil
}

// bundleOf is the largest bundle that may have a run and was not read.
func (r *reading) bundleOf(key runKey) (best *bundle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.bundles {
		if !b.read && !b.bad && b.spans(key) && (best == nil || b.count > best.count) {
			best = b
		}
	}
	return best
}

// unpack reads a bundle. One that is gone was replaced by another, which a new
// listing names; one that is damaged is taken away, as nobody needs it.
func (r *reading) unpack(ctx context.Context, b *bundle) error {
	body, err := r.bucket.get(ctx, b.key)
	if errors.Is(err, errMissing) {
		r.mark(b, func() { b.bad = true })
		if r.fresh[b.folder] {
			return nil
		}
		r.fresh[b.folder] = true
		found, err := r.bucket.list(ctx, b.folder+bundlePrefix, "")
		r.sort(found)
		return err
	}
	if err != nil {
		return err
	}
	members, err := decodeBundle(body)
	if err != nil {
		r.mark(b, func() { b.bad = true })
		r.discard(ctx, b.key)
		return nil
	}
	r.mark(b, func() { b.read = true })
	for _, m := range members {
		if key := b.folder + m.Name; !r.has(key, m.Tag) && !strings.Contains(m.Name, "/") {
			r.hold(key, &known{tag: m.Tag, body: m.body})
		}
	}
	return nil
}

func (r *reading) mark(_ *bundle, set func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set()
}

// has reports whether an object is known already.
func (s *Store) has(key, tag string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.runs[key]
	return k != nil && k.body != nil && (k.tag == tag || k.loose)
}

// fetch reads the object of a run, and of some that will be wanted next: more each
// time, so that who wants only the newest reads only that.
func (r *reading) fetch(ctx context.Context, key runKey) error {
	r.width = min(max(2*r.width, 1), readers)
	var wait sync.WaitGroup
	for _, next := range r.keys.peek(ctx, r.width-1) {
		if !r.recall(next).is(next) && r.bundleOf(next) == nil {
			wait.Go(func() { _ = r.fetchOne(ctx, next) }) // it is tried again when its turn comes
		}
	}
	err := r.fetchOne(ctx, key)
	wait.Wait()
	return err
}

func (r *reading) fetchOne(ctx context.Context, key runKey) error {
	body, err := r.bucket.get(ctx, key.key)
	if errors.Is(err, errMissing) {
		r.forget(key.key)
	}
	if err == nil {
		r.hold(key.key, &known{tag: key.tag, body: body, loose: true})
	}
	return err
}

// forget drops a run that is no longer there.
func (s *Store) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.put, key)
	delete(s.runs, key)
}

// discard takes away an object that nobody needs. That it cannot is no error.
func (s *Store) discard(ctx context.Context, key string) {
	s.mu.Lock()
	quiet := s.quiet
	s.mu.Unlock()
	if !quiet {
		_ = s.once().remove(ctx, key)
	}
}

// once is the bucket without patience.
func (s *Store) once() patience {
	p := s.bucket
	p.tries = 1
	return p
}
