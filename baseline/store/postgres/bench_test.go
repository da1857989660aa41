package postgres

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// wide is a run of 1,000 metrics.
func wide(id string, minutes int) collect.Run {
	r := storetest.Run(id, minutes)
	r.Repository = "acme/widget"
	for m := range 1000 {
		r.Metrics = append(r.Metrics, storetest.Value(
			fmt.Sprintf("test.case_seconds[case=TestSomethingWithALongName/sub-case-%05d,suite=github.com/owner/project]", m),
			float64((m*7919+minutes*104729)%100_000)/1000))
	}
	return r
}

// BenchmarkPostgres stores a run of 1,000 metrics, and reads a baseline of 50 such
// runs, among so many older runs of the same repository.
func BenchmarkPostgres(b *testing.B) {
	p := servicetest.StartPostgres(b)
	s := open(b, p.Address("postgres", "", "postgres"))
	for i := range 50 {
		storetest.Fill(b, s, wide(fmt.Sprint("r", i), i))
	}
	head := wide("head", 60)
	q := baseline.Query{Head: head.Origin, Branch: "main"}
	for _, m := range head.Metrics {
		q.Metrics = append(q.Metrics, m.Name)
	}
	older, added := 0, 0
	for _, want := range []int{0, 10_000, 100_000} {
		p.SQL(b, "postgres", fmt.Sprintf(`INSERT INTO plumbline_run SELECT repository, time - n * interval '5 minutes', 'old-' || n, n, suite, job, type, branch, git_commit, origin, metrics, bytes, ''
FROM plumbline_run, generate_series(%d, %d) AS n WHERE run_id = 'r0'; ANALYZE plumbline_run`, older+1, want))
		older = want
		b.Run(fmt.Sprintf("append/older=%d", want), func(b *testing.B) {
			for b.Loop() {
				added++
				if err := s.Put(b.Context(), wide(fmt.Sprint("more", added), 1000+added)); err != nil {
					b.Fatal(err)
				}
			}
			report(b, p, "B/record", "SELECT avg(bytes) FROM plumbline_run WHERE bytes = octet_length(record)")
			report(b, p, "B/sample", "SELECT (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('plumbline_sample')) / count(*) FROM plumbline_sample")
		})
		b.Run(fmt.Sprintf("baseline/older=%d", want), func(b *testing.B) {
			for b.Loop() {
				base, err := baseline.Fetch(b.Context(), s, q)
				if err != nil || len(base.Runs) != 50 || len(base.Values) != 1000 {
					b.Fatal(len(base.Runs), len(base.Values), err)
				}
			}
		})
	}
}

func report(b *testing.B, p *servicetest.Postgres, unit, query string) {
	b.Helper()
	x, err := strconv.ParseFloat(p.SQL(b, "postgres", query), 64)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(x, unit)
}
