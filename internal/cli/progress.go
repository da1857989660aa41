package cli

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// progress shows on a terminal how far work has come that takes over a second.
// Elsewhere, and in a second, it shows nothing.
type progress struct {
	what string // "read %d runs"
	n    atomic.Int64
	stop chan struct{}
	wait sync.WaitGroup
}

const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// startProgress begins to count; done must be called.
func (a *app) startProgress(what string) *progress {
	p := &progress{what: what, stop: make(chan struct{})}
	f, ok := a.Stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.wait.Go(func() { p.show(f) })
	return p
}

func (p *progress) show(f *os.File) {
	next := time.NewTimer(progressAfter)
	defer next.Stop()
	shown := false
	for {
		select {
		case <-p.stop:
			if shown {
				fmt.Fprint(f, "\r\x1b[K")
			}
			return
		case <-next.C:
			fmt.Fprintf(f, "\r\x1b[K"+p.what, p.n.Load())
			shown = true
			next.Reset(progressEvery)
		}
	}
}

func (p *progress) add(n int) { p.n.Add(int64(n)) }

// done clears the line. It may be called once.
func (p *progress) done() {
	close(p.stop)
	p.wait.Wait()
}

// counted is a store that counts the runs that are read from it.
type counted struct {
	baseline.LineStore
	p *progress
}

// View implements baseline.LineStore.
func (c counted) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	c.p.add(1)
	return c.LineStore.View(ctx, e, read)
}

// ViewLong implements baseline.LongStore.
func (c counted) ViewLong(ctx context.Context, e baseline.Entry, read func(collect.LongLine) error) (bool, error) {
	ok, err := baseline.ViewLong(ctx, c.LineStore, e, read)
	if ok {
		c.p.add(1)
	}
	return ok, err
}

// Values is that of the store.
func (c counted) Values(ctx context.Context, head collect.Origin) baseline.Values {
	if s, ok := c.LineStore.(baseline.ValueStore); ok {
		return s.Values(ctx, head)
	}
	return nil
}

// countReads lets the progress count what is read from s.
func countReads(s baseline.Store, p *progress) baseline.Store {
	if l, ok := s.(baseline.LineStore); ok {
		return counted{l, p}
	}
	return s
}
