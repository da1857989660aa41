package dash

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// many are runs of one suite with so many metrics.
func many(runs, metrics int) (all []collect.Run) {
	for i := range runs {
		r := history()[0]
		r.ID, r.Commit, r.Time, r.Metrics = fmt.Sprintf("run-%04d", i), fmt.Sprintf("%040d", i), noon.Add(time.Duration(i)*time.Hour), nil
		for n := range metrics {
			r.Metrics = append(r.Metrics, collect.Metric{Name: benchMetric(n), Value: 1 + float64((i*7919+n*104729)%1000)/10_000, Unit: "s"})
		}
		all = append(all, r)
	}
	return all
}

// loaded is what the n-th request of a client asks for: most of it nobody has asked
// before. Only the first two clients have something judged: there are two turns.
func loaded(client, n int) string {
	metric := url.QueryEscape(benchMetric(n % 40))
	switch {
	case client < 2:
		return fmt.Sprintf("/api/v1/runs/run-%04d/series?metric=%s", 100+n%7, metric)
	case n%5 == 0:
		return fmt.Sprintf("/api/v1/metrics?repository=o/r&q=case-%d&limit=%d", n%10, 1+client)
	case n%5 == 1:
		return fmt.Sprintf("/api/v1/runs?repository=o/r&limit=%d", 100+10*n+client)
	case n%5 == 2:
		return fmt.Sprintf("/api/v1/runs/run-%04d?q=case&limit=%d", n%300, 20+client)
	}
	return fmt.Sprintf("/api/v1/series?repository=o/r&suite=unit&points=%d&metric=%s", 300+12*n+client, metric)
}

// Many who ask at once have all their answers, each as it is described, and what the
// server remembers of them is bounded. Others' tests would be measured too: it runs
// alone.
func TestLoad(t *testing.T) {
	s, err := store.OpenNew("sqlite:" + t.TempDir() + "/runs.db")
	if err != nil {
		t.Fatal(err)
	}
	defer s.(io.Closer).Close()
	c := newClient(t, Options{Store: s}, many(300, 40)...)
	server := httptest.NewServer(c.h)
	defer server.Close()
	const clients, requests = 12, 90
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	before := reached()
	var wait sync.WaitGroup
	var failed, bytes atomic.Int64
	for client := range clients {
		wait.Go(func() {
			for n := range requests {
				size, err := c.fetches(transport, server.URL+loaded(client, n))
				if bytes.Add(size); err != nil {
					failed.Add(1)
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d of %d requests failed, want none", failed.Load(), clients*requests)
	}
	const room = 6 << 20 // for a database and its connections
	if grown := reached() - before; grown > answerBytes+room || bytes.Load() < answerBytes+room {
		t.Errorf("%d bytes are reached after answers of %d bytes, want %d at most", grown, bytes.Load(), answerBytes+room)
	}
}

// reached are the bytes on the heap that something points to.
func reached() int64 {
	runtime.GC()
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	return int64(heap[0].Value.Uint64())
}

// fetches reads an answer, which has to be there and as it is described.
func (c *client) fetches(by http.RoundTripper, address string) (size int64, err error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	answer, err := by.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%.300s", text)
	}
	if err == nil {
		err = c.d.holds(r, answer.StatusCode, answer.Header, text)
	}
	if err != nil {
		err = fmt.Errorf("GET %s = %d: %w", address, answer.StatusCode, err)
	}
	return int64(len(text)), err
}
