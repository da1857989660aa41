package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// readReport puts one report on the sheet. Name is that which its tool gave it.
func readReport(file, name string, sheet *parse.Sheet) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = parse.File(f, name, "", sheet)
	return err
}

// ranTests reports whether a file of GoogleTest tells of tests that were run: asked
// for the list of its tests, it writes that in the same place. The list has no
// count of failures.
func ranTests(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, _ := io.ReadFull(f, head)
	_, root, ok := bytes.Cut(head[:n], []byte("<testsuites"))
	if !ok {
		return true // the parser says what is wrong with it
	}
	root, _, _ = bytes.Cut(root, []byte(">"))
	return bytes.Contains(root, []byte("failures="))
}

// coveragePlaces are where coverage tools write by themselves. One of them counts,
// the first: tools write the same figures in several formats.
var coveragePlaces = []string{
	"coverage.xml", "coverage.json", "lcov.info", "coverage.out", "cover.out", "cobertura.xml",
	"coverage/lcov.info", "coverage/cobertura-coverage.xml", "coverage/coverage-final.json", "coverage/clover.xml",
	"target/site/jacoco/jacoco.xml", "build/reports/jacoco/test/jacocoTestReport.xml",
}

// ownCoverage finds the coverage file that a command wrote though nobody named it.
type ownCoverage struct {
	dir    string
	before map[string]fs.FileInfo
}

func findCoverage(dir string) *ownCoverage {
	c := &ownCoverage{dir: dir, before: map[string]fs.FileInfo{}}
	for _, name := range coveragePlaces {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			c.before[name] = info
		}
	}
	return c
}

// read puts the file on the sheet, if there is one. A file that stands as it stood
// before the command is not of it.
func (c *ownCoverage) read(a *app, sheet *parse.Sheet) {
	if c == nil {
		return
	}
	for _, name := range coveragePlaces {
		path := filepath.Join(c.dir, name)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if was := c.before[name]; was != nil && was.ModTime().Equal(info.ModTime()) && was.Size() == info.Size() && os.SameFile(was, info) {
			continue
		}
		switch err := errors.Join(a.readAll([]parse.Source{a.resultFile(path, "")}, sheet, a.settings.log.debug)...); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			a.say("%v: left out; --results names the files to read", err)
		}
		return
	}
}
