package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// source is a set of result files as the user named it.
type source struct {
	format string // empty: by content
	glob   string
}

// parseSource reads GLOB or FORMAT=GLOB. What stands before the = must be a
// format that we know, so that a path with an = stays a path.
func parseSource(s string) source {
	if name, glob, ok := strings.Cut(s, "="); ok {
		if _, known := parse.Lookup(name); known {
			return source{name, glob}
		}
	}
	return source{"", s}
}

// parseFormatSource reads FORMAT=GLOB, where the format must be said.
func parseFormatSource(s string) (source, error) {
	name, glob, ok := strings.Cut(s, "=")
	if !ok || glob == "" {
		return source{}, fmt.Errorf("--collect %q: want FORMAT=GLOB, such as junit=reports/*.xml", s)
	}
	if err := checkFormat(name); err != nil {
		return source{}, fmt.Errorf("--collect %q: %w", s, err)
	}
	return source{name, glob}, nil
}

func checkFormat(name string) error {
	if _, ok := parse.Lookup(name); ok || name == "" {
		return nil
	}
	return fmt.Errorf("unknown format %q; want one of %s", name, strings.Join(formatNames(), ", "))
}

func formatNames() []string {
	var names []string
	for _, f := range parse.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// files are the regular files that a glob names, sorted. A name without a
// wildcard must exist; a glob that matches nothing is an error, because a
// check over no results would pass and mean nothing.
func (s source) files() ([]string, error) {
	if s.glob == "-" {
		return []string{"-"}, nil
	}
	if info, err := os.Stat(s.glob); err == nil && !info.IsDir() {
		return []string{s.glob}, nil // also a file whose name has brackets
	} else if err == nil {
		return nil, fmt.Errorf("%s is a folder; name its files, such as %s", s.glob, filepath.Join(s.glob, "*.xml"))
	}
	found, err := doublestar.FilepathGlob(s.glob, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", s.glob, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no file matches %q", s.glob)
	}
	slices.Sort(found)
	return found, nil
}

// staleMargin is how much older than the start of a command its files may look:
// some file systems keep times to two seconds.
const staleMargin = 2 * time.Second

// readSources puts all result files on the sheet, each file once however many
// globs name it. Files from before since were written by something else and are
// left out, loudly; the zero time takes all. It goes on after a bad file so that
// one look shows all of them, and the errors come joined.
func (a *app) readSources(srcs []source, since time.Time, sheet *parse.Sheet) error {
	var errs []error
	var all []parse.Source
	seen := map[string]bool{}
	for _, s := range srcs {
		files, err := s.files()
		if err == nil {
			files, err = a.fresh(files, since)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, f := range files {
			if !seen[filepath.Clean(f)] {
				seen[filepath.Clean(f)] = true
				all = append(all, a.resultFile(f, s.format))
			}
		}
	}
	return errors.Join(append(errs, a.readAll(all, sheet, a.settings.log.debug)...)...)
}

// readAll reads files several at a time. There is one error for each, nil for
// those that were read; told says of each of these as what.
func (a *app) readAll(files []parse.Source, sheet *parse.Sheet, told bool) []error {
	errs := make([]error, len(files))
	for i, r := range parse.Files(files, sheet) {
		if errs[i] = r.Err; r.Err == nil && told {
			a.say("%s read as %s", files[i].Name, r.Format)
		}
	}
	return errs
}

// fresh leaves out the files that were there before since. That all of them
// were is an error: the command did not write what the user said it would.
func (a *app) fresh(files []string, since time.Time) ([]string, error) {
	if since.IsZero() {
		return files, nil
	}
	var fresh []string
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return nil, err
		}
		if info.ModTime().Before(since.Add(-staleMargin)) {
			a.say("%s is from %s, before the command began: left out", f, info.ModTime().Format(time.RFC3339))
			continue
		}
		fresh = append(fresh, f)
	}
	if len(fresh) == 0 {
		return nil, fmt.Errorf("the command wrote none of the result files, such as %s; collect older ones with: plumbline collect", files[0])
	}
	return fresh, nil
}

// resultFile is a file of the user's, or standard input.
func (a *app) resultFile(file, format string) parse.Source {
	if file == "-" {
		return parse.Source{Name: "standard input", Format: format, Open: func() (io.ReadCloser, error) { return io.NopCloser(a.Stdin), nil }}
	}
	return parse.Source{Name: file, Format: format, Open: func() (io.ReadCloser, error) { return openRegular(file) }}
}

// openRegular opens a file and refuses what is none, such as a pipe, on which the
// reading would hang.
func openRegular(file string) (*os.File, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", file)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
