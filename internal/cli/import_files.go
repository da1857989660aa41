package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
)

// historyFile is a file with runs of another tool.
type historyFile struct {
	path, name string // to open, and for people
	kind       parse.History
	time       time.Time // of runs that do not say theirs
	spooled    bool      // it is a copy of standard input
}

// each calls f with each run of the file, and with each entry that cannot be read.
func (h *historyFile) each(o parse.HistoryOptions, f func(run collect.Run, err error) error) error {
	file, err := os.Open(h.path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, in, err := parse.OpenHistory(file, h.name, h.kind.Name)
	if err != nil {
		return f(collect.Run{}, err)
	}
	for run, err := range h.kind.Runs(in, h.name, o) {
		if err := f(run, err); err != nil {
			return err
		}
	}
	return nil
}

func (h *historyFile) remove() {
	if h.spooled {
		os.Remove(h.path)
	}
}

// historyAt looks what a file is: of the format or, where it is empty, of that of
// its content. Fits says that the content is of the format too.
func historyAt(path, name, format string) (h *historyFile, fits bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	kind, in, err := parse.OpenHistory(f, name, format)
	if err != nil {
		return nil, false, err
	}
	head, err := in.Peek(parse.HeadBytes)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	return &historyFile{path: path, name: name, kind: kind, time: info.ModTime()}, kind.Fits(name, head), nil
}

// historyFiles finds the files of the arguments and what each of them is. In a
// folder those count that are of the format, or of any where none is said.
func (a *app) historyFiles(args []string, format string) ([]*historyFile, error) {
	var all []*historyFile
	for _, arg := range args {
		found, err := a.historyArg(arg, format)
		all = append(all, found...)
		if err != nil {
			for _, f := range all {
				f.remove()
			}
			return nil, err
		}
	}
	return all, nil
}

func (a *app) historyArg(arg, format string) ([]*historyFile, error) {
	if arg == "-" {
		f, err := a.spool(format)
		if err != nil {
			return nil, err
		}
		return []*historyFile{f}, nil
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(fmt.Errorf("there is no file %q", arg))
	case err != nil:
		return nil, failure(err)
	case info.IsDir():
		return a.historyFolder(arg, format)
	}
	f, _, err := historyAt(arg, arg, format)
	if err != nil {
		return nil, usage(err)
	}
	return []*historyFile{f}, nil
}

// historyFolder looks through a folder and those in it, but hidden ones.
func (a *app) historyFolder(dir, format string) ([]*historyFile, error) {
	var all []*historyFile
	others := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		f, fits, err := historyAt(path, path, format)
		if bad := (*parse.Error)(nil); err != nil && !errors.As(err, &bad) {
			return err
		}
		if err != nil || !fits {
			others++
			return nil
		}
		all = append(all, f)
		return nil
	})
	if err != nil {
		return nil, failure(err)
	}
	if len(all) == 0 {
		return nil, usage(fmt.Errorf("the folder %s has no file with a history%s", dir, ofFormat(format)))
	}
	if others > 0 {
		a.say("%s: left alone %s without a history%s", dir, count(others, "file"), ofFormat(format))
	}
	return all, nil
}

func ofFormat(format string) string {
	if format == "" {
		return " of a known format"
	}
	return " of the format " + format
}

// spool copies standard input to a file, for it is read more than once.
func (a *app) spool(format string) (*historyFile, error) {
	f, err := os.CreateTemp("", "plumbline-import-*")
	if err != nil {
		return nil, failure(err)
	}
	_, err = io.Copy(f, a.Stdin)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(f.Name())
		return nil, failure(fmt.Errorf("read standard input: %w", err))
	}
	h, _, err := historyAt(f.Name(), "standard input", format)
	if err != nil {
		os.Remove(f.Name())
		return nil, usage(err)
	}
	h.spooled, h.time = true, a.Now()
	return h, nil
}
