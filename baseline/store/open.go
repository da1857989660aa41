package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/blob"
	"github.com/plumbline-ci/plumbline/baseline/store/git"
	"github.com/plumbline-ci/plumbline/baseline/store/postgres"
	"github.com/plumbline-ci/plumbline/baseline/store/sqlite"
)

// scheme is a kind of store that has an address, which begins with the scheme's
// name and a colon.
type scheme struct {
	name string
	form string // of its addresses, for people; empty: it is another name of the one before
	// open makes the store of an address. It connects to nothing: what cannot be
	// reached is told by the first call that needs it.
	open func(address string) (baseline.Store, error)
}

func schemes() []scheme {
	return []scheme{
		{"dir", "dir:PATH", func(address string) (baseline.Store, error) { return OpenDir(strings.TrimPrefix(address, "dir:")) }},
		{"git", "git:BRANCH", func(address string) (baseline.Store, error) { return git.Open(address) }},
		{"s3", "s3://BUCKET/PREFIX", openBlob},
		{"gs", "gs://BUCKET/PREFIX", openBlob},
		{"azblob", "azblob://CONTAINER/PREFIX?account=NAME", openBlob},
		{"postgres", "postgres://HOST/DATABASE", func(address string) (baseline.Store, error) { return postgres.Open(address) }},
		{"postgresql", "", func(address string) (baseline.Store, error) { return postgres.Open(address) }},
		{"sqlite", "sqlite:FILE", func(address string) (baseline.Store, error) { return sqlite.Open(address) }},
	}
}

// openBlob opens object storage, whose settings are in the environment where the
// tools of each cloud have them.
func openBlob(address string) (baseline.Store, error) {
	s, err := blob.Open(address, os.Getenv)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Scheme is the scheme of an address; empty: it is the path of a folder or file.
func Scheme(address string) string {
	if s, ok := schemeOf(address); ok {
		return s.name
	}
	return ""
}

func schemeOf(address string) (scheme, bool) {
	for _, s := range schemes() {
		if strings.HasPrefix(address, s.name+":") {
			return s, true
		}
	}
	return scheme{}, false
}

// Forms are the forms of all addresses, for people.
func Forms() string {
	var forms []string
	for _, s := range schemes() {
		if s.form != "" {
			forms = append(forms, s.form)
		}
	}
	return strings.Join(forms, ", ")
}

// Check reports an address whose kind of store there is not.
func Check(address string) error {
	if Scheme(address) != "" || !strings.Contains(address, "://") {
		return nil
	}
	if _, err := os.Stat(address); err == nil {
		return nil // a folder may be called so
	}
	return fmt.Errorf("open store %q: there is no such kind of store; want a path or one of %s", Name(address), Forms())
}

// Open opens a history to read: the store of an address, or what is at a path,
// which is the store of a folder, a file of history, or an archive of such files.
// A path where nothing is, is an error.
func Open(address string) (baseline.Store, error) {
	if s, ok := schemeOf(address); ok {
		return s.open(address)
	}
	if err := Check(address); err != nil {
		return nil, err
	}
	info, err := os.Stat(address)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open history %q: it does not exist; want a folder of record files, one such file, or a .zip of them", address)
	case err != nil:
		return nil, fmt.Errorf("open history %q: %w", address, err)
	case info.IsDir():
		return OpenDir(address)
	case strings.EqualFold(filepath.Ext(address), ".zip"):
		return OpenZip(address)
	}
	return OpenFile(address)
}

// OpenNew opens a store to write to. A folder that is missing is an empty store,
// which the first Put makes.
func OpenNew(address string) (baseline.Store, error) {
	if Scheme(address) != "" {
		return Open(address)
	}
	if err := Check(address); err != nil {
		return nil, err
	}
	return OpenDir(address)
}
