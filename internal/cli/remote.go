package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// storeTime bounds how long a run waits for a store that has an address.
const storeTime = 2 * time.Minute

// remote is a store that has an address and may be out of reach. What goes wrong
// there is a *remoteError, so that who judges can tell it from a mistake.
type remote struct {
	baseline.LineStore
	name string // for people, without a password
	down *outage
}

// restTime is how long a store that was out of reach is not asked again: each call
// would wait as long as the first for the same answer.
const restTime = time.Minute

// outage is what is known of a store that was out of reach.
type outage struct {
	now   func() time.Time
	mu    sync.Mutex
	since time.Time
	err   error
}

// begins remembers an error of the network.
func (o *outage) begins(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err, o.since = err, o.now()
}

// asked is the error of a store that was out of reach just now; nil: ask it.
func (o *outage) asked() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil || o.now().Sub(o.since) > restTime {
		return nil
	}
	return o.err
}

// remoteError says that a store could not do what was asked of it.
type remoteError struct {
	name string
	err  error
}

func (e *remoteError) Error() string {
	place, _, _ := strings.Cut(e.name, "?")
	if text := e.err.Error(); strings.Contains(text, place) {
		return text
	}
	return "store " + e.name + ": " + e.err.Error()
}

func (e *remoteError) Unwrap() error { return e.err }

// fault marks an error of the store. What is wrong with one line is none.
func (r remote) fault(ctx context.Context, err error) error {
	if line := (*collect.LineError)(nil); err == nil || errors.As(err, &line) {
		return err
	}
	if ctx.Err() == nil && outOfReach(err) {
		place, _, _ := strings.Cut(r.name, "?")
		r.down.begins(&remoteError{r.name, fmt.Errorf("store %s was out of reach a moment ago: %w", place, cause(err))})
	}
	return &remoteError{r.name, err}
}

// cause is what the network said, where an error has it: what was asked of the
// store then is not what is asked of it next.
func cause(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op
	}
	return err
}

// do is a call of the store.
func (r remote) do(ctx context.Context, call func() error) error {
	if err := r.down.asked(); err != nil {
		return err
	}
	return r.fault(ctx, call())
}

// Put implements baseline.Store.
func (r remote) Put(ctx context.Context, run collect.Run) error {
	return r.do(ctx, func() error { return r.LineStore.Put(ctx, run) })
}

// PutAll implements baseline.BulkStore.
func (r remote) PutAll(ctx context.Context, runs []collect.Run) error {
	return r.do(ctx, func() error { return baseline.PutAll(ctx, r.LineStore, runs) })
}

// Delete implements baseline.Store.
func (r remote) Delete(ctx context.Context, ids ...string) error {
	return r.do(ctx, func() error { return r.LineStore.Delete(ctx, ids...) })
}

// Get implements baseline.Store.
func (r remote) Get(ctx context.Context, e baseline.Entry) (run collect.Run, err error) {
	err = r.do(ctx, func() error {
		run, err = r.LineStore.Get(ctx, e)
		return err
	})
	return run, err
}

// Values is that of the store.
func (r remote) Values(ctx context.Context, head collect.Origin) baseline.Values {
	if s, ok := r.LineStore.(baseline.ValueStore); ok {
		return s.Values(ctx, head)
	}
	return nil
}

// View implements baseline.LineStore. An error of read is not the store's.
func (r remote) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	if err := r.down.asked(); err != nil {
		return err
	}
	var own error
	err := r.LineStore.View(ctx, e, func(line []byte) error {
		own = read(line)
		return own
	})
	if own != nil {
		return err
	}
	return r.fault(ctx, err)
}

// List implements baseline.Store.
func (r remote) List(ctx context.Context, f baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		if err := r.down.asked(); err != nil {
			yield(baseline.Entry{}, err)
			return
		}
		for e, err := range r.LineStore.List(ctx, f) {
			if !yield(e, r.fault(ctx, err)) {
				return
			}
		}
	}
}

// open opens a store to write to, and openRead one to read. Both close it with
// the invocation.
func (a *app) open(path string) (baseline.Store, error) { return a.opening(path, store.OpenNew) }

func (a *app) openRead(path string) (baseline.Store, error) { return a.opening(path, store.Open) }

func (a *app) opening(path string, open func(string) (baseline.Store, error)) (baseline.Store, error) {
	if s, ok := a.stores[path]; ok {
		return s, nil
	}
	s, err := open(path)
	if err != nil {
		return nil, usage(err)
	}
	if d, ok := s.(*store.Dir); ok && a.settings.uncached {
		d.Plain()
	}
	a.closeLater(s)
	lines, ok := s.(baseline.LineStore)
	if !ok || store.Scheme(path) == "" {
		return s, nil
	}
	if a.stores == nil {
		a.stores = map[string]baseline.Store{}
	}
	a.stores[path] = remote{lines, store.Name(path), &outage{now: a.Now}}
	return a.stores[path], nil
}

// far reports whether a store has an address and may be out of reach.
func (a *app) far(path string) bool { return store.Scheme(path) != "" || a.stores[path] != nil }

// unread is why a store could not be read: nothing where that was not the store's
// fault, or somebody ended the work.
func unread(ctx context.Context, err error) (why string) {
	if far := (*remoteError)(nil); ctx.Err() == nil && errors.As(err, &far) {
		return far.Error()
	}
	return ""
}

// found marks an error of a search for a run: what the user asked for is not
// there, or the store could not tell.
func found(err error) error {
	if none := (*baseline.FindError)(nil); errors.As(err, &none) {
		return usage(err)
	}
	return failure(err)
}

// outOfReach reports whether an error is of the network, so that another try
// would end the same.
func outOfReach(err error) bool {
	far := net.Error(nil)
	return errors.As(err, &far) || errors.Is(err, context.DeadlineExceeded)
}
