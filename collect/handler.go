package collect

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"time"
)

// Message is what a handler is given: a run that was flushed, or an event that
// was kept. One of the two is nil.
type Message struct {
	Run   *Run
	Event *Event
}

// AppendJSON appends the message as one line of JSON without its end: a run as
// its record, an event as
//
//	{"event":"db.query","time":"2026-03-01T12:00:00Z","pid":7,"seconds":0.25,"attributes":{"table":"users"}}
func (m Message) AppendJSON(to []byte) ([]byte, error) {
	switch {
	case m.Run != nil:
		line, err := AppendRecord(to, *m.Run)
		return bytes.TrimSuffix(line, []byte("\n")), err
	case m.Event != nil:
		line, err := json.Marshal(jsonEvent{m.Event.Type, m.Event.Time.UTC(), m.Event.PID, m.Event.Duration.Seconds(), m.Event.Attributes})
		return append(to, line...), err
	}
	return to, errors.New("encode a message: it has neither a run nor an event")
}

type jsonEvent struct {
	Type       string    `json:"event"`
	Time       time.Time `json:"time"`
	PID        int       `json:"pid"`
	Seconds    float64   `json:"seconds"`
	Attributes Tags      `json:"attributes,omitempty"`
}

// Handler takes runs and events elsewhere: to a log, a file, a queue.
type Handler interface {
	// Handle takes messages in their order and returns how many it took. Those
	// that it did not take are offered again, after a pause where there was an
	// error. It is called by one goroutine at a time. One that is an io.Closer is
	// closed when it is removed.
	Handle(ctx context.Context, batch []Message) (taken int, err error)
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, batch []Message) (taken int, err error)

// Handle calls the function.
func (f HandlerFunc) Handle(ctx context.Context, batch []Message) (int, error) { return f(ctx, batch) }

// HandlerOptions say what waits for a handler, and how long.
type HandlerOptions struct {
	// Most is how many messages wait while the handler does not take them; 0:
	// 10,000. Above that the oldest are dropped, and counted: see HandlerStats.
	Most int
	// Timeout is how long one call may take until its context ends; 0: 10 s.
	Timeout time.Duration
	// Pause is the time until a handler that failed is called again; 0: 100 ms. It
	// doubles with each failure in a row, up to 30 s.
	Pause time.Duration
	// RunsOnly keeps events from the handler.
	RunsOnly bool
}

const (
	mostQueued   = 10_000
	mostBatch    = 256
	longestPause = 30 * time.Second
)

// HandlerStats is how a handler fares.
type HandlerStats struct {
	Name    string
	Taken   int64 // messages
	Waiting int   // messages that it has not taken yet
	Dropped int64 // messages that it never got, because too many waited
	Failed  int64 // calls
	Err     error // of the last call
}

// AddHandler gives every run that is flushed from now on, and every event that is
// kept, to a handler as well, in place of the one of that name. A handler works
// behind the program's back: one that is slow or broken stops nobody, and what it
// did not take waits for it.
func (r *Recorder) AddHandler(name string, h Handler, o HandlerOptions) {
	if r.off() || h == nil {
		return
	}
	if r.writer.over() {
		r.problem(fmt.Errorf("add handler %q: %w", name, ErrClosed))
		return
	}
	if old := r.swap(name, newDelivery(name, h, o)); old != nil {
		go func() { _ = old.end(context.Background(), 0) }()
	}
}

// RemoveHandler ends a handler, which takes what waits for it until the context
// ends. The error says how many messages it did not take, and why.
func (r *Recorder) RemoveHandler(ctx context.Context, name string) error {
	if r.off() {
		return nil
	}
	old := r.swap(name, nil)
	if old == nil {
		return fmt.Errorf("remove handler %q: there is none of that name", name)
	}
	return old.end(ctx, 1)
}

// Handlers tells how the handlers fare, by name.
func (r *Recorder) Handlers() []HandlerStats {
	if r.off() {
		return nil
	}
	var all []HandlerStats
	for _, d := range r.deliveries() {
		all = append(all, d.stats())
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// swap puts a handler in the place of the one of its name, and returns that.
// The list is never changed but replaced, so that nobody waits to read it.
func (r *Recorder) swap(name string, d *delivery) (old *delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(r.deliveries()), func(x *delivery) bool {
		if x.name == name {
			old = x
		}
		return x.name == name
	})
	if d != nil {
		list = append(list, d)
	}
	r.handlers.Store(&list)
	return old
}

func (r *Recorder) deliveries() []*delivery {
	if list := r.handlers.Load(); list != nil {
		return *list
	}
	return nil
}

// deliver hands a message to all handlers.
func (r *Recorder) deliver(m Message) {
	for _, d := range r.deliveries() {
		if m.Run != nil || !d.o.RunsOnly {
			d.add(m)
		}
	}
}

// endHandlers ends all of them.
func (r *Recorder) endHandlers(ctx context.Context) error {
	var errs []error
	for _, d := range r.deliveries() {
		if r.swap(d.name, nil) == d {
			errs = append(errs, d.end(ctx, 1))
		}
	}
	return errors.Join(errs...)
}

// delivery is a handler with what waits for it, and the goroutine that calls it.
type delivery struct {
	name    string
	handler Handler
	o       HandlerOptions
	ctx     context.Context // ends with the delivery
	cancel  context.CancelFunc
	wake    chan struct{} // something waits
	closed  chan struct{} // nothing comes any more
	ended   chan struct{}

	mu      sync.Mutex
	waiting []Message // oldest first, at most o.Most
	first   int       // of those that waiting still has
	evicted int       // messages that were dropped since the last batch was made
	closing bool
	tries   int // calls that may still fail once it is closing
	s       HandlerStats
}

func newDelivery(name string, h Handler, o HandlerOptions) *delivery {
	o.Most = cmp.Or(max(o.Most, 0), mostQueued)
	o.Timeout = cmp.Or(max(o.Timeout, 0), 10*time.Second)
	o.Pause = cmp.Or(max(o.Pause, 0), 100*time.Millisecond)
	d := &delivery{name: name, handler: h, o: o, wake: make(chan struct{}, 1), closed: make(chan struct{}), ended: make(chan struct{})}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	go d.run()
	return d
}

// add takes a message without waiting for anything but other calls of add.
func (d *delivery) add(m Message) {
	d.mu.Lock()
	if d.closing {
		d.s.Dropped++
	} else {
		if len(d.waiting)-d.first >= d.o.Most {
			d.drop(1)
			d.evicted++
			d.s.Dropped++
		}
		d.waiting = append(d.waiting, m)
	}
	d.mu.Unlock()
	d.rouse()
}

func (d *delivery) rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// drop forgets the oldest messages. The lock is held.
func (d *delivery) drop(n int) {
	clear(d.waiting[d.first : d.first+n])
	d.first += n
	if d.first == len(d.waiting) {
		d.waiting, d.first = d.waiting[:0], 0
	} else if d.first > len(d.waiting)/2 && d.first >= mostBatch {
		rest := copy(d.waiting, d.waiting[d.first:])
		clear(d.waiting[rest:])
		d.waiting, d.first = d.waiting[:rest], 0
	}
}

// run offers what waits until the delivery ends.
func (d *delivery) run() {
	defer close(d.ended)
	if c, ok := d.handler.(io.Closer); ok {
		defer c.Close() // what it could not write was returned by Handle
	}
	pause, closed := d.o.Pause, d.closed
	for {
		batch, more := d.next()
		var timer <-chan time.Time
		wake := d.wake
		if len(batch) > 0 {
			taken, err := d.offer(batch)
			if !d.done(taken, err) {
				return
			}
			if taken > 0 {
				pause = d.o.Pause
			}
			if err == nil {
				continue
			}
			timer, wake = time.After(pause/2+rand.N(pause/2+1)), nil
			pause = min(2*pause, max(longestPause, d.o.Pause))
		} else if !more {
			return
		}
		select {
		case <-d.ctx.Done():
			return
		case <-wake:
		case <-timer:
		case <-closed:
			pause, closed = d.o.Pause, nil // what waits is offered at once
		}
	}
}

// next are the messages to offer, and whether more may come.
func (d *delivery) next() (batch []Message, more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.evicted = 0
	n := min(len(d.waiting)-d.first, mostBatch)
	return slices.Clone(d.waiting[d.first : d.first+n]), !d.closing
}

// offer calls the handler, whose panic is an error.
func (d *delivery) offer(batch []Message) (taken int, err error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.o.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			taken, err = 0, fmt.Errorf("handler %q panicked: %v", d.name, p)
		}
	}()
	taken, err = d.handler.Handle(ctx, batch)
	if taken = min(max(taken, 0), len(batch)); taken < len(batch) && err == nil {
		err = io.ErrShortWrite
	}
	return taken, err
}

// done takes note of a call. Messages that were dropped during it were the first
// of the batch. It returns false where the delivery is to end and this was its
// last try.
func (d *delivery) done(taken int, err error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.s.Taken += int64(taken)
	d.s.Err = err
	gone := min(d.evicted, taken)
	d.s.Dropped -= int64(gone) // they were taken after all
	d.drop(taken - gone)
	if err == nil {
		return true
	}
	d.s.Failed++
	if d.closing {
		d.tries--
	}
	return d.tries >= 0
}

// end lets the handler take what waits, with so many more failures, until the
// context ends.
func (d *delivery) end(ctx context.Context, tries int) error {
	d.mu.Lock()
	d.closing, d.tries = true, tries
	d.mu.Unlock()
	close(d.closed)
	select {
	case <-d.ended:
	case <-ctx.Done():
	}
	d.cancel()
	s := d.stats()
	if s.Waiting == 0 {
		return nil
	}
	return fmt.Errorf("handler %q: %d messages were not taken: %w", d.name, s.Waiting, errors.Join(ctx.Err(), s.Err))
}

func (d *delivery) stats() HandlerStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.s
	s.Name, s.Waiting = d.name, len(d.waiting)-d.first
	return s
}
