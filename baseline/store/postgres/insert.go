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
		for {
			if raced, err := insert(ctx, c, rows); err != nil || !raced {
				return err
			}
		}
	})
}

// insert stores runs in four ways to the server and back. With the first it learns
// which are there, and which names of metrics the server knows. Where others have
// stored some of them since, it stores none and reports raced: then they are there.
func insert(ctx context.Context, c *pgconn.PgConn, rows []*tables.Row) (raced bool, err error) {
	there, known := make([]bool, len(rows)), knownSeries{}
	look := func(b *batch) {
		for i, r := range rows {
			b.add(func(scan scanner) error {
				var record []byte
				if err := scan(&record); err != nil {
					return err
				}
				there[i] = true
				return r.Same(record)
			}, "SELECT record FROM plumbline_run WHERE repository = $1 AND run_id = $2", r.Repository, r.ID)
		}
		known.look(b, rows)
	}
	err = transaction(ctx, c, look, func() (keep bool, err error) {
		b, fresh := &batch{}, []*tables.Row(nil)
		for i, r := range rows {
			if !there[i] {
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
		if raced = slices.Contains(counts[:len(fresh)], 0); raced {
			return false, nil
		}
		return true, copySamples(ctx, c, fresh)
	})
	return raced, err
}

func addRun(b *batch, r *tables.Row) {
	b.add(nil, `INSERT INTO plumbline_run (repository, time, run_id, run, suite, job, type, branch, git_commit, origin, metrics, bytes, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		r.Repository, r.Time, r.ID, r.Run(), r.Suite, r.Job, r.Type, r.Branch, r.Commit, r.Origin, len(r.Samples), len(r.Record), r.Record)
}
