package postgres

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/tables"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

var (
	historySizes = flag.String("history", "10,100", "repositories of each history that BenchmarkHistory makes; each has 1,000 runs")
	historyEvery = flag.Int("history-samples", 100, "one repository in so many has samples too, 1,000 of each run")
)

// A history has so many months, from January 2025 on, and a repository has so many
// runs in each. Behind them is the month of the runs that are measured.
const (
	historyMonths = 10
	monthlyRuns   = 100
)

// BenchmarkHistory measures stores of many repositories. The tables, the names of
// metrics and the runs that are read come from this package's own code; the rest is
// rows as it would write them, made on the server, in the order in which runs come.
//
//	go test ./baseline/store/postgres -run '^$' -bench History -benchtime 40x -timeout 0 -history 100,1000,10000
func BenchmarkHistory(b *testing.B) {
	p := servicetest.StartPostgres(b, "fsync=on", "shared_buffers=2GB", "maintenance_work_mem=768MB", "work_mem=64MB",
		"wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB", "autovacuum=off", "effective_cache_size=8GB", "max_parallel_workers_per_gather=0")
	for size := range strings.SplitSeq(*historySizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatalf("-history %s: want whole numbers and commas", *historySizes)
		}
		h := &history{p: p, repositories: n, every: *historyEvery, database: "history" + size}
		b.Run(fmt.Sprintf("runs=%d", n*historyMonths*monthlyRuns), h.measure)
	}
}

// history is a store to be measured.
type history struct {
	p            *servicetest.Postgres
	repositories int
	every        int // of which one in so many has samples
	database     string
	db           *database
	store        *tables.Store
	added        int
}

// repository is the name of one; SQL makes the same.
func repository(n int) string { return fmt.Sprintf("org-%02d/repository-%05d", n%100, n) }

const repositoryText = "'org-' || lpad((n % 100)::text, 2, '0') || '/repository-' || lpad(n::text, 5, '0')"

// run is one of 1,000 metrics that is made now.
func (h *history) run(n int) collect.Run {
	h.added++
	r := wide(fmt.Sprintf("%08x-%04x-run", h.added*2654435761%(1<<32), n), h.added)
	r.Repository, r.Name, r.Commit = repository(n), "unit", fmt.Sprintf("%040x", h.added)
	r.Time = time.Date(2025, 11, 1, 0, 0, h.added, 0, time.UTC)
	return r
}

// sampled are some of the repositories that have samples.
func (h *history) sampled() (some []int) {
	for n := 0; n < h.repositories && len(some) < 20; n += h.every {
		some = append(some, n)
	}
	return some
}

func (h *history) measure(b *testing.B) {
	newDB(b, h.p, h.database)
	defer h.p.SQL(b, "postgres", "DROP DATABASE "+h.database+" WITH (FORCE)")
	db, err := newDatabase(h.p.Address("postgres", "", h.database))
	if err != nil {
		b.Fatal(err)
	}
	h.db, h.store = db, db.store()
	defer h.store.Close()
	began := time.Now()
	h.fill(b)
	b.Logf("made in %v", time.Since(began).Round(time.Second))
	h.sizes(b)
	some := h.sampled()
	turn := 0
	next := func() int { turn++; return some[turn%len(some)] }
	each(b, "append", func() error { return h.store.Put(b.Context(), h.run(next())) })
	each(b, "baseline", func() error { return h.baseline(b, next()) })
	list := map[string]baseline.Filter{
		"all":          {},
		"repository":   {Repositories: []string{repository(some[0])}},
		"organisation": {Repositories: []string{"org-00/*"}},
		"id":           {ID: "00"},
	}
	for _, name := range []string{"all", "repository", "organisation", "id"} {
		each(b, "list-"+name, func() error { return h.list(b, list[name]) })
	}
	each(b, "metric", func() error {
		var n int
		err := h.db.Query(b.Context(), "SELECT count(value) FROM plumbline_value WHERE repository = $1 AND metric = $2 AND time >= '2025-08-01Z' AND time < '2025-11-01Z'",
			[]any{repository(next()), h.run(0).Metrics[42].Name}, func(scan func(...any) error) error { return scan(&n) })
		if err == nil && n != 3*monthlyRuns {
			err = fmt.Errorf("%d values, want %d", n, 3*monthlyRuns)
		}
		return err
	})
}

// each measures one thing many times. A machine with other work makes some times
// long, so that the middle one and the least say more than the mean.
func each(b *testing.B, name string, do func() error) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			began := time.Now()
			if err := do(); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[0].Microseconds())/1000, "ms-least")
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-middle")
	})
}

func (h *history) baseline(b *testing.B, n int) error {
	h.added++ // a head that is later than all
	head := h.run(n)
	q := baseline.Query{Head: head.Origin, Branch: "main"}
	for _, m := range head.Metrics {
		q.Metrics = append(q.Metrics, m.Name)
	}
	base, err := baseline.Fetch(b.Context(), h.store, q)
	if err == nil && (len(base.Runs) != 50 || len(base.Values) != 1000) {
		err = fmt.Errorf("%d runs of %d metrics, %v", len(base.Runs), len(base.Values), base.Unreadable)
	}
	return err
}

// list reads the newest 50 runs of a listing.
func (h *history) list(b *testing.B, f baseline.Filter) error {
	n := 0
	for e, err := range h.store.List(b.Context(), f) {
		if err != nil {
			return err
		}
		if e.ID == "" {
			return fmt.Errorf("a run without id")
		}
		if n++; n == 50 {
			return nil
		}
	}
	return nil
}

func (h *history) fill(b *testing.B) {
	some := h.sampled()
	for _, n := range some {
		if err := h.store.Put(b.Context(), h.run(n)); err != nil { // makes the tables and the names of metrics
			b.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for half := range 2 {
		wait.Go(func() {
			for m := half; m < historyMonths; m += 2 {
				h.month(b, m)
			}
		})
	}
	wait.Wait()
	for _, n := range some {
		runs := make([]collect.Run, 50)
		for i := range runs {
			runs[i] = h.run(n)
		}
		if err := h.store.PutAll(b.Context(), runs); err != nil {
			b.Fatal(err)
		}
	}
	h.p.SQL(b, h.database, "ANALYZE; CHECKPOINT") // else the server does so while it is measured
}

// month adds the partitions of a month. Rows that come into a table of their own
// transaction take no log, and an index of all is made faster than row by row.
func (h *history) month(b *testing.B, m int) {
	begins := time.Date(2025, time.Month(m+1), 1, 0, 0, 0, 0, time.UTC)
	origin, err := collect.AppendRecord(nil, collect.Run{Origin: collect.Origin{ID: "{id}", Time: begins, Name: "unit", Commit: "{commit}", Branch: "main", Repository: "{repository}"}})
	if err != nil {
		b.Error(err)
		return
	}
	text := strings.Replace(strings.TrimSpace(string(origin)), begins.Format("2006-01-02T15:04:05.000000Z"), "{time}", 1)
	h.p.SQL(b, h.database, strings.NewReplacer(
		"{month}", begins.Format("200601"), "{begins}", begins.Format(time.RFC3339), "{ends}", begins.AddDate(0, 1, 0).Format(time.RFC3339),
		"{repositories}", fmt.Sprint(h.repositories), "{every}", fmt.Sprint(h.every), "{runs}", fmt.Sprint(h.repositories*monthlyRuns),
		"{name}", repositoryText, "{origin}", strings.ReplaceAll(text, "'", "''")).Replace(monthText))
}

const monthText = `BEGIN;
CREATE TABLE plumbline_run_{month} (LIKE plumbline_run);
INSERT INTO plumbline_run_{month} (repository, time, run_id, run, suite, job, type, branch, git_commit, origin, metrics, bytes, record)
SELECT repository, time, id, ('x' || encode(substr(sha256(id::bytea), 1, 8), 'hex'))::bit(64)::bigint, 'unit', '', '', 'main', commit,
	replace(replace(replace(replace('{origin}', '{id}', id), '{repository}', repository), '{commit}', commit), '{time}', to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
	1000, 0, ''
FROM (
	SELECT {name} AS repository, '{begins}'::timestamptz + k * interval '27 days' / {runs} AS time,
		md5('{month}' || k)::uuid::text AS id, md5('c{month}' || k) || '00000000' AS commit
	FROM (SELECT k, k % {repositories} AS n FROM generate_series(0, {runs} - 1) AS k) AS k
) AS r;
CREATE TABLE plumbline_sample_{month} (LIKE plumbline_sample);
INSERT INTO plumbline_sample_{month} (series, time, run, value, repository)
SELECT s.series, r.time, r.run, random(), r.repository
FROM (SELECT time, run, repository FROM plumbline_run_{month} WHERE substr(repository, 19)::int % {every} = 0 ORDER BY time OFFSET 0) AS r,
	unnest((SELECT array_agg(series) FROM plumbline_series WHERE repository = 'org-00/repository-00000')) AS s (series);
ALTER TABLE plumbline_run_{month} ADD PRIMARY KEY (repository, time, run_id);
CREATE INDEX ON plumbline_run_{month} (run_id, repository);
CREATE INDEX ON plumbline_run_{month} (time, run_id, repository);
ALTER TABLE plumbline_sample_{month} ADD PRIMARY KEY (repository, series, time, run);
ALTER TABLE plumbline_run ATTACH PARTITION plumbline_run_{month} FOR VALUES FROM ('{begins}') TO ('{ends}');
ALTER TABLE plumbline_sample ATTACH PARTITION plumbline_sample_{month} FOR VALUES FROM ('{begins}') TO ('{ends}');
COMMIT;`

// sizes reports the space that a row takes with its indexes, in the partitions that
// were made here, and that of all.
func (h *history) sizes(b *testing.B) {
	for _, table := range []string{"run", "sample"} {
		b.Log(table, h.p.SQL(b, h.database, strings.ReplaceAll(`SELECT format('%s rows of %s bytes, %s of them in indexes; %s in all', n, (total / n)::int, (indexes / n)::int, pg_size_pretty(total))
FROM (SELECT sum(reltuples)::numeric AS n, sum(pg_total_relation_size(oid)) AS total, sum(pg_indexes_size(oid)) AS indexes
FROM pg_class WHERE relkind = 'r' AND relname ~ '^plumbline_{}_2025(0|10)') AS t`, "{}", table)))
	}
}
