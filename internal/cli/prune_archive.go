package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

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

// archive copies runs to the store of an address, and reads them again from that
// store, opened anew. An error means that the runs must stay where they are. What is
// in the archive already is left as it is, so that an archiving that was interrupted
// can be begun again.
func (a *app) archive(ctx context.Context, from baseline.Store, fates []baseline.Fate, address string) error {
	p := a.startProgress("archived %d runs")
	defer p.done()
	path, err := a.storePath()
	if err != nil {
		return err
	}
	c := archiving{from: from, fates: fates, each: p.add, alias: mayAlias(path, address)}
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
	each  func(runs int)                 // called with progress
}

// run returns how many runs the archive has that go.
func (c *archiving) run(ctx context.Context) (int, error) {
	to, err := c.open()
	if err != nil {
		return 0, err
	}
	if c.alias {
		if err := c.another(ctx, to); err != nil {
			return 0, err
		}
	}
	gone, span := c.gone()
	var first error
	r, err := baseline.Copy(ctx, c.from, to, baseline.CopyOptions{
		Filter: span, Reopen: c.open, Each: c.each,
		Wants: func(e baseline.Entry) bool { return gone[e.ID] },
		Tell:  func(err error) { first = cmp.Or(first, err) },
	})
	switch err = cmp.Or(err, first); {
	case err != nil:
		return 0, err
	case r.From.Runs != len(gone) || !r.Whole():
		return 0, fmt.Errorf("it has %d of the %d runs that go", r.To.Runs, len(gone))
	}
	return len(gone), nil
}

// gone are the ids of the runs that go, and the time that they are of.
func (c *archiving) gone() (ids map[string]bool, span baseline.Filter) {
	ids = map[string]bool{}
	for _, f := range c.fates {
		if f.Kept {
			continue
		}
		if len(ids) == 0 || f.Time.Before(span.Since) {
			span.Since = f.Time
		}
		if len(ids) == 0 || f.Time.After(span.Until) {
			span.Until = f.Time
		}
		ids[f.ID] = true
	}
	return ids, span
}

// another holds that the archive lacks a run of the store: else it may be the store.
func (c *archiving) another(ctx context.Context, to baseline.Store) error {
	lacks := map[string]bool{}
	for _, f := range c.fates {
		lacks[f.ID] = true
	}
	for e, err := range to.List(ctx, baseline.Filter{}) {
		if bad := (*collect.LineError)(nil); err != nil && !errors.As(err, &bad) {
			return err
		}
		if delete(lacks, e.ID); len(lacks) == 0 {
			return errors.New("it has every run of the store already, so that it may be the store itself under another address")
		}
	}
	return nil
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
