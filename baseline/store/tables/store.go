package tables

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// ErrNoTables is what DB.Query returns where nobody has stored a run yet.
var ErrNoTables = errors.New("there are no tables yet")

// DB is a database as a store needs it. Its errors name the database, and hold no
// password.
type DB interface {
	// Query calls row once for each row of a query, with what reads its columns.
	Query(ctx context.Context, text string, args []any, row func(scan func(columns ...any) error) error) error
	// Insert stores runs, all of them or nothing, and makes the tables where there are
	// none. A run that is there already stays, and is an error where Row.Same says so.
	// No two have the same key but for their times.
	Insert(ctx context.Context, rows []*Row) error
	// Delete removes runs, each with all of its samples.
	Delete(ctx context.Context, runs []*Row) error
	// Close ends all connections. The database may be used again.
	Close() error
}

// Store is a store in a database. Any number of goroutines may use it.
type Store struct {
	db      DB
	dialect Dialect
	name    string // of the database, for people

	mu    sync.Mutex // of what follows
	page  page       // that was listed last
	ahead map[Key][]byte
}

// New makes a store of a database. It connects to nothing.
func New(db DB, d Dialect, name string) *Store {
	return &Store{db: db, dialect: d, name: name}
}

// Close ends the connections to the database.
func (s *Store) Close() error { return s.db.Close() }

// Put stores a run. To put a run again changes nothing, and another one under its
// run_id is an error.
func (s *Store) Put(ctx context.Context, r collect.Run) error {
	return s.PutAll(ctx, []collect.Run{r})
}

// PutAll stores runs in one transaction: all of them or none. See
// baseline.BulkStore.
func (s *Store) PutAll(ctx context.Context, runs []collect.Run) error {
	if len(runs) == 0 {
		return nil
	}
	rows, seen := make([]*Row, 0, len(runs)), make(map[Key]*Row, len(runs))
	for _, r := range runs {
		row, err := NewRow(r)
		if err == nil {
			k := Key{Repository: row.Repository, ID: row.ID}
			if first := seen[k]; first != nil {
				err = row.Same(first.Record)
			} else {
				seen[k], rows = row, append(rows, row)
			}
		}
		if err != nil {
			return fmt.Errorf("write to store %q: %w", s.name, err)
		}
	}
	return s.db.Insert(ctx, rows)
}

// Get reads the run of an entry that List yielded.
func (s *Store) Get(ctx context.Context, e baseline.Entry) (r collect.Run, err error) {
	err = s.View(ctx, e, func(line []byte) (err error) {
		if r, err = collect.Decode(line); err != nil {
			return fmt.Errorf("read run %q at %s: %w", e.ID, e.Where, err)
		}
		return nil
	})
	return r, err
}

// Delete removes the runs of the given ids, with all of their samples.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	const most = 50 // in one go: their records are in memory
	for len(ids) > 0 {
		n := min(most, len(ids))
		rows, err := s.rows(ctx, ids[:n])
		if errors.Is(err, ErrNoTables) {
			return ctx.Err()
		}
		if err == nil && len(rows) > 0 {
			err = s.db.Delete(ctx, rows)
		}
		if err != nil {
			return err
		}
		ids = ids[n:]
	}
	s.forget()
	return ctx.Err()
}

// rows finds what belongs to runs: the samples of a run are found by their names,
// as the key of samples begins with these, and the record has the names.
func (s *Store) rows(ctx context.Context, ids []string) (rows []*Row, err error) {
	q := query{dialect: s.dialect}
	text := "SELECT repository, run_id, origin, record FROM plumbline_run WHERE run_id IN ("
	for i, id := range ids {
		if i > 0 {
			text += ", "
		}
		text += q.value(clean(id))
	}
	err = s.db.Query(ctx, text+")", q.args, func(scan func(...any) error) error {
		var row Row
		var packed []byte
		if err := scan(&row.Repository, &row.ID, &row.Origin, &packed); err != nil {
			return err
		}
		line, err := unpack(nil, packed)
		if err != nil {
			return fmt.Errorf("delete run %q from store %q: its samples cannot be found: %w", row.ID, s.name, err)
		}
		r, err := collect.Decode(line)
		if err != nil {
			return fmt.Errorf("delete run %q from store %q: its samples cannot be found: %w", row.ID, s.name, err)
		}
		full, err := NewRow(r)
		if err != nil {
			return err
		}
		full.Record = nil
		rows = append(rows, full)
		return nil
	})
	return rows, err
}
