package dash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// plainJudge judges a store by the defaults.
type plainJudge struct{ s baseline.Store }

func (j plainJudge) Verdict(ctx context.Context, looks []collect.Run) (check.Result, error) {
	q := baseline.Query{Head: looks[0].Origin, Branch: "main"}
	for _, m := range looks[0].Metrics {
		q.Metrics = append(q.Metrics, m.Name)
	}
	b, err := baseline.Fetch(ctx, j.s, q)
	return check.Compare(looks, b, check.Thresholds{}), err
}

func (j plainJudge) History(ctx context.Context, newest collect.Origin, branch string, most int) (baseline.Baseline, error) {
	head := newest
	head.ID, head.Commit, head.Time = "", "", newest.Time.Add(time.Nanosecond)
	return baseline.Fetch(ctx, j.s, baseline.Query{Head: head, Branch: branch, Runs: most, Runner: baseline.AnyRunner})
}

func (j plainJudge) Gate(context.Context) (check.Thresholds, error) { return check.Thresholds{}, nil }

var noon = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)

// hostile is a name that a page or a query may stumble over.
const hostile = `bench/<script>alert('x')</script>"&[k=ä,b=%00'; --].ns_per_op`

// history are runs of two repositories: 40 of o/r's main, in which test.total_seconds
// shifts after the 25th, two of a branch, a second look, and some of others.
func history() (runs []collect.Run) {
	random := make([]*rand.Rand, 4)
	for i := range random {
		random[i] = rand.New(rand.NewPCG(1, uint64(i)))
	}
	for i := range 40 {
		r := collect.Run{Origin: collect.Origin{
			ID: fmt.Sprintf("main-%02d", i), Time: noon.Add(time.Duration(i) * time.Hour), Repository: "o/r", Name: "unit", Type: "test", Job: "test",
			Branch: "main", Commit: fmt.Sprintf("%07d%033d", i, i), Event: "push", Success: collect.Succeeded, Duration: 12.5,
			Runner: collect.Runner{OS: "linux", Arch: "amd64", Cores: 4},
		}}
		noise := func(metric int) float64 { return random[metric].NormFloat64() / 20 }
		seconds := 10 + noise(0)
		if i >= 25 {
			seconds += 5
		}
		r.Metrics = []collect.Metric{
			{Name: "test.total_seconds", Value: seconds, Unit: "s"}, {Name: hostile, Value: 101, Unit: "ns/op", Samples: []float64{100, 101, 102 + noise(1)}},
			{Name: "test.flaky", Value: float64(i % 2), Tags: collect.Tags{"k": "v"}}, {Name: "artifact.dist_gzip_mb", Value: 2 + float64(i)/100, Unit: "MB"},
			{Name: "test.case_seconds[case=TestA,suite=pkg]", Value: 1 + noise(2), Unit: "s"}, {Name: "test.case_seconds[case=TestB,suite=pkg]", Value: 3 + noise(3), Unit: "s"},
			{Name: "test.passed", Value: 100, Better: collect.Higher},
		}
		runs = append(runs, r)
	}
	last := runs[39]
	for i, id := range []string{"dev-0", "dev-1"} {
		r := last
		r.ID, r.Branch, r.Event, r.Time = id, "dev", "pull_request", last.Time.Add(time.Duration(i+1)*time.Minute)
		r.Metrics = append([]collect.Metric{{Name: "only.dev", Value: 0}}, r.Metrics[:6]...)
		runs = append(runs, r)
	}
	again := last
	again.ID, again.RerunOf, again.Time = "again", last.ID, last.Time.Add(10*time.Minute)
	other := collect.Run{
		Origin:  collect.Origin{ID: "other", Time: noon.Add(-time.Hour), Repository: "p/q", Type: "build", Job: "wheel", Branch: "main", Gate: collect.Failed},
		Metrics: []collect.Metric{{Name: "build.seconds", Value: 7, Unit: "s"}},
	}
	return append(runs, again, other, collect.Run{Origin: collect.Origin{ID: "bare", Time: noon.Add(-2 * time.Hour)}, Metrics: []collect.Metric{{Name: "m", Value: 1}}})
}

// client asks a server, and holds each answer against the description.
type client struct {
	t      *testing.T
	s      *Server
	h      http.Handler
	d      *described
	header http.Header
}

func newClient(t *testing.T, o Options, runs ...collect.Run) *client {
	t.Helper()
	if o.Store == nil {
		s, err := store.OpenDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		o.Store = s
	}
	if err := baseline.PutAll(t.Context(), o.Store, runs); err != nil {
		t.Fatal(err)
	}
	o.Name, o.Version, o.Judge = "dir:test", "v0", plainJudge{o.Store}
	o.Log = t.Logf
	s := New(o)
	return &client{t: t, s: s, h: s.Handler(), d: newDescribed(t), header: http.Header{}}
}

// ask sends a request, and returns the answer with its body.
func (c *client) ask(method, path, body string, header ...string) (*http.Response, []byte) {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	for k, v := range c.header {
		r.Header[k] = v
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	answer := w.Result()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	plain := text
	if answer.Header.Get("Content-Encoding") == "gzip" {
		plain = unzip(c.t, text)
	}
	if strings.HasPrefix(path, "/api/") || path == "/metrics" {
		if err := c.d.holds(r, answer.StatusCode, answer.Header, plain); err != nil {
			c.t.Errorf("%s %s = %d is not as described: %v\n%.1000s", method, path, answer.StatusCode, err, plain)
		}
	}
	return answer, text
}

// get reads an answer that has to be there.
func get[T any](c *client, path string) (v T) {
	c.t.Helper()
	answer, body := c.ask("GET", path, "")
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s = %d, want 200: %s", path, answer.StatusCode, body)
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&v); err != nil {
		c.t.Fatalf("GET %s: %v", path, err)
	}
	return v
}

// refused holds that a request is answered with a problem that says something.
func (c *client) refused(status int, says, method, path, body string, header ...string) {
	c.t.Helper()
	answer, text := c.ask(method, path, body, header...)
	var p problem
	if err := json.Unmarshal(text, &p); method != "HEAD" && err != nil {
		c.t.Errorf("%s %s: %v in %q", method, path, err, text)
	}
	if answer.StatusCode != status || !strings.Contains(p.Detail, says) {
		c.t.Errorf("%s %s = %d %q, want %d and %q", method, path, answer.StatusCode, p.Detail, status, says)
	}
}
