package probe

import "io"

// queue hands chunks to the Tee in order, from a bounded set of buffers.
type queue struct {
	full, free chan []byte
	made       int
	done       chan struct{}
}

func newQueue(w io.Writer) *queue {
	q := &queue{
		full: make(chan []byte, maxLag), free: make(chan []byte, maxLag),
		done: make(chan struct{}),
	}
	go q.drain(w)
	return q
}

func (q *queue) drain(w io.Writer) {
	defer close(q.done)
	failed := false
	for b := range q.full {
		if !failed && len(b) > 0 {
			_, err := w.Write(b)
			failed = err != nil
		}
		q.free <- b[:cap(b)]
	}
}

// buffer returns a buffer to fill, which must go to put. It waits when all are
// still on their way.
func (q *queue) buffer() []byte {
	select {
	case b := <-q.free:
		return b
	default:
	}
	if q.made < maxLag {
		q.made++
		return make([]byte, chunk)
	}
	return <-q.free
}

func (q *queue) put(b []byte) { q.full <- b }

// close waits until the Tee has got everything.
func (q *queue) close() {
	close(q.full)
	<-q.done
}
