package dash

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
)

// stuck is a store that never answers.
type stuck struct{ baseline.Store }

func (stuck) List(ctx context.Context, _ baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		<-ctx.Done()
		yield(baseline.Entry{}, ctx.Err())
	}
}

// sample is a request that the route takes.
func (r route) sample() string {
	path := strings.ReplaceAll(strings.TrimPrefix(r.path, "GET "), "{id}", "x")
	switch needs := strings.Fields(r.parameters); {
	case slices.Contains(needs, "metric"):
		path += "?metric=m"
	case slices.Contains(needs, "head"):
		path += "?head=x&base=y"
	}
	return path
}

// Where the store does not answer, those who came first are told so in the end, and
// those for whom no turn is left when to come again. The clock is that of the bubble.
func TestStoreThatHangs(t *testing.T) {
	t.Parallel()
	for w, path := range map[weight]string{light: "/api/v1/suites?q=", heavy: "/api/v1/sizes?branch="} {
		synctest.Test(t, func(t *testing.T) {
			c, began := hanging(t), time.Now()
			var wait sync.WaitGroup
			for n := range cap(c.s.turns[w]) {
				wait.Go(func() {
					c.refused(http.StatusGatewayTimeout, "ask for less", "GET", fmt.Sprint(path, n), "")
					if took := time.Since(began); took != patience[w] {
						t.Errorf("%s is given up after %v, want %v", path, took, patience[w])
					}
				})
			}
			synctest.Wait()
			for _, r := range routes {
				if r.weight == w {
					wait.Go(func() { c.putOff(began, "GET", r.sample(), "answers of this kind are being computed") })
				}
			}
			wait.Wait()
			for _, r := range routes[1:] {
				c.refused(http.StatusGatewayTimeout, "ask for less", "GET", r.sample(), "")
			}
		})
	}
}

// hanging asks a server whose store is stuck.
func hanging(t *testing.T) *client {
	c := writer(t, Options{})
	c.s.o.Store = stuck{c.s.o.Store}
	c.s.index = baseline.NewIndex(c.s.o.Store, 1000)
	return c
}

// putOff holds that a client is told to come again, when it has waited for its turn.
func (c *client) putOff(began time.Time, method, path, says string) {
	c.t.Helper()
	body := map[string]string{"POST": record("b", 1)}[method]
	answer, text := c.ask(method, path, body)
	took := time.Since(began)
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "2" || !strings.Contains(string(text), says) || took != mostWaited {
		c.t.Errorf("%s %s = %d after %v, to come again in %q: %s; want 429 after %v", method, path, answer.StatusCode, took, answer.Header.Get("Retry-After"), text, mostWaited)
	}
}

// Of two that store runs while the store hangs, one waits for the other.
func TestPutThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, began := hanging(t), time.Now()
		var wait sync.WaitGroup
		wait.Go(func() {
			c.refused(http.StatusGatewayTimeout, "it took too long", "POST", "/api/v1/runs", record("a", 1))
		})
		synctest.Wait()
		c.putOff(began, "POST", "/api/v1/runs", "others store runs")
		wait.Wait()
	})
}

// Who sends less than was said is told so, and nothing is stored.
func TestPutTorn(t *testing.T) {
	t.Parallel()
	c := writer(t, Options{})
	server := httptest.NewServer(c.h)
	defer server.Close()
	line, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	body := record("a", 1)
	fmt.Fprintf(line, "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", token, len(body)+1, body)
	if err := line.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/api/v1/runs", nil)
	answer, err := http.ReadResponse(bufio.NewReader(line), r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(text), "cannot be read to its end") {
		t.Errorf("half a body = %d %s, %v; want 408", answer.StatusCode, text, err)
	}
	if err := c.d.holds(r, answer.StatusCode, answer.Header, text); err != nil {
		t.Errorf("the answer is not as described: %v", err)
	}
	if all := names(c, "/api/v1/runs?limit=10", "run_id"); len(all) > 0 {
		t.Errorf("%q were stored, want nothing", all)
	}
}
