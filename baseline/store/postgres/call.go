package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// scanner reads the columns of a row.
type scanner = func(columns ...any) error

// batch is statements that go to the server together, and whose answers come
// together. After one that fails the server leaves out the rest.
type batch struct {
	statements pgconn.Batch
	rows       []func(scan scanner) error
	err        error
}

// add adds a statement. Row is called for each row that it gives; nil: it gives none
// that matter. No statement is prepared for later: a program runs each a few times,
// and poolers hand a connection to another program after each transaction.
func (b *batch) add(row func(scan scanner) error, text string, args ...any) {
	a, err := encode(args)
	if err != nil && b.err == nil {
		b.err = err
	}
	b.statements.ExecParams(text, a.values, a.types, a.forms, []int16{binaryForm})
	b.rows = append(b.rows, row)
}

// run sends the statements and returns how many rows each changed or gave.
func (b *batch) run(ctx context.Context, c *pgconn.PgConn) (counts []int64, err error) {
	if b.err != nil {
		return nil, b.err
	}
	answers := c.ExecBatch(ctx, &b.statements)
	for answers.NextResult() {
		r := answers.ResultReader()
		for r.NextRow() {
			if row := b.rows[len(counts)]; row != nil && err == nil {
				err = row(func(columns ...any) error { return scan(r, columns) })
			}
		}
		tag, failed := r.Close()
		if failed != nil {
			break
		}
		counts = append(counts, tag.RowsAffected())
	}
	if failed := answers.Close(); failed != nil {
		return counts, failed
	}
	if err == nil && len(counts) < len(b.rows) {
		err = fmt.Errorf("the server answered %d of %d statements", len(counts), len(b.rows))
	}
	return counts, err
}

func scan(r *pgconn.ResultReader, columns []any) error {
	fields, values := r.FieldDescriptions(), r.Values()
	if len(columns) != len(values) {
		return fmt.Errorf("the server sent %d columns, want %d", len(values), len(columns))
	}
	for i, column := range columns {
		if err := decode(column, fields[i].DataTypeOID, values[i]); err != nil {
			return fmt.Errorf("column %q: %w", fields[i].Name, err)
		}
	}
	return nil
}

// exec runs a statement whose rows do not matter.
func exec(ctx context.Context, c *pgconn.PgConn, text string, args ...any) error {
	b := &batch{}
	b.add(nil, text, args...)
	_, err := b.run(ctx, c)
	return err
}

// one runs a query with its arguments, and reads the columns of the row that it
// gives.
func one(ctx context.Context, c *pgconn.PgConn, text string, args []any, columns ...any) error {
	b, found := &batch{}, false
	b.add(func(scan scanner) error { found = true; return scan(columns...) }, text, args...)
	_, err := b.run(ctx, c)
	if err == nil && !found {
		err = errors.New("the server gave no row where there is always one")
	}
	return err
}

// begin and commit frame what is there all at once or not at all.
const (
	begin  = "BEGIN"
	commit = "COMMIT"
)

// transaction begins with the statements of first, if there are any, and goes on
// with work. Where work reports that there is nothing to keep, or fails, all is as
// it was.
func transaction(ctx context.Context, c *pgconn.PgConn, first func(b *batch), work func() (keep bool, err error)) error {
	b, keep := &batch{}, false
	b.add(nil, begin)
	if first != nil {
		first(b)
	}
	_, err := b.run(ctx, c)
	if err == nil {
		keep, err = work()
	}
	if err == nil && keep {
		return finish(ctx, c)
	}
	if c.TxStatus() != 'I' && !c.IsClosed() {
		_ = exec(ctx, c, "ROLLBACK") // if it fails, the pool drops the connection, which ends the transaction too
	}
	return err
}

// finish commits. A server that could not says so by its answer alone.
func finish(ctx context.Context, c *pgconn.PgConn) error {
	result := c.ExecParams(ctx, commit, nil, nil, nil, nil).Read()
	if result.Err == nil && result.CommandTag.String() != commit {
		return fmt.Errorf("the transaction was ended by %s", result.CommandTag)
	}
	return result.Err
}
