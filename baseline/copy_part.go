package baseline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// mostFailed is how many runs in a row may fail before a store is taken to be out
// of order.
const mostFailed = 20

// Digest counts runs and sums up what they say, in whatever order: it is the sum
// of the sha256 of their records, as AppendRecord writes them.
type Digest struct {
	Runs int
	Sum  [sha256.Size]byte
}

func (d *Digest) add(h [sha256.Size]byte) {
	d.Runs++
	var carry uint64
	for i := len(h) - 8; i >= 0; i -= 8 {
		var sum uint64
		sum, carry = bits.Add64(binary.BigEndian.Uint64(d.Sum[i:]), binary.BigEndian.Uint64(h[i:]), carry)
		binary.BigEndian.PutUint64(d.Sum[i:], sum)
	}
}

func (d Digest) String() string { return hex.EncodeToString(d.Sum[:]) }

// read reads a run and hashes its record.
func read(ctx context.Context, s Store, e Entry) (r collect.Run, h [sha256.Size]byte, err error) {
	if r, err = s.Get(ctx, e); err != nil {
		return r, h, err
	}
	text, err := collect.AppendRecord(nil, r)
	return r, sha256.Sum256(text), err
}

// part copies runs of a time, given newest first, and reads them again.
func (c *copying) part(all []Entry) error {
	if len(all) == 0 {
		return nil
	}
	c.sent = map[string][sha256.Size]byte{}
	there, err := c.there(all)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(all) {
		if err := c.one(e, there); err != nil {
			return err
		}
		if c.o.Each != nil {
			c.o.Each(1)
		}
	}
	if err := c.flush(); err != nil || c.o.DryRun {
		return err
	}
	return c.verify(all)
}

// there are the runs that the other store has of the time of some runs.
func (c *copying) there(all []Entry) (map[string]Entry, error) {
	if !slices.ContainsFunc(all, func(e Entry) bool { return c.known[maphash.String(c.seed, e.ID)] }) {
		return nil, nil
	}
	found := map[string]Entry{}
	return found, c.each(c.to, all, func(e Entry) { found[e.ID] = e })
}

// each lists the runs of a store that are of the time of some runs.
func (c *copying) each(s Store, all []Entry, do func(Entry)) error {
	f := Filter{Since: all[0].Time, Until: all[0].Time}
	for _, e := range all {
		if e.Time.Before(f.Since) {
			f.Since = e.Time
		}
		if e.Time.After(f.Until) {
			f.Until = e.Time
		}
	}
	for e, err := range s.List(c.ctx, f) {
		switch line := (*collect.LineError)(nil); {
		case err == nil:
			do(e)
		case !errors.As(err, &line):
			return err
		}
	}
	return nil
}

// one deals with a run.
func (c *copying) one(e Entry, there map[string]Entry) error {
	r, h, err := read(c.ctx, c.from, e)
	if err != nil {
		return c.fail(&c.result.Unreadable, fmt.Errorf("run %q at %s: %w", e.ID, e.Where, err))
	}
	c.failed = 0
	c.result.From.add(h)
	if c.known[maphash.String(c.seed, e.ID)] {
		old, ok := there[e.ID]
		if !ok {
			if old, ok, err = c.find(e.ID); err != nil {
				return err
			}
		}
		if ok {
			return c.compare(e, old, h)
		}
	}
	if c.o.DryRun {
		c.result.Copied++
		return nil
	}
	c.batch, c.sent[r.ID] = append(c.batch, r), h
	for _, m := range r.Metrics {
		c.bytes += 64 + len(m.Name) + 8*len(m.Samples)
	}
	if len(c.batch) == copyBatch || c.bytes > copyBytes {
		return c.flush()
	}
	return nil
}

// find looks for a run of the other store that is of another time.
func (c *copying) find(id string) (Entry, bool, error) {
	for e, err := range c.to.List(c.ctx, Filter{ID: id}) {
		switch line := (*collect.LineError)(nil); {
		case err != nil && !errors.As(err, &line):
			return e, false, err
		case err == nil && e.ID == id:
			return e, true, nil
		}
	}
	return Entry{}, false, nil
}

// compare tells whether a run of both stores is the same.
func (c *copying) compare(e, old Entry, h [sha256.Size]byte) error {
	_, other, err := read(c.ctx, c.to, old)
	if err != nil {
		return c.fail(&c.result.Differ, fmt.Errorf("run %q at %s is there and cannot be compared: %w", e.ID, e.Where, err))
	}
	c.result.To.add(other)
	if other == h {
		c.result.There++
		return nil
	}
	c.tell(&c.result.Differ, fmt.Errorf("run %q at %s is not what is there, at %s, which stays", e.ID, e.Where, old.Where))
	return nil
}

// flush stores the batch. Where the store does not take all of it, it is asked
// about each run.
func (c *copying) flush() error {
	batch := c.batch
	c.batch, c.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	if err := PutAll(c.ctx, c.to, batch); err == nil {
		c.result.Copied += len(batch)
		return nil
	}
	for _, r := range batch {
		err := c.to.Put(c.ctx, r)
		if err == nil {
			c.result.Copied++
			c.failed = 0
			continue
		}
		delete(c.sent, r.ID)
		if err := c.fail(&c.result.Refused, fmt.Errorf("run %q is refused: %w", r.ID, err)); err != nil {
			return err
		}
	}
	return nil
}

// verify reads again what was stored.
func (c *copying) verify(all []Entry) (err error) {
	there := c.to
	if c.o.Reopen != nil {
		if there, err = c.o.Reopen(); err != nil {
			return err
		}
	}
	var bad error
	err = c.each(there, all, func(e Entry) {
		want, ok := c.sent[e.ID]
		if !ok || bad != nil {
			return
		}
		delete(c.sent, e.ID)
		_, h, err := read(c.ctx, there, e)
		if err != nil {
			bad = fmt.Errorf("read run %q again, which was just stored: %w", e.ID, err)
			return
		}
		c.result.To.add(h)
		if h != want {
			c.tell(&c.result.Lost, fmt.Errorf("run %q was stored, and at %s it has other content", e.ID, e.Where))
		}
	})
	if err == nil && bad == nil {
		for _, id := range slices.Sorted(maps.Keys(c.sent)) {
			c.tell(&c.result.Lost, fmt.Errorf("run %q was stored, and is not there now", id))
		}
	}
	return errors.Join(err, bad)
}

func (c *copying) tell(n *int, err error) {
	*n++
	if c.o.Tell != nil {
		c.o.Tell(err)
	}
}

// fail tells of a run that failed, and gives up where too many do or the work is
// to end.
func (c *copying) fail(n *int, err error) error {
	if c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	c.tell(n, err)
	if c.failed++; c.failed >= mostFailed {
		return fmt.Errorf("%d runs failed one after the other, the last with: %w", mostFailed, err)
	}
	return nil
}
