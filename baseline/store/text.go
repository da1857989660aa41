package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// files opens the files of a store. The zero files opens those of the system.
type files struct {
	open     func(path string) (file, error)
	unlocked bool // nobody writes to them
	window   window
	known    known

	mu    sync.Mutex
	spare []byte            // for a line
	lists map[string]listed // by path
}

// file is an *os.File that is open to be read; a test counts what is read.
type file interface {
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

// text is a file of records that is open to be read. It ends where the file
// ended when it was opened: with no writer at work, so never inside a line that
// is still being written.
type text struct {
	path   string
	at     file
	size   int64 // of the file as it is
	info   fs.FileInfo
	zipped bool
}

func (f *files) text(ctx context.Context, path string) (*text, error) {
	if !f.unlocked {
		unlock, err := collect.RLock(ctx, filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	at, err := f.openFile(path)
	if err != nil {
		return nil, err
	}
	t := &text{path: path, at: at}
	if err := t.look(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (f *files) openFile(path string) (file, error) {
	if f.open != nil {
		return f.open(path)
	}
	return os.Open(path)
}

// look finds out how long the file is, and whether it is compressed.
func (t *text) look() error {
	info, err := t.at.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("read %s: it is not a regular file", t.path)
	}
	t.info, t.size = info, info.Size()
	magic := make([]byte, 2)
	if _, err := t.at.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", t.path, err)
	}
	t.zipped = string(magic) == "\x1f\x8b"
	return nil
}

// view calls read with the line at a place.
func (f *files) view(ctx context.Context, p place, read func(line []byte) error) error {
	t, err := f.text(ctx, p.path)
	if err != nil {
		return err
	}
	defer t.close()
	if t.zipped {
		return f.window.view(t, p, read)
	}
	if p.at+int64(p.size) > t.size {
		return fmt.Errorf("read %s at byte %d: %w", p.path, p.at, io.ErrUnexpectedEOF)
	}
	return f.lend(t, p.at, p.size, read)
}

// viewLong calls read with the line at a place, which is read there. It reports
// whether it could: a compressed file has no places.
func (f *files) viewLong(ctx context.Context, p place, read func(collect.LongLine) error) (bool, error) {
	t, err := f.text(ctx, p.path)
	if err != nil {
		return false, nil // as view will say
	}
	defer t.close()
	if t.zipped || p.at+int64(p.size) > t.size {
		return false, nil
	}
	return true, read(t.long(p))
}

// long is a line that is read where it is.
func (t *text) long(p place) collect.LongLine {
	return collect.LongLine{In: t.at, At: p.at, Size: p.size}
}

// lend calls read with a piece of a text, which is good until read returns. Lines
// can be so long that the memory for one is made once for all.
func (f *files) lend(t *text, at int64, size int, read func(line []byte) error) error {
	f.mu.Lock()
	buf := f.spare
	f.spare = nil
	f.mu.Unlock()
	if cap(buf) < size {
		buf = make([]byte, size+size/16) // the next line may be a little longer
	}
	err := t.read(buf[:size], at)
	if err == nil {
		err = read(buf[:size])
	}
	f.keep(buf)
	return err
}

// keep keeps memory for the next line.
func (f *files) keep(buf []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if cap(buf) > cap(f.spare) {
		f.spare = buf
	}
}

// read fills buf with the text from a place on.
func (t *text) read(buf []byte, at int64) error {
	if len(buf) == 0 {
		return nil
	}
	if _, err := t.at.ReadAt(buf, at); err != nil {
		return fmt.Errorf("read %s at byte %d: %w", t.path, at, err)
	}
	return nil
}

func (t *text) close() { _ = t.at.Close() }

// stream reads the file from its begin, compressed as it is.
func (t *text) stream() io.Reader { return io.NewSectionReader(t.at, 0, t.size) }

// place is where a line stands: in the uncompressed text of a file.
type place struct {
	path string
	line int // 0 where it was not counted
	at   int64
	size int
}

// String is the place for people.
func (p place) String() string {
	if p.line == 0 {
		return fmt.Sprintf("%s at byte %d", p.path, p.at)
	}
	return fmt.Sprintf("%s:%d", p.path, p.line)
}

// item is a stored run with its place.
type item struct {
	collect.Origin
	place
}

// newer reports whether a comes before b in a listing: the later run, and of
// runs of one time the one that was written last.
func (a item) newer(b item) bool {
	if !a.Time.Equal(b.Time) {
		return a.Time.After(b.Time)
	}
	if a.path != b.path {
		return a.path > b.path
	}
	return a.at > b.at
}

func (a item) entry() baseline.Entry {
	return baseline.Entry{Origin: a.Origin, Ref: a.ref(), Where: a.place.String()}
}

// ref is the place for Line.
func (p place) ref() string {
	return fmt.Sprintf("%d+%d@%s", p.at, p.size, filepath.Base(p.path))
}

// deref reads a ref, for a file in dir.
func deref(dir, ref string) (place, error) {
	var p place
	where, name, ok := strings.Cut(ref, "@")
	if n, err := fmt.Sscanf(where, "%d+%d", &p.at, &p.size); !ok || err != nil || n != 2 || p.size < 0 || p.size > collect.MaxLine || name != filepath.Base(name) {
		return place{}, fmt.Errorf("ref %q is not of this store", ref)
	}
	p.path = filepath.Join(dir, name)
	return p, nil
}
