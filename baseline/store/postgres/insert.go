package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// Insert implements tables.DB. The runs are stored in the order of their keys: of
// two transactions that store the same ones, one waits for the other.
func (d *database) Insert(ctx context.Context, rows []*tables.Row) error {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b *tables.Row) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID))
	})
	if d.options.noSamples {
		for i, r := range rows {
			bare := *r
			bare.Samples = nil
			rows[i] = &bare
		}
	}
	return d.with(ctx, "write to", func(c *pgconn.PgConn) error {
		for _, r := range rows {
			if err := d.state.writable(ctx, c, d.options, r.Time); err != nil {
				return err
			}
		}
		return insert(ctx, c, rows)
	})
}

// insert stores runs in four ways to the server and back. With the first it learns
// which are there, and which names of metrics the server knows.
func insert(ctx context.Context, c *pgconn.PgConn, rows []*tables.Row) error {
	there, known := make([]int, len(rows)), knownSeries{}
	look := func(b *batch) {
		for i, r := range rows {
			b.add(func(scan scanner) error { return scan(&there[i]) },
				"SELECT count(*) FROM plumbline_run WHERE repository = $1 AND run_id = $2", r.Repository, r.ID)
		}
		known.look(b, rows)
	}
	return transaction(ctx, c, look, func() (keep bool, err error) {
		b, fresh := &batch{}, []*tables.Row(nil)
		for i, r := range rows {
			if there[i] == 0 {
				fresh = append(fresh, r)
				addRun(b, r)
			}
		}
		if len(fresh) == 0 {
			return false, nil
		}
		known.addMissing(b, fresh)
		counts, err := b.run(ctx, c)
		if err != nil {
			return false, err
		}
		var stored []*tables.Row // others may have stored some in this moment
		for i, r := range fresh {
			if counts[i] > 0 {
				stored = append(stored, r)
			}
		}
		return len(stored) > 0, copySamples(ctx, c, stored)
	})
}

func addRun(b *batch, r *tables.Row) {
	b.add(nil, `INSERT INTO plumbline_run (repository, time, run_id, run, suite, job, type, branch, git_commit, origin, metrics, bytes, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		r.Repository, r.Time, r.ID, r.Run(), r.Suite, r.Job, r.Type, r.Branch, r.Commit, r.Origin, len(r.Samples), len(r.Record), r.Record)
}
