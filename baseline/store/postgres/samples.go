package postgres

import (
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

func seriesOf(r *tables.Row) []int64 {
	series := make([]int64, len(r.Samples))
	for i := range r.Samples {
		series[i] = r.Samples[i].Series
	}
	return series
}

// addSeries names the metrics that the server does not know. They are sorted: of two
// transactions that name the same ones, one waits for the other, and never each for
// the other.
func addSeries(b *batch, r *tables.Row, known map[int64]bool) {
	var unknown []tables.Sample
	for _, s := range r.Samples {
		if !known[s.Series] {
			unknown = append(unknown, s)
		}
	}
	if len(unknown) == 0 {
		return
	}
	slices.SortFunc(unknown, func(a, b tables.Sample) int { return cmp.Compare(a.Series, b.Series) })
	n := len(unknown)
	series, names, units, better := make([]int64, n), make([]string, n), make([]string, n), make([]string, n)
	for i, s := range unknown {
		series[i], names[i], units[i], better[i] = s.Series, s.Name, s.Unit, s.Better
	}
	b.add(nil, `INSERT INTO plumbline_series (repository, series, name, unit, better)
SELECT $1::text, s.series, s.name, s.unit, s.better
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS s (series, name, unit, better)
ON CONFLICT DO NOTHING`, r.Repository, series, names, units, better)
}

// copySamples stores the values in bulk. The run is new, and so are they.
func copySamples(ctx context.Context, c *pgconn.PgConn, r *tables.Row) error {
	if len(r.Samples) == 0 {
		return nil
	}
	_, err := c.CopyFrom(ctx, newSampleRows(r), "COPY plumbline_sample (series, time, run, value, repository) FROM STDIN BINARY")
	return err
}

// sampleRows are the samples of a run in the binary form of COPY, which keeps every
// bit of a value. They are written as they are read, and never all in memory.
type sampleRows struct {
	row     *tables.Row
	same    []byte // what follows the series in each: time and run
	next    int    // the sample to write
	pending []byte
}

func newSampleRows(r *tables.Row) io.Reader {
	s := &sampleRows{row: r, pending: []byte("PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00")} // no flags, no more header
	s.same = eight(s.same, stamp(r.Time))
	s.same = eight(s.same, uint64(r.Run()))
	return s
}

// eight appends a column of eight bytes.
func eight(b []byte, v uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), v)
}

// Read implements io.Reader.
func (s *sampleRows) Read(p []byte) (int, error) {
	for len(s.pending) < len(p) && s.next <= len(s.row.Samples) {
		s.pending = s.append(s.pending)
	}
	n := copy(p, s.pending)
	s.pending = append(s.pending[:0], s.pending[n:]...)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// append appends the next row, or the end.
func (s *sampleRows) append(b []byte) []byte {
	i := s.next
	s.next++
	if i == len(s.row.Samples) {
		return append(b, 0xff, 0xff)
	}
	b = eight(append(b, 0, 5), uint64(s.row.Samples[i].Series))
	b = append(b, s.same...)
	b = eight(b, math.Float64bits(s.row.Samples[i].Value))
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.row.Repository)))
	return append(b, s.row.Repository...)
}

// Delete implements tables.DB. The key of a sample begins with its series, so that
// the rows of a run are found by the names of its metrics and not by a search.
func (d *database) Delete(ctx context.Context, runs []*tables.Row) error {
	slices.SortFunc(runs, func(a, b *tables.Row) int { return cmp.Compare(a.ID, b.ID) })
	return d.with(ctx, "delete from", func(c *pgconn.PgConn) error {
		return transaction(ctx, c, func(b *batch) {
			for _, r := range runs {
				b.add(nil, "DELETE FROM plumbline_run WHERE repository = $1 AND time = $2 AND run_id = $3", r.Repository, r.Time, r.ID)
				b.add(nil, "DELETE FROM plumbline_sample WHERE repository = $1 AND series = ANY($2) AND time = $3 AND run = $4", r.Repository, seriesOf(r), r.Time, r.Run())
			}
		}, func() (keep bool, err error) { return true, nil })
	})
}
