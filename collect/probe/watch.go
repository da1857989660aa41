package probe

import (
	"context"
	"os"
	"syscall"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// firstSample is when a command is looked at for the first time. The time
// between samples grows from here to the interval that was asked for.
const firstSample = time.Millisecond

// watch stays with one started command: it samples, passes signals on, and sees
// the end.
type watch struct {
	ctx  context.Context
	c    Command
	p    plan
	proc *os.Process
	m    *meter
	sigs *signals
	out  *output
}

type waited struct {
	state *os.ProcessState
	end   time.Time
	err   error
}

// untilEnd returns when the command has ended.
func (w *watch) untilEnd(r *Result) (*os.ProcessState, error) {
	done := make(chan waited, 1)
	go func() {
		state, end, err := w.m.wait(w.proc)
		done <- waited{state, end, err}
	}()
	tick := time.NewTimer(min(firstSample, w.c.Interval))
	defer tick.Stop()
	canceled := w.ctx.Done()
	var kill <-chan time.Time
	for {
		select {
		case e := <-done:
			r.Wall = e.end.Sub(r.Start)
			return e.state, e.err
		case s := <-w.sigs.c:
			w.sigs.pass(w.proc, s, w.out)
		case <-canceled:
			canceled = nil
			r.note("the command was told to end before it was done: %v", context.Cause(w.ctx))
			terminate(w.proc)
			kill = time.After(w.p.kill)
		case <-kill:
			_ = w.proc.Kill() // it fails where the command has ended
		case <-tick.C:
			w.sample(r)
			tick.Reset(min(w.c.Interval, max(firstSample, time.Since(r.Start))))
		}
	}
}

func (w *watch) sample(r *Result) {
	if s, ok := w.m.sample(w.proc.Pid); ok {
		now := time.Now()
		r.series.add(now.Sub(r.Start), s)
		if w.c.Observe != nil {
			w.c.Observe(collect.Usage{Time: now, CPU: s.cpu.Seconds(), RSS: s.rss})
		}
	}
	r.host.sample()
}

// drain passes on what is left of the output. A signal that comes now was not
// meant for a command that has ended: it ends the waiting.
func (w *watch) drain(r *Result) {
	hurry := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if w.out.finish(w.p.output, hurry) {
			r.note("a process that the command left behind still holds its output; reading it stopped after %v", w.p.output)
		}
	}()
	canceled := w.ctx.Done()
	hurried := false
	for {
		select {
		case <-ended:
			if err := w.out.err; err != nil && !brokenPipe(err) {
				r.note("standard output was cut: %v", err)
			}
			return
		case s := <-w.sigs.c:
			if s != os.Interrupt && s != syscall.SIGTERM && s != syscall.SIGHUP {
				continue
			}
		case <-canceled:
			canceled = nil
		}
		if !hurried {
			close(hurry)
			hurried = true
		}
	}
}
