package dash

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// serve serves on a port until the test ends, and returns the address and what ends
// the server.
func (c *client) serve() (address string, end func() error) {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.s.Serve(ctx, l) }()
	stop := func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	c.t.Cleanup(func() { _ = stop() })
	return "http://" + l.Addr().String(), stop
}

// Who listens is told of runs that another program stores, and of those that are sent
// here; and the end of the server is the end of the stream.
func TestEvents(t *testing.T) {
	t.Parallel()
	c := writer(t, Options{Poll: 5 * time.Millisecond}, history()...)
	address, end := c.serve()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", address+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = c.header.Clone()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream is %d %v, want events", answer.StatusCode, answer.Header)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(answer.Body); s.Scan(); {
			if data, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				lines <- data
			}
		}
	}()
	c.puts(201, record("sent", 1), "sent stored")
	c.told(lines, "sent")
	late := history()[0]
	late.ID, late.Time = "elsewhere", late.Time.AddDate(0, 2, 0)
	if err := c.s.o.Store.Put(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	c.told(lines, "elsewhere")
	if all := names(c, "/api/v1/runs?limit=1&repository=o/r&since=2026-03-01", "run_id"); len(all) != 1 {
		t.Errorf("the runs are %q, want the one that came", all)
	}
	if err := end(); err != nil {
		t.Errorf("the server ends with %v, want in good order", err)
	}
	if line, ok := <-lines; ok {
		t.Errorf("after the end came %q, want the end of the stream", line)
	}
}

func (c *client) told(lines chan string, id string) {
	c.t.Helper()
	data := <-lines
	for strings.Contains(data, `"run_id":"sent"`) && id != "sent" {
		data = <-lines // a run that is sent while the store is looked at may be told twice
	}
	if err := c.d.valid("#/components/schemas/Event", []byte(data)); err != nil || !strings.Contains(data, `"run_id":"`+id+`"`) {
		c.t.Errorf("the event is %s, %v; want one of run %q, as described", data, err, id)
	}
}

// What comes is told once, and what was pruned is no news.
func TestCompareListings(t *testing.T) {
	t.Parallel()
	entries := func(ids ...string) (all []baseline.Entry) {
		for _, id := range ids {
			e := baseline.Entry{}
			e.ID = id
			all = append(all, e)
		}
		return all
	}
	l := newLive()
	for _, row := range []struct {
		name    string
		ids     []string
		fresh   int
		changed bool
	}{
		{"the first look", []string{"b", "a"}, 0, false}, {"nothing came", []string{"b", "a"}, 0, false},
		{"one came", []string{"c", "b", "a"}, 1, true}, {"one is gone", []string{"c", "a"}, 0, true}, {"all are gone", nil, 0, true}, {"one again", []string{"d"}, 1, true},
	} {
		fresh, changed := l.compare(entries(row.ids...))
		if len(fresh) != row.fresh || changed != row.changed {
			t.Errorf("%s: %d are new and changed is %v, want %d and %v", row.name, len(fresh), changed, row.fresh, row.changed)
		}
	}
	old := entries("x")[0]
	l.oldest, l.seen = noon, []string{"y"}
	if old.Time = noon.Add(-time.Hour); true {
		if fresh, _ := l.compare([]baseline.Entry{old}); len(fresh) > 0 {
			t.Errorf("an old run that a pruned one made room for is told as new")
		}
	}
}

func TestListenersAreBounded(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for range mostListeners {
		if _, ok := c.s.live.listen(); !ok {
			t.Fatal("a listener was refused too early")
		}
	}
	c.refused(429, "100 clients listen already", "GET", "/api/v1/events", "")
	c.refused(406, "want text/event-stream", "GET", "/api/v1/events", "", "Accept", "application/json")
}

// The server's own metrics are in the text format of Prometheus, by route.
func TestOwnMetrics(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	get[any](c, "/api/v1/runs/main-39?limit=1")
	c.refused(404, "describes", "GET", "/api/v1/"+strings.Repeat("x", 300), "")
	answer, body := c.ask("GET", "/metrics", "")
	if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("the metrics are %d %v, want text", answer.StatusCode, answer.Header)
	}
	for _, want := range []string{`route="/api/v1/runs/{id}",status="200"} 1`, `route="other",status="404"} 1`, "serve_memory_bytes", "serve_request_seconds", "serve_requests_in_flight"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the metrics lack %q:\n%s", want, body)
		}
	}
}

// Judging has two turns; who waits too long for one is told when to come back.
func TestTurns(t *testing.T) {
	t.Parallel()
	turns := newTurns()
	for range mostHeavy {
		if _, err := turns.take(t.Context(), heavy); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := turns.take(ctx, heavy); err == nil {
		t.Error("a third heavy answer is computed at once, want two")
	}
	if _, err := turns.take(t.Context(), light); err != nil {
		t.Errorf("a light answer waits for heavy ones: %v", err)
	}
}

// Of many who ask for the same at once one computes; a fault ends that answer alone.
func TestAnswersAreShared(t *testing.T) {
	t.Parallel()
	k, computed, gate := newAnswers(10_000), atomic.Int32{}, make(chan struct{})
	results := make(chan error, 20)
	for range 20 {
		go func() {
			_, err := k.get(t.Context(), "key", true, func(context.Context) (*answer, error) {
				computed.Add(1)
				<-gate
				return newAnswer([]byte("x")), nil
			})
			results <- err
		}()
	}
	close(gate)
	for range 20 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := computed.Load(); n != 1 {
		t.Errorf("the answer was computed %d times, want once", n)
	}
	_, err := k.get(t.Context(), "fault", true, func(context.Context) (*answer, error) { panic("odd") })
	if p := problemOf(err); p.Status != 500 || strings.Contains(p.Detail, "odd") {
		t.Errorf("a fault is answered with %+v, want 500 without what it was", p)
	}
	for i := range 100 {
		if _, err := k.get(t.Context(), fmt.Sprint(i), true, func(context.Context) (*answer, error) { return newAnswer(make([]byte, 100)), nil }); err != nil {
			t.Fatal(err)
		}
	}
	if k.bytes > k.most || len(k.kept) != k.order.Len() {
		t.Errorf("%d bytes of %d answers are kept, want at most %d", k.bytes, len(k.kept), k.most)
	}
}

// A store that answers by an index of its own gives the same answers as a folder.
func TestStores(t *testing.T) {
	t.Parallel()
	paths := []string{
		"/api/v1/repositories", "/api/v1/suites", "/api/v1/branches", "/api/v1/runs?limit=1000", "/api/v1/metrics", "/api/v1/metrics?suite=unit&q=test", "/api/v1/runs/main-39",
		"/api/v1/runs/main-39/series?metric=test.total_seconds", "/api/v1/series?metric=test.total_seconds", "/api/v1/series?metric=build.seconds",
		"/api/v1/compare?head=branch:dev&base=branch:main", "/api/v1/trends?suite=unit", "/api/v1/tests/slow?suite=unit", "/api/v1/sizes?suite=unit", "/api/v1/statistics?suite=unit",
	}
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "runs.db") },
		"postgres": func(t *testing.T) string { return servicetest.StartPostgres(t).Address("postgres", "", "postgres") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.OpenNew(address(t))
			if err != nil {
				t.Fatal(err)
			}
			defer s.(io.Closer).Close()
			folder, c := newClient(t, Options{}, history()...), newClient(t, Options{Store: s}, history()...)
			for _, path := range paths {
				_, want := folder.ask("GET", path, "")
				if answer, got := c.ask("GET", path, ""); answer.StatusCode != 200 || !bytes.Equal(want, got) {
					t.Errorf("GET %s = %d, and differs from that of a folder (-folder +%s):\n%.2000s", path, answer.StatusCode, name, cmp.Diff(string(want), string(got)))
				}
			}
		})
	}
}
