package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// newStoredRun makes a run that starts now and has no metrics yet.
func (a *app) newStoredRun(ctx context.Context, typ, name string) (collect.Run, error) {
	if err := a.settings.check(); err != nil {
		return collect.Run{}, err
	}
	if _, err := a.storePath(); err != nil {
		return collect.Run{}, err // better to know before the work than after it
	}
	o, err := a.origin(ctx, typ, name)
	return collect.Run{Origin: o}, err
}

// writable refuses a store that can only be read, before there is anything to
// lose. What is delivered to an output needs no store.
func (a *app) writable(output string) error {
	if output != "" {
		return nil
	}
	path, err := a.storePath()
	if err != nil {
		return err
	}
	if store.Scheme(path) != "" {
		_, err := a.open(path) // which connects to nothing yet
		return err
	}
	return takesRuns(path)
}

// takesRuns refuses a path to store to that can only be read.
func takesRuns(path string) error {
	if store.Scheme(path) != "" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return nil // opening it says what is wrong with it
	}
	kind := "a file"
	if strings.EqualFold(filepath.Ext(path), ".zip") {
		kind = "an archive"
	}
	return usage(fmt.Errorf("the store %q is %s, which can only be read: want a folder, as in --path %s; check, explain and backtest read %s with --history %s",
		path, kind, DefaultPath, kind, path))
}

// put stores a run. A run that cannot be stored is not lost: it waits in a spool
// for a store that has an address, is kept in a file of the temporary folder, or
// printed, and the error says where it is.
func (a *app) put(ctx context.Context, r collect.Run) error {
	if a.settings.disabled {
		return nil
	}
	path, err := a.storePath()
	if err == nil {
		err = a.putInto(ctx, path, r)
	}
	if err != nil && a.far(path) {
		sp := spoolOf(path)
		kept := sp.keep(context.WithoutCancel(ctx), r)
		if kept == nil {
			return failure(&spooled{r.ID, sp.dir, err})
		}
		err = fmt.Errorf("%w; nor could it be kept in %s: %w", err, sp.dir, kept)
	}
	if err != nil {
		return failure(fmt.Errorf("%w; %s", err, a.rescue(r, path)))
	}
	a.say("stored run %s: %s in %s", r.ID, count(len(r.Metrics), "metric"), store.Name(path))
	return nil
}

func (a *app) putInto(ctx context.Context, path string, r collect.Run) error {
	s, err := a.open(path)
	if err != nil {
		return err
	}
	if !a.far(path) {
		return s.Put(ctx, r)
	}
	return a.putRemote(ctx, spoolOf(path), s, r)
}

// putRemote delivers what waits for a store, and then a run.
func (a *app) putRemote(ctx context.Context, sp spool, s baseline.Store, r collect.Run) error {
	if err := a.deliverSpool(ctx, sp, s, mostRefused); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if err := s.Put(within, r); err != nil {
		return err
	}
	if left := sp.waiting(ctx); left > mostRefused { // it takes runs: let the others try
		if err := a.deliverSpool(ctx, sp, s, left); err != nil {
			a.say("the runs in %s wait on: %v", sp.dir, err)
		}
	}
	return nil
}

// rescue keeps a run that the store would not take and says how to put it back.
func (a *app) rescue(r collect.Run, path string) string {
	file := filepath.Join(os.TempDir(), "plumbline-"+r.ID+".jsonl")
	if err := writeRun(file, r); err == nil && store.Scheme(path) != "" {
		return fmt.Sprintf("the run is kept in %s: plumbline copy brings that file into the store when it can be written again", file)
	} else if err == nil {
		return fmt.Sprintf("the run is kept in %s: put that file into the store's folder when it can be written again", file)
	}
	if err := collect.Encode(a.Stderr, r); err != nil {
		return "and the run could not be kept elsewhere: " + err.Error()
	}
	return "the run stands on the line before this one: append it to a .jsonl file in the store's folder"
}

// writeRun writes a run as a file of one line, whole or not at all.
func writeRun(file string, r collect.Run) (err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			os.Remove(file)
		}
	}()
	if err := collect.Encode(f, r); err != nil {
		return err
	}
	return f.Sync()
}

// deliver stores a run, or writes it to output: a file, or - for standard output.
func (a *app) deliver(ctx context.Context, r collect.Run, output string) error {
	switch {
	case a.settings.disabled:
		return nil
	case output == "":
		return a.put(ctx, r)
	case output == "-":
		return failure(collect.Encode(a.Stdout, r))
	}
	if err := replaceFile(output, func(f *os.File) error { return collect.Encode(f, r) }); err != nil {
		return failure(fmt.Errorf("%w; %s", err, a.rescue(r, "")))
	}
	return nil
}

// replaceFile writes a file whole or leaves what was there.
func replaceFile(name string, write func(*os.File) error) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return writeThrough(name, write) // /dev/stdout, a pipe: nothing to replace
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func writeThrough(name string, write func(*os.File) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
