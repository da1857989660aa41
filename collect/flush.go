package collect

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Flush makes a run of what the instruments hold and what was recorded since the
// last Flush, and returns its id. Typ names what the run did, as Origin.Type;
// attributes are kept in the record for people.
//
// The run is written behind the caller's back, so that a slow disk stops nobody:
// Sync waits for it, and Close does. A run that could not be written is kept and
// tried again with the next one.
func (r *Recorder) Flush(typ string, attributes Tags) (id string, err error) {
	if r.off() {
		return "", nil
	}
	run := Run{Origin: r.options.Origin}
	if run.ID, err = newID(); err != nil {
		return "", fmt.Errorf("flush: %w", err)
	}
	run.Time = time.Now()
	run.Type = typ
	run.Duration = run.Time.Sub(r.start).Seconds()
	if len(attributes) > 0 {
		text, err := json.Marshal(attributes)
		if err != nil {
			return "", fmt.Errorf("flush: %w", err)
		}
		run.Extra = map[string]json.RawMessage{"attributes": text}
	}
	r.writer.flushing.Lock() // two flushes at once would share what was recorded
	run.Metrics = r.collect(func(instrument) bool { return true })
	r.writer.flushing.Unlock()
	if err := r.writer.send(r.options.Path, run); err != nil {
		return "", err
	}
	r.deliver(Message{Run: &run})
	for _, c := range r.registered() {
		r.sent(c)
	}
	return run.ID, nil
}

func (r *Recorder) sent(c custom) {
	defer func() {
		if p := recover(); p != nil {
			r.problem(fmt.Errorf("custom instrument %q panicked: %v", c.name, p))
		}
	}()
	c.Sent()
}

// newID is a random UUID (RFC 9562, version 4).
func newID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// ErrClosed is why nothing is flushed any more.
var ErrClosed = errors.New("the recorder is closed")

// ErrFull is why a run was not taken: so many wait for a disk that does not take
// them.
var ErrFull = errors.New("too many runs wait to be written")

// mostWaiting bounds the runs that wait to be written.
const mostWaiting = 256

// writer appends runs to the store, one goroutine for a recorder, which lives
// while there is something to write.
type writer struct {
	flushing sync.Mutex

	mu      sync.Mutex
	idle    *sync.Cond // no goroutine is at work
	waiting []Run
	busy    bool
	closed  bool
	err     error // of the last attempt; nil when all is written
}

// over reports whether the recorder is closed.
func (w *writer) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func (w *writer) send(path string, run Run) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return ErrClosed
	case len(w.waiting) >= mostWaiting:
		return fmt.Errorf("%w: %w", ErrFull, w.err)
	}
	w.waiting = append(w.waiting, run)
	w.begin(path)
	return nil
}

// begin starts the goroutine where it is not at work. The lock is held.
func (w *writer) begin(path string) {
	if w.busy {
		return
	}
	if w.idle == nil {
		w.idle = sync.NewCond(&w.mu)
	}
	w.busy = true
	go w.write(path)
}

// write appends what waits, until nothing does or the disk refuses.
func (w *writer) write(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) > 0 {
		run := w.waiting[0]
		w.mu.Unlock()
		err := Append(context.Background(), path, run) // one at a time: after an error each is there, or is not
		w.mu.Lock()
		if w.err = err; err != nil {
			break
		}
		w.waiting = w.waiting[1:]
	}
	w.busy = false
	w.idle.Broadcast()
}

// Sync waits until all runs that were flushed are written, which it tries once
// more where it was in vain, or until the context ends.
func (r *Recorder) Sync(ctx context.Context) error {
	if r.off() {
		return nil
	}
	w := &r.writer
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.idle != nil {
			w.idle.Broadcast()
		}
	})
	defer stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) > 0 {
		w.begin(r.options.Path)
	}
	for w.busy && ctx.Err() == nil {
		w.idle.Wait()
	}
	if len(w.waiting) == 0 {
		return nil
	}
	return fmt.Errorf("%d runs are not written: %w", len(w.waiting), errors.Join(ctx.Err(), w.err))
}

// Close is Sync, after which nothing is flushed, and the end of the handlers. It
// returns what Sync does, what they did not take, and the runs that are not
// written, for the caller to keep.
func (r *Recorder) Close(ctx context.Context) (unwritten []Run, err error) {
	if r.off() {
		return nil, nil
	}
	r.writer.mu.Lock()
	r.writer.closed = true
	r.writer.mu.Unlock()
	err = errors.Join(r.Sync(ctx), r.endHandlers(ctx))
	r.writer.mu.Lock()
	defer r.writer.mu.Unlock()
	return r.writer.waiting, err
}
