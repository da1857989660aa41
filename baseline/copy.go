package baseline

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// CopyOptions say what Copy does.
type CopyOptions struct {
	Filter Filter
	DryRun bool // look at both stores, and change nothing
	// Wants says which of the runs that fit are copied; nil: all. With it nobody is
	// told of lines that cannot be read, which it cannot want.
	Wants func(Entry) bool
	// Reopen opens the other store anew, to read again what was stored: one that was
	// open might answer from what it remembers. Nil: that one is asked.
	Reopen func() (Store, error)
	// Tell is called with what is not copied and why, one run or line each. Nil:
	// nobody is told.
	Tell func(error)
	// Each is called after so many runs more were dealt with. Nil: it is not.
	Each func(runs int)
}

// CopyResult says what became of a copy. From and To are the runs that the one
// store has and those of them that the other has now, read again; without a
// dry run, and where nothing Differs, was Refused, is Unreadable or was Lost, they
// are equal.
type CopyResult struct {
	Copied     int // or, of a dry run, would be
	There      int // were there before, with the same content
	Differ     int // are there with another content, which stays
	Refused    int // the other store did not take
	Unreadable int // lines and runs that could not be read
	Lost       int // were stored, and then are not there, or with another content
	From, To   Digest
}

// Whole reports whether all that is in the one store is in the other.
func (r CopyResult) Whole() bool {
	return r.Differ+r.Refused+r.Unreadable+r.Lost == 0 && r.From == r.To
}

// A copy holds the origins of copyWindow runs and the metrics of copyBatch, or of
// copyBytes of text.
const (
	copyWindow = 20_000
	copyBatch  = 500
	copyBytes  = 8 << 20
)

// Copy copies runs from one store to another, the oldest first, and then reads
// again what the other has. It leaves out what is there already with the same
// content, so that a copy that was interrupted goes on where it was when it is
// called again. Its error says that one of the stores could not go on; the result
// says how far it came.
func Copy(ctx context.Context, from, to Store, o CopyOptions) (CopyResult, error) {
	c := &copying{ctx: ctx, from: from, to: to, o: o, window: copyWindow}
	err := c.run()
	return c.result, err
}

// copying is a copy under way.
type copying struct {
	ctx      context.Context
	from, to Store
	o        CopyOptions
	window   int
	result   CopyResult

	seed  maphash.Seed
	known map[uint64]bool // ids that the other store has, hashed: 1M of them are 40 MB

	batch []collect.Run
	bytes int
	sent  map[string][32]byte // of the window: the records that were stored, hashed

	failed int // in a row
}

func (c *copying) run() error {
	if err := c.know(); err != nil {
		return err
	}
	all, spans, err := c.survey()
	if err != nil {
		return err
	}
	if len(spans) <= 1 {
		return c.part(all)
	}
	for _, s := range spans {
		all = all[:0]
		f := c.o.Filter
		f.Since, f.Until = s.since, s.until
		for e, err := range c.from.List(c.ctx, f) {
			switch line := (*collect.LineError)(nil); {
			case errors.As(err, &line): // the survey has told
			case err != nil:
				return err
			case f.Fits(e.Origin) && c.wants(e):
				all = append(all, e)
			}
		}
		if err := c.part(all); err != nil {
			return err
		}
	}
	return nil
}

func (c *copying) wants(e Entry) bool { return c.o.Wants == nil || c.o.Wants(e) }

// know notes which ids the other store has of the time.
func (c *copying) know() error {
	c.seed, c.known = maphash.MakeSeed(), map[uint64]bool{}
	for e, err := range c.to.List(c.ctx, Filter{Since: c.o.Filter.Since, Until: c.o.Filter.Until}) {
		if line := (*collect.LineError)(nil); errors.As(err, &line) {
			continue // of the other store, where it stays
		}
		if err != nil {
			return err
		}
		c.known[maphash.String(c.seed, e.ID)] = true
	}
	return nil
}

// span is a time that has about a window of runs.
type span struct{ since, until time.Time }

// survey goes through what is to be copied, newest first, and parts it. Where it
// is no more than a window, it gives all of it.
func (c *copying) survey() (all []Entry, spans []span, err error) {
	var now span
	n := 0
	for e, err := range c.from.List(c.ctx, c.o.Filter) {
		if line := (*collect.LineError)(nil); errors.As(err, &line) {
			if c.o.Wants == nil {
				c.tell(&c.result.Unreadable, err)
			}
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if !c.o.Filter.Fits(e.Origin) || !c.wants(e) {
			continue
		}
		if len(spans) == 0 {
			all = append(all, e)
		}
		// Runs of one time stay together. A late one widens what it comes to.
		if n >= c.window && e.Time.Before(now.since) {
			spans, n, all = append(spans, now), 0, nil
		}
		if n++; n == 1 {
			now = span{since: e.Time, until: c.o.Filter.Until}
			if len(spans) > 0 {
				now.until = spans[len(spans)-1].since.Add(-1)
			}
		}
		if e.Time.Before(now.since) {
			now.since = e.Time
		}
	}
	now.since = c.o.Filter.Since
	spans = append(spans, now)
	slices.Reverse(spans)
	return all, spans, nil
}
