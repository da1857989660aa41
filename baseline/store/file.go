package store

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// File is a store that can only be read: one file of records, in any order,
// compressed with gzip or not. List reads all of it before it yields anything.
type File struct {
	path  string
	files files
}

// OpenFile opens a file of history.
func OpenFile(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open history %q: %w", path, err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("open history %q: it is a folder; want a file of records", path)
	}
	return &File{path: path}, nil
}

// errReadOnly says that a file of history is not a store to write to.
func (f *File) errReadOnly(what string) error {
	return fmt.Errorf("%s history file %q: it is read-only; want a store, which is a folder", what, f.path)
}

// Put is an error.
func (f *File) Put(context.Context, collect.Run) error { return f.errReadOnly("write to") }

// Delete is an error.
func (f *File) Delete(context.Context, ...string) error { return f.errReadOnly("delete from") }

// List yields the runs, newest first.
func (f *File) List(ctx context.Context, _ baseline.Filter) iter.Seq2[baseline.Entry, error] {
	p := &part{open: func() (source, error) {
		t, err := f.files.text(ctx, f.path)
		if err != nil {
			return nil, err
		}
		return f.files.readWhole(ctx, t, &collect.OriginDecoder{})
	}}
	return func(yield func(baseline.Entry, error) bool) {
		once := *p // a sequence may be ranged over again
		f.files.list(ctx, []*part{&once})(yield)
	}
}

// View calls read with the record of an entry; see baseline.LineStore.
func (f *File) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	p, err := f.place(e)
	if err != nil {
		return err
	}
	return f.files.view(ctx, p, read)
}

// ViewLong calls read with a record that is too long; see baseline.LongStore.
func (f *File) ViewLong(ctx context.Context, e baseline.Entry, read func(collect.LongLine) error) (bool, error) {
	p, err := f.place(e)
	if err != nil || !collect.TooLong(p.size) {
		return false, nil
	}
	return f.files.viewLong(ctx, p, read)
}

// place is where an entry stands.
func (f *File) place(e baseline.Entry) (place, error) {
	p, err := deref(filepath.Dir(f.path), e.Ref)
	if err != nil || filepath.Base(p.path) != filepath.Base(f.path) {
		return p, fmt.Errorf("read run %q of %s: ref %q is not of this file", e.ID, f.path, e.Ref)
	}
	return p, nil
}

// Get reads the run of an entry that List yielded.
func (f *File) Get(ctx context.Context, e baseline.Entry) (collect.Run, error) {
	return get(ctx, f, e)
}

var _ baseline.LongStore = (*File)(nil)
