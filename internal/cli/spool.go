package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// spool is a folder of this machine where runs wait for a store that would not
// take them. It is a store itself, one for each address.
type spool struct{ dir, address string }

// spoolOf is the spool of an address: a folder that needs not be there.
func spoolOf(address string) spool {
	sum := sha256.Sum256([]byte(store.Name(address))) // a new password is no other store
	return spool{filepath.Join(DefaultPath, "spool", hex.EncodeToString(sum[:6])), address}
}

// spoolNote is the file of a spool that tells people whose it is.
const spoolNote = "store.txt"

// spooled is the error about a run that waits in a spool.
type spooled struct {
	id, dir string
	why     error
}

func (e *spooled) Error() string {
	return fmt.Sprintf("run %s is not stored yet: %v; it waits in %s, and the next plumbline run, collect, record or check with this store delivers it",
		e.id, e.why, e.dir)
}

func (e *spooled) Unwrap() error { return e.why }

// waits reports whether an error is about a run that waits in a spool.
func waits(err error) bool {
	s := (*spooled)(nil)
	return errors.As(err, &s)
}

// keep puts a run into the spool.
func (s spool) keep(ctx context.Context, r collect.Run) error {
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return err
	}
	note := filepath.Join(s.dir, spoolNote)
	if _, err := os.Stat(note); errors.Is(err, os.ErrNotExist) {
		// Only people read it, and the run counts for more.
		_ = os.WriteFile(note, []byte(store.Name(s.address)+"\n"), 0o644)
	}
	return collect.Append(ctx, s.dir, r)
}

// there reports whether there is a spool.
func (s spool) there() bool {
	info, err := os.Stat(s.dir)
	return err == nil && info.IsDir()
}

// runs are those that wait, oldest first, and what is wrong with lines of it.
func (s spool) runs(ctx context.Context) (d *store.Dir, waiting []baseline.Entry, bad []error, err error) {
	if d, err = store.OpenDir(s.dir); err != nil {
		return d, nil, nil, err
	}
	for e, err := range d.List(ctx, baseline.Filter{}) {
		line := (*collect.LineError)(nil)
		switch {
		case err == nil:
			waiting = append(waiting, e)
		case errors.As(err, &line):
			bad = append(bad, err)
		default:
			return d, nil, bad, err
		}
	}
	slices.Reverse(waiting)
	return d, waiting, bad, nil
}

// tellWaiting says how many runs wait for a store.
func (a *app) tellWaiting(ctx context.Context, path string) {
	if sp := spoolOf(path); a.far(path) {
		if n := sp.waiting(ctx); n > 0 {
			a.say("%s in %s for %s; the next plumbline run, collect, record or check delivers what it can", wait(n), sp.dir, store.Name(path))
		}
	}
}

// waiting counts the runs of the spool and the lines that cannot be read.
func (s spool) waiting(ctx context.Context) int {
	if !s.there() {
		return 0
	}
	_, runs, bad, _ := s.runs(ctx) // what is wrong is told by who delivers
	return len(runs) + len(bad)
}

func wait(n int) string {
	if n == 1 {
		return "1 run waits"
	}
	return fmt.Sprintf("%d runs wait", n)
}

// mostRefused is how many runs a store may refuse, one after the other, before it
// is taken to be out of order.
const mostRefused = 3

// deliverSpool hands the runs that wait to their store, oldest first. Those that
// it refuses stay, and so do lines that cannot be read. Its error says that the
// store is out of reach. Two that do it at once take turns; a run that was
// delivered by one that was killed then is delivered again, which changes nothing.
func (a *app) deliverSpool(ctx context.Context, sp spool, to baseline.Store, most int) (err error) {
	if a.stranger || !sp.there() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	turn := filepath.Join(sp.dir, "turn")
	if err := os.MkdirAll(turn, 0o777); err != nil {
		a.say("the runs in %s wait on: %v", sp.dir, err)
		return nil
	}
	unlock, err := collect.Lock(ctx, turn)
	if err != nil {
		a.say("the runs in %s wait on: %v", sp.dir, err)
		return nil
	}
	defer unlock()
	d, runs, bad, err := sp.runs(ctx)
	for _, err := range bad {
		a.say("%v: it cannot be delivered and stays there; mend or remove it", err)
	}
	if err != nil {
		a.say("the runs in %s wait on: %v", sp.dir, err)
		return nil
	}
	sent, err := a.handOver(ctx, d, runs, to, most)
	if len(sent) == 0 {
		return err
	}
	// They are stored: an end of the work now must not have them delivered again.
	if gone := d.Delete(context.WithoutCancel(ctx), sent...); gone != nil {
		a.say("%s delivered and still in %s, from where they are delivered again, which changes nothing: %v", were(len(sent)), sp.dir, gone)
		return err
	}
	a.say("delivered %s that waited in %s to %s", count(len(sent), "run"), sp.dir, store.Name(sp.address))
	return err
}

func were(n int) string {
	if n == 1 {
		return "1 run was"
	}
	return fmt.Sprintf("%d runs were", n)
}

// handOver puts runs of one store into another, until that is out of reach or has
// refused most of them in a row.
func (a *app) handOver(ctx context.Context, from baseline.Store, runs []baseline.Entry, to baseline.Store, most int) (sent []string, err error) {
	refused := 0
	for _, e := range runs {
		r, err := from.Get(ctx, e)
		if err == nil {
			err = to.Put(ctx, r)
		}
		if err == nil {
			sent, refused = append(sent, e.ID), 0
			continue
		}
		if outOfReach(err) || ctx.Err() != nil {
			return sent, err
		}
		a.say("run %s at %s is refused and waits on: %v", e.ID, e.Where, err)
		if refused++; refused >= most {
			break
		}
	}
	return sent, nil
}
