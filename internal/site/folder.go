package site

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// manifest is the file of a site that names all its others, one a line. What it
// does not name is somebody else's.
const manifest = "plumbline-site.txt"

// Written says what became of the files of a site.
type Written struct{ Changed, Same, Removed int }

// Write puts a site into a folder. It writes what changed, removes what an earlier
// site had and this one has not, and touches nothing else: where a file of a
// stranger is in the way, it says so before anything is written.
func Write(folder string, suites []Suite) (Written, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return Written{}, fmt.Errorf("write the site: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Written{}, fmt.Errorf("write the site: %w", err)
	}
	defer root.Close()
	w := &writer{root: root, own: map[string]bool{}, now: map[string]bool{manifest: true}}
	if err := w.read(); err != nil {
		return Written{}, fmt.Errorf("write the site into %s: %w", folder, err)
	}
	if err := w.all(suites); err != nil {
		return w.done, fmt.Errorf("write the site into %s: %w", folder, err)
	}
	return w.done, nil
}

type writer struct {
	root     *os.Root
	own, now map[string]bool // the files of the site before and after
	done     Written
}

// read learns which files are the site's own.
func (w *writer) read() error {
	text, err := w.root.ReadFile(manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	w.own[manifest] = true
	for line := range strings.Lines(string(text)) {
		if name := strings.TrimSuffix(line, "\n"); filepath.IsLocal(filepath.FromSlash(name)) && path.Clean(name) == name {
			w.own[name] = true
		}
	}
	return nil
}

// all writes the site. What is written next is in the manifest before, so that a
// site whose making was interrupted knows its own files.
func (w *writer) all(suites []Suite) error {
	var names []string
	for f := range files(suites) { // once for the names alone, to see that nothing is in the way
		if err := w.free(f); err != nil {
			return err
		}
		w.now[f.name] = true
		names = append(names, f.name)
	}
	for name := range w.own {
		if !w.now[name] {
			names = append(names, name)
		}
	}
	if err := w.list(names); err != nil {
		return err
	}
	for f := range files(suites) {
		if err := w.write(f); err != nil {
			return err
		}
	}
	if err := w.removeOld(); err != nil {
		return err
	}
	delete(w.now, manifest)
	names = names[:0]
	for name := range w.now {
		names = append(names, name)
	}
	return w.list(names)
}

// free reports a file of somebody else where one of the site is to be. One that
// has the same text is as good as the site's, whose list may be lost.
func (w *writer) free(f file) error {
	if w.own[f.name] {
		return nil
	}
	had, err := w.root.ReadFile(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var text []byte
	if err == nil {
		text, err = f.text()
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(had, text) {
		return fmt.Errorf("%s exists and is not of this site, as %s does not name it; move it away or want another folder", f.name, manifest)
	}
	return nil
}

func (w *writer) list(names []string) error {
	slices.Sort(names)
	text := strings.Join(slices.Compact(names), "\n") + "\n"
	if had, err := w.root.ReadFile(manifest); err == nil && string(had) == text {
		return nil
	}
	return w.root.WriteFile(manifest, []byte(text), 0o644)
}

func (w *writer) write(f file) error {
	text, err := f.text()
	if err != nil {
		return err
	}
	if had, err := w.root.ReadFile(f.name); err == nil && bytes.Equal(had, text) {
		w.done.Same++
		return nil
	}
	if dir := path.Dir(f.name); dir != "." {
		if err := w.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	w.done.Changed++
	return w.root.WriteFile(f.name, text, 0o644)
}

// removeOld removes what the site no longer has, and the folders that are empty
// then.
func (w *writer) removeOld() error {
	folders := map[string]bool{}
	for name := range w.own {
		if w.now[name] {
			continue
		}
		err := w.root.Remove(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		w.done.Removed++
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(folders))) {
		_ = w.root.Remove(dir) // one that is not empty stays
	}
	return nil
}
