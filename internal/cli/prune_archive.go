package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// checkArchive refuses an address that cannot be an archive, before there is
// anything to lose. An empty one is none.
func (a *app) checkArchive(address string) error {
	if address == "" {
		return nil
	}
	if err := unsaid("--archive", address); err != nil {
		return err
	}
	path, err := a.storePath()
	if err != nil {
		return err
	}
	if samePlace(path, address) {
		return fmt.Errorf("--archive %s is the store itself; want another one", store.Name(address))
	}
	_, err = a.openArchive(address)
	return err
}

func (a *app) openArchive(address string) (baseline.Store, error) {
	s, err := store.OpenNew(address)
	if err != nil {
		return nil, fmt.Errorf("--archive: %w", err)
	}
	a.closeLater(s)
	return s, nil
}

// archive copies runs to the store of an address, and compares what that store
// then has with what the runs were. An error means that the runs must stay where
// they are. What is in the archive already is left as it is, so that an archiving
// that was interrupted can be begun again.
func (a *app) archive(ctx context.Context, from baseline.Store, fates []baseline.Fate, address string) error {
	p := a.startProgress("archived %d runs")
	defer p.done()
	path, err := a.storePath()
	if err != nil {
		return err
	}
	c := archiving{from: from, fates: fates, p: p, alias: mayAlias(path, address)}
	c.open = func() (baseline.Store, error) { return a.openArchive(address) }
	n, err := c.run(ctx)
	if err != nil {
		return failure(fmt.Errorf("archive to %s: %w; nothing was removed", store.Name(address), err))
	}
	a.say("archived %s to %s", count(n, "run"), store.Name(address))
	return nil
}

// archiving is the copying of what goes to another store.
type archiving struct {
	from  baseline.Store
	fates []baseline.Fate
	open  func() (baseline.Store, error) // the archive, anew each time
	alias bool                           // it may be the store itself under another address
	p     *progress
	sums  map[string]sum // of the runs that go
}

// run returns how many runs the archive has that go. They are read back from a
// store that is opened anew, which cannot answer from what it remembers.
func (c *archiving) run(ctx context.Context) (int, error) {
	c.sums = map[string]sum{}
	to, err := c.open()
	if err != nil {
		return 0, err
	}
	there, err := c.archived(ctx, to)
	if err != nil {
		return 0, err
	}
	if c.alias && len(there) > 0 && len(there) == len(c.fates) {
		return 0, errors.New("it has every run of the store already, so that it may be the store itself under another address")
	}
	if err := c.copy(ctx, to, there); err != nil {
		return 0, err
	}
	if to, err = c.open(); err != nil {
		return 0, err
	}
	return len(c.sums), c.compare(ctx, to)
}

// sum is the fingerprint of a run's whole record.
type sum [sha256.Size]byte

func sumOf(r collect.Run) (sum, error) {
	line, err := collect.AppendRecord(nil, r)
	return sha256.Sum256(bytes.TrimSpace(line)), err
}

// copy puts those of the runs that go into the archive that it does not have, and
// compares the others.
func (c *archiving) copy(ctx context.Context, to baseline.Store, there map[string]baseline.Entry) error {
	var batch []collect.Run
	values := 0
	for _, f := range c.fates {
		if f.Kept {
			continue
		}
		r, err := c.from.Get(ctx, f.Entry)
		if err == nil {
			c.sums[f.ID], err = sumOf(r)
		}
		if err != nil {
			return fmt.Errorf("run %q at %s: %w", f.ID, f.Where, err)
		}
		if old, ok := there[f.ID]; ok {
			if err := compareRun(ctx, to, old, c.sums[f.ID]); err != nil {
				return err
			}
			c.p.add(1)
			continue
		}
		batch, values = append(batch, r), values+len(r.Metrics)
		if len(batch) < batchRuns && values < batchValues {
			continue
		}
		if err := c.put(ctx, to, batch); err != nil {
			return err
		}
		batch, values = nil, 0
	}
	return c.put(ctx, to, batch)
}

// putsAtOnce is how many runs are put side by side: a store on a server takes them
// as fast as one, and a branch with one commit for all.
const putsAtOnce = 16

// put stores runs, at once where the store can.
func (c *archiving) put(ctx context.Context, to baseline.Store, batch []collect.Run) error {
	defer c.p.add(len(batch))
	if many, ok := to.(baseline.BulkStore); ok && len(batch) > 0 {
		return many.PutAll(ctx, batch)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	turn := make(chan struct{}, putsAtOnce)
	for _, r := range batch {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			if ctx.Err() != nil {
				return // another one has failed
			}
			if err := to.Put(ctx, r); err != nil {
				cancel(fmt.Errorf("run %q: %w", r.ID, err)) // the first counts
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// compare reads back what was archived.
func (c *archiving) compare(ctx context.Context, to baseline.Store) error {
	there, err := c.archived(ctx, to)
	if err != nil {
		return err
	}
	for _, f := range c.fates {
		if f.Kept {
			continue
		}
		copied, ok := there[f.ID]
		if !ok {
			return fmt.Errorf("run %q was stored there and is not there now", f.ID)
		}
		if err := compareRun(ctx, to, copied, c.sums[f.ID]); err != nil {
			return err
		}
	}
	return nil
}

func compareRun(ctx context.Context, to baseline.Store, e baseline.Entry, want sum) error {
	r, err := to.Get(ctx, e)
	if err != nil {
		return fmt.Errorf("read run %q back: %w", e.ID, err)
	}
	got, err := sumOf(r)
	if err == nil && got != want {
		err = errors.New("it has other content than the one that would go")
	}
	if err != nil {
		return fmt.Errorf("run %q at %s: %w", e.ID, e.Where, err)
	}
	return nil
}

// archived are those of the store's runs that the archive has, by their ids.
func (c *archiving) archived(ctx context.Context, to baseline.Store) (map[string]baseline.Entry, error) {
	ours := make(map[string]bool, len(c.fates))
	span := baseline.Filter{}
	for i, f := range c.fates {
		ours[f.ID] = true
		if i == 0 || f.Time.Before(span.Since) {
			span.Since = f.Time
		}
		if i == 0 || f.Time.After(span.Until) {
			span.Until = f.Time
		}
	}
	there := map[string]baseline.Entry{}
	for e, err := range to.List(ctx, span) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			continue // it is none of these, or that one is missed
		}
		if err != nil {
			return nil, err
		}
		if ours[e.ID] {
			there[e.ID] = e
		}
	}
	return there, nil
}

// mayAlias reports whether two addresses may be one store although they differ:
// servers and branches have many names, and folders tell what they are.
func mayAlias(a, b string) bool {
	scheme := store.Scheme(a)
	return scheme == store.Scheme(b) && scheme != "" && scheme != "dir"
}

// samePlace reports whether two addresses may be one store. To remove from the
// store what was archived into it would be to lose it.
func samePlace(a, b string) bool {
	x, y := strings.TrimPrefix(a, "dir:"), strings.TrimPrefix(b, "dir:")
	if xs, ys := store.Scheme(x), store.Scheme(y); xs != "" || ys != "" {
		return xs == ys && bare(x) == bare(y)
	}
	cleanX, xerr := filepath.Abs(x)
	cleanY, yerr := filepath.Abs(y)
	if cleanX == cleanY || xerr != nil || yerr != nil {
		return true
	}
	i, xerr := os.Stat(x)
	j, yerr := os.Stat(y)
	return xerr == nil && yerr == nil && os.SameFile(i, j)
}

// bare is an address without what does not tell where the store is: who asks, and
// how.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimRight(u.Host+u.Opaque+u.Path, "/") + "#" + u.Fragment
}
