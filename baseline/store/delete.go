package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Delete removes every line of the runs of the given ids; ids that the store
// does not have are no error. All other text stays as it is, unreadable lines
// included. A file is replaced whole, so that a crash leaves the old one or the
// new one; one that has nothing left is removed.
func (d *Dir) Delete(ctx context.Context, ids ...string) error {
	names, err := d.names()
	if err != nil || len(ids) == 0 || len(names) == 0 {
		return err
	}
	if err = d.delete(ctx, ids); err == nil {
		d.sweepValues(ctx)
	}
	return err
}

// delete is Delete under the lock of the store.
func (d *Dir) delete(ctx context.Context, ids []string) error {
	unlock, err := collect.Lock(ctx, d.path)
	if err != nil {
		return err
	}
	defer unlock()
	// Only now, because others may have written while this one waited.
	names, err := d.names()
	if err != nil {
		return err
	}
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	d.sweep()
	d.sweepDerived()
	if names, err = d.deleteAll(ctx, names, gone); err != nil && ctx.Err() == nil {
		// A file takes room to be written anew, which others may have made by now.
		_, err = d.deleteAll(ctx, names, gone)
	}
	return err
}

// deleteAll removes runs from files. It goes on past one that it cannot write, and
// returns those and the first error.
func (d *Dir) deleteAll(ctx context.Context, names []string, gone map[string]bool) (left []string, first error) {
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return left, err
		}
		path := filepath.Join(d.path, name)
		if err := deleteFrom(path, gone); err != nil {
			left = append(left, name)
			if first == nil {
				first = fmt.Errorf("delete from %s: %w", path, err)
			}
		}
	}
	return left, first
}

// copyPrefix is how the names of files begin that a Delete is writing.
const copyPrefix = ".delete-"

// sweepDerived removes what a process that was killed left of an index or of values.
func (d *Dir) sweepDerived() {
	entries, _ := os.ReadDir(d.path)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), derivedPrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > derivedAge {
			_ = os.Remove(filepath.Join(d.path, e.Name()))
		}
	}
}

// sweep removes what a Delete left behind that was killed. No other is at work
// while the store is locked.
func (d *Dir) sweep() {
	entries, _ := os.ReadDir(d.path)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), copyPrefix) {
			_ = os.Remove(filepath.Join(d.path, e.Name())) // it is in nobody's way
		}
	}
}

// span is a piece of a file's text.
type span struct{ from, to int64 }

// deleteFrom removes runs from one file.
func deleteFrom(path string, gone map[string]bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	t := &text{path: path, at: f}
	if err := t.look(); err != nil {
		return err
	}
	var cut []span
	kept := false
	for line, err := range collect.NewReader(t.stream(), path).Lines() {
		if bad := (*collect.LineError)(nil); err != nil && !errors.As(err, &bad) {
			return err
		}
		if err != nil || !goes(line.Text, gone) {
			kept = true
			continue
		}
		cut = append(cut, span{line.Offset, line.Offset + int64(line.Size)})
	}
	switch {
	case len(cut) == 0:
		return nil
	case !kept:
		_ = f.Close() // an open file cannot be removed everywhere
		_ = os.Remove(indexPath(path))
		return os.Remove(path)
	}
	_ = os.Remove(indexPath(path)) // it would be of no use any more; where it stays, of no harm
	return replace(t, cut)
}

// goes reports whether a line is a whole run of the ids in gone.
func goes(line []byte, gone map[string]bool) bool {
	if !gone[collect.DecodeID(line)] {
		return false
	}
	_, err := collect.DecodeOrigin(line)
	return err == nil
}

// replace writes a file anew without the spans in cut.
func replace(t *text, cut []span) error {
	tmp, err := os.CreateTemp(filepath.Dir(t.path), copyPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // not there any more when all went well
	defer tmp.Close()
	if err := copyWithout(tmp, t, cut); err != nil {
		return err
	}
	if info, err := t.at.Stat(); err == nil {
		_ = tmp.Chmod(info.Mode().Perm()) // a temporary file is its owner's alone
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	t.close()
	if err := os.Rename(tmp.Name(), t.path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(t.path)); err == nil {
		_ = dir.Sync() // not every system can, and those need not
		_ = dir.Close()
	}
	return nil
}

// copyWithout copies a text without the spans in cut, compressed as it was.
func copyWithout(w io.Writer, t *text, cut []span) (err error) {
	var r io.Reader = t.stream()
	if t.zipped {
		if r, err = gzip.NewReader(r); err != nil {
			return err
		}
		zipped := gzip.NewWriter(w)
		defer func() { err = errors.Join(err, zipped.Close()) }()
		w = zipped
	}
	in, at := bufio.NewReaderSize(r, 1<<20), int64(0)
	for _, s := range cut {
		if _, err := io.CopyN(w, in, s.from-at); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, in, s.to-s.from); err != nil {
			return err
		}
		at = s.to
	}
	_, err = io.Copy(w, in)
	return err
}
