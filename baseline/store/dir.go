package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Dir is the store in a folder: one file of runs a day, <date>.jsonl, to which
// Put appends. Other files of records that lie there, named *.jsonl or
// *.jsonl.gz, are part of it.
//
// List yields runs newest first. It reads the files of days from the newest
// back, and no further than it is asked. The order is exact but for one thing:
// in a day's file of more than 4 MiB, a run counts as late that stands both
// more than 4 MiB of text and more than 64 lines from its place. Files with
// other names may hold runs of any time in any order and are read whole.
//
// A record file of some size has an index beside it, .<name>.index, which a
// listing makes and keeps up to date as far as it reads: where the lines stand and
// what runs they are, so that the next listing need not read them. The index is
// derived. It counts where the record file has the size, the time and the number
// that it had, and else line by line where the file still has the line: by its
// bounds and first bytes where the file has grown, and by all of it where it has
// not. An index that is missing, torn or of another file, and a folder that cannot
// be written to, change nothing but the speed. Nobody waits for it: it is replaced
// as a whole, which NFS can do, and of two who write it the last one counts. Put
// only appends.
//
// The values of the runs that were compared last are kept likewise, in one file a
// suite, .values-<suite>, once 4 MB of records were read for them. A row counts for
// the record with the checksums of that which it was read of. Delete removes the
// files of suites that have no run any more.
type Dir struct {
	path  string
	files files
	worth int64 // bytes of records that are worth a file of values; 0: minValues
}

// OpenDir opens the store in the folder path. A folder that is missing is an
// empty store, which the first Put makes.
func OpenDir(path string) (*Dir, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.IsDir():
		return nil, fmt.Errorf("open store %q: it is a file; a store is a folder of record files", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open store %q: %w", path, err)
	}
	d := &Dir{path: path}
	d.files.known.kept, d.files.known.open = true, d.files.openFile
	return d, nil
}

// Plain keeps the store from making files beside the records, and from reading
// those that are there. It is to be called before anything else.
func (d *Dir) Plain() { d.files.known.kept = false }

// Put appends a run to the file of its day.
func (d *Dir) Put(ctx context.Context, r collect.Run) error {
	return collect.Append(ctx, d.path, r)
}

// PutAll appends runs, those of one day in a row with one lock and one write to the
// disk, which is many times faster than to Put each.
func (d *Dir) PutAll(ctx context.Context, runs []collect.Run) error {
	return collect.Append(ctx, d.path, runs...)
}

// List yields the stored runs, newest first; see Dir for the order. Of lines
// with the same run_id the newest counts.
func (d *Dir) List(ctx context.Context, _ baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		names, err := d.names()
		if err != nil {
			yield(baseline.Entry{}, fmt.Errorf("list store %q: %w", d.path, err))
			return
		}
		parts, origins := make([]*part, len(names)), collect.OriginDecoder{}
		for i, name := range names {
			parts[i] = d.part(ctx, name, &origins)
		}
		slices.SortStableFunc(parts, func(a, b *part) int {
			if a.until.IsZero() || b.until.IsZero() {
				return a.until.Compare(b.until)
			}
			return b.until.Compare(a.until)
		})
		defer d.files.known.save()
		d.files.list(ctx, parts)(yield)
	}
}

// names returns the names of the record files. What begins with a dot is no
// record file: the lock, and the copy that Delete is writing.
func (d *Dir) names() ([]string, error) {
	entries, err := os.ReadDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		plain := strings.TrimSuffix(name, ".gz")
		if !e.IsDir() && strings.HasSuffix(plain, ".jsonl") && !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return names, err
}

func (d *Dir) part(ctx context.Context, name string, origins *collect.OriginDecoder) *part {
	p := &part{}
	day, err := time.Parse("2006-01-02", strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".jsonl"))
	if err == nil {
		// The day may have been that of another zone than UTC, by 12 hours at most.
		p.until = day.Add(36 * time.Hour)
	}
	p.open = func() (source, error) {
		t, err := d.files.text(ctx, filepath.Join(d.path, name))
		if errors.Is(err, fs.ErrNotExist) {
			return &whole{}, nil // Delete has taken its last run
		}
		if err != nil {
			return nil, fmt.Errorf("list store %q: %w", d.path, err)
		}
		if !p.until.IsZero() && !t.zipped && t.size > nearBytes {
			return newTail(&d.files, t, origins), nil
		}
		return d.files.readWhole(ctx, t, origins)
	}
	return p
}

// View calls read with the record of an entry; see baseline.LineStore.
func (d *Dir) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	p, err := deref(d.path, e.Ref)
	if err != nil {
		return fmt.Errorf("read run %q of store %q: %w", e.ID, d.path, err)
	}
	there, readErr := false, error(nil)
	_ = d.files.view(ctx, p, func(line []byte) error {
		if there = collect.DecodeID(line) == e.ID; there {
			readErr = read(line)
		}
		return nil
	})
	if there {
		return readErr
	}
	// Delete has moved the run since it was listed, or removed it.
	for now, err := range d.List(ctx, baseline.Filter{}) {
		if err != nil || now.ID != e.ID {
			continue
		}
		if p, err = deref(d.path, now.Ref); err != nil {
			return err
		}
		return d.files.view(ctx, p, read)
	}
	return fmt.Errorf("read run %q of store %q: it is not there", e.ID, d.path)
}

// ViewLong calls read with a record that is too long; see baseline.LongStore.
func (d *Dir) ViewLong(ctx context.Context, e baseline.Entry, read func(collect.LongLine) error) (bool, error) {
	p, err := deref(d.path, e.Ref)
	if err != nil || !collect.TooLong(p.size) {
		return false, nil
	}
	there, readErr := false, error(nil)
	_, _ = d.files.viewLong(ctx, p, func(line collect.LongLine) error {
		if there = line.ID() == e.ID; there {
			readErr = read(line)
		}
		return nil
	})
	return there, readErr // where it is not there View looks for it
}

// Get reads the run of an entry that List yielded.
func (d *Dir) Get(ctx context.Context, e baseline.Entry) (collect.Run, error) {
	return get(ctx, d, e)
}

// get reads the run of an entry from its line.
func get(ctx context.Context, s baseline.LineStore, e baseline.Entry) (r collect.Run, err error) {
	blame := func(err error) error {
		if err != nil {
			return fmt.Errorf("read run %q at %s: %w", e.ID, e.Where, err)
		}
		return nil
	}
	ok, err := baseline.ViewLong(ctx, s, e, func(line collect.LongLine) (err error) {
		r, err = line.Decode()
		return blame(err)
	})
	if !ok {
		err = s.View(ctx, e, func(line []byte) (err error) {
			r, err = collect.Decode(line)
			return blame(err)
		})
	}
	return r, err
}

var _ baseline.LongStore = (*Dir)(nil)
