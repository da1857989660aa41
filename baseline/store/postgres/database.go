package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// database is a database on a server, or on several that are one.
type database struct {
	config   *pgconn.Config
	limits   limits
	options  options
	name     string   // the address, for people
	secrets  []string // never shown
	patience time.Duration

	mu   sync.Mutex
	pool *pool // nil: not connected yet

	state state
}

func (d *database) dialect() tables.Dialect { return dialect(d.options.plain, false) }

// dialect is that of a server. CockroachDB orders texts by their bytes and has no
// collation of that name; it keeps rows in the order of their keys and divides
// tables by itself.
func dialect(plain, cockroach bool) tables.Dialect {
	l := tables.Dialect{
		Text: `text COLLATE "C"`, Time: "timestamptz", Bytes: "bytea", Float: "double precision",
		Partitioned: "PARTITION BY RANGE (time)", View: "CREATE OR REPLACE VIEW",
		Stamp: func(t time.Time) any { return t.UTC().Truncate(time.Microsecond) },
	}
	if plain || cockroach {
		l.Partitioned = ""
	}
	if cockroach {
		l.Text = "text"
	}
	return l
}

// connected is the pool, which is made here; the first to use it connects.
func (d *database) connected() (*pool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pool == nil {
		pool, err := newPool(d.config, d.limits)
		if err != nil {
			return nil, err
		}
		d.pool = pool
	}
	return d.pool, nil
}

// Close implements tables.DB.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pool != nil {
		d.pool.Close()
		d.pool = nil
	}
	return nil
}

// with calls work with a connection, and again where that may help.
func (d *database) with(ctx context.Context, what string, work func(c *pgconn.PgConn) error) error {
	pool, err := d.connected()
	if err == nil {
		err = d.again(ctx, func() error { return pool.with(ctx, work) })
	}
	if errors.Is(err, tables.ErrNoTables) {
		return err
	}
	return d.explain(ctx, what, err)
}

// Query implements tables.DB.
func (d *database) Query(ctx context.Context, text string, args []any, row func(scan func(columns ...any) error) error) error {
	return d.with(ctx, "read", func(c *pgconn.PgConn) error {
		if err := d.state.readable(ctx, c); err != nil {
			return err
		}
		b, seen := &batch{}, false
		b.add(func(scan scanner) error { seen = true; return final(row(scan)) }, text, args...)
		_, err := b.run(ctx, c)
		if seen {
			return final(err) // what was handed out is not handed out again
		}
		return err
	})
}
