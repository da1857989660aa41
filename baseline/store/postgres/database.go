package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// database is a database on a server, or on several that are one.
type database struct {
	config   *pgxpool.Config
	options  options
	name     string   // the address, for people
	secrets  []string // never shown
	patience time.Duration

	mu   sync.Mutex
	pool *pgxpool.Pool // nil: not connected yet

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
func (d *database) connected() (*pgxpool.Pool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pool == nil {
		pool, err := pgxpool.NewWithConfig(context.Background(), d.config)
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
func (d *database) with(ctx context.Context, what string, work func(c *pgx.Conn) error) error {
	pool, err := d.connected()
	if err == nil {
		err = d.again(ctx, func() error {
			return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return work(c.Conn()) })
		})
	}
	if errors.Is(err, tables.ErrNoTables) {
		return err
	}
	return d.explain(ctx, what, err)
}

// Query implements tables.DB.
func (d *database) Query(ctx context.Context, text string, args []any, row func(scan func(columns ...any) error) error) error {
	return d.with(ctx, "read", func(c *pgx.Conn) error {
		if err := d.state.readable(ctx, c); err != nil {
			return err
		}
		rows, err := c.Query(ctx, text, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		seen := false
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return final(err)
			}
			seen = true
		}
		if seen {
			return final(rows.Err()) // what was handed out is not handed out again
		}
		return rows.Err()
	})
}

// Insert implements tables.DB.
func (d *database) Insert(ctx context.Context, r *tables.Row) error {
	return d.with(ctx, "write to", func(c *pgx.Conn) error {
		if err := d.state.writable(ctx, c, d.options, r.Time); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error { return d.insert(ctx, tx, r) })
	})
}

// insert stores a run that is not there yet. In one way to the server and back it
// learns whether it is, and which names of metrics the server knows.
func (d *database) insert(ctx context.Context, tx pgx.Tx, r *tables.Row) error {
	if d.options.noSamples {
		r = &tables.Row{Key: r.Key, Suite: r.Suite, Job: r.Job, Type: r.Type, Branch: r.Branch, Commit: r.Commit, Origin: r.Origin, Record: r.Record}
	}
	series := make([]int64, len(r.Samples))
	for i := range r.Samples {
		series[i] = r.Samples[i].Series
	}
	known := make(map[int64]bool, len(series))
	var there int
	b := &pgx.Batch{}
	b.Queue("SELECT count(*) FROM plumbline_run WHERE repository = $1 AND run_id = $2", r.Repository, r.ID).
		QueryRow(func(row pgx.Row) error { return row.Scan(&there) })
	b.Queue("SELECT series FROM plumbline_series WHERE repository = $1 AND series = ANY($2)", r.Repository, series).
		Query(func(rows pgx.Rows) error {
			var id int64
			_, err := pgx.ForEachRow(rows, []any{&id}, func() error { known[id] = true; return nil })
			return err
		})
	if err := tx.SendBatch(ctx, b).Close(); err != nil || there > 0 {
		return err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO plumbline_run (repository, time, run_id, run, suite, job, type, branch, git_commit, origin, metrics, bytes, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		r.Repository, r.Time, r.ID, r.Run(), r.Suite, r.Job, r.Type, r.Branch, r.Commit, r.Origin, len(r.Samples), len(r.Record), r.Record)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	if err := insertSeries(ctx, tx, r, known); err != nil {
		return err
	}
	return copySamples(ctx, tx, r)
}
