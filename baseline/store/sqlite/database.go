package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// Query implements tables.DB.
func (d *database) Query(ctx context.Context, text string, args []any, row func(scan func(columns ...any) error) error) error {
	db, err := d.reading(ctx)
	if err == nil && db == nil {
		return tables.ErrNoTables
	}
	if err == nil {
		err = d.look(ctx, db)
	}
	if err == nil {
		err = query(ctx, db, text, args, row)
	}
	return d.explain(ctx, "read", err)
}

// look holds that the tables are such as this program knows.
func (d *database) look(ctx context.Context, db *sql.DB) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known {
		return nil
	}
	version, err := versionOf(ctx, db)
	if err == nil && version == 0 {
		return tables.ErrNoTables
	}
	d.known = err == nil
	return err
}

func query(ctx context.Context, db *sql.DB, text string, args []any, row func(scan func(columns ...any) error) error) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Insert implements tables.DB.
func (d *database) Insert(ctx context.Context, rows []*tables.Row) error {
	return d.change(ctx, "write to", func(tx *sql.Tx) error {
		for _, r := range rows {
			if err := insert(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func insert(ctx context.Context, tx *sql.Tx, r *tables.Row) error {
	var there []byte
	err := tx.QueryRowContext(ctx, "SELECT record FROM plumbline_run WHERE repository = $1 AND run_id = $2", r.Repository, r.ID).Scan(&there)
	if err == nil {
		return r.Same(there)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO plumbline_run VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		r.Repository, r.Time.UnixMicro(), r.ID, r.Run(), r.Suite, r.Job, r.Type, r.Branch, r.Commit, r.Origin, len(r.Samples), len(r.Record), r.Record)
	if err != nil {
		return err
	}
	return insertSamples(ctx, tx, r)
}

func insertSamples(ctx context.Context, tx *sql.Tx, r *tables.Row) error {
	series, err := tx.PrepareContext(ctx, "INSERT OR IGNORE INTO plumbline_series VALUES ($1, $2, $3, $4, $5)")
	if err != nil {
		return err
	}
	defer series.Close()
	sample, err := tx.PrepareContext(ctx, "INSERT OR IGNORE INTO plumbline_sample VALUES ($1, $2, $3, $4, $5)")
	if err != nil {
		return err
	}
	defer sample.Close()
	at, run := r.Time.UnixMicro(), r.Run()
	for _, s := range r.Samples {
		if _, err := series.ExecContext(ctx, r.Repository, s.Series, s.Name, s.Unit, s.Better); err != nil {
			return err
		}
		if _, err := sample.ExecContext(ctx, s.Series, at, run, s.Value, r.Repository); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements tables.DB.
func (d *database) Delete(ctx context.Context, runs []*tables.Row) error {
	return d.change(ctx, "delete from", func(tx *sql.Tx) error {
		sample, err := tx.PrepareContext(ctx, "DELETE FROM plumbline_sample WHERE repository = $1 AND series = $2 AND time = $3 AND run = $4")
		if err != nil {
			return err
		}
		defer sample.Close()
		for _, r := range runs {
			at, run := r.Time.UnixMicro(), r.Run()
			for _, s := range r.Samples {
				if _, err := sample.ExecContext(ctx, r.Repository, s.Series, at, run); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM plumbline_run WHERE repository = $1 AND time = $2 AND run_id = $3", r.Repository, at, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// change makes one transaction when it is this goroutine's turn.
func (d *database) change(ctx context.Context, what string, work func(tx *sql.Tx) error) error {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return d.explain(ctx, what, ctx.Err())
	}
	if err := ctx.Err(); err != nil { // a select may take either
		return d.explain(ctx, what, err)
	}
	db, err := d.writing(ctx)
	if err == nil {
		err = transact(ctx, db, work)
	}
	return d.explain(ctx, what, err)
}

func transact(ctx context.Context, db *sql.DB, work func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// code is what SQLite says of an error, without what it adds; 0: nothing.
func code(err error) int {
	if e := (*driver.Error)(nil); errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// unwritable reports whether a file could not be read because a file beside it
// could not be made.
func unwritable(err error) bool {
	c := code(err)
	return c == codes.SQLITE_CANTOPEN || c == codes.SQLITE_READONLY || c == codes.SQLITE_PERM
}

// explain says of an error what was to be done, and what a user can do.
func (d *database) explain(ctx context.Context, what string, err error) error {
	if err == nil || errors.Is(err, tables.ErrNoTables) {
		return err
	}
	help := ""
	switch c := code(err); {
	case ctx.Err() != nil:
		err = ctx.Err()
	case c == codes.SQLITE_CORRUPT || c == codes.SQLITE_NOTADB:
		help = fmt.Sprintf("; the file is damaged or no database, and is left as it is: restore a copy, save what can be read with sqlite3 %q .recover, or name another file", d.path)
	case c == codes.SQLITE_BUSY || c == codes.SQLITE_LOCKED:
		help = fmt.Sprintf("; another process has held it for %v", patience)
	case unwritable(err) && what != "read":
		help = "; the file and its folder must be writable for this user"
	case unwritable(err):
		help = "; the file must be readable for this user"
	case c == codes.SQLITE_FULL:
		help = "; make room and try again: nothing of the run was stored"
	}
	return fmt.Errorf("%s store %q: %w%s", what, d.name, trim(err), help)
}

// trim leaves out the number that the driver adds, where the words say it all.
func trim(err error) error {
	if e := (*driver.Error)(nil); errors.As(err, &e) {
		return &told{strings.TrimSuffix(e.Error(), fmt.Sprintf(" (%d)", e.Code())), e}
	}
	return err
}

// told is an error in other words.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }
