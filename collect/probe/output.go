package probe

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"time"
)

// chunk is what one read takes at most: what a pipe holds by default. The Tee
// may lag behind by maxLag chunks before it holds up the command.
const (
	chunk  = 64 << 10
	maxLag = 16
)

// output carries what the command writes to standard output to the user, and a
// copy to the Tee. The zero output carries nothing: the command has the user's
// own standard output.
type output struct {
	from *os.File // the read end; nil where nothing is carried
	end  *os.File // the command's end, ours until it has started
	to   *os.File // nil when quiet
	tee  io.Writer
	pass func(piece []byte, last bool) []byte // what of it the user gets; nil: all
	// terminal is the user's, whose size and modes the command's own follows.
	terminal *os.File

	ended   atomic.Bool // the command has ended, so reading has a budget
	hurried atomic.Bool // which is small now
	done    chan struct{}
	held    bool  // others held the write end past the budget
	err     error // why writing to the user stopped
	grace   time.Duration
}

// lastLook is the budget of one in a hurry: it is enough for all that a pipe
// can hold.
const lastLook = 100 * time.Millisecond

// newOutput decides how standard output reaches the user.
func newOutput(c Command, cmd *exec.Cmd, r *Result) (*output, error) {
	to := orElse(c.Stdout, os.Stdout)
	if c.Quiet && c.Tee == nil {
		return &output{}, nil // the command gets the null device
	}
	if c.Tee == nil {
		cmd.Stdout = to
		return &output{}, nil
	}
	o := &output{to: to, tee: c.Tee, pass: c.Filter, done: make(chan struct{})}
	var err error
	switch {
	case c.Quiet:
		o.to = nil
		o.from, o.end, err = os.Pipe()
	case isTerminal(to):
		o.from, o.end, err = openTerminal(to)
		if err != nil {
			cmd.Stdout = to
			r.note("the output was not read: no terminal for the command: %v", err)
			return &output{}, nil
		}
		o.terminal = to
	default:
		o.from, o.end, err = os.Pipe()
	}
	if err != nil {
		return nil, err
	}
	cmd.Stdout = o.end
	return o, nil
}

// start begins to carry, once the command has its own end.
func (o *output) start() {
	if o.from != nil {
		_ = o.end.Close()
		go o.carry()
	}
}

// abandon undoes newOutput when the command was not started.
func (o *output) abandon() {
	if o.from != nil {
		_ = o.end.Close()
		_ = o.from.Close()
	}
}

// finish waits until everything that was written is passed on. After the given
// time of fruitless reading, or soon after hurry is closed, it stops and reports
// that the output was still held open. It is called once, after the command ended.
func (o *output) finish(grace time.Duration, hurry <-chan struct{}) (held bool) {
	if o.from == nil {
		return false
	}
	o.grace = grace
	o.ended.Store(true)
	var giveUp <-chan time.Time
	if !o.wake() {
		// Pipes of this system cannot be interrupted: leave the reader behind.
		giveUp = time.After(grace)
	}
	for {
		select {
		case <-o.done:
			return o.held
		case <-giveUp:
			return true
		case <-hurry:
			hurry = nil
			o.hurried.Store(true)
			if !o.wake() {
				return true
			}
		}
	}
}

// wake makes a read that waits return, to look at the flags again. It reports
// whether this system can. One that has read all needs no waking.
func (o *output) wake() bool {
	return !errors.Is(o.from.SetReadDeadline(time.Unix(1, 0)), os.ErrNoDeadline)
}

// carry is the goroutine between start and finish.
func (o *output) carry() {
	defer close(o.done)
	q := newQueue(o.tee)
	defer q.close()
	// Closing the read end is how the command learns that nobody reads: it gets
	// the signal that it would get if it wrote to the user's pipe itself.
	defer o.from.Close()
	for {
		b := q.buffer()
		n, more := o.read(b)
		if o.err = o.show(b[:n], !more); o.err != nil {
			more = false
		}
		q.put(b[:n])
		if !more {
			return
		}
	}
}

// show passes a piece on to the user.
func (o *output) show(b []byte, last bool) error {
	if o.to == nil {
		return nil
	}
	if o.pass != nil {
		b = o.pass(b, last)
	}
	if len(b) == 0 {
		return nil
	}
	return writeAll(o.to, b)
}

// read reads once. After the command's end it spends at most the budget on
// waiting; time that the user's terminal or the Tee takes is not counted.
func (o *output) read(b []byte) (n int, more bool) {
	for {
		began := time.Now()
		ended := o.ended.Load()
		if ended {
			// The flag is asked after the deadline is set: whoever sets it wakes
			// us after that.
			_ = o.from.SetReadDeadline(began.Add(o.grace))
			if o.hurried.Load() && o.grace > lastLook {
				o.grace = lastLook
				continue
			}
		}
		n, err := o.from.Read(b)
		if ended {
			// At least 1 ms is charged, so that one who writes without end
			// cannot hold us without end.
			o.grace -= max(time.Since(began), time.Millisecond)
		}
		switch {
		case ended && o.grace <= 0 && (err == nil || timedOut(err)):
			o.held = true
			return n, false
		case err == nil:
			return n, true
		case timedOut(err):
			continue
		}
		return n, false // the end, which a terminal tells by an error
	}
}

func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
