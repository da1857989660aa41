package dash

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// benchMetric is one of the 1,000 metrics of a run.
func benchMetric(n int) string {
	return fmt.Sprintf("test.case_seconds[case=TestSomethingWithALongName/sub-case-%05d,suite=github.com/owner/project]", n%1000)
}

// BenchmarkServe measures plumbline serve as a process over a PostgreSQL history of
// 10,000 runs with 1,000 metrics each, which is 10 million samples of ten months: the
// time of an answer that nobody has asked for yet, and what eight clients at once get.
//
//	go test ./internal/dash -run '^$' -bench Serve -benchtime 500x -timeout 0
func BenchmarkServe(b *testing.B) {
	p := servicetest.StartPostgres(b, "max_wal_size=4GB")
	address := p.Address("postgres", "", "postgres")
	began := time.Now()
	fillBench(b, p, address)
	b.Logf("made in %v", time.Since(began).Round(time.Second))
	server, process := startServe(b, address)
	asked := 0
	for _, row := range []struct {
		name string
		path func(n int) string
	}{
		{"series", func(n int) string {
			return "/api/v1/series?repository=acme/widget&suite=unit&metric=" + url.QueryEscape(benchMetric(n))
		}},
		{"remembered", func(int) string {
			return "/api/v1/series?repository=acme/widget&suite=unit&metric=" + url.QueryEscape(benchMetric(1))
		}},
		{"search", func(n int) string { return fmt.Sprintf("/api/v1/metrics?repository=acme/widget&q=case-0%d+test", n) }},
		{"runs", func(n int) string { return fmt.Sprintf("/api/v1/runs?repository=acme/widget&limit=%d", 1+n%1000) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				asked++
				began := time.Now()
				if err := fetch(b.Context(), server+row.path(asked)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			percentiles(b, took)
		})
	}
	b.Run("load", func(b *testing.B) {
		var next, failed atomic.Int64
		var wait sync.WaitGroup
		began := time.Now()
		requests := max(b.N, 10) * 20
		for range 8 {
			wait.Go(func() {
				for n := next.Add(1); n <= int64(requests); n = next.Add(1) {
					if err := fetch(b.Context(), server+mixed(int(n))); err != nil {
						failed.Add(1)
					}
				}
			})
		}
		wait.Wait()
		b.ReportMetric(float64(requests)/time.Since(began).Seconds(), "requests/s")
		b.ReportMetric(float64(failed.Load()), "errors")
	})
	b.Logf("memory of the server: %s", residence(b, process))
}

// mixed is what pages ask for: histories of fifty metrics, names, runs, suites.
func mixed(n int) string {
	switch n % 5 {
	case 0:
		return fmt.Sprintf("/api/v1/metrics?repository=acme/widget&q=case-%d", n%97)
	case 1:
		return fmt.Sprintf("/api/v1/runs?repository=acme/widget&limit=%d", 10+n%50)
	case 2:
		return "/api/v1/suites"
	}
	return "/api/v1/series?repository=acme/widget&suite=unit&metric=" + url.QueryEscape(benchMetric(n*7%50))
}

func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for name, at := range map[string]int{"ms-p50": len(took) / 2, "ms-p99": len(took) * 99 / 100} {
		b.ReportMetric(float64(took[at].Microseconds())/1000, name)
	}
}

// fetch reads an answer, which has to be one.
func fetch(ctx context.Context, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s = %d %s", address, answer.StatusCode, text)
	}
	return err
}

// startServe starts the program, and returns its address and number.
func startServe(b *testing.B, store string) (address string, pid int) {
	b.Helper()
	program := filepath.Join(b.TempDir(), "plumbline")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/plumbline-ci/plumbline").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", store)
	cmd.Dir, cmd.Stderr = b.TempDir(), os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSuffix(line, "/\n"), cmd.Process.Pid
}

// residence is the most memory that a process had, as Linux tells it.
func residence(b *testing.B, pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "VmHWM:") {
			return strings.Join(strings.Fields(line)[1:], " ")
		}
	}
	return "not known"
}

// fillBench makes the history: a first run by our own code, which makes tables and
// names, and the rest as rows, month by month in the order of the samples' key.
func fillBench(b *testing.B, p *servicetest.Postgres, address string) {
	s, err := store.OpenNew(address)
	if err != nil {
		b.Fatal(err)
	}
	defer s.(io.Closer).Close()
	first := collect.Run{Origin: collect.Origin{ID: "first", Time: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Repository: "acme/widget", Name: "unit", Type: "test", Branch: "main", Commit: strings.Repeat("ab", 20), Event: "push"}}
	for n := range 1000 {
		first.Metrics = append(first.Metrics, collect.Metric{Name: benchMetric(n), Value: 1, Unit: "s"})
	}
	if err := s.Put(b.Context(), first); err != nil {
		b.Fatal(err)
	}
	month := func(n int) string { return fmt.Sprintf("2025-%02d-01 00:00Z", n) }
	for n := range 10 {
		p.SQL(b, "postgres", fmt.Sprintf("SELECT plumbline_partition('%s')", month(n+1)))
	}
	var wait sync.WaitGroup
	for n := range 10 {
		wait.Go(func() { p.SQL(b, "postgres", strings.ReplaceAll(benchMonth, "{month}", month(n+1))) })
	}
	wait.Wait()
	p.SQL(b, "postgres", "ANALYZE")
}

// benchMonth are the runs of a month and their samples, in the order of their key.
const benchMonth = `INSERT INTO plumbline_run SELECT repository, t, id, ('x' || encode(substr(sha256(id::bytea), 1, 8), 'hex'))::bit(64)::bigint, suite, job, type, branch, git_commit,
	replace(replace(origin, 'first', id), '2025-01-01T00:00:00.000000', to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')), metrics, bytes, record
FROM (SELECT r.*, '{month}'::timestamptz + k * interval '40 minutes' AS t, 'run-{month}-' || k AS id FROM plumbline_run r, generate_series(1, 1000) AS k WHERE run_id = 'first') AS r;
INSERT INTO plumbline_sample SELECT s.series, r.time, r.run, 1 + random() / 10 + CASE WHEN r.time > '2025-10-15' THEN 0.3 ELSE 0 END, r.repository
FROM (SELECT series FROM plumbline_series ORDER BY series) AS s, LATERAL (SELECT * FROM plumbline_run WHERE run_id LIKE 'run-{month}-%' ORDER BY time) AS r`
