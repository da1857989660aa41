package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// insertSeries names the metrics that the server does not know. They are sorted:
// of two transactions that name the same ones, one waits for the other, and never
// each for the other.
func insertSeries(ctx context.Context, tx pgx.Tx, r *tables.Row, known map[int64]bool) error {
	var unknown []tables.Sample
	for _, s := range r.Samples {
		if !known[s.Series] {
			unknown = append(unknown, s)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.SortFunc(unknown, func(a, b tables.Sample) int { return cmp.Compare(a.Series, b.Series) })
	n := len(unknown)
	series, names, units, better := make([]int64, n), make([]string, n), make([]string, n), make([]string, n)
	for i, s := range unknown {
		series[i], names[i], units[i], better[i] = s.Series, s.Name, s.Unit, s.Better
	}
	_, err := tx.Exec(ctx, `INSERT INTO plumbline_series (repository, series, name, unit, better)
SELECT $1::text, s.series, s.name, s.unit, s.better
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS s (series, name, unit, better)
ON CONFLICT DO NOTHING`, r.Repository, series, names, units, better)
	return err
}

// copySamples stores the values in bulk. The run is new, and so are they.
func copySamples(ctx context.Context, tx pgx.Tx, r *tables.Row) error {
	if len(r.Samples) == 0 {
		return nil
	}
	run := r.Run()
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"plumbline_sample"}, []string{"series", "time", "run", "value", "repository"},
		pgx.CopyFromSlice(len(r.Samples), func(i int) ([]any, error) {
			s := &r.Samples[i]
			return []any{s.Series, r.Time, run, s.Value, r.Repository}, nil
		}))
	return err
}

// Delete implements tables.DB. The key of a sample begins with its series, so that
// the rows of a run are found by the names of its metrics and not by a search.
func (d *database) Delete(ctx context.Context, runs []*tables.Row) error {
	slices.SortFunc(runs, func(a, b *tables.Row) int { return cmp.Compare(a.ID, b.ID) })
	return d.with(ctx, "delete from", func(c *pgx.Conn) error {
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			b := &pgx.Batch{}
			for _, r := range runs {
				series := make([]int64, len(r.Samples))
				for i := range r.Samples {
					series[i] = r.Samples[i].Series
				}
				b.Queue("DELETE FROM plumbline_run WHERE repository = $1 AND time = $2 AND run_id = $3", r.Repository, r.Time, r.ID)
				b.Queue("DELETE FROM plumbline_sample WHERE repository = $1 AND series = ANY($2) AND time = $3 AND run = $4", r.Repository, series, r.Time, r.Run())
			}
			return tx.SendBatch(ctx, b).Close()
		})
	})
}
