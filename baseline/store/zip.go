package store

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// The limits of an archive. It may come from a stranger's job, and a few bytes of
// it may stand for very many.
const (
	maxZipBytes   = 256 << 20 // of the archive
	maxZipEntries = 10_000
	maxZipText    = 1 << 30 // of all record files in it, unpacked
	maxZipRatio   = 200     // unpacked to packed; records reach 60
	smallText     = 1 << 20 // what may have any ratio

	// A listing holds nearly 2 KB a run, beside its names, and a run packs to 3 bytes:
	// 5 MB of archive took 3.4 GB, and as many as are read take 0.44. A history of
	// 100,000 runs, which is 27 a day for ten years, has room twice. Folders and
	// files of runs are the user's own and have no bound.
	maxZipLines = 250_000 // of all record files in it, whether runs or not
)

// Zip is a store that can only be read: a .zip archive as a forge hands out the
// files of a job. Its *.jsonl and *.jsonl.gz files are the records, whatever
// folder they are in; other files do not count. They are held in memory, and
// nothing is written to disk.
type Zip struct {
	path    string
	members map[string]*zipMember // by the place for people: archive/folder/name
	names   []string
	files   files
}

// zipMember is a file of an archive, unpacked.
type zipMember struct {
	*bytes.Reader
	info fs.FileInfo
}

func (m *zipMember) Close() error               { return nil }
func (m *zipMember) Stat() (fs.FileInfo, error) { return m.info, nil }

// OpenZip reads an archive of record files.
func OpenZip(path string) (*Zip, error) {
	z := &Zip{path: path, members: make(map[string]*zipMember)}
	if err := z.read(); err != nil {
		return nil, fmt.Errorf("open archive %q: %w", path, err)
	}
	z.files = files{unlocked: true, open: func(path string) (file, error) {
		if m := z.members[path]; m != nil {
			return m, nil
		}
		return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
	}}
	return z, nil
}

func (z *Zip) read() error {
	info, err := os.Stat(z.path)
	switch {
	case err != nil:
		return err
	case info.Size() > maxZipBytes:
		return fmt.Errorf("it has %d bytes; at most %d are read", info.Size(), maxZipBytes)
	}
	r, err := zip.OpenReader(z.path)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is extracted
		return err
	}
	defer r.Close()
	if n := len(r.File); n > maxZipEntries {
		return fmt.Errorf("it has %d entries; at most %d are read", n, maxZipEntries)
	}
	left, lines, seen := int64(maxZipText), 0, make(map[string]bool)
	for _, f := range r.File {
		base := path.Base(f.Name)
		if !strings.HasSuffix(strings.TrimSuffix(base, ".gz"), ".jsonl") || strings.HasPrefix(base, ".") {
			continue
		}
		if err := soundEntry(f, left); err != nil {
			return err
		}
		if seen[base] {
			return fmt.Errorf("%q is in it twice; want each name once", base)
		}
		seen[base] = true
		text, err := unpack(f)
		if err != nil {
			return fmt.Errorf("read %q: %w", f.Name, err)
		}
		left -= int64(len(text))
		more, err := soundLines(f.Name, text, maxZipLines-lines)
		if err != nil {
			return err
		}
		if lines += more; lines > maxZipLines {
			return fmt.Errorf("its record files have at least %d lines; at most %d are read", lines, maxZipLines)
		}
		name := filepath.Join(z.path, filepath.FromSlash(f.Name))
		z.members[name] = &zipMember{bytes.NewReader(text), f.FileInfo()}
		z.names = append(z.names, name)
	}
	if len(z.names) == 0 {
		return errors.New("it has no record files; want *.jsonl or *.jsonl.gz in it")
	}
	return nil
}

// soundEntry refuses what no honest archive of records has.
func soundEntry(f *zip.File, left int64) error {
	const encrypted = 1
	size, packed := f.UncompressedSize64, f.CompressedSize64
	switch {
	case !fs.ValidPath(f.Name) || strings.ContainsFunc(f.Name, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }):
		return fmt.Errorf("entry %q has a name that is no relative path", f.Name)
	case !f.Mode().IsRegular():
		return fmt.Errorf("%q is not a regular file", f.Name)
	case f.Flags&encrypted != 0:
		return fmt.Errorf("%q is encrypted", f.Name)
	case size > uint64(left):
		return fmt.Errorf("its record files have more than %d bytes unpacked", int64(maxZipText))
	case size > smallText && size/maxZipRatio > packed:
		return tooDense(f.Name)
	}
	return nil
}

func tooDense(name string) error {
	return fmt.Errorf("%q grows to more than %d times its size: no record does", name, maxZipRatio)
}

// unpack reads an entry, and no more of it than it says there is.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, int64(f.UncompressedSize64)+1))
}

// errReadOnly says that an archive is not a store to write to.
func (z *Zip) errReadOnly(what string) error {
	return fmt.Errorf("%s archive %q: it is read-only; want a store, which is a folder", what, z.path)
}

// Put is an error.
func (z *Zip) Put(context.Context, collect.Run) error { return z.errReadOnly("write to") }

// Delete is an error.
func (z *Zip) Delete(context.Context, ...string) error { return z.errReadOnly("delete from") }

// List yields the runs of all record files, newest first.
func (z *Zip) List(ctx context.Context, _ baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		parts, origins := make([]*part, len(z.names)), collect.OriginDecoder{}
		for i, name := range z.names {
			parts[i] = &part{open: func() (source, error) {
				t, err := z.files.text(ctx, name)
				if err != nil {
					return nil, err
				}
				return z.files.readWhole(ctx, t, &origins)
			}}
		}
		z.files.list(ctx, parts)(yield)
	}
}

// View calls read with the record of an entry; see baseline.LineStore.
func (z *Zip) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	p, err := deref("", e.Ref)
	if err != nil {
		return fmt.Errorf("read run %q of archive %q: %w", e.ID, z.path, err)
	}
	for _, name := range z.names {
		if filepath.Base(name) == p.path {
			p.path = name
			return z.files.view(ctx, p, read)
		}
	}
	return fmt.Errorf("read run %q of archive %q: ref %q is not of it", e.ID, z.path, e.Ref)
}

// Get reads the run of an entry that List yielded.
func (z *Zip) Get(ctx context.Context, e baseline.Entry) (collect.Run, error) {
	return get(ctx, z, e)
}
