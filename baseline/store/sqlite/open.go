package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	// The driver, by the name of sqlite.
	_ "modernc.org/sqlite"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// Prefix opens an address.
const Prefix = "sqlite:"

// Open makes the store of an address, sqlite:FILE. It opens nothing yet: a file
// that is missing is an empty store, which the first Put makes.
func Open(address string) (*tables.Store, error) {
	path := strings.TrimPrefix(address, Prefix)
	info, err := os.Stat(path)
	switch {
	case path == "" || strings.ContainsRune(path, 0):
		return nil, fmt.Errorf("open store %q: want %sFILE", address, Prefix)
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("open store %q: it is a folder; want a file, as in %s", address, Prefix+filepath.Join(path, "runs.db"))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open store %q: %w", address, err)
	}
	d := &database{path: path, name: Prefix + path, turn: make(chan struct{}, 1)}
	return tables.New(d, dialect(), d.name), nil
}

func dialect() tables.Dialect {
	return tables.Dialect{
		Text: "text", Time: "integer", Bytes: "blob", Float: "real",
		Clustered: "WITHOUT ROWID", View: "CREATE VIEW IF NOT EXISTS",
		Stamp: func(t time.Time) any { return t.UnixMicro() },
	}
}

// database is a file.
type database struct {
	path, name string
	turn       chan struct{} // of who writes in this process; others wait at the file's lock

	mu     sync.Mutex
	opened *sql.DB
	writes bool // opened may write, and the tables are those of this program
	known  bool // the version of the tables was looked at
}

// How long a process waits for others to have written: SQLite asks again and again.
const patience = time.Minute

// address is the file as the driver takes it. Synchronous: a commit is on the disk.
func (d *database) address(mode string) string {
	path := filepath.ToSlash(d.path)
	if abs, err := filepath.Abs(d.path); err == nil {
		if path = filepath.ToSlash(abs); !strings.HasPrefix(path, "/") {
			path = "/" + path // C:/folder/file
		}
	}
	u := url.URL{Scheme: "file", Path: path}
	return u.String() + "?" + mode + fmt.Sprintf("&_txlock=immediate&_pragma=busy_timeout(%d)&_pragma=synchronous(FULL)&_pragma=cell_size_check(ON)", patience.Milliseconds())
}

// reading is the database to read from; nil: there is no file.
func (d *database) reading(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opened != nil {
		return d.opened, nil
	}
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	// Reading a log makes a file beside it. Where that cannot be, nobody here writes.
	var first error
	for _, mode := range []string{"mode=rw", "mode=ro", "mode=ro&immutable=1"} {
		db, err := sql.Open("sqlite", d.address(mode))
		if err != nil {
			return nil, err
		}
		if err = probe(ctx, db); err == nil {
			d.opened = db
			return db, nil
		}
		db.Close()
		if first == nil {
			first = err
		}
		if !unwritable(err) || mode == "mode=ro" && d.hasLog() {
			break
		}
	}
	return nil, first
}

// probe reads the head of a file.
func probe(ctx context.Context, db *sql.DB) error {
	var n int
	return db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&n)
}

// hasLog reports whether a part of the runs is in the log still.
func (d *database) hasLog() bool {
	info, err := os.Stat(d.path + "-wal")
	return err == nil && info.Size() > 0
}

// writing is the database to write to, with its tables made. Whoever asks has the
// turn.
func (d *database) writing(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writes {
		return d.opened, nil
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o777); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", d.address("mode=rwc"))
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	if d.opened != nil {
		d.opened.Close()
	}
	d.opened, d.writes, d.known = db, true, true
	return db, nil
}

// Close closes the file. The last process that does moves the log into it.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opened == nil {
		return nil
	}
	err := d.opened.Close()
	d.opened, d.writes, d.known = nil, false, false
	return err
}
