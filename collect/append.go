package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Append stores runs in a folder of record files: each run at the end of the
// file of its day in UTC, <date>.jsonl. When it returns nil they have reached
// the disk. Any number of processes may append to one folder at once.
//
// The folder is made where it is missing, but not the folder around it, for
// then the path is more likely mistyped. No .gitignore is put into it: whether
// a history belongs in the repository is the user's to say.
//
// Where a write falls short (a full disk), the file is cut back to the last
// whole line, and the error says how many of the runs are stored. What a killed
// process left without an end is ended first, so that no run merges with it.
func Append(ctx context.Context, dir string, runs ...Run) error {
	return appender{open: openRecordFile}.append(ctx, dir, runs)
}

// recordFile is an *os.File, opened to append.
type recordFile interface {
	Write(p []byte) (int, error)
	ReadAt(p []byte, offset int64) (int, error)
	Stat() (fs.FileInfo, error)
	Sync() error
	Close() error
}

// appender is where Append meets the disk: a test can open files that fail.
type appender struct {
	open func(path string) (recordFile, error)
}

func openRecordFile(path string) (recordFile, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o666)
}

func (a appender) append(ctx context.Context, dir string, runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	dir = filepath.Clean(dir)
	if err := makeStore(dir); err != nil {
		return err
	}
	unlock, err := Lock(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	for done := 0; done < len(runs); {
		day := dayFile(runs[done].Time)
		n := done + 1
		for n < len(runs) && dayFile(runs[n].Time) == day {
			n++
		}
		if err := a.appendDay(filepath.Join(dir, day), runs[done:n]); err != nil {
			return fmt.Errorf("append to %s: %w; %d of %d runs are stored", filepath.Join(dir, day), err, done, len(runs))
		}
		done = n
	}
	return nil
}

// dayFile is the name of the file for runs of t's day.
func dayFile(t time.Time) string { return t.UTC().Format("2006-01-02") + ".jsonl" }

// appendDay appends to one file, all of runs or none.
func (a appender) appendDay(path string, runs []Run) error {
	f, err := a.open(path)
	if err != nil {
		return writable(err)
	}
	size, err := writeRuns(f, runs)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		if size == 0 {
			syncFolder(filepath.Dir(path))
		}
		return nil
	}
	// By path, because a file that is open to append cannot be cut on Windows.
	if size >= 0 {
		if cut := os.Truncate(path, size); cut != nil {
			return fmt.Errorf("%w; and the half line could not be taken back: %w", err, cut)
		}
	}
	return writable(err)
}

// writeRuns writes each run with one Write, or one that is longer than a megabyte in
// pieces. It returns the size that the file had before, or -1 where it is not known
// and nothing was written.
func writeRuns(f recordFile, runs []Run) (size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return -1, err
	}
	size = info.Size()
	w := &lineWriter{file: f}
	if size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return -1, err
		}
		if last[0] != '\n' {
			w.first = []byte{'\n'}
		}
	}
	for _, r := range runs {
		if err := Encode(w, r); err != nil {
			return size, err
		}
	}
	return size, nil
}

// lineWriter writes to a record file.
type lineWriter struct {
	file  recordFile
	first []byte // goes before what is written first, in one piece with it
}

// Write says how many bytes it was to write where it cannot.
func (w *lineWriter) Write(p []byte) (int, error) {
	if w.first != nil {
		p, w.first = append(w.first, p...), nil
	}
	n, err := w.file.Write(p)
	if err != nil {
		err = fmt.Errorf("write %d bytes: %w", len(p), err)
	}
	return n, err
}

// makeStore makes the folder of a store.
func makeStore(dir string) error {
	err := os.Mkdir(dir, 0o777)
	if err == nil {
		syncFolder(filepath.Dir(dir))
		return nil
	}
	info, statErr := os.Stat(dir)
	switch {
	case statErr == nil && info.IsDir():
		return nil
	case statErr == nil:
		return fmt.Errorf("open store %q: it is a file; a store is a folder of record files", dir)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("open store %q: the folder %q does not exist; make it, or correct the path", dir, filepath.Dir(dir))
	}
	return fmt.Errorf("open store %q: %w", dir, writable(err))
}

// writable says what would be right where a folder refuses to be written.
func writable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w; a store must be writable: mount it so, or choose another path", err)
	}
	return err
}

// syncFolder makes a new name in a folder survive a crash. Not every system can
// do that for a folder, and those that cannot do not need it.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// lockFile is the file in a store that its writers lock. It stays when they
// are done: a lock that is removed can be held twice.
const lockFile = ".lock"

// lockDelay is how long one waits between two tries to lock: about as long as
// a write that is forced to the disk.
const lockDelay = 2 * time.Millisecond

// Lock waits until no other process reads or writes the store in dir, and keeps
// it so until unlock is called.
func Lock(ctx context.Context, dir string) (unlock func(), err error) {
	// Whoever uses the store may lock it, not only the user who made the file.
	f := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o666))
	if _, err := f.TryLockContext(ctx, lockDelay); err != nil {
		return nil, fmt.Errorf("lock store %q: %w", dir, writable(err))
	}
	return func() { _ = f.Unlock() }, nil
}

// RLock waits until no other process writes the store in dir, and keeps it so
// until unlock is called. It makes no file: where none can be locked, no writer
// has been there, and RLock does nothing.
func RLock(ctx context.Context, dir string) (unlock func(), err error) {
	f := flock.New(filepath.Join(dir, lockFile), flock.SetFlag(os.O_RDONLY))
	_, _ = f.TryRLockContext(ctx, lockDelay) // what cannot be locked is not being written
	if ctx.Err() != nil {
		return nil, fmt.Errorf("lock store %q: %w", dir, ctx.Err())
	}
	return func() { _ = f.Unlock() }, nil
}
