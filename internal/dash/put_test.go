package dash

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

func record(id string, value float64) string {
	return fmt.Sprintf(`{"run_id":%q,"timestamp":"2026-02-01T00:00:00Z","repository":"o/r","metrics":{"m.seconds":%v},"kept":{"a":[1]}}`, id, value)
}

func writer(t *testing.T, o Options, runs ...collect.Run) *client {
	o.Token, o.Write = token, true
	c := newClient(t, o, runs...)
	c.header.Set("Authorization", "Bearer "+token)
	c.header.Set("Content-Type", "application/json")
	return c
}

func (c *client) puts(status int, body string, want ...string) {
	c.t.Helper()
	kind := "application/json"
	if strings.Contains(body, "\n") {
		kind = "application/x-ndjson"
	}
	answer, text := c.ask("POST", "/api/v1/runs", body, "Content-Type", kind)
	var got struct{ Results []putResult }
	_ = json.Unmarshal(text, &got)
	var had []string
	for _, r := range got.Results {
		had = append(had, r.ID+" "+r.Status)
	}
	if answer.StatusCode != status || fmt.Sprint(had) != fmt.Sprint(want) {
		c.t.Errorf("POST %.80q = %d %q, want %d %q: %.300s", body, answer.StatusCode, had, status, want, text)
	}
}

// A run is stored once, however often it is sent, and never in place of another.
func TestPut(t *testing.T) {
	t.Parallel()
	c := writer(t, Options{}, history()...)
	c.puts(201, record("new", 1), "new stored")
	c.puts(200, record("new", 1), "new known")
	c.puts(409, record("new", 2), "new conflict")
	c.puts(409, record("a", 1)+"\n"+record("new", 2)+"\n"+record("b", 1), "a stored", "new conflict", "b stored")
	c.puts(201, record("a", 1)+"\n"+record("new", 1)+"\n"+record("a", 1)+"\n", "a stored", "new known", "a known")
	if r := get[runDetail](c, "/api/v1/runs/new"); r.Metrics[0].Value != 1 {
		t.Errorf("the run is %+v, want that which came first", r)
	}
	if all := names(c, "/api/v1/runs?repository=o/r&since=2026-02-01", "run_id"); len(all) != 2 {
		t.Errorf("the stored runs are %q, want new and a: of a conflict nothing is stored", all)
	}
	e, err := baseline.Find(t.Context(), c.s.o.Store, "new")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := c.s.o.Store.Get(t.Context(), e); err != nil || string(r.Extra["kept"]) != `{"a":[1]}` {
		t.Errorf("the stored run is %+v, %v, want the key that is not known in it", r, err)
	}
	pretty := strings.ReplaceAll(record("pretty", 1), ",", ",\n  ")
	if answer, text := c.ask("POST", "/api/v1/runs", pretty); answer.StatusCode != 201 {
		t.Errorf("a record on several lines = %d %s, want 201", answer.StatusCode, text)
	}
}

func TestPutRefused(t *testing.T) {
	t.Parallel()
	c := writer(t, Options{Repositories: []string{"o/*"}})
	c.refused(400, "body: line 1: metric", "POST", "/api/v1/runs", `{"run_id":"a","timestamp":"2026-02-01T00:00:00Z","metrics":{"m":NaN}}`)
	c.refused(400, "the body holds no record", "POST", "/api/v1/runs", "")
	c.refused(400, "want a record", "POST", "/api/v1/runs", `{"run_id":"a"}`)
	c.refused(400, "want a record", "POST", "/api/v1/runs", `[]`)
	c.refused(400, "want none", "POST", "/api/v1/runs?x=1", record("a", 1))
	c.refused(403, "this server takes runs of [o/*]", "POST", "/api/v1/runs", strings.Replace(record("a", 1), "o/r", "p/q", 1))
	c.refused(403, "another origin", "POST", "/api/v1/runs", record("a", 1), "Origin", "https://evil.example")
	c.refused(403, "another origin", "POST", "/api/v1/runs", record("a", 1), "Sec-Fetch-Site", "cross-site")
	c.refused(415, "want application/json", "POST", "/api/v1/runs", record("a", 1), "Content-Type", "text/plain")
	c.refused(415, "want none", "POST", "/api/v1/runs", record("a", 1), "Content-Encoding", "gzip")
	c.refused(401, "want the server's token", "POST", "/api/v1/runs", record("a", 1), "Authorization", "Bearer wrong")
	c.refused(413, "more than 33554432 bytes", "POST", "/api/v1/runs", strings.Repeat(" ", mostBody+1))
	c.refused(413, "more than 1000 records", "POST", "/api/v1/runs", strings.Repeat(record("a", 1)+"\n", 1001), "Content-Type", "application/x-ndjson")
	if all := names(c, "/api/v1/runs?limit=10", "run_id"); len(all) > 0 {
		t.Errorf("%q were stored, want nothing", all)
	}
	if answer, _ := c.ask("POST", "/api/v1/runs", record("a", 1), "Origin", "http://localhost"); answer.StatusCode != 201 {
		t.Errorf("a page of the server's own = %d, want 201", answer.StatusCode)
	}
	still := newClient(t, Options{})
	still.refused(403, "read-only; plumbline serve --write", "POST", "/api/v1/runs", record("a", 1), "Content-Type", "application/json")
}

// Of many who send runs of the same id at once, one is first.
func TestPutAtOnce(t *testing.T) {
	t.Parallel()
	c := writer(t, Options{})
	var wait sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 10 {
		wait.Go(func() {
			answer, _ := c.ask("POST", "/api/v1/runs", record("same", float64(i%2)))
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.StatusCode]++
		})
	}
	wait.Wait()
	if statuses[201] != 1 || statuses[200] != 4 || statuses[409] != 5 {
		t.Errorf("the answers are %v, want one 201, four 200 and five 409", statuses)
	}
}

// failing is a store that is out of reach.
type failing struct{ baseline.Store }

func (failing) List(context.Context, baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		yield(baseline.Entry{}, fmt.Errorf("dial tcp: refused"))
	}
}

func TestStoreOutOfReach(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Token: token, Write: true})
	c.header.Set("Authorization", "Bearer "+token)
	c.s.o.Store = failing{c.s.o.Store}
	c.s.index = baseline.NewIndex(c.s.o.Store, 1000)
	if h := get[struct{ Status, Error string }](c, "/api/v1/health"); h.Status != "unreachable" || !strings.Contains(h.Error, "refused") {
		t.Errorf("the health is %+v, want that the store is out of reach", h)
	}
	for _, r := range routes[1:] {
		c.refused(http.StatusBadGateway, "the store cannot be read: dial tcp: refused", "GET", r.sample(), "")
	}
	c.refused(http.StatusBadGateway, "refused", "POST", "/api/v1/runs", record("a", 1), "Content-Type", "application/json")
}
