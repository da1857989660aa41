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
func (a *app) archive(ctx context.Context, from baseline.Store, gone []baseline.Entry, address string) error {
	p := a.startProgress("archived %d runs")
	defer p.done()
	err := archiveAll(ctx, from, gone, func() (baseline.Store, error) { return a.openArchive(address) }, p)
	if err != nil {
		return failure(fmt.Errorf("archive to %s: %w; nothing was removed", store.Name(address), err))
	}
	a.say("archived %s to %s", count(len(gone), "run"), store.Name(address))
	return nil
}

// archiveAll copies runs and reads them back from a store that is opened anew, as
// that cannot answer from what it remembers.
func archiveAll(ctx context.Context, from baseline.Store, gone []baseline.Entry, open func() (baseline.Store, error), p *progress) error {
	if len(gone) == 0 {
		return nil
	}
	to, err := open()
	if err != nil {
		return err
	}
	sums, err := archiveRuns(ctx, from, to, gone, p)
	if err != nil {
		return err
	}
	if to, err = open(); err != nil {
		return err
	}
	return compareArchive(ctx, to, gone, sums)
}

// sum is the fingerprint of a run's whole record.
type sum [sha256.Size]byte

func sumOf(r collect.Run) (sum, error) {
	line, err := collect.AppendRecord(nil, r)
	return sha256.Sum256(bytes.TrimSpace(line)), err
}

// archiveRuns puts those of the runs into a store that it does not have, and
// returns the fingerprints of all.
func archiveRuns(ctx context.Context, from, to baseline.Store, gone []baseline.Entry, p *progress) (map[string]sum, error) {
	there, err := archived(ctx, to, gone)
	if err != nil {
		return nil, err
	}
	sums := make(map[string]sum, len(gone))
	for _, e := range gone {
		r, err := from.Get(ctx, e)
		if err != nil {
			return nil, err
		}
		if sums[e.ID], err = sumOf(r); err != nil {
			return nil, fmt.Errorf("run %q at %s: %w", e.ID, e.Where, err)
		}
		if old, ok := there[e.ID]; ok {
			err = compareRun(ctx, to, old, sums[e.ID])
		} else {
			err = to.Put(ctx, r)
		}
		if err != nil {
			return nil, err
		}
		p.add(1)
	}
	return sums, nil
}

// compareArchive reads back what was archived.
func compareArchive(ctx context.Context, to baseline.Store, gone []baseline.Entry, sums map[string]sum) error {
	there, err := archived(ctx, to, gone)
	if err != nil {
		return err
	}
	for _, e := range gone {
		copied, ok := there[e.ID]
		if !ok {
			return fmt.Errorf("run %q was stored there and is not there now", e.ID)
		}
		if err := compareRun(ctx, to, copied, sums[e.ID]); err != nil {
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

// archived are those of the runs that a store has, by their ids.
func archived(ctx context.Context, to baseline.Store, gone []baseline.Entry) (map[string]baseline.Entry, error) {
	wanted := make(map[string]bool, len(gone))
	f := baseline.Filter{}
	for _, e := range gone {
		wanted[e.ID] = true
		if f.Since.IsZero() || e.Time.Before(f.Since) {
			f.Since = e.Time
		}
		if e.Time.After(f.Until) {
			f.Until = e.Time
		}
	}
	there := map[string]baseline.Entry{}
	for e, err := range to.List(ctx, f) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			continue // not one of these, or it is missed
		}
		if err != nil {
			return nil, err
		}
		if wanted[e.ID] {
			there[e.ID] = e
		}
	}
	return there, nil
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
