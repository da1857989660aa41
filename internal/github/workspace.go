package github

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A pull request controls its checkout: a result file may be a link to
// /proc/self/environ, a pipe, or the runner's socket. So files are named and
// opened through an os.Root, which no link leaves, and only regular files count.

// ErrOutside is why a path is refused that leads out of the workspace.
var ErrOutside = errors.New("leads out of the workspace")

// Local makes a path of the user's relative to the workspace, with slashes. It
// refuses one that leads out of it.
func (s *Step) Local(p string) (string, error) {
	full := p
	if filepath.IsAbs(p) {
		rel, err := filepath.Rel(s.Workspace, p)
		if err != nil {
			return "", fmt.Errorf("%q %w", p, ErrOutside)
		}
		p = filepath.ToSlash(rel)
	} else {
		p = path.Join(s.dir, filepath.ToSlash(p))
	}
	if p == "" {
		return ".", nil
	}
	if p = path.Clean(p); !filepath.IsLocal(filepath.FromSlash(p)) {
		return "", fmt.Errorf("%q %w", full, ErrOutside)
	}
	return p, nil
}

// Files returns the regular files that a glob of the working folder names, as
// absolute paths, sorted. ** stands for any number of folders, and links to
// folders are not followed by it. A name without wildcards must exist; a glob
// that matches nothing gives no file and no error.
func (s *Step) Files(glob string) ([]string, error) {
	pattern, err := s.Local(glob)
	if err != nil {
		return nil, err
	}
	if info, err := s.root.Stat(filepath.FromSlash(pattern)); err == nil {
		return s.single(glob, pattern, info)
	}
	if !strings.ContainsAny(pattern, "*?[{") {
		_, err := s.root.Stat(filepath.FromSlash(pattern))
		return nil, fmt.Errorf("%q: %w", glob, outside(err))
	}
	if !doublestar.ValidatePattern(pattern) {
		return nil, fmt.Errorf("%q is no glob: a bracket or brace is not closed", glob)
	}
	found, err := doublestar.Glob(s.root.FS(), pattern, doublestar.WithNoFollow())
	if err != nil {
		return nil, fmt.Errorf("%q: %w", glob, err)
	}
	return s.regular(found), nil
}

// single is a file whose name was written out, brackets and all.
func (s *Step) single(glob, name string, info fs.FileInfo) ([]string, error) {
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%q is a folder; name its files, such as %s", glob, path.Join(filepath.ToSlash(glob), "*.xml"))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%q is not a regular file", glob)
	}
	return []string{s.absolute(name)}, nil
}

// regular keeps the regular files among the names, with links that stay inside.
func (s *Step) regular(names []string) []string {
	var files []string
	for _, n := range names {
		if info, err := s.root.Stat(filepath.FromSlash(n)); err == nil && info.Mode().IsRegular() {
			files = append(files, s.absolute(n))
		}
	}
	slices.Sort(files)
	return files
}

func (s *Step) absolute(name string) string {
	return filepath.Join(s.Workspace, filepath.FromSlash(name))
}

// Open opens a regular file of the workspace for reading.
func (s *Step) Open(name string) (*os.File, error) {
	rel, err := s.Local(name)
	if err != nil {
		return nil, err
	}
	// Looking before opening keeps a pipe from blocking the step for ever.
	info, err := s.root.Stat(filepath.FromSlash(rel))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, outside(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file", name)
	}
	return s.root.Open(filepath.FromSlash(rel))
}

// Inside refuses a file or folder of the workspace, there or yet to be made, that
// a link leads out of it, and one that is or holds a pipe or a device. We write
// as root, and whose checkout this is we do not know.
func (s *Step) Inside(name string) error {
	rel, err := s.Local(name)
	if err != nil {
		return err
	}
	info, err := s.plain(rel)
	if err != nil || info == nil || !info.IsDir() {
		return err
	}
	entries, err := fs.ReadDir(s.root.FS(), rel)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	for _, e := range entries {
		if _, err := s.plain(path.Join(rel, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// plain is what a name of the workspace leads to, nil where there is nothing.
func (s *Step) plain(rel string) (fs.FileInfo, error) {
	info, err := s.root.Stat(filepath.FromSlash(rel))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%q %w", rel, outside(err))
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%q is not a regular file", rel)
	}
	return info, nil
}

// outside names the error of a link that leaves the workspace, which os.Root
// has no exported value for.
func outside(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		if !errors.Is(err, fs.ErrNotExist) && strings.Contains(p.Err.Error(), "escapes") {
			return ErrOutside
		}
		return p.Err
	}
	return err
}

// commonPlaces are where test runners and coverage tools write unless told
// otherwise.
var commonPlaces = []string{
	"**/junit*.xml", "**/TEST-*.xml", "**/*-junit.xml", "**/test-results/**/*.xml", "**/test-report*.xml", "**/pytest*.xml",
	"**/coverage.xml", "**/cobertura*.xml", "**/*cobertura.xml",
	"**/coverage.out", "**/cover.out", "**/coverage.txt", "**/bench*.txt", "**/test-output.json", "**/gotest*.json",
}

// notOurs are folders whose result files are somebody else's, or examples.
var notOurs = []string{".git", "node_modules", "vendor", "testdata", "fixtures", ".venv", "venv", "site-packages", ".plumbline"}

// CommonFiles returns the result files in the places where they usually are,
// for a step that names none.
func (s *Step) CommonFiles() ([]string, error) {
	var files []string
	err := fs.WalkDir(s.root.FS(), s.dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == s.dir:
			return err
		case err != nil:
			return nil // a folder that cannot be read has no results for us
		case d.IsDir() && name != s.dir && slices.Contains(notOurs, d.Name()):
			return fs.SkipDir
		case d.Type().IsRegular() && s.isCommon(name):
			files = append(files, s.absolute(name))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search the workspace: %w", err)
	}
	slices.Sort(files)
	return files, nil
}

func (s *Step) isCommon(name string) bool {
	return slices.ContainsFunc(commonPlaces, func(p string) bool { return doublestar.MatchUnvalidated(p, name) })
}
