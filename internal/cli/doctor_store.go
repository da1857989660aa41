package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// folder looks at the store: that of a desk, and in a job what its steps hand on
// to each other.
func (d *doctor) folder(ctx context.Context) {
	path, err := d.storePath()
	if err != nil {
		if d.status != exitUsage { // else the configuration has said so
			d.problem(exitUsage, "store", err.Error(), "name a store that there is: "+DefaultPath+", or one of "+store.Forms())
		}
		return
	}
	if store.Scheme(path) != "" {
		d.remote(ctx, path)
		return
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		d.problem(exitUsage, "store", path+" is a file, to which no run can be added", "name a folder by --path; check --history reads files")
		return
	}
	if err := writable(ctx, path, d.Now()); err != nil {
		d.problem(exitFailure, "store", fmt.Sprintf("%s cannot be written: %v", path, err), "let this user write there, or name another folder by --path")
	}
	_, err = os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && d.job == nil:
		d.add(report.Noted, "store", "there is no "+path+" yet", "store a first run: plumbline run -- COMMAND")
		return
	case err != nil:
		return // nothing to read, or it was told
	}
	s, err := store.Open(path)
	if err != nil {
		d.problem(exitUsage, "store", err.Error(), "name a store by --path")
		return
	}
	all := d.list(ctx, s, path)
	if d.job == nil {
		d.suites(ctx, s, all, checkOptions{})
	}
}

// remote looks at a store that has an address. It is read and not written: others
// may be at work there.
func (d *doctor) remote(ctx context.Context, path string) {
	s, err := store.Open(path)
	if err != nil {
		d.problem(exitUsage, "store", err.Error(), "name a store by --path, PLUMBLINE_PATH or baseline.store")
		return
	}
	d.closeLater(s)
	if d.job != nil {
		return // it is listed where its baseline is looked at
	}
	if sp := spoolOf(path); sp.waiting(ctx) > 0 {
		d.add(report.Warned, "store", fmt.Sprintf("%s in %s", wait(sp.waiting(ctx)), sp.dir), "when the store can be written, plumbline run, collect, record and check deliver them")
	}
	all := d.list(ctx, s, store.Name(path))
	d.suites(ctx, s, all, checkOptions{})
}

// writable stores a run in a folder of its own beside the others, where it is no
// part of the store, and removes it: the disk, the rights and the lock are those
// of every run.
func writable(ctx context.Context, path string, now time.Time) error {
	in := path
	if _, err := os.Stat(in); errors.Is(err, os.ErrNotExist) {
		in = filepath.Dir(filepath.Clean(path)) // the first run makes the folder
	}
	dir, err := os.MkdirTemp(in, ".doctor-*")
	if err != nil {
		return err
	}
	run := collect.Run{Origin: collect.Origin{ID: "doctor", Time: now}, Metrics: []collect.Metric{{Name: "doctor", Value: 1}}}
	return errors.Join(collect.Append(ctx, dir, run), os.RemoveAll(dir))
}

// mostListed bounds the runs of a store that are looked at, the newest.
const mostListed = 20_000

// list lists a store, and tells what of it cannot be read and what is of a time to
// come.
func (d *doctor) list(ctx context.Context, s baseline.Store, path string) []baseline.Entry {
	var all []baseline.Entry
	var bad, ahead int
	var firstBad error
	for e, err := range s.List(ctx, baseline.Filter{}) {
		if line := (*collect.LineError)(nil); errors.As(err, &line) {
			bad++
			if firstBad == nil {
				firstBad = err
			}
			continue
		}
		if err != nil {
			d.problem(exitFailure, "store", err.Error(), "let this user read it")
			return all
		}
		if e.Time.After(d.Now().Add(clockSlack)) {
			ahead++
		}
		if all = append(all, e); len(all) == mostListed {
			break
		}
	}
	if len(all) > 0 {
		d.ok("store", "%s has %s, the newest of %s", path, count(len(all), "run"), all[0].Time.UTC().Format("2006-01-02 15:04 UTC"))
	} else {
		d.add(report.Noted, "store", path+" has no run yet", "store a first run: plumbline run -- COMMAND")
	}
	if bad > 0 {
		d.add(report.Warned, "store", fmt.Sprintf("%s cannot be read and count for nothing; the first: %v", count(bad, "line"), firstBad), "mend or remove them")
	}
	if ahead > 0 {
		d.add(report.Warned, "clock", fmt.Sprintf("%s of the store say a time that is still to come: they are taken for the newest, and are nobody's baseline", count(ahead, "run")),
			"set the clocks of this machine and of those that measured")
	}
	return all
}

// clockSlack is how far clocks may be apart before it matters.
const clockSlack = 2 * time.Minute
