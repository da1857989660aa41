package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// migrate brings the tables of a file to the version of this program. Others may
// do the same at once: who has the lock of the file does it, and the next one sees
// that it was done.
func migrate(ctx context.Context, db *sql.DB) error {
	version, err := versionOf(ctx, db)
	if err != nil || version == tables.Version {
		return err
	}
	// The log is for good and for all processes, and it is no part of a transaction.
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its journal is %q and cannot be changed to a log; want a file on a disk of this machine", mode)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, dialect().SchemaTable()); err != nil {
		return err
	}
	if version, err = versionOf(ctx, tx); err != nil {
		return err
	}
	for i, statements := range dialect().Migrations()[version:] {
		for _, text := range statements {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO plumbline_schema VALUES ($1, 0)", version+i+1); err != nil {
			return err
		}
	}
	return tx.Commit()
}

type querier interface {
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// versionOf is the version of the tables; 0: there are none.
func versionOf(ctx context.Context, q querier) (version int, err error) {
	err = q.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM plumbline_schema").Scan(&version)
	switch {
	case err != nil && strings.Contains(err.Error(), "no such table"):
		return 0, nil
	case err == nil && version > tables.Version:
		return 0, tables.Newer(version)
	}
	return version, err
}
