package postgres

import (
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"slices"
	"sort"

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

// knownSeries are the metrics of each repository that the server has a name for.
type knownSeries map[string]map[int64]bool

// look asks for those that runs need, once for each repository.
func (k knownSeries) look(b *batch, rows []*tables.Row) {
	for repository, samples := range distinct(rows, nil) {
		known, series := make(map[int64]bool, len(samples)), make([]int64, len(samples))
		for i := range samples {
			series[i] = samples[i].Series
		}
		k[repository] = known
		b.add(func(scan scanner) error {
			var id int64
			err := scan(&id)
			known[id] = true
			return err
		}, "SELECT series FROM plumbline_series WHERE repository = $1 AND series = ANY($2)", repository, series)
	}
}

// addMissing names the metrics that the server does not know. Those of repositories
// and series are sorted: of two transactions that name the same ones, one waits for
// the other, and never each for the other.
func (k knownSeries) addMissing(b *batch, rows []*tables.Row) {
	missing := distinct(rows, k)
	for _, repository := range slices.Sorted(maps.Keys(missing)) {
		unknown := missing[repository]
		sort.Slice(unknown, func(i, j int) bool { return unknown[i].Series < unknown[j].Series })
		n := len(unknown)
		series, names, units, better := make([]int64, n), make([]string, n), make([]string, n), make([]string, n)
		for i, s := range unknown {
			series[i], names[i], units[i], better[i] = s.Series, s.Name, s.Unit, s.Better
		}
		b.add(nil, `INSERT INTO plumbline_series (repository, series, name, unit, better)
SELECT $1::text, s.series, s.name, s.unit, s.better
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS s (series, name, unit, better)
ON CONFLICT DO NOTHING`, repository, series, names, units, better)
	}
}

// distinct are the metrics of the runs of each repository, each once and without
// those that are known.
func distinct(rows []*tables.Row, known knownSeries) map[string][]tables.Sample {
	all, seen := map[string][]tables.Sample{}, knownSeries{}
	for _, r := range rows {
		if seen[r.Repository] == nil {
			seen[r.Repository] = map[int64]bool{}
		}
		for _, s := range r.Samples {
			if !known[r.Repository][s.Series] && !seen[r.Repository][s.Series] {
				seen[r.Repository][s.Series] = true
				all[r.Repository] = append(all[r.Repository], s)
			}
		}
	}
	return all
}

// copySamples stores the values in bulk. The runs are new, and so are they.
func copySamples(ctx context.Context, c *pgconn.PgConn, rows []*tables.Row) error {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r *tables.Row) bool { return len(r.Samples) == 0 })
	if len(rows) == 0 {
		return nil
	}
	_, err := c.CopyFrom(ctx, newSampleRows(rows), "COPY plumbline_sample (series, time, run, value, repository) FROM STDIN BINARY")
	return err
}

// sampleRows are the samples of runs in the binary form of COPY, which keeps every
// bit of a value. They are written as they are read, and never all in memory.
type sampleRows struct {
	rows    []*tables.Row // that are not written yet; the first may be in part
	same    []byte        // what follows the series in each of the first: time and run
	next    int           // the sample of the first to write
	ended   bool
	pending []byte
}

func newSampleRows(rows []*tables.Row) io.Reader {
	return &sampleRows{rows: rows, pending: []byte("PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00")} // no flags, no more header
}

// eight appends a column of eight bytes.
func eight(b []byte, v uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), v)
}

// Read implements io.Reader.
func (s *sampleRows) Read(p []byte) (int, error) {
	for len(s.pending) < len(p) && !s.ended {
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
	if len(s.rows) == 0 {
		s.ended = true
		return append(b, 0xff, 0xff)
	}
	r := s.rows[0]
	if s.next == 0 {
		s.same = eight(eight(s.same[:0], stamp(r.Time)), uint64(r.Run()))
	}
	b = eight(append(b, 0, 5), uint64(r.Samples[s.next].Series))
	b = append(b, s.same...)
	b = eight(b, math.Float64bits(r.Samples[s.next].Value))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Repository)))
	b = append(b, r.Repository...)
	if s.next++; s.next == len(r.Samples) {
		s.rows, s.next = s.rows[1:], 0
	}
	return b
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
