package ui_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/browsertest"
	"github.com/plumbline-ci/plumbline/internal/cli"
)

// dashboard is plumbline serve over a folder with a history, and a browser.
type dashboard struct {
	*history
	browser *browsertest.Browser
	store   baseline.Store
	address string
}

// serve begins to serve. It ends with the test.
func serve(t *testing.T, b *browsertest.Browser, args ...string) *dashboard {
	t.Helper()
	d := &dashboard{browser: b, history: newHistory()}
	folder := t.TempDir()
	s, err := store.Open("dir:" + folder)
	if err == nil {
		err = baseline.PutAll(context.Background(), s, d.runs)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.store = s
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Main(ctx, cli.Env{
			Args: append([]string{"serve", "--listen", "127.0.0.1:0", folder}, args...), Stdin: strings.NewReader(""), Stdout: in, Stderr: io.Discard,
			Getenv: func(string) string { return "" }, Now: time.Now,
		})
		in.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("serve ended with status %d", status)
		}
	})
	d.address, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("serve said no address: %v", err)
	}
	d.address = strings.TrimSpace(d.address)
	return d
}

// shown is true when the page that the address names is there.
const shown = `document.querySelector("#main:not([aria-busy]) h1")`

// open opens a page in a window of its own and waits until it is there.
func (d *dashboard) open(t *testing.T, hash string) *browsertest.Page {
	t.Helper()
	p := d.browser.Open(t, d.address+hash, browsertest.View{})
	p.Wait(shown)
	return p
}

// visit opens another page in the same window: browsers have few connections to one
// server, and each window holds one for as long as it is seen.
func (d *dashboard) visit(p *browsertest.Page, hash string) {
	p.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(d.address+hash))
	p.Wait(shown)
}

// withoutEvents is the address of a server between, that lets no events through.
func (d *dashboard) withoutEvents(t *testing.T) string {
	t.Helper()
	to, err := url.Parse(d.address)
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(to)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/events" {
			http.Error(w, "none get through", http.StatusBadGateway)
			return
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	return between.URL
}

// newest is the id of a suite's newest run on its main branch.
func (d *dashboard) newest(suite string) string {
	for i := len(d.runs) - 1; ; i-- {
		if r := d.runs[i]; r.Name == suite && !strings.HasPrefix(r.Branch, "feature") {
			return r.ID
		}
	}
}

func (d *dashboard) put(t *testing.T, r collect.Run) string {
	t.Helper()
	if err := d.store.Put(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return r.ID[:8]
}

// addShop adds a run to the suite of unit tests.
func (d *dashboard) addShop(t *testing.T) string {
	t.Helper()
	r := d.shop(mainRuns, "main")
	r.Time = time.Now().UTC()
	return d.put(t, r)
}

// addLarge adds a run with so many tests.
func (d *dashboard) addLarge(t *testing.T, tests int) string {
	t.Helper()
	r := d.run(mainRuns, "acme/large", "large", "main")
	r.Time = time.Now().UTC()
	for i := range tests {
		name := collect.Name("test.case_seconds", collect.Tags{"suite": "large", "case": fmt.Sprintf("t%d", i)})
		r.Metrics = append(r.Metrics, metric(name, "s", d.near(0.1, 3)))
	}
	return d.put(t, r)
}
